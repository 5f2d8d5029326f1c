//! `/api/v1/application_permissions` and `/api/v1/resource_types`: what an organization declares for its own applications.

use crate::harness::{Person, TestApp, system_accounts::Program};
use serde_json::{Value, json};

const PERMISSIONS: &str = "/api/v1/application_permissions";
const TYPES: &str = "/api/v1/resource_types";

async fn app() -> (TestApp, Person, Program) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    (app, ada, root)
}

/// The address of a record.
fn path(list: &str, record: &Value) -> String {
    format!("{list}/{}", record["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn an_application_permission_is_declared_explained_and_withdrawn() {
    let (app, _, root) = app().await;
    let new = json!({ "permission": "contract_data:read:*", "description": "Reads contracts." });
    let made = root.create(PERMISSIONS, &new).await;
    let one = path(PERMISSIONS, &made);
    assert_eq!((&made["permission"], &made["roles"]), (&new["permission"], &json!([])));
    let changed = root.send("PATCH", &one, &json!({ "description": "Reads every contract." })).await.json();
    assert_eq!(
        (&changed["description"], &changed["permission"]),
        (&json!("Reads every contract."), &new["permission"])
    );
    assert_eq!(root.get(&one).await.json(), changed);
    root.create("/api/v1/roles", &json!({ "name": "Reader", "permissions": ["contract_data:read:*"] }))
        .await;
    let problem = root.delete(&one).await.assert_problem(422, "still-used");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("the role Reader")), "{problem}");
    assert_eq!(root.get(&one).await.json()["roles"][0]["name"], "Reader");
    root.delete(&format!("/api/v1/roles/{}", root.id_of("/api/v1/roles", "Reader").await))
        .await
        .assert_status(200);
    root.delete(&format!("{one}?dry_run=true")).await.assert_status(204);
    root.get(&one).await.assert_status(200);
    root.delete(&one).await.assert_status(204);
    root.get(&one).await.assert_problem(404, "not-found");
    let events = app.texts("SELECT action FROM audit_events WHERE action LIKE 'permission.%' AND credential IS NOT NULL ORDER BY action");
    assert_eq!(events, ["permission.declared", "permission.explained", "permission.withdrawn"]);
}

#[actix_web::test]
async fn a_resource_type_keeps_the_actions_that_policies_name() {
    let (app, _, root) = app().await;
    let new = json!({ "name": "contract", "description": "Contracts.", "actions": ["read", "sign", "read"] });
    let made = root.create(TYPES, &new).await;
    let one = path(TYPES, &made);
    assert_eq!((&made["actions"], &made["version"]), (&json!(["read", "sign"]), &json!(1)));
    let rule = json!({ "resource_type": "contract", "actions": ["sign"], "resource_ids": ["*"] });
    let policy = root.create("/api/v1/policies", &json!({ "name": "Signers", "rules": [rule] })).await;
    root.send("PATCH", &one, &json!({ "actions": ["read"] }))
        .await
        .assert_problem(428, "if-match-required");
    let first = root.clone().with("if-match", "\"1\"");
    let problem = first.send("PATCH", &one, &json!({ "actions": ["read"] })).await.assert_problem(422, "still-used");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("the policy Signers")), "{problem}");
    let changed = first.send("PATCH", &one, &json!({ "actions": ["sign", "archive"] })).await;
    assert_eq!((changed.json()["actions"].clone(), changed.header("etag")), (json!(["sign", "archive"]), "\"2\""));
    first
        .send("PATCH", &one, &json!({ "description": "Old." }))
        .await
        .assert_problem(412, "version-changed");
    root.delete(&one).await.assert_problem(422, "still-used");
    root.delete(&path("/api/v1/policies", &policy)).await.assert_status(200);
    root.delete(&format!("{one}?dry_run=true")).await.assert_status(204);
    root.delete(&one).await.assert_status(204);
    assert_eq!(app.count("SELECT count(*) FROM resource_types"), 0);
    let events =
        app.texts("SELECT action FROM audit_events WHERE action LIKE 'resource_type.%' AND credential IS NOT NULL ORDER BY action");
    assert_eq!(events, ["resource_type.declared", "resource_type.edited", "resource_type.withdrawn"]);
}

