//! People and system accounts by the API: reading, editing, and every change to their access, with the console's guards.

use crate::harness::{Person, TestApp, rights, system_accounts::Program};
use serde_json::json;

async fn app() -> (TestApp, Person, Program, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let program = app.program_as(&ada, "sync", "Administrator").await;
    (app, ada, program, grace)
}

/// Whether a member has a role, team or policy by its name, as the API tells it.
async fn has(program: &Program, path: &str, what: &str, name: &str) -> bool {
    let member = program.get(path).await.json();
    let all = member[what].as_array().expect("a list").clone();
    all.iter().any(|one| one["name"] == name)
}

#[actix_web::test]
async fn a_member_is_told_with_everything_that_the_caller_may_see() {
    let (app, ada, program, grace) = app().await;
    rights::declare(&ada, "contract", "read, sign").await;
    rights::create_policy(&ada, "Contracts", ("contract", &["read"], "*")).await;
    let policy = rights::path_of(&ada, "/policies", "Contracts").await;
    let policy = policy.rsplit('/').next().expect("an id");
    let path = format!("/api/v1/users/{grace}");
    program
        .ask("PUT".parse().unwrap(), &format!("{path}/policies/{policy}"), None)
        .await
        .assert_status(204);
    let member = program.get(&path).await.json();
    assert_eq!(
        (&member["name"], &member["email"], &member["username"]),
        (&json!("Grace"), &json!("grace@example.org"), &json!("grace@example.org"))
    );
    assert_eq!((&member["status"], &member["provider"]), (&json!("active"), &json!("local")));
    assert!(member["joined_at"].is_string() && member["last_sign_in_at"].is_string() && member["last_api_use_at"].is_null());
    assert!(has(&program, &path, "roles", "User").await && has(&program, &path, "policies", "Contracts").await);
    // A caller without `policy:read:*` is told of no policies, and may not ask for them.
    app.role(ada.organization(), "People", &["user:read:*"]);
    let reader = app.program_as(&ada, "reader", "People").await;
    let member = reader.get(&path).await.json();
    assert!(member.get("policies").is_none() && member["roles"].is_array());
    let problem = reader
        .get(&format!("/api/v1/users?policy={policy}"))
        .await
        .assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "policy:read:*");
    let problem = reader.get("/api/v1/users?two_step=none").await.assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "user:manage:*");
    reader.get("/api/v1/system_accounts").await.assert_problem(403, "permission-missing");
}

#[actix_web::test]
async fn every_change_to_access_has_an_address_and_may_be_sent_twice() {
    let (app, ada, program, grace) = app().await;
    let team = ada.create_team("Platform").await;
    let auditor = {
        app.role(ada.organization(), "Auditor", &["user:read:*"]);
        app.role_id(&ada, "Auditor")
    };
    let account = ada.create_system_account("deploy", "CI/CD").await;
    for path in [format!("/api/v1/users/{grace}"), format!("/api/v1/system_accounts/{account}")] {
        let role = format!("{path}/roles/{auditor}");
        for _ in 0..2 {
            program.send("PUT", &role, &json!({ "until": "2027-01-01T00:00:00Z" })).await.assert_status(204);
        }
        let member = program.get(&path).await.json();
        let held = member["roles"].as_array().expect("roles").iter().find(|role| role["name"] == "Auditor").cloned();
        assert_eq!(held.expect("the role")["until"], "2027-01-01T00:00:00Z");
        program.send("PUT", &role, &json!({})).await.assert_status(204);
        program.delete(&role).await.assert_status(204);
        program.delete(&role).await.assert_status(204);
        assert!(!has(&program, &path, "roles", "Auditor").await);

        program.send("PUT", &format!("{path}/teams/{team}"), &json!({})).await.assert_status(204);
        assert!(has(&program, &path, "teams", "Platform").await);
        program.delete(&format!("{path}/teams/{team}")).await.assert_status(204);

        let administration = format!("{path}/administration");
        program.ask("PUT".parse().unwrap(), &administration, None).await.assert_status(204);
        assert!(has(&program, &path, "roles", "Administrator").await);
        program.delete(&administration).await.assert_status(204);

        let disablement = format!("{path}/disablement");
        program.send("PUT", &disablement, &json!({ "reason": "on leave" })).await.assert_status(204);
        let member = program.get(&path).await.json();
        assert_eq!((&member["status"], &member["status_reason"]), (&json!("disabled"), &json!("on leave")));
        program.delete(&disablement).await.assert_status(204);
        program.delete(&path).await.assert_status(204);
        program.get(&path).await.assert_problem(404, "not-found");
        program.delete(&path).await.assert_problem(404, "not-found");
    }
}

