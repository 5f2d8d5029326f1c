//! `/api/v1/teams` and who is in them.

use crate::harness::{Person, TestApp, system_accounts::Program};
use serde_json::{Value, json};

const TEAMS: &str = "/api/v1/teams";

async fn app() -> (TestApp, Person, Program) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    (app, ada, root)
}

fn path(team: &Value) -> String {
    format!("{TEAMS}/{}", team["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn a_team_is_created_changed_and_deleted() {
    let (app, _, root) = app().await;
    let made = root.create(TEAMS, &json!({ "name": "Moles", "is_default": true })).await;
    let one = path(&made);
    assert_eq!((&made["description"], &made["is_default"]), (&json!(""), &json!(true)));
    let change = json!({ "name": "Badgers", "description": "They dig." });
    root.send("PATCH", &one, &change).await.assert_problem(428, "if-match-required");
    let first = root.clone().with("if-match", "\"1\"");
    first.send("PATCH", &format!("{one}?dry_run=true"), &change).await.assert_status(200);
    assert_eq!(root.get(&one).await.json(), made);
    let changed = first.send("PATCH", &one, &change).await;
    assert_eq!((changed.json()["name"].clone(), changed.header("etag")), (json!("Badgers"), "\"2\""));
    assert_eq!(changed.json()["is_default"], true);
    first.send("PATCH", &one, &change).await.assert_problem(412, "version-changed");
    root.send("POST", &format!("{TEAMS}?dry_run=true"), &json!({ "name": "Foxes" }))
        .await
        .assert_status(201);
    assert_eq!(app.count("SELECT count(*) FROM teams"), 1);
    assert_eq!(root.delete(&one).await.json(), json!({ "affected_members": 0 }));
    root.get(&one).await.assert_problem(404, "not-found");
    let events = app.texts("SELECT action FROM audit_events WHERE action LIKE 'team.%' AND credential IS NOT NULL ORDER BY action");
    assert_eq!(events, ["team.created", "team.deleted", "team.edited"]);
}

#[actix_web::test]
async fn people_and_system_accounts_are_put_into_a_team_and_taken_out() {
    let (app, ada, root) = app().await;
    ada.welcome("Grace", "Viewer").await;
    let (grace, deploy) = (ada.member("Grace").await, app.machine(ada.organization(), "deploy", "CI/CD"));
    let one = path(&root.create(TEAMS, &json!({ "name": "Moles" })).await);
    let place = |id: &str| format!("{one}/members/{id}");
    let deploy = deploy.to_string();
    root.send("PUT", &format!("{}?dry_run=true", place(&grace)), &json!({})).await.assert_status(204);
    assert!(root.walk(&format!("{one}/members"), "name").await.is_empty());
    root.send("PUT", &place(&grace), &json!({ "is_administrator": true })).await.assert_status(204);
    root.send("PUT", &place(&deploy), &json!({})).await.assert_status(204);
    root.send("PUT", &place(&deploy), &json!({ "is_administrator": true }))
        .await
        .assert_problem(422, "not-for-system-accounts");
    let mut names = root.walk(&format!("{one}/members?limit=1"), "name").await;
    names.sort();
    assert_eq!(names, ["Grace", "deploy"]);
    let all = root.get(&format!("{one}/members")).await.json();
    let row = |name: &str| {
        all["data"]
            .as_array()
            .and_then(|rows| rows.iter().find(|row| row["name"] == name).cloned())
            .expect("a row")
    };
    assert_eq!(
        (&row("Grace")["is_administrator"], &row("Grace")["email"]),
        (&json!(true), &json!("grace@example.org"))
    );
    assert_eq!((&row("deploy")["kind"], &row("deploy")["email"]), (&json!("system_account"), &json!(null)));
    assert_eq!(root.get(&one).await.json()["members_count"], json!({ "people": 1, "system_accounts": 1 }));
    // An administrator of the team becomes an ordinary member of it first.
    root.delete(&place(&grace)).await.assert_problem(422, "runs-the-team");
    root.send("PUT", &place(&grace), &json!({})).await.assert_status(204);
    root.delete(&place(&grace)).await.assert_status(204);
    root.delete(&place(&deploy)).await.assert_status(204);
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 0);
    let nobody = "00000000-0000-0000-0000-000000000001";
    root.send("PUT", &place(nobody), &json!({})).await.assert_problem(404, "not-found");
    root.send("PUT", &format!("{TEAMS}/{nobody}/members/{grace}"), &json!({}))
        .await
        .assert_problem(404, "not-found");
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action = 'member.joined_team' AND credential IS NOT NULL"),
        1
    );
}

#[actix_web::test]
async fn emails_are_told_only_to_those_who_may_read_people() {
    let (app, ada, root) = app().await;
    ada.welcome("Grace", "Viewer").await;
    let grace = ada.member("Grace").await;
    let list = format!("{}/members", path(&root.create(TEAMS, &json!({ "name": "Moles" })).await));
    root.send("PUT", &format!("{list}/{grace}"), &json!({})).await.assert_status(204);
    let root_account = app.machine(ada.organization(), "root", "Administrator");
    let narrow = |permission| [("width", "narrow"), ("permission", permission)];
    for (program, email) in [
        (app.program_of(&ada, root_account, &[]).await, json!("grace@example.org")),
        (app.program_of(&ada, root_account, &narrow("team:read:*")).await, json!(null)),
        (app.program_with(&ada, "Planner", &["team:read:*"]).await, json!(null)),
    ] {
        let row = program.get(&list).await.json()["data"][0].clone();
        assert_eq!((&row["name"], &row["email"]), (&json!("Grace"), &email));
    }
}

