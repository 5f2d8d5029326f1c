//! Requests for access through the API: asking, reading, deciding, and who may.

use crate::harness::{
    Person, TestApp,
    system_accounts::Program,
    team_access::{Cast, cast},
};
use serde_json::json;

const LIST: &str = "/api/v1/access_requests";

/// A program with a token of this person.
async fn program(app: &TestApp, ada: &Person, person: &Person, name: &str, fields: &[(&str, &str)]) -> Program {
    let id = ada.member(name).await;
    ada.let_use_api(&id, "a-long-api-password-of-them").await;
    let token = person.make_token("/me/tokens", &format!("token {}", fields.len()), fields).await;
    app.program().bearer(&token)
}

#[actix_web::test]
async fn a_person_asks_and_a_program_decides() {
    let Cast { app, ada, bob, team, auditor, .. } = &cast().await;
    let role = auditor.trim_start_matches("role:");
    let own = program(app, ada, bob, "Bob", &[("mode", "read_write")]).await;
    let decider = app.administrating_program(ada).await;
    let body = json!({ "role_id": role, "until": "2026-03-20T00:00:00Z", "reason": "The audit", "ticket": "OPS-12" });
    let rehearsed = own.send("POST", &format!("{LIST}?dry_run=true"), &body).await.json_of(201);
    assert_eq!(rehearsed["state"], "open");
    assert_eq!(app.count("SELECT count(*) FROM access_requests"), 0);
    let request = own.create(LIST, &body).await;
    assert_eq!(request["subject_name"], "Auditor");
    assert_eq!(request["kind"], "role");
    assert_eq!(request["member_name"], "Bob");
    assert!(request["closed_at"].is_null() && request["granted_until"].is_null());
    let path = format!("{LIST}/{}", request["id"].as_str().expect("an id"));
    own.assert_field("POST", LIST, &body, "/role_id", "taken").await;
    // Nobody decides their own request, nor without the right.
    own.get(LIST).await.assert_problem(403, "permission-missing");
    own.get(&format!("{LIST}?mine=true&state=open")).await.assert_status(200);
    assert_eq!(own.get(&path).await.json()["id"], request["id"]);
    own.send("POST", &format!("{path}/decision"), &json!({ "decision": "granted" }))
        .await
        .assert_problem(403, "permission-missing");

    let listed = decider.get(&format!("{LIST}?state=open")).await.json();
    assert_eq!(listed["data"][0]["reason"], "The audit");
    let decision = format!("{path}/decision");
    decider
        .assert_field("POST", &decision, &json!({ "decision": "refused" }), "/reason", "required")
        .await;
    decider
        .assert_field(
            "POST",
            &decision,
            &json!({ "decision": "refused", "reason": "x", "without_end": true }),
            "/until",
            "invalid",
        )
        .await;
    decider
        .assert_field(
            "POST",
            &decision,
            &json!({ "decision": "granted", "until": "2026-03-01T00:00:00Z" }),
            "/until",
            "out-of-range",
        )
        .await;
    let granted = decider
        .send(
            "POST",
            &decision,
            &json!({ "decision": "granted", "until": "2026-03-16T00:00:00Z", "reason": "Until Sunday" }),
        )
        .await
        .json();
    assert_eq!(granted["state"], "granted");
    assert_eq!(granted["granted_until"], "2026-03-16T00:00:00Z");
    bob.get("/audit").await.assert_status(200);
    decider
        .send("POST", &decision, &json!({ "decision": "refused", "reason": "Too late" }))
        .await
        .assert_problem(422, "request-closed");
    own.send("POST", &format!("{path}/withdrawal"), &json!({})).await;
    assert_eq!(app.text("SELECT state FROM access_requests"), "granted");

    // For a team, and withdrawn. The newest stands first.
    app.wait(chrono::TimeDelta::milliseconds(1));
    let request = own.create(LIST, &json!({ "team_id": team, "reason": "I help" })).await;
    let path = format!("{LIST}/{}", request["id"].as_str().expect("an id"));
    let withdrawn = own.ask(actix_web::http::Method::POST, &format!("{path}/withdrawal"), None).await.json();
    assert_eq!(withdrawn["state"], "withdrawn");
    assert_eq!(decider.walk(&format!("{LIST}?limit=1"), "state").await, ["withdrawn", "granted"]);
}

#[actix_web::test]
async fn what_cannot_be_asked_for_is_refused_by_its_field() {
    let Cast { app, ada, bob, team, auditor, .. } = &cast().await;
    let role = auditor.trim_start_matches("role:");
    let own = program(app, ada, bob, "Bob", &[("mode", "read_write")]).await;
    let administrator = app.role_id(ada, "Administrator");
    for (body, field, code) in [
        (json!({ "reason": "x" }), "/role_id", "required"),
        (json!({ "role_id": role, "team_id": team, "reason": "x" }), "/role_id", "required"),
        (json!({ "role_id": role, "reason": " " }), "/reason", "required"),
        (json!({ "role_id": role, "reason": "x", "until": "2026-03-01T00:00:00Z" }), "/until", "out-of-range"),
        (json!({ "role_id": administrator, "reason": "x" }), "/role_id", "invalid"),
        (json!({ "team_id": role, "reason": "x" }), "/team_id", "unknown"),
        (json!({ "role_id": role, "reason": "x", "ticket": "x".repeat(101) }), "/ticket", "invalid"),
    ] {
        own.assert_field("POST", LIST, &body, field, code).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM access_requests"), 0);
}

#[actix_web::test]
async fn only_whole_credentials_of_people_ask() {
    let Cast { app, ada, bob, auditor, .. } = &cast().await;
    let body = json!({ "role_id": auditor.trim_start_matches("role:"), "reason": "x" });
    let machine = app.administrating_program(ada).await;
    machine.send("POST", LIST, &body).await.assert_problem(422, "not-for-system-accounts");
    let reading = program(app, ada, bob, "Bob", &[]).await;
    reading.send("POST", LIST, &body).await.assert_problem(403, "narrowed-credential");
    // Another organization's requests are not there.
    bob.ask_for(auditor, &[]).await.assert_sees("is sent");
    let id = machine.walk(LIST, "id").await.remove(0);
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let theirs = app.program_as(&mallory, "robot", "Administrator").await;
    assert!(theirs.walk(LIST, "id").await.is_empty());
    theirs.get(&format!("{LIST}/{id}")).await.assert_problem(404, "not-found");
    let decision = json!({ "decision": "granted" });
    theirs
        .send("POST", &format!("{LIST}/{id}/decision"), &decision)
        .await
        .assert_problem(404, "not-found");
    // A program with the right over people grants no more than it holds.
    let desk = app.program_with(ada, "desk", &["user:manage:*"]).await;
    desk.send("POST", &format!("{LIST}/{id}/decision"), &decision)
        .await
        .assert_problem(403, "beyond-your-permissions");
    machine.send("POST", &format!("{LIST}/{id}/decision"), &decision).await.assert_status(200);
}
