//! Bulk actions by the API: verdicts beforehand, progress, undo, and what the credential's limits mean for work that
//! goes on after the answer.

use crate::harness::{Person, TestApp, authenticator::Phone, system_accounts::Program};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// An organization with five people, and a program of an administrator.
async fn app() -> (TestApp, Person, Program, Vec<String>) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let mut ids = Vec::new();
    for name in ["Barbara", "Donald", "Edsger", "Grace"] {
        ada.welcome(name, "User").await;
        ids.push(ada.member(name).await);
    }
    ids.push(ada.member("Ada").await);
    let program = app.program_as(&ada, "sync", "Administrator").await;
    (app, ada, program, ids)
}

fn outcomes(answer: &Value) -> Vec<(String, String)> {
    let all = answer["verdicts"].as_array().expect("verdicts");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter().map(|one| (text(&one["name"]), text(&one["outcome"]))).collect()
}

#[actix_web::test]
async fn a_dry_run_tells_the_verdict_for_each_and_the_real_one_agrees() {
    let (app, _, program, ids) = app().await;
    program
        .send("PUT", &format!("/api/v1/users/{}/disablement", ids[1]), &json!({}))
        .await
        .assert_status(204);
    let body = json!({ "kind": "user", "action": "disable", "ids": ids, "reason": "the office closed" });
    let foreseen = program.send("POST", "/api/v1/bulk?dry_run=true", &body).await.json();
    let told = |name: &str, outcome: &str| (name.to_owned(), outcome.to_owned());
    assert_eq!(
        outcomes(&foreseen),
        [
            told("Barbara", "done"),
            told("Donald", "unchanged"),
            told("Edsger", "done"),
            told("Grace", "done"),
            told("Ada", "refused")
        ]
    );
    assert_eq!((&foreseen["total"], &foreseen["done"], &foreseen["refused"]), (&json!(5), &json!(3), &json!(1)));
    assert_eq!(app.count("SELECT count(*) FROM batches"), 0);

    let begun = program.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    let place = begun.header("location").to_owned();
    app.work();
    let batch = program.get(&place).await.json();
    assert_eq!(
        (&batch["state"], &batch["done"], &batch["unchanged"], &batch["refused"]),
        (&json!("done"), &json!(3), &json!(1), &json!(1))
    );
    let items = program.get(&format!("{place}/items?state=refused")).await.json();
    assert_eq!(items["data"][0]["name"], "Ada");
    assert!(items["data"][0]["reason"].as_str().is_some_and(|why| why.contains("last administrator")));
    let first = program.get(&format!("{place}/items?limit=3")).await.json();
    let next = program
        .get(&format!("{place}/items?limit=3&cursor={}", first["next_cursor"].as_str().expect("more")))
        .await
        .json();
    assert_eq!((first["data"].as_array().map(Vec::len), next["data"].as_array().map(Vec::len)), (Some(3), Some(2)));
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action = 'member.disabled' AND credential IS NOT NULL"),
        4
    );

    let undone = program.ask("POST".parse().unwrap(), &format!("{place}/undo"), None).await.assert_status(202);
    app.work();
    assert_eq!(program.get(undone.header("location")).await.json()["done"], 3);
    program
        .ask("POST".parse().unwrap(), &format!("{place}/undo"), None)
        .await
        .assert_problem(422, "batch-undone");
    let list = program.get("/api/v1/batches").await.json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
}

