//! `/api/v1/roles` and the catalogue of permissions.

use crate::harness::{Person, TestApp, system_accounts::Program};
use serde_json::json;

async fn app() -> (TestApp, Person, Program) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    (app, ada, root)
}

#[actix_web::test]
async fn roles_are_listed_page_by_page_with_the_number_of_their_holders() {
    let (app, ada, root) = app().await;
    for name in ["Émile", "auditor", "Zed"] {
        app.role(ada.organization(), name, &["audit:read:*"]);
    }
    let names = root.walk("/api/v1/roles?limit=2", "name").await;
    let whole = root.get("/api/v1/roles?total=true&expand=members_count").await.json();
    let rows = whole["data"].as_array().expect("rows");
    assert_eq!(names, rows.iter().map(|row| row["name"].as_str().expect("a name")).collect::<Vec<_>>());
    assert_eq!(whole["total"], rows.len());
    assert_eq!((names.last().map(String::as_str), whole["next_cursor"].is_null()), (Some("Zed"), true));
    let at = |name: &str| names.iter().position(|known| known == name);
    assert!(at("auditor") < at("Émile") && at("Émile") < at("User"), "{names:?}");
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).expect("the role").clone();
    assert_eq!(
        (&row("Administrator")["predefined"], &row("Administrator")["is_editable"]),
        (&json!("administrator"), &json!(false))
    );
    assert_eq!(row("Administrator")["members_count"]["people"], 1);
    assert_eq!(
        (&row("Root")["members_count"]["system_accounts"], &row("Root")["predefined"]),
        (&json!(1), &json!(null))
    );
    assert_eq!(row("Zed")["members_count"]["people"], 0);
    let plain = root.get("/api/v1/roles").await.json();
    assert!(plain["data"][0].get("members_count").is_none() && plain.get("total").is_none());
    for query in ["limit=0", "limit=201", "cursor=x", "expand=names", "q=a"] {
        root.get(&format!("/api/v1/roles?{query}")).await.assert_problem(422, "invalid-fields");
    }
}

#[actix_web::test]
async fn a_role_is_created_changed_and_deleted() {
    let (app, _, root) = app().await;
    let new = json!({ "name": " Auditor ", "description": "Looks.", "permissions": ["audit:read:*", "audit:read:*"] });
    let made = root.create("/api/v1/roles", &new).await;
    let path = format!("/api/v1/roles/{}", made["id"].as_str().expect("an id"));
    let read = root.get(&path).await;
    assert_eq!((read.json(), read.header("etag")), (made.clone(), "\"1\""));
    assert_eq!((&made["name"], &made["permissions"]), (&json!("Auditor"), &json!(["audit:read:*"])));

    let change = json!({ "permissions": ["audit:read:*", "user:read:*"] });
    root.send("PATCH", &path, &change).await.assert_problem(428, "if-match-required");
    root.clone()
        .with("if-match", "\"7\"")
        .send("PATCH", &path, &change)
        .await
        .assert_problem(412, "version-changed");
    let changed = root.clone().with("if-match", "\"1\"").send("PATCH", &path, &change).await;
    assert_eq!((changed.json()["version"].clone(), changed.header("etag")), (json!(2), "\"2\""));
    assert_eq!(
        (&changed.json()["name"], &changed.json()["permissions"]),
        (&json!("Auditor"), &change["permissions"])
    );
    root.clone()
        .with("if-match", "\"1\"")
        .send("PATCH", &path, &json!({}))
        .await
        .assert_problem(412, "version-changed");

    assert_eq!(root.delete(&path).await.json(), json!({ "affected_members": 0 }));
    root.get(&path).await.assert_problem(404, "not-found");
    root.delete(&path).await.assert_problem(404, "not-found");
    let events = app.texts("SELECT action FROM audit_events WHERE action LIKE 'role.%' AND credential IS NOT NULL ORDER BY action");
    assert_eq!(events, ["role.created", "role.deleted", "role.edited"]);
}

#[actix_web::test]
async fn a_dry_run_answers_the_same_and_changes_nothing() {
    let (app, ada, root) = app().await;
    app.role(ada.organization(), "Desk", &["user:read:*"]);
    ada.welcome("Grace", "Desk").await;
    let path = format!("/api/v1/roles/{}", root.id_of("/api/v1/roles", "Desk").await);
    let state =
        || ["roles", "audit_events", "role_permissions", "member_roles"].map(|table| app.count(&format!("SELECT count(*) FROM {table}")));
    let before = state();
    let new = json!({ "name": "Auditor", "permissions": ["audit:read:*"] });
    root.send("POST", "/api/v1/roles?dry_run=true", &new).await.assert_status(201);
    let changed = root
        .clone()
        .with("if-match", "*")
        .send("PATCH", &format!("{path}?dry_run=true"), &json!({ "permissions": ["audit:read:*"] }))
        .await
        .json();
    assert_eq!(
        (&changed["members_count"]["people"], &changed["permissions"]),
        (&json!(1), &json!(["audit:read:*"]))
    );
    assert_eq!(
        root.delete(&format!("{path}?detach=true&dry_run=true")).await.json(),
        json!({ "affected_members": 1 })
    );
    root.delete(&format!("{path}?dry_run=true")).await.assert_problem(422, "in-use");
    assert_eq!(state(), before);
}

