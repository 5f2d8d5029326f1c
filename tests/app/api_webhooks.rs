//! `/api/v1/webhooks`: webhooks, their secrets and what was sent to them.

use crate::harness::{Person, TestApp, sink::Sink, system_accounts::Program};
use serde_json::{Value, json};

const WEBHOOKS: &str = "/api/v1/webhooks";
const NOBODY: &str = "00000000-0000-0000-0000-000000000001";

async fn app() -> (TestApp, Person, Program) {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let root = app.program_with(&ada, "Root", &["*:*:*"]).await;
    (app, ada, root)
}

fn path(webhook: &Value) -> String {
    format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"))
}

/// The webhook of an answer that also tells its secret.
fn without_secret(mut answer: Value) -> Value {
    answer.as_object_mut().expect("an object").remove("secret");
    answer
}

#[actix_web::test]
async fn a_webhook_is_created_changed_and_deleted() {
    let (app, ada, root) = app().await;
    let sink = Sink::start();
    let made = root.create(WEBHOOKS, &json!({ "url": sink.url() })).await;
    let one = path(&made);
    assert!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")), "{made}");
    assert_eq!((&made["status"], &made["event_types"]), (&json!("enabled"), &json!(null)));
    assert_eq!((&made["url"], &made["disabled_reason"]), (&json!(sink.url()), &json!(null)));
    let read = root.get(&one).await;
    assert_eq!((read.json(), read.header("etag")), (without_secret(made), "\"1\""));
    assert_eq!(root.get(WEBHOOKS).await.json()["data"], json!([read.json()]));
    let change = json!({ "description": "The shop", "event_types": ["member.disabled"] });
    root.send("PATCH", &one, &change).await.assert_problem(428, "if-match-required");
    let first = root.clone().with("if-match", "\"1\"");
    let changed = first.send("PATCH", &one, &change).await;
    assert_eq!((&changed.json()["event_types"], changed.header("etag")), (&json!(["member.disabled"]), "\"2\""));
    assert_eq!(changed.json()["url"], sink.url());
    first.send("PATCH", &one, &change).await.assert_problem(412, "version-changed");
    ada.get("/settings/webhooks").await.assert_sees("The shop");
    let any = root.clone().with("if-match", "*");
    let all = any.send("PATCH", &one, &json!({ "event_types": null })).await.json();
    assert_eq!((&all["event_types"], &all["description"]), (&json!(null), &json!("The shop")));
    root.delete(&one).await.assert_status(204);
    root.get(&one).await.assert_problem(404, "not-found");
    let events = app.texts("SELECT action FROM audit_events WHERE action LIKE 'webhook.%' AND credential IS NOT NULL ORDER BY action");
    assert_eq!(events, ["webhook.created", "webhook.deleted", "webhook.edited", "webhook.edited"]);
}

#[actix_web::test]
async fn a_dry_run_tells_no_secret_and_changes_nothing() {
    let (app, _, root) = app().await;
    let sink = Sink::start();
    let wanted = json!({ "url": sink.url(), "event_types": ["team.created"] });
    let rehearsed = root.send("POST", &format!("{WEBHOOKS}?dry_run=true"), &wanted).await.json_of(201);
    assert_eq!((&rehearsed["secret"], &rehearsed["event_types"]), (&json!(null), &json!(["team.created"])));
    assert_eq!(app.count("SELECT count(*) FROM webhooks"), 0);
    let one = path(&root.create(WEBHOOKS, &wanted).await);
    let before = root.get(&one).await.json();
    let any = root.clone().with("if-match", "*");
    let changed = any.send("PATCH", &format!("{one}?dry_run=true"), &json!({ "description": "x" })).await.json();
    assert_eq!((&changed["description"], &changed["version"]), (&json!("x"), &json!(2)));
    let rotated = root.send("POST", &format!("{one}/secret?dry_run=true"), &json!({})).await.json();
    assert_eq!((&rotated["secret"], rotated["old_secrets_until"].as_array().map(Vec::len)), (&json!(null), Some(1)));
    root.send("PUT", &format!("{one}/disablement?dry_run=true"), &json!({})).await.assert_status(204);
    root.delete(&format!("{one}?dry_run=true")).await.assert_status(204);
    root.send("POST", &format!("{one}/test?dry_run=true"), &json!({}))
        .await
        .assert_fields(&[("?dry_run", "unknown")]);
    assert_eq!(root.get(&one).await.json(), before);
    assert!(sink.received().is_empty());
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action LIKE 'webhook.%'"), 1);
}

