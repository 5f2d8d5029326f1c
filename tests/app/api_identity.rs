//! What the API lets administrators do about how a person signs in: email, password, sessions, API access.

use crate::harness::{GOOD, Person, TestApp, system_accounts::Program, user_creation::audited};
use chrono::TimeDelta;
use serde_json::{Value, json};

const GRACE: &str = "grace@example.org";
const API: &str = "a kettle of fourteen herons";
const LETTERS: &str = "SELECT count(*) FROM outbox";

/// An organization with Grace, a program that may do everything, and the path of Grace.
async fn app() -> (TestApp, Person, Person, Program, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let program = app.administrating_program(&ada).await;
    let path = format!("/api/v1/users/{}", ada.member("Grace").await);
    (app, ada, grace, program, path)
}

/// Every operation of this part, on the person at this path.
async fn every(program: &Program, path: &str) -> Vec<crate::harness::system_accounts::Answer> {
    let email = json!({ "email": "hopper@example.org" });
    let password = json!({ "generate_password": true });
    vec![
        program.send("PUT", &format!("{path}/email"), &email).await,
        program.send("POST", &format!("{path}/password_reset"), &json!({})).await,
        program.delete(&format!("{path}/sessions")).await,
        program.send("PUT", &format!("{path}/api_access"), &json!({})).await,
        program.send("PUT", &format!("{path}/api_password"), &password).await,
        program.delete(&format!("{path}/api_password")).await,
        program.delete(&format!("{path}/api_access")).await,
    ]
}

#[actix_web::test]
async fn an_email_is_changed_at_once_and_both_addresses_are_told() {
    let (app, _, _, program, path) = app().await;
    let put = async |email: &str, query: &str| program.send("PUT", &format!("{path}/email{query}"), &json!({ "email": email })).await;
    let before = app.count(LETTERS);
    put("hopper@example.org", "?dry_run=true").await.assert_status(204);
    assert_eq!((app.count(LETTERS), audited(&app, "email.changed")), (before, 0));
    put("hopper@example.org", "").await.assert_status(204);
    assert_eq!(program.get(&path).await.json()["email"], "hopper@example.org");
    for address in [GRACE, "hopper@example.org"] {
        assert!(app.inbox(address).text.contains("hopper@example.org"), "{address}");
    }
    put("hopper@example.org", "").await.assert_status(204);
    assert_eq!(audited(&app, "email.changed"), 1);
    put("ada@example.org", "").await.assert_fields(&[("/email", "taken")]);
    put("nope", "").await.assert_fields(&[("/email", "invalid")]);
}

#[actix_web::test]
async fn a_reset_link_goes_to_the_person_and_three_letters_are_enough() {
    let (app, _, grace, program, path) = app().await;
    let post = async |query: &str| program.ask("POST".parse().expect("a method"), &format!("{path}/password_reset{query}"), None).await;
    let before = app.count(LETTERS);
    assert_eq!(post("?dry_run=true").await.json()["link"], Value::Null);
    assert_eq!(app.count(LETTERS), before);
    assert_eq!(post("").await.json()["link"], Value::Null);
    grace.get(&app.inbox(GRACE).link()).await.assert_status(200);
    for _ in 0..2 {
        post("").await.json();
    }
    let answer = post("").await;
    answer.assert_problem(429, "too-many-letters");
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((540..=660).contains(&wait), "{wait}");
    assert_eq!(audited(&app, "password.reset_sent"), 3);
}

#[actix_web::test]
async fn without_a_mail_server_the_reset_link_is_told_once() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    ada.invite(GRACE, "User").await;
    app.visitor().accept("Grace").await;
    let path = format!("/api/v1/users/{}/password_reset", ada.member("Grace").await);
    let program = app.administrating_program(&ada).await;
    assert_eq!(program.send("POST", &format!("{path}?dry_run=true"), &json!({})).await.json()["link"], Value::Null);
    let link = program.send("POST", &path, &json!({})).await.json()["link"].as_str().expect("a link").to_owned();
    let inside = link.strip_prefix("https://roster.example").expect("a link of this Roster");
    app.visitor().get(inside).await.assert_status(200);
    assert_eq!(audited(&app, "password.reset_link_shown"), 1);
    assert!(!app.dump().contains(inside.rsplit('/').next().expect("a secret")));
}

