//! The document of everything about one person: what is in it for whom, and that no secret is.

use crate::harness::{GOOD, Person, TestApp, authenticator::Phone, is_postgres, user_creation::audited};
use chrono::TimeDelta;
use serde_json::{Value, json};

const OWN: &str = "/me/personal-data";

async fn document(person: &Person, path: &str) -> Value {
    let page = person.get(path).await.assert_status(200);
    serde_json::from_str(&page.body).unwrap_or_else(|why| panic!("{why}: {}", page.body))
}

/// Every key and every text of a document.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => {
            for (key, value) in fields {
                found.push(format!("{key}:"));
                texts(value, found);
            }
        }
        _ => {}
    }
}

/// Grace with nearly everything that a person can have; and her secrets.
async fn grace(app: &TestApp, ada: &Person) -> (Person, Vec<String>) {
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    let team = ada.create_team("Platform").await;
    ada.add_to_team(&team, "Grace").await;
    let api_password = "a-long-api-password-of-grace";
    ada.let_use_api(&id, api_password).await;
    let token = grace.make_token("/me/tokens", "laptop", &[]).await;
    let phone = Phone::enrol(app, &grace).await;
    let mut secrets = vec![GOOD.to_owned(), api_password.into(), token];
    secrets.extend(phone.codes);
    secrets.extend(app.texts("SELECT hash FROM passwords"));
    secrets.extend(app.texts("SELECT hash FROM api_access WHERE hash IS NOT NULL"));
    secrets.extend(app.texts("SELECT digest FROM recovery_codes"));
    grace.get(&format!("/o/{}/me", ada.organization())).await.assert_status(200);
    (grace, secrets)
}

#[actix_web::test]
async fn a_person_gets_everything_about_themselves_and_no_secret() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (grace, secrets) = grace(&app, &ada).await;
    let other = app.another_organization("Elsewhere", "Alan", None).await;
    other.invite("grace@example.org", "Viewer").await;

    grace.get("/me").await;
    let path = grace.page().link("Download");
    let page = grace.get(&path).await.assert_status(200);
    assert_eq!(page.headers.get("content-type").expect("a type"), "application/json; charset=utf-8");
    let name = page.headers.get("content-disposition").expect("a name").to_str().expect("a text").to_owned();
    assert!(name.starts_with("attachment") && name.contains(".json"), "{name}");
    let document: Value = serde_json::from_str(&page.body).expect("JSON");
    assert_eq!(document["person"]["email"], "grace@example.org");
    assert_eq!(document["person"]["details"]["name"], "Grace");
    assert_eq!(document["organization"]["name"], "Analytical Engines");
    assert_eq!(document["status"]["now"], "active");
    assert_eq!(document["status"]["history"][0]["action"], "invitation.sent");
    assert_eq!(document["roles"][0]["name"], "User");
    assert_eq!(document["roles"][0]["given_by"]["name"], "Ada");
    assert_eq!(document["teams"][0]["name"], "Platform");
    assert_eq!(document["teams"][0]["joined"]["by"], "Ada");
    assert_eq!(document["invitation"]["invited_by"]["name"], "Ada");
    assert_eq!(document["tokens"][0]["name"], "laptop");
    assert!(document["api_access"]["api_password_set_at"].is_string());
    assert!(document["identity"]["password"]["changed_at"].is_string());
    assert!(document["identity"]["authenticator_app"]["added_at"].is_string());
    assert_eq!(document["identity"]["organizations"].as_array().map(Vec::len), Some(2));
    assert_eq!(document["identity"]["sessions"][0]["is_this"], true);
    assert_eq!(document["sign_ins"][0]["outcome"], "signed_in");
    let letters = document["letters"].as_array().expect("letters");
    assert!(letters.iter().any(|letter| letter["kind"] == "invitation.sent"), "{letters:?}");
    let events = document["audit_events"].as_array().expect("events");
    let actions: Vec<&str> = events.iter().filter_map(|event| event["action"].as_str()).collect();
    assert!(actions.contains(&"token.created") && actions.contains(&"invitation.sent"), "{actions:?}");
    // From where others did something is their own business.
    let by_ada = events.iter().find(|event| event["actor"]["name"] == "Ada").expect("an event by Ada");
    assert!(by_ada.get("address").is_none(), "{by_ada}");
    assert!(document.get("left_out").is_none() && document.get("sessions").is_none());

    let mut found = vec![];
    texts(&document, &mut found);
    for text in &found {
        for word in ["digest:", "hash:", "secret:", "body:", "state_json:", "credential_id:"] {
            assert_ne!(text, word);
        }
        assert!(secrets.iter().all(|secret| !text.contains(secret.as_str())), "{text} is a secret");
        assert!(!text.contains("$argon2"), "{text}");
    }
    assert_eq!(audited(&app, "member.exported"), 1);
    ada.get("/audit").await.assert_sees("exported everything about themselves");
}

