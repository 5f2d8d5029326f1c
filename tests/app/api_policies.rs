//! `/api/v1/policies`.

use crate::harness::{Person, TestApp, system_accounts::Program};
use serde_json::{Value, json};

const POLICIES: &str = "/api/v1/policies";

async fn app() -> (TestApp, Person, Program) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    root.create(
        "/api/v1/resource_types",
        &json!({ "name": "contract", "description": "Contracts.", "actions": ["read", "sign"] }),
    )
    .await;
    (app, ada, root)
}

fn rule(action: &str, id: &str) -> Value {
    json!({ "resource_type": "contract", "actions": [action], "resource_ids": [id] })
}

fn path(policy: &Value) -> String {
    format!("{POLICIES}/{}", policy["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn a_policy_is_created_changed_and_deleted() {
    let (app, _, root) = app().await;
    let made = root.create(POLICIES, &json!({ "name": "Signers", "rules": [rule("sign", "7")] })).await;
    let one = path(&made);
    assert_eq!((&made["rules"], &made["version"]), (&json!([rule("sign", "7")]), &json!(1)));
    let change = json!({ "rules": [rule("sign", "7"), rule("read", "*")] });
    root.send("PATCH", &one, &change).await.assert_problem(428, "if-match-required");
    let first = root.clone().with("if-match", "\"1\"");
    let tried = first.send("PATCH", &format!("{one}?dry_run=true"), &change).await.json();
    assert_eq!((&tried["version"], &tried["members_count"]["people"]), (&json!(2), &json!(0)));
    assert_eq!(root.get(&one).await.json(), made);
    let changed = first.send("PATCH", &one, &change).await;
    assert_eq!((changed.json()["rules"].clone(), changed.header("etag")), (change["rules"].clone(), "\"2\""));
    first.send("PATCH", &one, &change).await.assert_problem(412, "version-changed");
    assert_eq!(root.delete(&one).await.json(), json!({ "affected_members": 0 }));
    root.get(&one).await.assert_problem(404, "not-found");
    let events = app.texts("SELECT action FROM audit_events WHERE action LIKE 'policy.%' AND credential IS NOT NULL ORDER BY action");
    assert_eq!(events, ["policy.created", "policy.deleted", "policy.edited"]);
}

#[actix_web::test]
async fn what_is_attached_is_deleted_only_if_it_is_said_so() {
    let (app, ada, root) = app().await;
    app.role(ada.organization(), "Desk", &["user:read:*"]);
    ada.welcome("Grace", "Desk").await;
    let grace = ada.member("Grace").await;
    let policy = root.create(POLICIES, &json!({ "name": "Signers", "rules": [rule("sign", "7")] })).await;
    let (one, id) = (path(&policy), policy["id"].as_str().expect("an id").to_owned());
    assert!(root.walk(&format!("{one}/members"), "name").await.is_empty());
    root.send("PUT", &format!("/api/v1/users/{grace}/policies/{id}"), &json!({}))
        .await
        .assert_status(204);
    assert_eq!(root.walk(&format!("{one}/members?limit=1"), "name").await, ["Grace"]);
    assert_eq!(
        root.get(&format!("{POLICIES}?expand=members_count")).await.json()["data"][0]["members_count"]["people"],
        1
    );
    let problem = root.delete(&one).await.assert_problem(422, "in-use");
    assert_eq!(problem["affected_members"], 1);
    assert_eq!(root.delete(&format!("{one}?detach=true&dry_run=true")).await.json()["affected_members"], 1);
    assert_eq!(app.count("SELECT count(*) FROM member_policies"), 1);
    assert_eq!(root.delete(&format!("{one}?detach=true")).await.json()["affected_members"], 1);
    assert_eq!(app.count("SELECT (SELECT count(*) FROM member_policies) + (SELECT count(*) FROM policies)"), 0);
}

#[actix_web::test]
async fn policies_are_listed_page_by_page() {
    let (_, _, root) = app().await;
    for name in ["Émile", "b", "A", "c"] {
        root.create(POLICIES, &json!({ "name": name, "rules": [rule("sign", "7")] })).await;
    }
    let names = root.walk(&format!("{POLICIES}?limit=1"), "name").await;
    assert_eq!(names.len(), 4);
    let whole = root.get(&format!("{POLICIES}?total=true")).await.json();
    assert_eq!(
        names,
        whole["data"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| row["name"].as_str().expect("a name"))
            .collect::<Vec<_>>()
    );
    assert_eq!(whole["total"], 4);
}

#[actix_web::test]
async fn wrong_fields_are_named() {
    let (_, _, root) = app().await;
    root.create(POLICIES, &json!({ "name": "Signers", "rules": [rule("sign", "7")] })).await;
    let new = |name: &str, rules: Value| json!({ "name": name, "rules": rules });
    for (body, field, code) in [
        (new("signers", json!([rule("sign", "7")])), "/name", "taken"),
        (new("", json!([rule("sign", "7")])), "/name", "invalid"),
        (new("A", json!([])), "/rules", "required"),
        (new("A", json!(vec![rule("sign", "7"); 51])), "/rules", "too-many"),
        (new("A", json!([rule("sign", "7"), rule("fly", "7")])), "/rules/1/actions", "invalid"),
        (new("A", json!([rule("sign", " 7")])), "/rules/0/resource_ids", "invalid"),
        (
            new("A", json!([{ "resource_type": "car", "actions": ["*"], "resource_ids": ["*"] }])),
            "/rules/0/resource_type",
            "invalid",
        ),
        (
            new("A", json!([{ "resource_type": "contract", "actions": ["sign"] }])),
            "/rules/0/resource_ids",
            "required",
        ),
        (
            new(
                "A",
                json!([{ "resource_type": "contract", "actions": ["sign"], "resource_ids": ["*"], "deny": true }]),
            ),
            "/rules/0/deny",
            "unknown",
        ),
    ] {
        root.assert_field("POST", POLICIES, &body, field, code).await;
    }
}

#[actix_web::test]
async fn nobody_grants_what_they_do_not_hold_and_others_have_nothing_here() {
    let (app, ada, root) = app().await;
    let desk = app.program_with(&ada, "Desk", &["policy:manage:*"]).await;
    let new = json!({ "name": "Signers", "rules": [rule("sign", "7")] });
    desk.send("POST", POLICIES, &new).await.assert_problem(403, "beyond-your-permissions");
    let one = path(&root.create(POLICIES, &new).await);
    let wider = json!({ "rules": [rule("sign", "*")] });
    desk.clone()
        .with("if-match", "*")
        .send("PATCH", &one, &wider)
        .await
        .assert_problem(403, "beyond-your-permissions");
    let renamed = desk.clone().with("if-match", "*").send("PATCH", &one, &json!({ "name": "Writers" })).await.json();
    assert_eq!((&renamed["name"], &renamed["rules"]), (&json!("Writers"), &new["rules"]));
    let looker = app.program_with(&ada, "Looker", &["policy:read:*"]).await;
    looker.get(&one).await.assert_status(200);
    for (method, address) in [("POST", POLICIES), ("PATCH", &one), ("DELETE", &one)] {
        let problem = looker.send(method, address, &json!({})).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], "policy:manage:*");
    }
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let foreign = app.program_with(&eve, "Root", &["*:*:*"]).await.with("if-match", "*");
    foreign.get(&one).await.assert_problem(404, "not-found");
    foreign.get(&format!("{one}/members")).await.assert_problem(404, "not-found");
    foreign.delete(&format!("{one}?detach=true")).await.assert_problem(404, "not-found");
    foreign.send("PATCH", &one, &json!({ "name": "Mine" })).await.assert_problem(404, "not-found");
}
