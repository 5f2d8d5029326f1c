//! The Audit Log and the exports by the API.

use crate::harness::{Person, TestApp, system_accounts::Program};
use serde_json::{Value, json};

async fn app() -> (TestApp, Person, Program, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let program = app.program_as(&ada, "sync", "Administrator").await;
    program
        .send("PUT", &format!("/api/v1/users/{grace}/disablement"), &json!({ "reason": "left" }))
        .await
        .assert_status(204);
    (app, ada, program, grace)
}

#[actix_web::test]
async fn events_are_listed_filtered_and_paged() {
    let (_app, _, program, grace) = app().await;
    let one = program.get("/api/v1/audit_events?what=member.disabled").await.json();
    let event = &one["data"][0];
    assert_eq!(
        (&event["action"], &event["target"]["name"], &event["actor"]["name"]),
        (&json!("member.disabled"), &json!("Grace"), &json!("sync"))
    );
    assert_eq!((&event["before"]["status"], &event["after"]["status"]), (&json!("active"), &json!("disabled")));
    let about = program.get(&format!("/api/v1/audit_events?about={grace}&limit=1")).await.json();
    assert_eq!(about["data"][0]["id"], event["id"]);
    let next = program
        .get(&format!(
            "/api/v1/audit_events?about={grace}&limit=1&cursor={}",
            about["next_cursor"].as_str().expect("more")
        ))
        .await
        .json();
    assert_ne!(next["data"][0]["id"], event["id"]);
    assert_eq!(
        program.get("/api/v1/audit_events?actor=sync&target=Grace").await.json()["data"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        program.get("/api/v1/audit_events?to=2020-01-01").await.json()["data"].as_array().map(Vec::len),
        Some(0)
    );
    for (wrong, field) in [
        ("from=2026-13-01", "?from"),
        ("to=0001-01-01", "?to"),
        ("how=x", "?how"),
        ("cursor=5", "?cursor"),
        ("who=x", "?who"),
    ] {
        let problem = program.get(&format!("/api/v1/audit_events?{wrong}")).await.assert_problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[actix_web::test]
async fn exports_are_streamed_recorded_and_for_those_who_may() {
    let (app, ada, program, _) = app().await;
    let exported = program.get("/api/v1/audit_events/export?what=member.disabled").await;
    assert_eq!(exported.header("content-type"), "application/jsonl");
    let lines: Vec<Value> = exported.0.body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0]["target"]["name"]), (1, &json!("Grace")));
    let csv = program.get("/api/v1/audit_events/export?format=csv").await;
    assert!(csv.0.body.starts_with("at,actor,"));
    let people = program.get("/api/v1/users/export?filter=tab%3Ddisabled").await;
    assert_eq!((people.header("content-type"), people.0.body.lines().count()), ("text/csv", 2));
    assert!(people.0.body.contains("grace@example.org"));
    program.get("/api/v1/system_accounts/export").await.assert_status(200);
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action IN ('audit.exported', 'members.exported')"),
        4
    );
    let problem = program.get("/api/v1/users/export?filter=rolle%3D1").await.assert_problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["field"], "?filter");
    app.role(ada.organization(), "People", &["user:read:*"]);
    let reader = app.program_as(&ada, "reader", "People").await;
    reader.get("/api/v1/users/export").await.assert_status(200);
    for path in ["audit_events", "audit_events/export", "system_accounts/export"] {
        reader.get(&format!("/api/v1/{path}")).await.assert_problem(403, "permission-missing");
    }
    reader
        .get("/api/v1/users/export?filter=two_step%3Dnone")
        .await
        .assert_problem(403, "permission-missing");
}