#[actix_web::test]
async fn a_team_with_members_is_deleted_only_if_it_is_said_so() {
    let (app, ada, root) = app().await;
    ada.welcome("Grace", "Viewer").await;
    let grace = ada.member("Grace").await;
    let one = path(&root.create(TEAMS, &json!({ "name": "Moles" })).await);
    root.send("PUT", &format!("{one}/members/{grace}"), &json!({})).await.assert_status(204);
    let problem = root.delete(&one).await.assert_problem(422, "in-use");
    assert_eq!(problem["affected_members"], 1);
    assert_eq!(root.delete(&format!("{one}?detach=true&dry_run=true")).await.json()["affected_members"], 1);
    assert_eq!(app.count("SELECT count(*) FROM team_members"), 1);
    assert_eq!(root.delete(&format!("{one}?detach=true")).await.json()["affected_members"], 1);
    assert_eq!(app.count("SELECT (SELECT count(*) FROM team_members) + (SELECT count(*) FROM teams)"), 0);
    ada.get(&format!("/users/{grace}")).await.assert_status(200);
}

#[actix_web::test]
async fn teams_are_found_by_their_words_page_by_page() {
    let (_, _, root) = app().await;
    for name in ["North Moles", "South Moles", "Émile", "Foxes", "100 %"] {
        root.create(TEAMS, &json!({ "name": name })).await;
    }
    assert_eq!(root.walk(&format!("{TEAMS}?limit=2"), "name").await.len(), 5);
    assert_eq!(root.walk(&format!("{TEAMS}?limit=1&q=moles"), "name").await, ["North Moles", "South Moles"]);
    assert_eq!(root.walk(&format!("{TEAMS}?q=%25"), "name").await, ["100 %"]);
    let counted = root.get(&format!("{TEAMS}?q=moles&total=true&limit=1&expand=members_count")).await.json();
    assert_eq!((&counted["total"], &counted["data"][0]["members_count"]["people"]), (&json!(2), &json!(0)));
    root.get(&format!("{TEAMS}?q={}", "x".repeat(201))).await.assert_problem(422, "invalid-fields");
}

#[actix_web::test]
async fn wrong_fields_are_named() {
    let (_, _, root) = app().await;
    root.create(TEAMS, &json!({ "name": "Moles" })).await;
    for (body, field, code) in [
        (json!({ "name": "MOLES" }), "/name", "taken"),
        (json!({ "name": "x".repeat(101) }), "/name", "invalid"),
        (json!({}), "/name", "required"),
        (json!({ "name": "A", "description": "x".repeat(301) }), "/description", "invalid"),
        (json!({ "name": "A", "members": [] }), "/members", "unknown"),
    ] {
        root.assert_field("POST", TEAMS, &body, field, code).await;
    }
}

#[actix_web::test]
async fn a_program_of_a_team_administrator_changes_who_is_in_that_team_only() {
    let (app, ada, root) = app().await;
    app.role(ada.organization(), "Maker", &["user:read:*", "team:read:*", "token:manage:own"]);
    ada.welcome("Grace", "Maker").await;
    ada.welcome("Bob", "Viewer").await;
    let (id, bob) = (ada.member("Grace").await, ada.member("Bob").await);
    let (own, other) = (
        root.create(TEAMS, &json!({ "name": "Moles" })).await,
        root.create(TEAMS, &json!({ "name": "Foxes" })).await,
    );
    root.send("PUT", &format!("{}/members/{id}", path(&own)), &json!({ "is_administrator": true }))
        .await
        .assert_status(204);
    ada.let_use_api(&id, "a password for the interface").await;
    let program = app.program().basic("grace@example.org", "a password for the interface");
    program.send("PUT", &format!("{}/members/{bob}", path(&own)), &json!({})).await.assert_status(204);
    program
        .send("PUT", &format!("/api/v1/users/{bob}/teams/{}", own["id"].as_str().expect("an id")), &json!({}))
        .await
        .assert_status(204);
    let problem = program
        .send("PUT", &format!("{}/members/{bob}", path(&other)), &json!({}))
        .await
        .assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "team:manage:*");
    program
        .send("PUT", &format!("{}/members/{bob}", path(&own)), &json!({ "is_administrator": true }))
        .await
        .assert_problem(403, "permission-missing");
    program.delete(&format!("{}/members/{bob}", path(&own))).await.assert_status(204);
    program.delete(&path(&own)).await.assert_problem(403, "permission-missing");
}

#[actix_web::test]
async fn other_organizations_have_nothing_here() {
    let (app, ada, root) = app().await;
    let one = path(&root.create(TEAMS, &json!({ "name": "Moles" })).await);
    let grace = {
        ada.welcome("Grace", "Viewer").await;
        ada.member("Grace").await
    };
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let foreign = app.program_with(&eve, "Root", &["*:*:*"]).await.with("if-match", "*");
    let theirs = path(&foreign.create(TEAMS, &json!({ "name": "Moles" })).await);
    foreign.get(&one).await.assert_problem(404, "not-found");
    foreign.get(&format!("{one}/members")).await.assert_problem(404, "not-found");
    foreign.delete(&format!("{one}?detach=true")).await.assert_problem(404, "not-found");
    foreign.send("PATCH", &one, &json!({ "name": "Mine" })).await.assert_problem(404, "not-found");
    foreign
        .send("PUT", &format!("{theirs}/members/{grace}"), &json!({}))
        .await
        .assert_problem(404, "not-found");
    let looker = app.program_with(&ada, "Looker", &["user:read:*"]).await;
    assert_eq!(looker.get(TEAMS).await.assert_problem(403, "permission-missing")["permission"], "team:read:*");
}
