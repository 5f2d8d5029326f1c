//! Invitations by the API: a verdict for each address, and what can be done with a pending one.

use crate::harness::{Person, TestApp, system_accounts::Program, user_creation::audited};
use chrono::TimeDelta;
use serde_json::{Value, json};

const INVITATIONS: &str = "/api/v1/invitations";
const GRACE: &str = "grace@example.org";

async fn app() -> (TestApp, Person, Program) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let program = app.administrating_program(&ada).await;
    (app, ada, program)
}

fn to(addresses: &[&str]) -> Value {
    let invitees: Vec<Value> = addresses.iter().map(|email| json!({ "email": email })).collect();
    json!({ "invitees": invitees })
}

fn outcomes(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let rows = answer["data"].as_array().expect("verdicts").iter();
    rows.map(|row| (text(&row["email"]), text(&row["outcome"]))).collect()
}

/// The path of the invitation in the first verdict.
fn path(answer: &Value) -> String {
    format!("{INVITATIONS}/{}", answer["data"][0]["invitation_id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn each_address_gets_its_verdict_and_a_dry_run_tells_the_same_and_sends_nothing() {
    let (app, ada, program) = app().await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    mallory.welcome("Barbara", "User").await;
    ada.welcome("Dee", "User").await;
    ada.disable("Dee").await;
    ada.invite("linus@example.org", "User").await;
    let all = [
        GRACE,
        "Grace@example.org",
        "linus@example.org",
        "ada@example.org",
        "dee@example.org",
        "barbara@example.org",
        "nonsense",
    ];
    let before = app.count("SELECT count(*) FROM outbox");
    let dry = program.send("POST", &format!("{INVITATIONS}?dry_run=true"), &to(&all)).await.json();
    assert_eq!((app.count("SELECT count(*) FROM outbox"), audited(&app, "invitation.sent_again")), (before, 0));
    let done = program.send("POST", INVITATIONS, &to(&all)).await.json();
    let expected = [
        (GRACE, "invited"),
        (GRACE, "duplicate"),
        ("linus@example.org", "sent_again"),
        ("ada@example.org", "already_member"),
        ("dee@example.org", "disabled"),
        ("barbara@example.org", "added"),
        ("nonsense", "refused"),
    ];
    let found = outcomes(&done);
    for ((email, outcome), (known, expected)) in found.iter().zip(expected) {
        assert_eq!((email.to_lowercase().as_str(), outcome.as_str()), (known, expected));
    }
    // A dry run does not tell who belongs to another organization.
    let foreseen = found.into_iter().map(|(email, outcome)| match outcome.as_str() {
        "added" => (email, "invited".to_owned()),
        _ => (email, outcome),
    });
    assert_eq!(outcomes(&dry), foreseen.collect::<Vec<_>>());
    assert!(done["data"][6]["detail"].as_str().is_some_and(|why| why.contains("not an email address")), "{done}");
    assert_eq!(app.letters(GRACE).len(), 1);
    let credential = app.text("SELECT max(credential) FROM audit_events WHERE action = 'invitation.sent' AND credential IS NOT NULL");
    assert!(credential.starts_with("token “"), "{credential}");
}

#[actix_web::test]
async fn an_invited_person_joins_with_the_name_message_and_roles_of_the_request() {
    let (app, ada, program) = app().await;
    ada.get("/invitations/new").await;
    let viewer = ada.role("Viewer");
    let asked = json!({
        "invitees": [{ "email": GRACE, "name": "Grace Hopper" }],
        "role_ids": [viewer],
        "message": "Welcome aboard",
    });
    let answer = program.send("POST", INVITATIONS, &asked).await.json();
    let invitation = program.get(&path(&answer)).await.json();
    assert_eq!(
        (&invitation["email"], &invitation["name"], &invitation["state"]),
        (&json!(GRACE), &json!("Grace Hopper"), &json!("open"))
    );
    assert_eq!(
        (&invitation["invited_by"], &invitation["message"]),
        (&json!("administrating"), &json!("Welcome aboard"))
    );
    assert_eq!(invitation["letter"], "waiting");
    assert!(invitation["expires_at"].as_str().is_some_and(|at| at.starts_with("2026-03-18T09:00:00")));
    assert!(app.inbox(GRACE).text.contains("Welcome aboard"));
    app.visitor().accept("Grace").await;
    assert_eq!(program.get(&path(&answer)).await.json()["state"], "accepted");
    let user = program
        .get(&format!("/api/v1/users/{}", answer["data"][0]["member_id"].as_str().expect("an id")))
        .await
        .json();
    assert_eq!((&user["status"], &user["roles"][0]["name"]), (&json!("active"), &json!("Viewer")));
    program.delete(&path(&answer)).await.assert_problem(404, "not-found");
}

#[actix_web::test]
async fn invitations_are_listed_by_page_the_newest_first() {
    let (app, _, program) = app().await;
    for email in ["a@example.org", "b@example.org", "c@example.org"] {
        program.send("POST", INVITATIONS, &to(&[email])).await.json();
        app.wait(TimeDelta::seconds(1));
    }
    let emails = |page: &Value| -> Vec<String> {
        let rows = page["data"].as_array().expect("rows").iter();
        rows.map(|row| row["email"].as_str().expect("an address").to_owned()).collect()
    };
    let first = program.get(&format!("{INVITATIONS}?limit=2")).await.json();
    assert_eq!(emails(&first), ["c@example.org", "b@example.org"]);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = program.get(&format!("{INVITATIONS}?limit=2&cursor={cursor}")).await.json();
    assert_eq!((emails(&second), &second["next_cursor"]), (vec!["a@example.org".to_owned()], &Value::Null));
    app.wait(TimeDelta::days(8));
    let page = program.get(INVITATIONS).await.json();
    assert_eq!((page["data"].as_array().map(Vec::len), &page["data"][0]["state"]), (Some(3), &json!("expired")));
}

#[actix_web::test]
async fn a_pending_invitation_is_sent_again_handed_over_and_cancelled() {
    let (app, _, program) = app().await;
    let answer = program.send("POST", INVITATIONS, &to(&[GRACE])).await.json();
    let path = path(&answer);
    let first = app.inbox(GRACE).link();
    let post = async |what: &str| program.send("POST", &format!("{path}/{what}"), &json!({})).await.json();
    assert_eq!(post("resend?dry_run=true").await["link"], Value::Null);
    app.visitor().get(&first).await.assert_status(200);
    app.wait(TimeDelta::seconds(1));
    assert_eq!(post("resend").await["link"], Value::Null);
    let second = app.inbox(GRACE).link();
    assert_ne!(first, second);
    assert_eq!(post("link?dry_run=true").await["link"], Value::Null);
    let link = post("link").await["link"].as_str().expect("a link").to_owned();
    let third = link.strip_prefix("https://roster.example").expect("a link of this Roster");
    app.visitor().get(&second).await.assert_status(410);
    app.visitor().get(third).await.assert_status(200);
    assert_eq!(program.get(&path).await.json()["letter"], Value::Null);
    program.delete(&format!("{path}?dry_run=true")).await.assert_status(204);
    program.delete(&path).await.assert_status(204);
    program.delete(&path).await.assert_problem(404, "not-found");
    app.visitor().get(third).await.assert_status(410);
    let events = ["invitation.sent_again", "invitation.link_copied", "invitation.cancelled"];
    assert_eq!(events.map(|event| audited(&app, event)), [1, 1, 1]);
}

#[actix_web::test]
async fn without_a_mail_server_the_links_are_told_once() {
    let app = TestApp::start_without_mail_server().await;
    let ada = app.administrator("Ada").await;
    let program = app.administrating_program(&ada).await;
    let dry = program.send("POST", &format!("{INVITATIONS}?dry_run=true"), &to(&[GRACE])).await.json();
    assert_eq!(dry["data"][0]["link"], Value::Null);
    let answer = program.send("POST", INVITATIONS, &to(&[GRACE])).await.json();
    for answer in [
        answer["data"][0].clone(),
        program.send("POST", &format!("{}/resend", path(&answer)), &json!({})).await.json(),
    ] {
        assert!(
            answer["link"].as_str().is_some_and(|link| link.starts_with("https://roster.example/invitation/")),
            "{answer}"
        );
    }
    let shown = program.get(&path(&answer)).await;
    assert!(!shown.0.body.contains("/invitation/"), "{}", shown.0.body);
}

#[actix_web::test]
async fn wrong_requests_are_refused_whole() {
    let (app, _, program) = app().await;
    let many: Vec<String> = (0..51).map(|at| format!("p{at}@example.org")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let post = async |body: Value| program.send("POST", INVITATIONS, &body).await;
    post(to(&many)).await.assert_fields(&[("/invitees", "out-of-range")]);
    post(to(&[])).await.assert_fields(&[("/invitees", "out-of-range")]);
    post(json!({})).await.assert_fields(&[("/invitees", "required")]);
    post(json!({ "invitees": [{ "email": GRACE, "name": "x".repeat(101) }], "message": "x".repeat(1001) }))
        .await
        .assert_fields(&[("/invitees/0/name", "too-long"), ("/message", "invalid")]);
    post(json!({ "invitees": [{ "email": GRACE }], "team_ids": ["019cdc1f-d680-7000-8000-000000000009"] }))
        .await
        .assert_fields(&[("/team_ids/0", "unknown")]);
    assert_eq!(audited(&app, "invitation.sent"), 0);
}

#[actix_web::test]
async fn nobody_promises_what_the_credential_does_not_hold_and_seats_are_kept() {
    let (app, ada, program) = app().await;
    let desk = app.program_with(&ada, "Inviting", &["user:invite:*", "user:read:*", "team:read:*"]).await;
    let mut asked = to(&[GRACE]);
    asked["administrator"] = true.into();
    desk.send("POST", INVITATIONS, &asked).await.assert_problem(403, "beyond-your-permissions");
    let promised = program.send("POST", INVITATIONS, &asked).await.json();
    for what in ["resend", "link"] {
        let problem = desk
            .send("POST", &format!("{}/{what}", path(&promised)), &json!({}))
            .await
            .assert_problem(403, "beyond-your-permissions");
        assert!(problem["permission"].is_string());
    }
    let viewing = app.program_with(&ada, "Viewing", &["user:read:*"]).await;
    for answer in [
        viewing.get(INVITATIONS).await,
        viewing.get(&path(&promised)).await,
        viewing.send("POST", INVITATIONS, &asked).await,
        viewing.delete(&path(&promised)).await,
    ] {
        assert_eq!(answer.assert_problem(403, "permission-missing")["permission"], "user:invite:*");
    }
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let other = app.administrating_program(&mallory).await;
    for answer in [
        other.get(&path(&promised)).await,
        other.delete(&path(&promised)).await,
        other.send("POST", &format!("{}/link", path(&promised)), &json!({})).await,
    ] {
        answer.assert_problem(404, "not-found");
    }
    app.set_seats(ada.organization(), Some(3));
    let full = program.send("POST", INVITATIONS, &to(&["b@example.org", "c@example.org"])).await.json();
    let verdicts: Vec<String> = outcomes(&full).into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(verdicts, ["invited", "refused"]);
    assert!(full["data"][1]["detail"].as_str().is_some_and(|why| why.contains("seat")), "{full}");
}
