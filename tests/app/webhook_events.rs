//! Which events reach webhooks: exactly those whose change was committed, also in bulk, and never what they must not say.

use crate::harness::{GOOD, TestApp, large_organizations, sink::Sink};
use roster::{
    audit::{self, Event},
    kit::{Fault, MemberId, Scope},
};
use serde_json::json;

#[actix_web::test]
async fn an_event_is_told_if_its_change_was_made_and_not_otherwise() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let sink = Sink::start();
    ada.create_webhook(&sink).await;
    let event = || Event::new("team.created", "team", MemberId::nobody().0, "Platform");
    let scope = Scope::system(ada.organization(), app.clock.now());
    let rolled_back = app.db.write_here(|tx| {
        audit::record(tx, &scope, event())?;
        Err::<(), _>(Fault::Missing)
    });
    assert!(rolled_back.is_err());
    assert_eq!(app.send_webhooks(), 0);
    app.db.write_here(|tx| audit::record(tx, &scope, event())).expect("an event");
    assert_eq!(app.count("SELECT count(*) FROM webhook_outbox"), 1);
    assert_eq!(app.send_webhooks(), 1);
    assert_eq!(sink.events(), ["team.created"]);
    assert_eq!(app.count("SELECT count(*) FROM webhook_outbox"), 0);
}

#[actix_web::test]
async fn organizations_without_a_webhook_leave_nothing_behind() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    let sink = Sink::start();
    ada.create_webhook(&sink).await;
    // The creation itself.
    app.send_webhooks();
    mallory.create_team("Elsewhere").await;
    assert_eq!(app.count("SELECT count(*) FROM webhook_outbox"), 0);
    ada.create_team("Here").await;
    app.send_webhooks();
    let got = sink.received();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].json()["organization_id"], json!(ada.organization()));
}

#[actix_web::test]
async fn an_event_that_cannot_be_prepared_does_not_hold_up_the_others() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let eve = app.another_organization("Globex", "Eve", None).await;
    let (sink, broken) = (Sink::start(), Sink::start());
    ada.create_webhook_for(&sink, &["team.created"]).await;
    eve.create_webhook_for(&broken, &["team.created"]).await;
    app.send_webhooks();
    app.execute("UPDATE webhooks SET event_types = '5' WHERE organization_id = (SELECT id FROM organizations WHERE name = 'Globex')");
    ada.create_team("First").await;
    eve.create_team("Second").await;
    ada.create_team("Third").await;
    app.send_webhooks();
    assert_eq!(sink.events(), ["team.created", "team.created"]);
    assert!(broken.received().is_empty());
    assert_eq!(app.count("SELECT count(*) FROM webhook_outbox"), 0);
}

#[actix_web::test]
async fn a_change_in_bulk_is_one_delivery_for_each_member() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    large_organizations::gather(&app, 300);
    let (all, some) = (Sink::start(), Sink::start());
    ada.create_webhook_for(&all, &["member.disabled"]).await;
    ada.create_webhook_for(&some, &["team.created"]).await;
    ada.get("/bulk?kind=user&act=disable&all=1&query=%3Ftab%3Dactive%26q%3Dperson").await;
    ada.submit("Disable", &[]).await.assert_status(200);
    app.work();
    let changed = app.count("SELECT done FROM batches");
    assert!(changed > 200, "{changed}");
    app.send_webhooks();
    let got = all.received();
    assert_eq!(i64::try_from(got.len()).expect("a number"), changed);
    // Each event once, numbered without a gap.
    let mut ids: Vec<&str> = got.iter().map(|one| one.header("webhook-id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), got.len());
    let mut numbers: Vec<i64> = got.iter().map(|one| one.json()["sequence"].as_i64().expect("a number")).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=changed).collect::<Vec<_>>());
    assert!(got.iter().all(|one| one.json()["data"]["batch_id"].is_string()));
    assert!(some.received().is_empty());
}

#[actix_web::test]
async fn a_body_says_who_and_what_by_ids_and_holds_nothing_personal() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace Hopper", "User").await;
    let sink = Sink::start();
    let hook = ada.create_webhook(&sink).await;
    let (me, grace) = (ada.member("Ada").await, ada.member("Grace Hopper").await);
    ada.get(&format!("/users/{grace}/disablement")).await;
    ada.submit("Disable", &[("reason", "A secret reason")]).await;
    app.send_webhooks();
    let got = &sink.received()[0];
    assert_eq!((got.header("content-type"), got.path.as_str()), ("application/json", "/hook"));
    let body = got.json();
    assert_eq!(body["type"], "member.disabled");
    assert_eq!(body["actor"], json!({ "kind": "member", "id": me }));
    assert_eq!(
        body["data"],
        json!({
            "id": grace,
            "kind": "user",
            "changed": ["reason", "status"],
            "before": { "status": "active" },
            "after": { "status": "disabled" },
        })
    );
    for hidden in ["Grace", "example.org", "secret reason", GOOD, &hook.secret] {
        assert!(!got.body.contains(hidden), "{hidden} is in {}", got.body);
    }
}

#[actix_web::test]
async fn system_accounts_have_events_of_their_own_also_when_they_are_deleted() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let sink = Sink::start();
    ada.create_webhook(&sink).await;
    let id = ada.create_system_account("deploy", "CI/CD").await;
    ada.get(&format!("/system-accounts/{id}/deletion")).await;
    ada.submit("Delete", &[("name", "deploy")]).await.assert_status(200);
    app.send_webhooks();
    let events = sink.events();
    assert!(events.contains(&"system_account.created".to_owned()), "{events:?}");
    assert_eq!(events.last().map(String::as_str), Some("system_account.deleted"));
    assert_eq!(sink.received().last().expect("a request").json()["data"]["kind"], "system_account");
}

#[test]
fn the_page_for_receivers_lists_every_type_of_event() {
    let page = std::fs::read_to_string("src/webhooks/README.md").expect("the page");
    for kind in roster::webhooks::events::all() {
        assert!(page.contains(&format!("`{}`", kind.name)), "{} is not on the page", kind.name);
    }
}