#[actix_web::test]
async fn sessions_are_listed_and_ended() {
    let (app, _, grace, program, path) = app().await;
    let phone = app.visitor().at_address("198.51.100.7");
    phone.sign_in(GRACE, GOOD).await.assert_status(200);
    let path = format!("{path}/sessions");
    let list = async || program.get(&path).await.json()["data"].as_array().expect("sessions").clone();
    let sessions = list().await;
    assert_eq!(sessions.len(), 2);
    let of_phone = sessions.iter().find(|session| session["address"] == "198.51.100.7").expect("the phone");
    assert_eq!(of_phone["is_shared"], false);
    let one = format!("{path}/{}", of_phone["id"].as_str().expect("an id"));
    program.delete(&format!("{one}?dry_run=true")).await.assert_status(204);
    assert_eq!(list().await.len(), 2);
    program.delete(&one).await.assert_status(204);
    program.delete(&one).await.assert_problem(404, "not-found");
    assert!(phone.get("/users").await.path.starts_with("/sign-in"));
    grace.get("/users").await.assert_sees("User Directory");
    program.delete(&path).await.assert_status(204);
    assert!(grace.get("/users").await.path.starts_with("/sign-in"));
    assert_eq!((list().await.len(), audited(&app, "session.ended"), audited(&app, "session.all_ended")), (0, 1, 1));
}

#[actix_web::test]
async fn attempts_to_sign_in_are_paged_from_the_newest_on() {
    let (app, _, _, program, path) = app().await;
    for password in ["wrong", "wrong again", GOOD] {
        app.visitor().sign_in(GRACE, password).await;
    }
    let path = format!("{path}/sign_ins");
    let first = program.get(&format!("{path}?limit=2")).await;
    let page = first.json();
    let outcomes = |page: &Value| -> Vec<String> {
        let rows = page["data"].as_array().expect("rows").iter();
        rows.map(|row| row["outcome"].as_str().expect("an outcome").to_owned()).collect()
    };
    assert_eq!(outcomes(&page), ["signed_in", "wrong_password"]);
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    assert_eq!(first.header("link"), format!("<{path}?limit=2&cursor={cursor}>; rel=\"next\""));
    let page = program.get(&format!("{path}?limit=2&cursor={cursor}")).await.json();
    assert_eq!(
        (outcomes(&page), &page["next_cursor"]),
        (vec!["wrong_password".into(), "signed_in".into()], &Value::Null)
    );
    program.get(&format!("{path}?limit=0")).await.assert_fields(&[("?limit", "out-of-range")]);
    program.get(&format!("{path}?cursor=x")).await.assert_fields(&[("?cursor", "malformed")]);
}

#[actix_web::test]
async fn api_access_is_turned_on_and_off_and_a_generated_password_is_told_once() {
    let (app, _, _, program, path) = app().await;
    let (access, password) = (format!("{path}/api_access"), format!("{path}/api_password"));
    let generated = json!({ "generate_password": true });
    program.send("PUT", &password, &generated).await.assert_problem(422, "without-api-access");
    for _ in 0..2 {
        program.send("PUT", &access, &json!({})).await.assert_status(204);
    }
    assert!(app.inbox(GRACE).subject.starts_with("You may use the API"));
    assert_eq!(
        program.send("PUT", &format!("{password}?dry_run=true"), &generated).await.json()["password"],
        Value::Null
    );
    let secret = program.send("PUT", &password, &generated).await.json()["password"]
        .as_str()
        .expect("a password")
        .to_owned();
    app.program().basic(GRACE, &secret).me().await.json();
    assert!(!app.dump().contains(&secret) && !app.inbox(GRACE).raw.contains(&secret));
    app.wait(TimeDelta::seconds(1));
    assert_eq!(program.send("PUT", &password, &json!({ "password": API })).await.json()["password"], Value::Null);
    app.program().basic(GRACE, API).me().await.json();
    app.program().basic(GRACE, &secret).me().await.assert_problem(401, "wrong-password");
    for (wrong, field, code) in [
        (json!({ "password": "grace@example.org" }), "/password", "weak"),
        (json!({}), "/password", "required"),
        (json!({ "password": API, "generate_password": true }), "/generate_password", "conflict"),
    ] {
        program.send("PUT", &password, &wrong).await.assert_fields(&[(field, code)]);
    }
    for _ in 0..2 {
        program.delete(&password).await.assert_status(204);
    }
    for _ in 0..2 {
        program.delete(&access).await.assert_status(204);
    }
    let events = [
        "api_access.enabled",
        "api_password.set",
        "api_password.removed",
        "api_access.disabled",
    ];
    assert_eq!(events.map(|event| audited(&app, event)), [1, 2, 1, 1]);
}

