//! The API creates people and system accounts: with checked fields, within the seats, and never with more than the
//! credential may do itself.

use crate::harness::{GOOD, TestApp, user_creation::audited};
use serde_json::{Value, json};

const MEMBERS: &str = "SELECT count(*) FROM members";
const USERS: &str = "/api/v1/users";
const ACCOUNTS: &str = "/api/v1/system_accounts";

fn grace() -> Value {
    json!({ "first_name": "Grace", "last_name": "Hopper", "email": "grace@example.org" })
}

/// The request with other fields over it.
fn with(mut request: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().expect("fields") {
        request[name] = value.clone();
    }
    request
}

#[actix_web::test]
async fn a_program_creates_a_person_who_signs_in_with_the_password_it_was_told_once() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let program = app.administrating_program(&ada).await;
    let asked = with(grace(), &json!({ "generate_password": true, "details": { "title": "Admiral" } }));
    let answer = program.send("POST", USERS, &asked).await;
    let user = answer.json_of(201);
    assert_eq!(
        (&user["name"], &user["username"], &user["status"]),
        (&json!("Grace Hopper"), &json!("grace@example.org"), &json!("active"))
    );
    assert_eq!((&user["details"]["title"], &user["roles"][0]["name"]), (&json!("Admiral"), &json!("User")));
    assert_eq!(answer.header("etag"), format!("\"{}\"", user["version"]));
    let password = user["temporary_password"].as_str().expect("a password").to_owned();
    let shown = program.get(answer.header("location")).await;
    assert_eq!(shown.json()["id"], user["id"]);
    assert!(!shown.0.body.contains(&password) && !app.dump().contains(&password));
    app.visitor()
        .sign_in("grace@example.org", &password)
        .await
        .assert_sees("Replace your temporary password");
    let credential = app.text("SELECT credential FROM audit_events WHERE action = 'member.created'");
    assert!(credential.starts_with("token “token 0”"), "{credential}");
    ada.get("/audit").await.assert_sees("Grace Hopper");
}

#[actix_web::test]
async fn a_typed_password_is_told_to_nobody_and_without_any_there_is_none() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let program = app.administrating_program(&ada).await;
    let typed = with(grace(), &json!({ "password": GOOD }));
    let user = program.send("POST", USERS, &typed).await.json_of(201);
    assert_eq!(user["temporary_password"], Value::Null);
    app.visitor()
        .sign_in("grace@example.org", GOOD)
        .await
        .assert_sees("Replace your temporary password");
    let without = json!({ "name": "Linus", "email": "linus@example.org" });
    let user = program.send("POST", USERS, &without).await.json_of(201);
    assert_eq!(user["temporary_password"], Value::Null);
    app.visitor().sign_in("linus@example.org", GOOD).await.assert_status(422);
    assert_eq!(app.count("SELECT count(*) FROM passwords"), 2);
}

#[actix_web::test]
async fn a_dry_run_answers_the_same_and_creates_nobody() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let program = app.administrating_program(&ada).await;
    let before = app.count(MEMBERS);
    let asked = with(grace(), &json!({ "generate_password": true }));
    let user = program.send("POST", &format!("{USERS}?dry_run=true"), &asked).await.json_of(201);
    assert_eq!((&user["name"], &user["temporary_password"]), (&json!("Grace Hopper"), &Value::Null));
    let account = json!({ "name": "deploy" });
    program.send("POST", &format!("{ACCOUNTS}?dry_run=true"), &account).await.json_of(201);
    assert_eq!(
        (app.count(MEMBERS), audited(&app, "member.created"), audited(&app, "system_account.created")),
        (before, 0, 0)
    );
    program.send("POST", USERS, &asked).await.json_of(201);
    program.send("POST", ACCOUNTS, &account).await.json_of(201);
    assert_eq!(app.count(MEMBERS), before + 2);
}

#[actix_web::test]
async fn a_retry_with_the_same_key_creates_nobody_twice() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let program = app.administrating_program(&ada).await.with("idempotency-key", "one");
    let asked = with(grace(), &json!({ "generate_password": true }));
    let first = program.send("POST", USERS, &asked).await;
    let again = program.send("POST", USERS, &asked).await;
    assert_eq!((again.header("idempotency-replayed"), &again.0.body), ("true", &first.0.body));
    assert_eq!(audited(&app, "member.created"), 1);
    assert!(!app.dump().contains(first.json_of(201)["temporary_password"].as_str().expect("a password")));
}