#[actix_web::test]
async fn a_filter_selects_as_the_list_does_and_only_as_many_as_were_seen() {
    let (app, ada, program, _) = app().await;
    let role = app.role_id(&ada, "Viewer");
    let with = |filter: &str, expected: usize| json!({ "kind": "user", "action": "add_role", "role_id": role, "filter": filter, "expected": expected });
    program.send("POST", "/api/v1/bulk", &with("q=ed", 1)).await.assert_status(202);
    app.work();
    let list = program.get(&format!("/api/v1/users?role={role}")).await.json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    program
        .send("POST", "/api/v1/bulk", &with("q=ed", 2))
        .await
        .assert_problem(422, "selection-changed");
    program
        .send("POST", "/api/v1/bulk", &with("q=nobody", 0))
        .await
        .assert_problem(422, "nobody-selected");
    for (body, field) in [
        (with("rolle=1", 1), "/filter"),
        (json!({ "kind": "user", "action": "add_role", "filter": "" }), "/role_id"),
        (json!({ "kind": "user", "action": "disable" }), "/ids"),
        (json!({ "kind": "user", "action": "disable", "ids": [] }), "/ids"),
        (json!({ "kind": "user", "action": "disable", "ids": [role], "filter": "" }), "/filter"),
        (json!({ "kind": "user", "action": "disable", "ids": [role], "team_id": role }), "/team_id"),
        (json!({ "kind": "system_account", "action": "end_sessions", "ids": [role] }), "/action"),
        (json!({ "kind": "user", "action": "make_team_administrator", "ids": [role] }), "/action"),
        (json!({ "kind": "user", "action": "burn", "ids": [role] }), "/action"),
    ] {
        let problem = program.send("POST", "/api/v1/bulk", &body).await.assert_problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[actix_web::test]
async fn work_that_goes_on_stays_within_the_credential_that_began_it() {
    let (app, ada, _, ids) = app().await;
    let administrator = app.role_id(&ada, "Administrator");
    let fields = [("mode", "read_write"), ("width", "narrow"), ("permission", "user:manage:*")];
    let narrowed = app.program_as_with(&ada, "narrowed", "Administrator", &fields).await;
    let body = json!({ "kind": "user", "action": "add_role", "role_id": administrator, "ids": [ids[0]] });
    let begun = narrowed.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    app.work();
    let batch = narrowed.get(begun.header("location")).await.json();
    assert_eq!((&batch["done"], &batch["refused"]), (&json!(0), &json!(1)), "{batch}");
    let member = narrowed.get(&format!("/api/v1/users/{}", ids[0])).await.json();
    assert!(member["roles"].as_array().expect("roles").iter().all(|role| role["name"] != "Administrator"));
    let reads = app.program_as_with(&ada, "reads", "Administrator", &[("mode", "read")]).await;
    reads.send("POST", "/api/v1/bulk", &body).await.assert_problem(403, "permission-missing");
}

#[actix_web::test]
async fn a_revoked_token_ends_the_work_that_it_began() {
    let (app, ada, program, ids) = app().await;
    let body = json!({ "kind": "user", "action": "disable", "ids": ids });
    let begun = program.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    let place = begun.header("location").to_owned();
    // As if the first part had not been worked through before the token was revoked.
    app.execute("UPDATE batches SET state = 'running', ended_at = NULL, total = 6");
    app.execute("UPDATE tokens SET revoked_at = created_at");
    app.work();
    let other = app.program_as(&ada, "other", "Administrator").await;
    let batch = other.get(&place).await.json();
    assert_eq!(batch["state"], "stopped");
    assert_eq!(batch["stopped_because"], "The token that began it does not work any more.");
    other.ask("POST".parse().unwrap(), &format!("{place}/end"), None).await.assert_status(204);
    // Another organization sees nothing of it.
    let there = app.another_organization("Globex", "Eve", None).await;
    let theirs = app.program_as(&there, "theirs", "Administrator").await;
    theirs.get(&place).await.assert_problem(404, "not-found");
}

/// Sends an action of a person's credential, and works through it as if it had waited until `meanwhile` was done.
/// Returns the batch.
async fn interrupted(app: &TestApp, (program, reader): (&Program, &Program), ids: &[String], meanwhile: impl AsyncFnOnce()) -> Value {
    let body = json!({ "kind": "user", "action": "disable", "ids": ids });
    let begun = program.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    app.execute("UPDATE batches SET state = 'running', ended_at = NULL, total = total + 1 WHERE state = 'done'");
    meanwhile().await;
    app.work();
    reader.get(begun.header("location")).await.json()
}

#[actix_web::test]
async fn a_credential_that_would_be_refused_now_goes_on_with_nothing() {
    const API: &str = "a kettle of fourteen herons";
    let (app, ada, reader, ids) = app().await;
    Phone::enrol(&app, &ada).await;
    ada.welcome_administrator("Helga").await;
    let id = ada.member("Helga").await;
    ada.let_use_api(&id, API).await;
    let helga = app.program().basic("helga@example.org", API);
    let password = format!("/api/v1/users/{id}/api_password");
    let both = (&helga, &reader);

    // An API password that is set again ends what the one before began.
    app.wait(TimeDelta::minutes(1));
    let other = json!({ "password": "a basket of eleven otters" });
    let replaced = interrupted(&app, both, &ids[..1], async || {
        app.wait(TimeDelta::minutes(1));
        reader.send("PUT", &password, &other).await.json();
    });
    assert_eq!(replaced.await["stopped_because"], "The API password that began it was removed or replaced.");
    let helga = app.program().basic("helga@example.org", "a basket of eleven otters");
    let both = (&helga, &reader);

    // Whoever has to set up two-step sign-in first is refused, in the console too.
    let locked = interrupted(&app, both, &ids[1..2], async || {
        ada.get("/settings/two-step").await;
        ada.submit("Require two-step sign-in", &[("days", "0")]).await.assert_status(200);
    });
    assert_eq!(
        locked.await["stopped_because"],
        "The organization asks for two-step sign-in, and the person who began it has not set it up."
    );
    ada.get("/settings/two-step").await;
    ada.submit("Require it no longer", &[]).await.assert_status(200);

    let off = interrupted(&app, both, &ids[2..3], async || {
        reader.delete(&format!("/api/v1/users/{id}/api_access")).await.assert_status(204);
    });
    assert_eq!(off.await["stopped_because"], "The API access of the person who began it was turned off.");
}

#[actix_web::test]
async fn a_token_stops_no_work_that_it_could_not_begin() {
    let (app, ada, _, ids) = app().await;
    let account = app.machine(ada.organization(), "two tokens", "Administrator");
    let manages = app.program_of(&ada, account, &[]).await;
    let fields = [("mode", "read_write"), ("width", "narrow"), ("permission", "user:invite:*")];
    let invites = app.program_of(&ada, account, &fields).await;
    let body = json!({ "kind": "user", "action": "disable", "ids": [ids[0]] });
    let begun = manages.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    let place = begun.header("location");
    invites.get(place).await.assert_status(200);
    let problem = invites
        .send("POST", &format!("{place}/end"), &json!({}))
        .await
        .assert_problem(403, "permission-missing");
    assert_eq!(problem["permission"], "user:manage:*");
}

#[actix_web::test]
async fn the_list_of_bulk_actions_is_walked_by_cursor() {
    let (_app, _, program, ids) = app().await;
    for id in &ids[..3] {
        let body = json!({ "kind": "user", "action": "end_sessions", "ids": [id] });
        program.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    }
    let whole = program.get("/api/v1/batches").await.json();
    let first = program.get("/api/v1/batches?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = program.get(&format!("/api/v1/batches?limit=2&cursor={cursor}")).await.json();
    let ids = |page: &Value| -> Vec<Value> { page["data"].as_array().expect("rows").iter().map(|row| row["id"].clone()).collect() };
    assert_eq!([ids(&first), ids(&second)].concat(), ids(&whole));
    assert_eq!((ids(&whole).len(), &second["next_cursor"]), (3, &Value::Null));
    program.get("/api/v1/batches?cursor=x").await.assert_problem(422, "invalid-fields");
}
