//! What is the same for every address of the API: idempotency keys, dry runs, versions, limits, cursors, field errors.

use crate::harness::{Person, TestApp, system_accounts::Program};
use actix_web::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// An organization with Grace, and a program of an administrator.
async fn app() -> (TestApp, Person, Program, String) {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let grace = ada.member("Grace").await;
    let program = app.program_as(&ada, "sync", "Administrator").await;
    (app, ada, program, grace)
}

async fn names(program: &Program, query: &str) -> Vec<String> {
    let page = program.get(&format!("/api/v1/users{query}")).await.json();
    let rows = page["data"].as_array().expect("rows").clone();
    rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

#[actix_web::test]
async fn every_answer_names_its_request() {
    let (app, _, program, grace) = app().await;
    let answer = program
        .send("PUT", &format!("/api/v1/users/{grace}/disablement"), &json!({ "reason": "left" }))
        .await;
    let id = answer.assert_status(204).header("request-id").to_owned();
    assert_eq!(app.text("SELECT request_id FROM audit_events WHERE action = 'member.disabled'"), id);
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE action = 'member.disabled' AND credential LIKE '%token%'"),
        1
    );
    let unknown = program.get("/api/v1/users/x").await;
    assert_eq!(
        unknown.assert_problem(404, "not-found")["instance"],
        format!("urn:uuid:{}", unknown.header("request-id"))
    );
}

#[actix_web::test]
async fn a_dry_run_answers_as_the_real_one_and_changes_nothing() {
    let (app, ada, program, grace) = app().await;
    let events = app.count("SELECT count(*) FROM audit_events");
    let path = format!("/api/v1/users/{grace}");
    let status = |text: &str| format!("SELECT count(*) FROM members WHERE status = '{text}'");
    program
        .send("PUT", &format!("{path}/disablement?dry_run=true"), &json!({}))
        .await
        .assert_status(204);
    program.delete(&format!("{path}?dry_run=true")).await.assert_status(204);
    let patch = program.clone().with("if-match", "*");
    let renamed = patch.send("PATCH", &format!("{path}?dry_run=true"), &json!({ "name": "Grace Hopper" })).await;
    assert_eq!(renamed.json()["name"], "Grace Hopper");
    assert_eq!(app.count(&status("disabled")), 0);
    assert_eq!(app.count("SELECT count(*) FROM audit_events"), events);
    ada.get(&format!("/users/{grace}")).await.assert_status(200).assert_sees("Grace");
    let body = json!({ "invitees": [{ "email": "new@example.org" }] });
    let told = program.send("POST", "/api/v1/invitations?dry_run=true", &body).await.json();
    assert_eq!((&told["data"][0]["member_id"], app.letters("new@example.org").len()), (&Value::Null, 0), "{told}");
    let ada_id = ada.member("Ada").await;
    // Every rule is checked: two administrators of whom one cannot sign in.
    let refused = program.delete(&format!("/api/v1/users/{ada_id}?dry_run=true")).await;
    refused.assert_problem(422, "last-administrator");
    program.delete(&format!("{path}?dry_run=yes")).await.assert_problem(422, "invalid-fields");
}

#[actix_web::test]
async fn a_retry_with_the_same_key_is_answered_and_not_carried_out_again() {
    let (app, _, program, grace) = app().await;
    let body = json!({ "kind": "user", "action": "disable", "ids": [grace] });
    let keyed = program.clone().with("idempotency-key", "0c1e");
    let first = keyed.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    let again = keyed.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    assert_eq!(first.0.body, again.0.body);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!(app.count("SELECT count(*) FROM batches"), 1);
    // Another process answers in the same way.
    let there = app.another().await;
    let elsewhere = keyed.at(&there).send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    assert_eq!(elsewhere.0.body, first.0.body);

    let other = json!({ "kind": "user", "action": "enable", "ids": [grace] });
    keyed.send("POST", "/api/v1/bulk", &other).await.assert_problem(422, "idempotency-key-reused");
    assert_eq!(app.count("SELECT count(*) FROM batches"), 1);
    // After a day the key is free; the answer is sealed, and the key is not stored.
    assert!(!app.dump().contains("0c1e") && app.count("SELECT count(*) FROM idempotency_keys") == 1);
    app.wait(TimeDelta::hours(25));
    keyed.send("POST", "/api/v1/bulk", &other).await.assert_status(202);
    assert_eq!(app.count("SELECT count(*) FROM batches"), 2);
}