#[actix_web::test]
async fn a_person_is_put_into_a_team_as_its_administrator_or_as_an_ordinary_member() {
    let (_app, ada, program, grace) = app().await;
    let team = ada.create_team("Platform").await;
    let path = format!("/api/v1/users/{grace}");
    let runs = async |program: &Program| {
        let member = program.get(&path).await.json();
        let team = member["teams"].as_array().expect("teams").iter().find(|team| team["name"] == "Platform").cloned();
        team.map(|team| team["is_administrator"] == true)
    };
    for is_administrator in [true, false, true] {
        let body = json!({ "is_administrator": is_administrator });
        program.send("PUT", &format!("{path}/teams/{team}"), &body).await.assert_status(204);
        assert_eq!(runs(&program).await, Some(is_administrator));
    }
    program.delete(&format!("{path}/teams/{team}")).await.assert_problem(422, "runs-the-team");
    let account = ada.create_system_account("deploy", "CI/CD").await;
    let account = format!("/api/v1/system_accounts/{account}/teams/{team}");
    program
        .send("PUT", &account, &json!({ "is_administrator": true }))
        .await
        .assert_problem(422, "not-for-system-accounts");
}

#[actix_web::test]
async fn the_guards_of_the_console_hold() {
    let (app, ada, program, grace) = app().await;
    let ada_id = ada.member("Ada").await;
    let me = program.me().await.json()["member"]["id"].as_str().expect("an id").to_owned();
    program.delete(&format!("/api/v1/users/{ada_id}")).await.assert_problem(422, "last-administrator");
    program
        .delete(&format!("/api/v1/users/{ada_id}/administration"))
        .await
        .assert_problem(422, "last-administrator");
    program
        .send("PUT", &format!("/api/v1/system_accounts/{me}/disablement"), &json!({}))
        .await
        .assert_problem(422, "own-access");
    // Nobody grants what they do not hold, nor touches who may do more.
    app.role(ada.organization(), "Help desk", &["user:manage:*", "role:read:*"]);
    let help = app.program_as(&ada, "help", "Help desk").await;
    let administrator = app.role_id(&ada, "Administrator");
    let path = format!("/api/v1/users/{grace}");
    let beyond = help.send("PUT", &format!("{path}/roles/{administrator}"), &json!({})).await;
    let problem = beyond.assert_problem(403, "beyond-your-permissions");
    assert!(problem["permission"].is_string(), "{problem}");
    help.delete(&format!("/api/v1/users/{ada_id}")).await.assert_problem(403, "beyond-your-permissions");
    // A full plan.
    program.send("PUT", &format!("{path}/disablement"), &json!({})).await.assert_status(204);
    app.set_seats(ada.organization(), Some(1));
    program.delete(&format!("{path}/disablement")).await.assert_problem(422, "no-seat-left");
    // Unknown ids.
    let nowhere = "019cdc1f-d680-7000-8000-000000000000";
    program
        .send("PUT", &format!("{path}/roles/{nowhere}"), &json!({}))
        .await
        .assert_problem(404, "not-found");
    program
        .send("PUT", &format!("{path}/teams/{nowhere}"), &json!({}))
        .await
        .assert_problem(404, "not-found");
    let there = app.another_organization("Globex", "Eve", None).await;
    let eve = there.member("Eve").await;
    program
        .send("PUT", &format!("/api/v1/users/{eve}/disablement"), &json!({}))
        .await
        .assert_problem(404, "not-found");
    for until in ["2020-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
        let role = app.role_id(&ada, "Viewer");
        let problem = program.send("PUT", &format!("{path}/roles/{role}"), &json!({ "until": until })).await;
        assert_eq!(problem.assert_problem(422, "invalid-fields")["errors"][0]["field"], "/until");
    }
}

#[actix_web::test]
async fn read_only_and_narrowed_tokens_do_no_more_than_they_say() {
    let (app, ada, _, grace) = app().await;
    let reads = app.program_as_with(&ada, "reads", "Administrator", &[("mode", "read")]).await;
    let path = format!("/api/v1/users/{grace}");
    reads.get(&path).await.json();
    let problem = reads
        .send("PUT", &format!("{path}/disablement"), &json!({}))
        .await
        .assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "user:manage:*");
    let fields = [("mode", "read_write"), ("width", "narrow"), ("permission", "user:manage:*")];
    let narrowed = app.program_as_with(&ada, "narrowed", "Administrator", &fields).await;
    // Grace may do more than this token.
    let beyond = narrowed.send("PUT", &format!("{path}/disablement"), &json!({})).await;
    assert_eq!(beyond.assert_problem(403, "beyond-your-permissions")["permission"], "policy:read:*");
    narrowed
        .clone()
        .with("if-match", "*")
        .send("PATCH", &path, &json!({ "details": { "title": "Dr" } }))
        .await
        .json();
    let administrator = app.role_id(&ada, "Administrator");
    let beyond = narrowed.send("PUT", &format!("{path}/roles/{administrator}"), &json!({})).await;
    beyond.assert_problem(403, "beyond-your-permissions");
    narrowed.get("/api/v1/system_accounts").await.assert_problem(403, "permission-missing");
}