#[actix_web::test]
async fn every_field_that_is_wrong_is_named() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let program = app.administrating_program(&ada).await;
    let nobody = "019cdc1f-d680-7000-8000-000000000009";
    let post = async |fields: Value| program.send("POST", USERS, &with(grace(), &fields)).await;
    post(json!({ "email": "nope", "password": "short", "details": { "title": "x".repeat(500) }, "policy_ids": [nobody] }))
        .await
        .assert_fields(&[
            ("/policy_ids/0", "unknown"),
            ("/details/title", "invalid"),
            ("/email", "invalid"),
            ("/password", "invalid"),
        ]);
    post(json!({ "password": GOOD, "generate_password": true }))
        .await
        .assert_fields(&[("/generate_password", "conflict")]);
    post(json!({ "administrator": true, "role_ids": [nobody] }))
        .await
        .assert_fields(&[("/role_ids", "conflict"), ("/role_ids/0", "unknown")]);
    post(json!({ "role_ids": [] })).await.assert_fields(&[("/role_ids", "invalid")]);
    post(json!({ "email": "ada@example.org" })).await.assert_fields(&[("/email", "taken")]);
    post(json!({ "username": "a b" })).await.assert_fields(&[("/username", "invalid")]);
    post(json!({ "hash": "x" })).await.assert_fields(&[("/hash", "unknown")]);
    post(json!({ "status": "deleted" })).await.assert_problem(422, "invalid-fields");
    let account = async |body: Value| program.send("POST", ACCOUNTS, &body).await;
    account(json!({ "name": "", "details": { "title": "x".repeat(500) }, "team_ids": [nobody] }))
        .await
        .assert_fields(&[("/name", "invalid"), ("/details/title", "invalid"), ("/team_ids/0", "unknown")]);
    account(json!({ "name": "build" })).await.json_of(201);
    account(json!({ "name": "Build" })).await.assert_fields(&[("/name", "taken")]);
    // A role for people is none for system accounts.
    ada.get("/invitations/new").await;
    let viewer = ada.role("Viewer");
    account(json!({ "name": "deploy", "role_ids": [viewer] }))
        .await
        .assert_fields(&[("/role_ids/0", "unknown")]);
    assert_eq!((audited(&app, "member.created"), audited(&app, "system_account.created")), (0, 1));
}

#[actix_web::test]
async fn nobody_is_given_more_than_the_credential_may_do() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let desk = app
        .program_with(&ada, "Help desk", &["user:manage:*", "system_account:manage:*", "team:read:*"])
        .await;
    let administrator = app.machine(ada.organization(), "root", "Administrator");
    let narrow = [
        ("width", "narrow"),
        ("permission", "user:manage:*"),
        ("permission", "system_account:manage:*"),
    ];
    let narrowed = app.program_of(&ada, administrator, &narrow).await;
    for program in [&desk, &narrowed] {
        for path in [USERS, ACCOUNTS] {
            let asked = if path == USERS { grace() } else { json!({ "name": "deploy" }) };
            let promoted = with(asked, &json!({ "administrator": true }));
            let problem = program.send("POST", path, &promoted).await.assert_problem(403, "beyond-your-permissions");
            assert!(problem["permission"].is_string(), "{problem}");
        }
    }
    // The default role of people has more than the desk has.
    desk.send("POST", USERS, &grace()).await.assert_problem(403, "beyond-your-permissions");
    desk.send("POST", ACCOUNTS, &json!({ "name": "deploy" })).await.json_of(201);
    let read_only = app.program_of(&ada, administrator, &[("mode", "read")]).await;
    for (path, permission) in [(USERS, "user:manage:*"), (ACCOUNTS, "system_account:manage:*")] {
        let problem = read_only.send("POST", path, &json!({})).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], permission);
    }
    assert_eq!((audited(&app, "member.created"), audited(&app, "system_account.created")), (0, 1));
}

#[actix_web::test]
async fn a_full_plan_takes_only_people_who_are_disabled() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let program = app.administrating_program(&ada).await;
    app.set_seats(ada.organization(), Some(1));
    program.send("POST", USERS, &grace()).await.assert_problem(422, "no-seat-left");
    let disabled = with(grace(), &json!({ "status": "disabled" }));
    let user = program.send("POST", USERS, &disabled).await.json_of(201);
    assert_eq!(user["status"], "disabled");
    app.execute("UPDATE organizations SET system_account_limit = 1");
    program
        .send("POST", ACCOUNTS, &json!({ "name": "deploy" }))
        .await
        .assert_problem(422, "no-seat-left");
}

#[actix_web::test]
async fn a_system_account_is_created_with_its_details_roles_teams_and_policies() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let team = ada.create_team("Platform").await;
    let program = app.administrating_program(&ada).await;
    let asked = json!({ "name": "deploy", "details": { "title": "Deploys", "location": "Vienna" }, "team_ids": [team] });
    let answer = program.send("POST", ACCOUNTS, &asked).await;
    let account = answer.json_of(201);
    assert_eq!(
        (&account["details"]["title"], &account["details"]["location"]),
        (&json!("Deploys"), &json!("Vienna"))
    );
    assert_eq!((&account["roles"][0]["name"], &account["teams"][0]["name"]), (&json!("CI/CD"), &json!("Platform")));
    assert_eq!(program.get(answer.header("location")).await.json()["id"], account["id"]);
    ada.get("/audit").await.assert_sees("deploy");
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let other = app.administrating_program(&mallory).await;
    other.get(answer.header("location")).await.assert_problem(404, "not-found");
    other
        .send("POST", ACCOUNTS, &json!({ "name": "deploy", "team_ids": [team] }))
        .await
        .assert_fields(&[("/team_ids/0", "unknown")]);
}