#[actix_web::test]
async fn an_administrator_gets_what_belongs_to_the_organization() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (grace, secrets) = grace(&app, &ada).await;
    let other = app.another_organization("Elsewhere", "Alan", None).await;
    other.invite("grace@example.org", "Viewer").await;
    let id = ada.member("Grace").await;
    ada.get(&format!("/users/{id}")).await;
    let path = ada.page().link("Download their data");
    let document = document(&ada, &path).await;
    assert_eq!(document["person"]["username"], "grace@example.org");
    assert_eq!(document["has_second_factor"], true);
    assert!(document.get("identity").is_none());
    // A session is shared with another organization, so what it is used for is not told.
    assert_eq!(document["sessions"].as_array().map(Vec::len), Some(1));
    assert!(document["sessions"][0]["address"].is_null());
    assert!(document["audit_events"].as_array().is_some_and(|events| events.len() > 3));
    let mut found = vec![];
    texts(&document, &mut found);
    assert!(found.iter().all(|text| !text.contains("Elsewhere")), "{found:?}");
    assert!(found.iter().all(|text| secrets.iter().all(|secret| !text.contains(secret.as_str()))));
    assert_eq!(app.text("SELECT target_name FROM audit_events WHERE action = 'member.exported'"), "Grace");

    // Who manages people without seeing the audit log is told what is left out.
    app.role(ada.organization(), "Manager", &["user:manage:*"]);
    let manager = ada.welcome("Linus", "Manager").await;
    let document = self::document(&manager, &format!("/users/{id}/personal-data")).await;
    assert_eq!(document["audit_events"].as_array().map(Vec::len), Some(0));
    assert_eq!(document["left_out"][0]["needs"], "audit:read:*");
    // Nor does he see the tokens of somebody who may do more than he.
    assert_eq!(
        (&document["left_out"][1]["section"], &document["tokens"]),
        (&json!("tokens"), &json!([])),
        "{document}"
    );
    // Nobody else.
    grace
        .get(&format!("/o/{}/users/{}/personal-data", ada.organization(), ada.member("Ada").await))
        .await
        .assert_status(403);
    other.get(&format!("/o/{}/users/{id}/personal-data", other.organization())).await.assert_status(404);
    assert_eq!(audited(&app, "member.exported"), 2);
}

#[actix_web::test]
async fn the_document_asks_for_proof_first() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    app.wait(TimeDelta::minutes(16));
    for (person, path) in [(&grace, OWN.to_owned()), (&ada, format!("/users/{id}/personal-data"))] {
        let page = person.get(&path).await;
        assert!(page.path.starts_with("/sign-in/again?next="), "{}", page.path);
    }
    assert_eq!(audited(&app, "member.exported"), 0);
    ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(audited(&app, "member.exported"), 1);
}

#[actix_web::test]
async fn a_program_gets_it_too() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    grace(&app, &ada).await;
    let id = ada.member("Grace").await;
    let path = format!("/api/v1/users/{id}/personal_data");
    let program = app.program_with(&ada, "Exporter", &["user:manage:*", "audit:read:*"]).await;
    let document = program.get(&path).await.json();
    assert_eq!(document["person"]["email"], "grace@example.org");
    assert!(document.get("identity").is_none());
    assert!(document["audit_events"].as_array().is_some_and(|events| !events.is_empty()));
    assert_eq!(audited(&app, "member.exported"), 1);
    let reader = app.program_with(&ada, "Reader", &["user:read:*"]).await;
    reader.get(&path).await.assert_problem(403, "permission-missing");
    program.get(&format!("/api/v1/users/{}/personal_data", uuid::Uuid::nil())).await.assert_status(404);
}

#[actix_web::test]
async fn however_much_there_is_it_comes_in_parts() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let id = ada.member("Grace").await;
    let fresh = if is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
    app.execute(&format!(
        "INSERT INTO audit_events (id, organization_id, at, actor_kind, actor_name, action, target_kind, target_id, target_name, address, request_id) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2300) \
         SELECT {fresh}, m.organization_id, m.created_at, 'system', 'Roster', 'member.edited', 'member', m.id, m.name, '', '' FROM n, members m WHERE m.name = 'Grace'"
    ));
    let (text, is_whole) = ada.download(&format!("/users/{id}/personal-data"), || ()).await;
    assert!(is_whole);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let events = document["audit_events"].as_array().expect("events");
    assert!(events.len() > 2_300, "{}", events.len());
    // Who may not read on gets no more.
    let end = "DELETE FROM sessions WHERE user_id IN (SELECT user_id FROM members WHERE name = 'Ada')";
    let (_, is_whole) = ada.download(&format!("/users/{id}/personal-data"), || app.execute(end)).await;
    assert!(!is_whole);
}