#[actix_web::test]
async fn a_key_belongs_to_a_credential_and_a_refused_request_does_not_use_it_up() {
    let (app, ada, program, grace) = app().await;
    let body = json!({ "kind": "user", "action": "disable", "ids": [grace] });
    let keyed = program.clone().with("idempotency-key", "k");
    let nobody = json!({ "kind": "user", "action": "disable", "ids": ["019cdc1f-d680-7000-8000-000000000000"] });
    keyed.send("POST", "/api/v1/bulk", &nobody).await.assert_problem(422, "nobody-selected");
    keyed.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    let another = app.program_as(&ada, "other", "Administrator").await.with("idempotency-key", "k");
    another.send("POST", "/api/v1/bulk", &nobody).await.assert_problem(422, "nobody-selected");
    for wrong in ["", &"x".repeat(256), "a\tb", "\u{e9}"] {
        let answer = program.clone().with("idempotency-key", wrong).send("POST", "/api/v1/bulk", &body).await;
        answer.assert_problem(400, "idempotency-key-malformed");
    }
    let twice = program.with("idempotency-key", "a").with("idempotency-key", "b");
    twice.send("POST", "/api/v1/bulk", &body).await.assert_problem(400, "idempotency-key-malformed");
}

#[actix_web::test]
async fn a_crash_between_the_change_and_its_answer_is_told() {
    let (app, _, program, grace) = app().await;
    let body = json!({ "kind": "user", "action": "disable", "ids": [grace] });
    let keyed = program.with("idempotency-key", "crash");
    keyed.send("POST", "/api/v1/bulk", &body).await.assert_status(202);
    // As if the process had stopped before it stored the answer.
    app.execute("UPDATE idempotency_keys SET answer = NULL");
    let running = keyed.send("POST", "/api/v1/bulk", &body).await;
    running.assert_problem(409, "idempotency-key-running");
    assert_eq!(running.header("retry-after"), "1");
    app.wait(TimeDelta::minutes(3));
    keyed.send("POST", "/api/v1/bulk", &body).await.assert_problem(409, "idempotency-answer-lost");
    assert_eq!(app.count("SELECT count(*) FROM batches"), 1);
}

#[actix_web::test]
async fn edits_name_the_version_that_was_read() {
    let (_app, ada, program, grace) = app().await;
    let path = format!("/api/v1/users/{grace}");
    let read = program.get(&path).await;
    let tag = read.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", read.json()["version"]));
    let title = json!({ "details": { "title": "Admiral" } });
    program.send("PATCH", &path, &title).await.assert_problem(428, "if-match-required");
    for wrong in ["\"999\"", "W/\"0\"", "x", "\"1\", \"2\""] {
        let answer = program.clone().with("if-match", wrong).send("PATCH", &path, &title).await;
        answer.assert_problem(412, "version-changed");
    }
    let saved = program.clone().with("if-match", &tag).send("PATCH", &path, &title).await;
    assert_eq!(saved.json()["details"]["title"], "Admiral");
    assert_ne!(saved.header("etag"), tag);

    // An administrator who has the older version open in the console loses nothing either.
    ada.get(&format!("/users/{grace}")).await.assert_status(200);
    let newer = program.clone().with("if-match", saved.header("etag"));
    newer.send("PATCH", &path, &json!({ "details": { "phone": "+44 1" } })).await.json();
    let conflict = ada.submit("Save", &[("title", "Rear Admiral")]).await;
    conflict.assert_status(409);
    let present = program.get(&path).await.json();
    assert_eq!((&present["details"]["title"], &present["details"]["phone"]), (&json!("Admiral"), &json!("+44 1")));
    newer.send("PATCH", &path, &title).await.assert_problem(412, "version-changed");
}

#[actix_web::test]
async fn lists_page_by_cursor_and_count_on_demand() {
    let (app, ada, program, _) = app().await;
    for name in ["Edsger", "Barbara", "Donald", "Frances"] {
        ada.welcome(name, "User").await;
    }
    let first = program.get("/api/v1/users?limit=2&total=true").await;
    let page = first.json();
    assert_eq!((page["data"].as_array().map(Vec::len), &page["total"]), (Some(2), &json!(6)));
    assert!(page["data"][0].get("roles").is_none());
    let link = first.header("link").to_owned();
    let next = link
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix(">; rel=\"next\""))
        .expect("a link")
        .to_owned();
    let mut all: Vec<String> = names(&program, "?limit=2").await;
    let mut at = Some(next);
    while let Some(path) = at {
        let answer = program.get(&path).await;
        let page = answer.json();
        all.extend(
            page["data"]
                .as_array()
                .expect("rows")
                .iter()
                .filter_map(|row| row["name"].as_str().map(str::to_owned)),
        );
        at = page["next_cursor"].as_str().map(|cursor| format!("/api/v1/users?limit=2&cursor={cursor}"));
    }
    assert_eq!(all, ["Ada", "Barbara", "Donald", "Edsger", "Frances", "Grace"]);
    assert_eq!(names(&program, "?q=barb").await, ["Barbara"]);
    assert_eq!(names(&program, "?sort=name&dir=desc&limit=1").await, ["Grace"]);
    assert_eq!(names(&program, "?q=").await.len(), 6);
    let grouped = program.get("/api/v1/users?expand=roles&expand=teams&q=ada").await.json();
    assert_eq!(grouped["data"][0]["roles"][0]["name"], "Administrator");
    assert!(grouped["data"][0]["teams"].is_array());
    for (wrong, field) in [
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=x", "?limit"),
        // A number, a choice and a flag without a value are not as if they had not been sent.
        ("limit=", "?limit"),
        ("tab=", "?tab"),
        ("total=", "?total"),
        ("cursor=zzz", "?cursor"),
        ("tab=nobody", "?tab"),
        ("sort=password", "?sort"),
        ("rolle=1", "?rolle"),
        ("role=1", "?role"),
        ("q=%00", "?q"),
        ("total=1&total=2", "?total"),
    ] {
        let problem = program.get(&format!("/api/v1/users?{wrong}")).await.assert_problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["field"], field, "{wrong}: {problem}");
    }
    // A forged cursor is a place in the list, and nothing else.
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let forged = URL_SAFE_NO_PAD.encode(r#"["' OR 1=1 --","019cdc1f-d680-7000-8000-000000000000"]"#);
    assert!(names(&program, &format!("?cursor={forged}")).await.len() <= 6);
    drop(app);
}