#[actix_web::test]
async fn nobody_reaches_people_who_may_do_more_and_a_narrowed_token_counts_as_what_it_may_do() {
    let (app, ada, _, _, _) = app().await;
    let path = format!("/api/v1/users/{}", ada.member("Ada").await);
    let desk = app.program_with(&ada, "Help desk", &["user:manage:*"]).await;
    let administrator = app.machine(ada.organization(), "root", "Administrator");
    let narrow = [("width", "narrow"), ("permission", "user:manage:*")];
    let narrowed = app.program_of(&ada, administrator, &narrow).await;
    let before = app.count("SELECT count(*) FROM audit_events");
    for program in [&desk, &narrowed] {
        for answer in every(program, &path).await {
            let problem = answer.assert_problem(403, "beyond-your-permissions");
            assert!(problem["permission"].is_string(), "{problem}");
        }
    }
    let viewing = app.program_with(&ada, "Viewing", &["user:read:*"]).await;
    for answer in every(&viewing, &path).await {
        assert_eq!(answer.assert_problem(403, "permission-missing")["permission"], "user:manage:*");
    }
    viewing.get(&format!("{path}/sessions")).await.assert_problem(403, "permission-missing");
    viewing.get(&format!("{path}/sign_ins")).await.json();
    // The tokens that this test made.
    let made = app.count("SELECT count(*) FROM audit_events WHERE action = 'token.created'");
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), before + made - 3);
}

#[actix_web::test]
async fn another_organization_and_system_accounts_have_nobody_there() {
    let (app, ada, _, program, path) = app().await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let other = app.administrating_program(&mallory).await;
    let machine = format!("/api/v1/users/{}", app.machine(ada.organization(), "deploy", "CI/CD"));
    for (program, path) in [(&other, &path), (&program, &machine)] {
        for answer in every(program, path).await {
            answer.assert_problem(404, "not-found");
        }
        for list in ["sessions", "sign_ins", "tokens"] {
            program.get(&format!("{path}/{list}")).await.assert_problem(404, "not-found");
        }
    }
}

#[actix_web::test]
async fn what_belongs_to_the_person_stays_theirs_while_they_work_elsewhere_too() {
    let (app, _, _, program, path) = app().await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.invite(GRACE, "User").await;
    let email = json!({ "email": "hopper@example.org" });
    program
        .send("PUT", &format!("{path}/email"), &email)
        .await
        .assert_problem(422, "in-other-organizations");
    let sessions = program.get(&format!("{path}/sessions")).await.json();
    let session = &sessions["data"][0];
    assert_eq!(
        (&session["is_shared"], &session["address"], &session["last_seen_at"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    let one = format!("{path}/sessions/{}", session["id"].as_str().expect("an id"));
    program.delete(&one).await.assert_problem(422, "in-other-organizations");
    program.delete(&format!("{path}/sessions")).await.assert_status(204);
}

#[actix_web::test]
async fn a_credential_makes_no_other_one_of_its_owner() {
    let (app, ada, ..) = app().await;
    let id = ada.member("Ada").await;
    ada.let_use_api(&id, API).await;
    let text = ada.make_token("/me/tokens", "laptop", &[("mode", "read_write")]).await;
    let path = format!("/api/v1/users/{id}");
    for program in [app.program().bearer(&text), app.program().basic("ada@example.org", API)] {
        program
            .send("PUT", &format!("{path}/api_password"), &json!({ "generate_password": true }))
            .await
            .assert_problem(403, "console-only");
        program.delete(&format!("{path}/sessions")).await.assert_problem(422, "own-account");
        program
            .send("POST", &format!("{path}/password_reset"), &json!({}))
            .await
            .assert_problem(422, "own-account");
        let email = json!({ "email": "other@example.org" });
        program.send("PUT", &format!("{path}/email"), &email).await.assert_problem(422, "own-account");
    }
}