#[actix_web::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let (app, _, root) = app().await;
    let sink = Sink::start();
    let made = root.create(WEBHOOKS, &json!({ "url": sink.url() })).await;
    let one = path(&made);
    let rotated = root.send("POST", &format!("{one}/secret"), &json!({})).await.json();
    assert_ne!(rotated["secret"], made["secret"]);
    assert_eq!(rotated["old_secrets_until"].as_array().map(Vec::len), Some(1), "{rotated}");
    root.send("POST", &format!("{one}/test"), &json!({})).await.json();
    assert_eq!(sink.received()[0].header("webhook-signature").split(' ').count(), 2);
    let secret = made["secret"].as_str().expect("a secret").trim_start_matches("whsec_");
    assert!(!app.dump().contains(secret));
}

#[actix_web::test]
async fn a_test_tells_the_status_and_the_time_of_the_answer() {
    let (app, _, root) = app().await;
    let sink = Sink::start();
    let test = format!("{}/test", path(&root.create(WEBHOOKS, &json!({ "url": sink.url() })).await));
    let good = root.send("POST", &test, &json!({})).await.json();
    assert_eq!((&good["state"], &good["last_status"]), (&json!("delivered"), &json!(204)));
    assert!(good["last_milliseconds"].is_i64() && good["due_at"].is_null(), "{good}");
    sink.answer("500 Internal Server Error");
    let bad = root.send("POST", &test, &json!({})).await.json();
    assert_eq!((&bad["state"], &bad["last_error"]), (&json!("failed"), &json!("It answered 500.")));
    assert_eq!(sink.events(), ["ping", "ping"]);
    let once = root.clone().with("idempotency-key", "1");
    let answer = once.send("POST", &test, &json!({})).await.json();
    assert_eq!(once.send("POST", &test, &json!({})).await.json(), answer);
    assert_eq!(sink.received().len(), 3);
    for _ in 0..7 {
        root.send("POST", &test, &json!({})).await.assert_status(200);
    }
    let refused = root.send("POST", &test, &json!({})).await;
    refused.assert_problem(429, "too-many-tests");
    let wait = refused.header("retry-after");
    assert!(wait.parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds)), "{wait}");
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'webhook.tested'"), 10);
}

#[actix_web::test]
async fn a_disabled_webhook_gets_nothing_until_it_is_enabled() {
    let (app, ada, root) = app().await;
    let sink = Sink::start();
    let one = path(&root.create(WEBHOOKS, &json!({ "url": sink.url() })).await);
    let place = format!("{one}/disablement");
    for _ in 0..2 {
        root.send("PUT", &place, &json!({})).await.assert_status(204);
    }
    let disabled = root.get(&one).await.json();
    assert_eq!((&disabled["status"], &disabled["disabled_reason"]), (&json!("disabled"), &json!("by_member")));
    ada.create_team("Moles").await;
    app.send_webhooks();
    assert!(sink.received().is_empty());
    root.delete(&place).await.assert_status(204);
    ada.create_team("Badgers").await;
    app.send_webhooks();
    assert_eq!(sink.events(), ["team.created"]);
    let actions = app.texts("SELECT action FROM audit_events WHERE action LIKE 'webhook.%abled' ORDER BY action");
    assert_eq!(actions, ["webhook.disabled", "webhook.enabled"]);
}

#[actix_web::test]
async fn deliveries_are_listed_page_by_page_read_and_sent_again() {
    let (app, ada, root) = app().await;
    let sink = Sink::start();
    let one = path(&root.create(WEBHOOKS, &json!({ "url": sink.url(), "event_types": ["team.created"] })).await);
    for name in ["Moles", "Badgers", "Foxes"] {
        ada.create_team(name).await;
    }
    let list = format!("{one}/deliveries");
    assert!(root.walk(&list, "id").await.is_empty());
    app.send_webhooks();
    let ids = root.walk(&format!("{list}?limit=2"), "id").await;
    assert_eq!((ids.len(), &ids), (3, &root.walk(&list, "id").await));
    let latest = format!("{list}/{}", ids[0]);
    let read = root.get(&latest).await.json();
    assert_eq!((&read["event_type"], &read["state"]), (&json!("team.created"), &json!("delivered")));
    assert_eq!(read["body"], sink.received()[2].body);
    let reader = app.program_with(&ada, "Reader", &["webhook:read:*"]).await;
    assert_eq!(reader.get(&latest).await.json()["body"], json!(null));
    let replay = format!("{latest}/replay");
    root.send("POST", &format!("{replay}?dry_run=true"), &json!({})).await.assert_status(204);
    assert_eq!(app.send_webhooks(), 0);
    root.send("POST", &replay, &json!({})).await.assert_status(204);
    root.send("POST", &replay, &json!({})).await.assert_problem(422, "delivery-waiting");
    app.send_webhooks();
    let received = sink.received();
    assert_eq!((received.len(), received[3].header("webhook-id")), (4, received[2].header("webhook-id")));
    let test = root.send("POST", &format!("{one}/test"), &json!({})).await.json();
    let again = format!("{list}/{}/replay", test["id"].as_str().expect("an id"));
    root.send("POST", &again, &json!({})).await.assert_problem(422, "delivery-is-test");
    root.send("PUT", &format!("{one}/disablement"), &json!({})).await.assert_status(204);
    root.send("POST", &replay, &json!({})).await.assert_problem(422, "webhook-disabled");
    root.get(&format!("{list}?cursor=x")).await.assert_fields(&[("?cursor", "malformed")]);
    root.get(&format!("{list}/{NOBODY}")).await.assert_problem(404, "not-found");
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE action = 'webhook.replayed'"), 1);
}

