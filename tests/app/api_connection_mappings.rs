//! `/api/v1/connections/{id}/mappings` and `/keys`: roles and teams that follow from claims, and Roster's own keys.

use crate::{
    api_connections::{app, complete, path},
    harness::{
        connections::provider,
        rights::create_role,
        saml_provider::{ENTITY_ID, SSO_URL},
        user_creation::audited,
    },
};
use serde_json::{Value, json};

fn id(of: &Value) -> &str {
    of["id"].as_str().expect("an id")
}

#[actix_web::test]
async fn mappings_are_set_as_one_and_every_line_that_is_wrong_is_named() {
    let (app, ada, root) = app().await;
    let team = root.create("/api/v1/teams", &json!({ "name": "Platform" })).await;
    create_role(&ada, "Reader", &["user:read:*"]).await;
    let roles = root.get("/api/v1/roles?limit=200").await.json();
    let role = |name: &str| {
        let found = roles["data"].as_array().expect("roles").iter().find(|role| role["name"] == name);
        id(found.expect("a role")).to_owned()
    };
    let (reader, administrator) = (role("Reader"), role("Administrator"));
    let made = root.create("/api/v1/connections", &complete("Acme", &provider())).await;
    let (one, mappings) = (path(&made), format!("{}/mappings", path(&made)));
    let line = |value: &str, role: Option<&str>, team: Option<&str>| json!({ "claim": "groups", "value": value, "role_id": role, "team_id": team });
    let wanted = json!({ "mappings": [line("readers", Some(&reader), None), line("platform", None, Some(id(&team)))] });
    root.send("PUT", &mappings, &wanted).await.assert_problem(428, "if-match-required");
    let root = root.with("if-match", "*");
    let set = root.send("PUT", &mappings, &wanted).await.json();
    assert_eq!(set["mappings"], wanted["mappings"]);
    assert_eq!(set["version"], json!(made["version"].as_i64().expect("a version") + 1));
    // The same again changes nothing.
    assert_eq!(root.send("PUT", &mappings, &wanted).await.json()["version"], set["version"]);
    assert_eq!(audited(&app, "connection.edited"), 1);

    let wrong = json!({ "mappings": [line("", Some(&reader), None), line("x", None, None), line("x", Some(&reader), Some(id(&team)))] });
    let problem = root.send("PUT", &mappings, &wrong).await.assert_problem(422, "invalid-fields");
    let pointers: Vec<&Value> = problem["errors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
    assert_eq!(pointers, ["/mappings/0/value", "/mappings/1", "/mappings/2"]);
    // The Administrator role is meant, or refused.
    let making = json!({ "mappings": [line("root", Some(&administrator), None)] });
    root.send("PUT", &mappings, &making).await.assert_problem(422, "invalid-fields");
    let dry = format!("{mappings}?dry_run=true");
    let meant = json!({ "mappings": making["mappings"], "may_make_administrators": true });
    root.send("PUT", &dry, &meant).await.assert_status(200);
    assert_eq!(root.get(&one).await.json()["mappings"], wanted["mappings"]);
    // Nobody maps what they may not give.
    let gate = app
        .program_with(&ada, "Gate", &["connection:manage:*", "connection:read:*"])
        .await
        .with("if-match", "*");
    let problem = gate.send("PUT", &mappings, &json!({ "mappings": [line("all", Some(&reader), None)] })).await;
    assert_eq!(problem.assert_problem(403, "beyond-your-permissions")["permission"], "user:read:*");
    let github = root.create("/api/v1/connections", &json!({ "kind": "github", "name": "GitHub" })).await;
    let nothing = json!({ "mappings": [] });
    root.send("PUT", &format!("{}/mappings", path(&github)), &nothing)
        .await
        .assert_problem(404, "not-found");
    assert_eq!(root.send("PUT", &mappings, &nothing).await.json()["mappings"], json!([]));
}

#[actix_web::test]
async fn keys_are_made_used_and_removed_and_their_private_part_is_never_told() {
    let (app, _ada, root) = app().await;
    let saml = json!({ "entity_id": ENTITY_ID, "sso_url": SSO_URL });
    let made = root.create("/api/v1/connections", &json!({ "kind": "saml", "name": "Acme", "saml": saml })).await;
    let keys = format!("{}/keys", path(&made));
    let states = |answer: &Value| -> Vec<String> {
        let all = answer["keys"].as_array().expect("keys").iter();
        all.map(|key| key["state"].as_str().expect("a state").to_owned()).collect()
    };
    assert_eq!(states(&root.send("POST", &keys, &json!({})).await.json()), ["current"]);
    assert_eq!(states(&root.send("POST", &keys, &json!({})).await.json()), ["current", "next"]);
    root.send("POST", &keys, &json!({})).await.assert_problem(422, "key-change-under-way");
    let used = root.send("PUT", &format!("{keys}/next/use"), &json!({})).await.json();
    assert_eq!(states(&used), ["current", "former"]);
    let (current, former) = (id(&used["keys"][0]).to_owned(), id(&used["keys"][1]).to_owned());
    root.delete(&format!("{keys}/{current}")).await.assert_problem(422, "key-change-under-way");
    root.delete(&format!("{keys}/{former}")).await.assert_status(204);
    let shown = root.get(&path(&made)).await.json();
    assert_eq!(states(&shown), ["current"]);
    assert!(shown["keys"][0].get("private_key").is_none());
    root.delete(&format!("{keys}/{current}")).await.assert_status(204);
    assert_eq!(
        ["key_added", "key_used", "key_removed"].map(|what| audited(&app, &format!("connection.{what}"))),
        [2, 1, 2]
    );
    let oidc = root.create("/api/v1/connections", &complete("Other", &provider())).await;
    root.send("POST", &format!("{}/keys", path(&oidc)), &json!({}))
        .await
        .assert_problem(404, "not-found");
}