#[actix_web::test]
async fn a_credential_has_a_limit_in_all_processes_together() {
    let app = TestApp::start_with(&["--api-requests", "60"]).await;
    let ada = app.administrator("Ada").await;
    let program = app.program_as(&ada, "sync", "Administrator").await;
    let other = app.program_as(&ada, "other", "Administrator").await;
    let there = app.another_with(&["--api-requests", "60"]).await;
    let first = program.me().await;
    assert_eq!(first.header("ratelimit-policy"), "\"credential\";q=60;w=60");
    assert_eq!(first.header("ratelimit"), "\"credential\";r=59;t=60");
    for at in 0..59 {
        let asked = if at % 2 == 0 { program.clone() } else { program.at(&there) };
        asked.me().await.json();
    }
    let refused = program.at(&there).me().await;
    let problem = refused.assert_problem(429, "rate-limited");
    assert_eq!(refused.header("retry-after"), "2", "{problem}");
    assert!(refused.header("ratelimit").starts_with("\"credential\";r=0;t="));
    program.me().await.assert_problem(429, "rate-limited");
    other.me().await.json();
    app.wait(TimeDelta::seconds(1));
    program.me().await.json();
    program.me().await.assert_problem(429, "rate-limited");
}

#[actix_web::test]
async fn bad_input_is_told_by_field_and_changes_nothing() {
    let (app, ada, program, grace) = app().await;
    let patch = program.clone().with("if-match", "*");
    let path = format!("/api/v1/users/{grace}");
    let events = app.count("SELECT count(*) FROM audit_events");
    for (body, field, code) in [
        (r#"{"nam":"x"}"#, "/nam", "unknown"),
        (r#"{"details":{"title":1}}"#, "/details/title", "invalid"),
        (r#"{"details":{"fax":"1"}}"#, "/details/fax", "unknown"),
        (r#"{"details":["x"]}"#, "/details", "invalid"),
        (r#"{"name":"a","name":"b"}"#, "/name", "duplicate"),
        ("[]", "", "invalid"),
        ("7", "", "invalid"),
    ] {
        let answer = patch.ask(Method::PATCH, &path, Some(body.into())).await;
        let problem = answer.assert_problem(422, "invalid-fields");
        assert_eq!(
            (&problem["errors"][0]["field"], &problem["errors"][0]["code"]),
            (&json!(field), &json!(code)),
            "{body}: {problem}"
        );
    }
    let long = patch
        .send("PATCH", &path, &json!({ "name": "x".repeat(101), "details": { "phone": "1".repeat(51) } }))
        .await;
    let fields: Vec<Value> = long.assert_problem(422, "invalid-fields")["errors"].as_array().expect("errors").clone();
    let fields: Vec<&str> = fields.iter().filter_map(|error| error["field"].as_str()).collect();
    assert_eq!(fields, ["/name", "/details/phone"]);
    for body in ["", "{", "{\"name\":\"\\ud800\"}", "{}{}", "{\"name\":\"a\\u0000b\"}"] {
        patch.ask(Method::PATCH, &path, Some(body.into())).await.assert_problem(400, "malformed");
    }
    let mega = format!("{{\"name\":\"{}\"}}", "x".repeat(1 << 20));
    patch.ask(Method::PATCH, &path, Some(mega)).await.assert_problem(413, "too-large");
    // Another organization's member is missing, and so is a system account among people.
    let there = app.another_organization("Globex", "Eve", None).await;
    let eve = there.member("Eve").await;
    patch
        .send("PATCH", &format!("/api/v1/users/{eve}"), &json!({ "name": "x" }))
        .await
        .assert_problem(404, "not-found");
    program.get(&format!("/api/v1/system_accounts/{grace}")).await.assert_problem(404, "not-found");
    program.get(&format!("{path}?x=1")).await.assert_problem(422, "invalid-fields");
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action LIKE 'member.e%'"), 0);
    assert!(app.count("SELECT count(*) FROM audit_events") >= events);
    drop(ada);
}