#[actix_web::test]
async fn what_is_wrong_is_named_by_its_field() {
    let (app, _, root) = app().await;
    let good = "https://1.1.1.1/";
    for (body, field, code) in [
        (json!({}), "/url", "required"),
        (json!({ "url": "" }), "/url", "invalid"),
        (json!({ "url": "http://1.1.1.1/" }), "/url", "invalid"),
        (json!({ "url": "https://10.0.0.1/" }), "/url", "invalid"),
        (json!({ "url": format!("{good}{}", "x".repeat(2_000)) }), "/url", "invalid"),
        (json!({ "url": good, "description": "x".repeat(101) }), "/description", "invalid"),
        (json!({ "url": good, "event_types": [] }), "/event_types", "invalid"),
        (json!({ "url": good, "event_types": ["member.vanished"] }), "/event_types", "unknown"),
        (json!({ "url": good, "events": "all" }), "/events", "unknown"),
    ] {
        root.assert_field("POST", WEBHOOKS, &body, field, code).await;
    }
    let one = path(&root.create(WEBHOOKS, &json!({ "url": good })).await);
    root.assert_field("PATCH", &one, &json!({ "url": "https://10.0.0.1/" }), "/url", "invalid").await;
    for _ in 1..20 {
        root.create(WEBHOOKS, &json!({ "url": good })).await;
    }
    root.send("POST", WEBHOOKS, &json!({ "url": good })).await.assert_problem(422, "limit-reached");
    assert_eq!(app.count("SELECT count(*) FROM webhooks"), 20);
}

#[actix_web::test]
async fn each_operation_needs_its_permission_and_knows_one_organization() {
    let (app, ada, root) = app().await;
    let sink = Sink::start();
    let body = json!({ "url": sink.url() });
    let one = path(&root.create(WEBHOOKS, &body).await);
    let reader = app.program_with(&ada, "Reader", &["webhook:read:*"]).await.with("if-match", "*");
    let nobody = app.program_with(&ada, "Nobody", &["user:read:*"]).await;
    let eve = app.another_organization("Elsewhere", "Eve", None).await;
    let foreign = app.program_with(&eve, "Foreign", &["*:*:*"]).await.with("if-match", "*");
    let below = |rest: &str| format!("{one}{rest}");
    let delivery = below(&format!("/deliveries/{NOBODY}"));
    for read in [one.clone(), below("/deliveries"), delivery.clone()] {
        let problem = nobody.get(&read).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], "webhook:read:*");
        foreign.get(&read).await.assert_problem(404, "not-found");
    }
    reader.get(&one).await.assert_status(200);
    for (method, place) in [
        ("PATCH", one.clone()),
        ("DELETE", one.clone()),
        ("POST", below("/secret")),
        ("POST", below("/test")),
        ("PUT", below("/disablement")),
        ("DELETE", below("/disablement")),
        ("POST", format!("{delivery}/replay")),
    ] {
        let problem = reader.send(method, &place, &body).await.assert_problem(403, "permission-missing");
        assert_eq!(problem["permission"], "webhook:manage:*", "{method} {place}");
        foreign.send(method, &place, &body).await.assert_problem(404, "not-found");
    }
    reader.send("POST", WEBHOOKS, &body).await.assert_problem(403, "permission-missing");
    assert_eq!(foreign.get(WEBHOOKS).await.json()["data"], json!([]));
    assert!(sink.received().is_empty());
}