#[actix_web::test]
async fn what_somebody_holds_is_deleted_only_if_it_is_said_so() {
    let (app, ada, root) = app().await;
    let role = root.create("/api/v1/roles", &json!({ "name": "Desk", "permissions": ["user:read:*"] })).await;
    let path = format!("/api/v1/roles/{}", role["id"].as_str().expect("an id"));
    ada.welcome("Grace", "Desk").await;
    ada.welcome("Bob", "Desk").await;
    let problem = root.delete(&path).await.assert_problem(422, "in-use");
    assert_eq!(problem["affected_members"], 2);
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("2 members hold it")), "{problem}");
    assert_eq!(app.count("SELECT count(*) FROM roles WHERE name = 'Desk'"), 1);
    assert_eq!(root.delete(&format!("{path}?detach=true")).await.json()["affected_members"], 2);
    assert_eq!(app.count("SELECT count(*) FROM roles WHERE name = 'Desk'"), 0);
    assert_eq!(app.count("SELECT count(*) FROM member_roles WHERE role_id NOT IN (SELECT id FROM roles)"), 0);
}

#[actix_web::test]
async fn nobody_grants_what_they_do_not_hold_or_changes_their_own_access() {
    let (app, ada, root) = app().await;
    let desk = app.program_with(&ada, "Desk", &["role:manage:*", "audit:read:*"]).await;
    let new = |permission: &str| json!({ "name": "Wide", "permissions": [permission] });
    let problem = desk
        .send("POST", "/api/v1/roles", &new("user:read:*"))
        .await
        .assert_problem(403, "beyond-your-permissions");
    assert_eq!(problem["permission"], "user:read:*");
    let mine = desk.create("/api/v1/roles", &new("audit:read:*")).await;
    let path = format!("/api/v1/roles/{}", mine["id"].as_str().expect("an id"));
    let change = json!({ "permissions": ["user:read:*"] });
    desk.clone()
        .with("if-match", "*")
        .send("PATCH", &path, &change)
        .await
        .assert_problem(403, "beyond-your-permissions");
    // Grace may do more than the desk, so the desk takes nothing from her.
    app.role(ada.organization(), "Boss", &["user:manage:*"]);
    ada.welcome("Grace", "Boss").await;
    let grace = ada.member("Grace").await;
    let given = root
        .send("PUT", &format!("/api/v1/users/{grace}/roles/{}", mine["id"].as_str().expect("an id")), &json!({}))
        .await;
    given.assert_status(204);
    let problem = desk.delete(&format!("{path}?detach=true")).await.assert_problem(403, "beyond-your-permissions");
    assert_eq!(problem["permission"], "user:manage:*");
    let own = format!("/api/v1/roles/{}", root.id_of("/api/v1/roles", "Desk").await);
    let narrower = json!({ "permissions": ["role:manage:*"] });
    desk.clone()
        .with("if-match", "*")
        .send("PATCH", &own, &narrower)
        .await
        .assert_problem(422, "own-access");
    desk.delete(&format!("{own}?detach=true")).await.assert_problem(422, "own-access");
}

#[actix_web::test]
async fn wrong_fields_are_named() {
    let (app, ada, root) = app().await;
    app.role(ada.organization(), "Desk", &["user:read:*"]);
    let long = "x".repeat(61);
    for (body, field, code) in [
        (json!({ "name": "desk", "permissions": ["user:read:*"] }), "/name", "taken"),
        (json!({ "name": "Administrators", "permissions": ["user:read:*"] }), "/name", "reserved"),
        (json!({ "name": long, "permissions": ["user:read:*"] }), "/name", "invalid"),
        (json!({ "name": " ", "permissions": ["user:read:*"] }), "/name", "invalid"),
        (json!({ "name": "A", "permissions": [] }), "/permissions", "invalid"),
        (json!({ "name": "A", "permissions": ["nonsense"] }), "/permissions", "invalid"),
        (json!({ "name": "A", "permissions": ["contract:read:*"] }), "/permissions", "unknown"),
        (json!({ "name": "A", "permissions": ["*:*:*"] }), "/permissions", "unknown"),
        (json!({ "name": "A" }), "/permissions", "required"),
        (
            json!({ "name": "A", "permissions": ["user:read:*"], "predefined": "viewer" }),
            "/predefined",
            "unknown",
        ),
    ] {
        root.assert_field("POST", "/api/v1/roles", &body, field, code).await;
    }
}