#[actix_web::test]
async fn declarations_are_listed_page_by_page() {
    let (_, _, root) = app().await;
    for word in ["c", "a", "b_2", "b"] {
        root.create(TYPES, &json!({ "name": word, "description": "A thing.", "actions": ["read"] })).await;
        root.create(PERMISSIONS, &json!({ "permission": format!("{word}:read:*"), "description": "Reads." }))
            .await;
    }
    assert_eq!(root.walk(&format!("{TYPES}?limit=1"), "name").await, ["a", "b", "b_2", "c"]);
    assert_eq!(
        root.walk(&format!("{PERMISSIONS}?limit=3"), "permission").await,
        ["a:read:*", "b:read:*", "b_2:read:*", "c:read:*"]
    );
    assert_eq!(root.get(&format!("{TYPES}?limit=1&total=true")).await.json()["total"], 4);
    root.get(&format!("{TYPES}?limit=0")).await.assert_problem(422, "invalid-fields");
    root.get(&format!("{PERMISSIONS}?q=a")).await.assert_problem(422, "invalid-fields");
}

#[actix_web::test]
async fn wrong_fields_are_named() {
    let (_, _, root) = app().await;
    let permission = |text: &str| json!({ "permission": text, "description": "Reads." });
    root.create(PERMISSIONS, &permission("contract:read:*")).await;
    for (body, field, code) in [
        (permission("contract:read:*"), "/permission", "taken"),
        (permission("user:fly:*"), "/permission", "reserved"),
        (permission("*:read:*"), "/permission", "invalid"),
        (permission("contract"), "/permission", "invalid"),
        (json!({ "permission": "a:b:*", "description": " " }), "/description", "invalid"),
        (json!({ "permission": "a:b:*" }), "/description", "required"),
    ] {
        root.assert_field("POST", PERMISSIONS, &body, field, code).await;
    }
    let one = |name: &str, actions: &[&str]| json!({ "name": name, "description": "A thing.", "actions": actions });
    root.create(TYPES, &one("contract", &["read"])).await;
    for (body, field, code) in [
        (one("contract", &["read"]), "/name", "taken"),
        (one("team", &["read"]), "/name", "reserved"),
        (one("Contract", &["read"]), "/name", "invalid"),
        (one("a", &[]), "/actions", "invalid"),
        (one("a", &["read", "sign it"]), "/actions/1", "invalid"),
        (one("a", &[""]), "/actions/0", "invalid"),
    ] {
        root.assert_field("POST", TYPES, &body, field, code).await;
    }
}

#[actix_web::test]
async fn only_who_manages_the_organization_declares_and_others_have_nothing_here() {
    let (app, ada, root) = app().await;
    let permission = root.create(PERMISSIONS, &json!({ "permission": "a:b:*", "description": "B." })).await;
    let kind = root.create(TYPES, &json!({ "name": "a", "description": "A.", "actions": ["b"] })).await;
    let looker = app.program_with(&ada, "Looker", &["organization:read:*"]).await;
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let foreign = app.program_with(&eve, "Root", &["*:*:*"]).await.with("if-match", "*");
    for (list, record) in [(PERMISSIONS, permission), (TYPES, kind)] {
        let one = path(list, &record);
        looker.get(list).await.assert_status(200);
        looker.get(&one).await.assert_status(200);
        for (method, address) in [("POST", list), ("PATCH", &one), ("DELETE", &one)] {
            let problem = looker.send(method, address, &json!({})).await.assert_problem(403, "permission-missing");
            assert_eq!(problem["permission"], "organization:manage:*");
        }
        foreign.get(&one).await.assert_problem(404, "not-found");
        foreign.delete(&one).await.assert_problem(404, "not-found");
        foreign
            .send("PATCH", &one, &json!({ "description": "Mine." }))
            .await
            .assert_problem(404, "not-found");
    }
}