#[actix_web::test]
async fn predefined_roles_are_reset_one_by_one_and_never_deleted() {
    let (_, _, root) = app().await;
    let viewer = format!("/api/v1/roles/{}", root.id_of("/api/v1/roles", "Viewer").await);
    let before = root.get(&viewer).await.json();
    let change = json!({ "description": "Ours.", "permissions": ["user:read:*"] });
    root.clone().with("if-match", "*").send("PATCH", &viewer, &change).await.assert_status(200);
    let reset = root.send("POST", &format!("{viewer}/reset"), &json!({})).await;
    assert_eq!((reset.json()["version"].clone(), reset.header("etag")), (json!(3), "\"3\""));
    for field in ["name", "description", "permissions"] {
        assert_eq!(reset.json()[field], before[field]);
    }
    let own = format!("/api/v1/roles/{}/reset", root.id_of("/api/v1/roles", "Root").await);
    root.send("POST", &own, &json!({})).await.assert_problem(422, "not-predefined");
    root.delete(&viewer).await.assert_problem(422, "predefined-role");
    let administrator = format!("/api/v1/roles/{}", root.id_of("/api/v1/roles", "Administrator").await);
    root.clone()
        .with("if-match", "*")
        .send("PATCH", &administrator, &change)
        .await
        .assert_problem(422, "predefined-role");
}

#[actix_web::test]
async fn the_members_of_a_role_are_listed_page_by_page() {
    let (app, ada, root) = app().await;
    let role = root.create("/api/v1/roles", &json!({ "name": "Desk", "permissions": ["user:read:*"] })).await;
    let path = format!("/api/v1/roles/{}/members", role["id"].as_str().expect("an id"));
    assert!(root.walk(&path, "name").await.is_empty());
    for name in ["Grace", "Bob", "Cleo"] {
        ada.welcome(name, "Desk").await;
    }
    app.machine(ada.organization(), "deploy", "Desk");
    let mut names = root.walk(&format!("{path}?limit=1"), "name").await;
    names.sort();
    assert_eq!(names, ["Bob", "Cleo", "Grace", "deploy"]);
    let all = root.get(&path).await.json();
    let row = |name: &str| {
        all["data"]
            .as_array()
            .and_then(|rows| rows.iter().find(|row| row["name"] == name).cloned())
            .expect("a row")
    };
    assert_eq!(
        (&row("Bob")["kind"], &row("Bob")["status"], &row("Bob")["until"]),
        (&json!("user"), &json!("active"), &json!(null))
    );
    assert_eq!(row("deploy")["kind"], "system_account");
    root.get("/api/v1/roles/00000000-0000-0000-0000-000000000001/members")
        .await
        .assert_problem(404, "not-found");
    root.get(&format!("{path}?cursor=x")).await.assert_problem(422, "invalid-fields");
}

#[actix_web::test]
async fn without_the_permission_it_is_named_and_other_organizations_have_nothing_here() {
    let (app, ada, root) = app().await;
    let role = root.create("/api/v1/roles", &json!({ "name": "Desk", "permissions": ["user:read:*"] })).await;
    let path = format!("/api/v1/roles/{}", role["id"].as_str().expect("an id"));
    let looker = app.program_with(&ada, "Looker", &["role:read:*"]).await;
    looker.get(&path).await.assert_status(200);
    for (method, address) in [("POST", "/api/v1/roles"), ("PATCH", path.as_str()), ("DELETE", path.as_str())] {
        let problem = looker.send(method, address, &json!({})).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], "role:manage:*");
    }
    let other = app.program_with(&ada, "Other", &["user:read:*"]).await;
    for address in ["/api/v1/roles", "/api/v1/permissions", path.as_str()] {
        assert_eq!(other.get(address).await.assert_problem(403, "permission-missing")["permission"], "role:read:*");
    }
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let foreign = app.program_with(&eve, "Root", &["*:*:*"]).await;
    foreign.get(&path).await.assert_problem(404, "not-found");
    foreign.get(&format!("{path}/members")).await.assert_problem(404, "not-found");
    foreign.delete(&format!("{path}?detach=true")).await.assert_problem(404, "not-found");
    foreign
        .clone()
        .with("if-match", "*")
        .send("PATCH", &path, &json!({ "name": "Mine" }))
        .await
        .assert_problem(404, "not-found");
    foreign.send("POST", &format!("{path}/reset"), &json!({})).await.assert_problem(404, "not-found");
}

#[actix_web::test]
async fn the_catalogue_says_what_each_permission_allows() {
    let (_, _, root) = app().await;
    let declared = json!({ "permission": "contract_data:read:*", "description": "Reads contracts." });
    root.create("/api/v1/application_permissions", &declared).await;
    let all = root.walk("/api/v1/permissions?limit=3", "permission").await;
    assert!(all.is_sorted() && all.iter().any(|one| one == "user:manage:*"), "{all:?}");
    let page = root.get("/api/v1/permissions?total=true&limit=200").await.json();
    assert_eq!(page["total"], all.len());
    let row = page["data"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["permission"] == "contract_data:read:*").cloned());
    assert_eq!(
        row,
        Some(json!({ "permission": "contract_data:read:*", "description": "Reads contracts.", "is_of_application": true }))
    );
}
