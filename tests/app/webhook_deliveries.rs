//! How events reach webhooks: signed, tried again, never by two processes at once, and given up in the end.

use crate::harness::{GOOD, Person, TestApp, sink::Sink, user_creation::audited, webhooks::Hook};
use chrono::{DateTime, TimeDelta};
use roster::webhooks::WebhookWorker;
use std::time::Duration;

/// An organization with a webhook that is told of new teams.
async fn prepared() -> (TestApp, Person, Sink, Hook) {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let sink = Sink::start();
    let hook = ada.create_webhook_for(&sink, &["team.created"]).await;
    (app, ada, sink, hook)
}

/// Whether the reference implementation makes the same signature with this secret.
fn is_signed_with(got: &crate::harness::sink::Received, secret: &str) -> bool {
    let reference = standardwebhooks::Webhook::new(secret).expect("a secret");
    let seconds = got.header("webhook-timestamp").parse().expect("seconds");
    let expected = reference.sign(got.header("webhook-id"), seconds, got.body.as_bytes()).expect("a signature");
    got.header("webhook-signature").split(' ').any(|one| one == expected)
}

#[actix_web::test]
async fn every_delivery_is_signed_and_for_a_day_also_with_the_secret_that_was_replaced() {
    let (app, ada, sink, old) = prepared().await;
    ada.create_team("First").await;
    app.send_webhooks();
    ada.get(&format!("{}/secret", old.path())).await;
    let page = ada.submit("Make a new secret", &[]).await.assert_sees("Shown only this once");
    let new = page.all("#value").pop().expect("a secret");
    ada.get(&old.path()).await.assert_sees("also signed with the old one until");
    ada.create_team("Second").await;
    app.send_webhooks();
    app.wait(TimeDelta::hours(24));
    // Her session has ended meanwhile.
    ada.sign_in("ada@example.org", GOOD).await;
    ada.create_team("Third").await;
    app.send_webhooks();
    let got = sink.received();
    let signed: Vec<(bool, bool)> = got.iter().map(|one| (is_signed_with(one, &old.secret), is_signed_with(one, &new))).collect();
    assert_eq!(signed, [(true, false), (true, true), (false, true)]);
    assert!(!is_signed_with(&got[0], "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    assert_eq!(audited(&app, "webhook.secret_rotated"), 1);
    app.db.write_here(|tx| roster::webhooks::sweep(tx, app.clock.now())).expect("swept");
    assert_eq!(app.count("SELECT count(*) FROM webhook_secrets"), 1);
}

#[actix_web::test]
async fn what_does_not_arrive_is_tried_again_with_the_same_id_and_body_and_given_up_after_ten_times() {
    let (app, ada, sink, hook) = prepared().await;
    sink.answer("500 Internal Server Error");
    ada.create_team("Platform").await;
    // Each wait is up to a fifth longer than in the table.
    for minutes in [0, 1, 6, 36, 144, 360, 720, 1_008, 1_440, 1_728] {
        app.wait(TimeDelta::minutes(minutes));
        assert_eq!(app.send_webhooks(), 1, "after {minutes} minutes");
        assert_eq!(app.send_webhooks(), 0, "not at once");
    }
    app.wait(TimeDelta::days(1));
    assert_eq!(app.send_webhooks(), 0);
    assert_eq!(app.deliveries().first().map(String::as_str), Some("given_up 10"));
    let got = sink.received();
    assert!(
        got.iter()
            .all(|one| one.header("webhook-id") == got[0].header("webhook-id") && one.body == got[0].body)
    );
    assert_ne!(got[0].header("webhook-timestamp"), got[1].header("webhook-timestamp"));
    ada.sign_in("ada@example.org", GOOD).await;
    ada.get(&hook.path())
        .await
        .assert_sees("Given up")
        .assert_sees("500")
        .assert_misses("Internal Server Error");
}

#[actix_web::test]
async fn the_page_says_since_when_a_webhook_fails_and_that_it_works_again() {
    let (app, ada, sink, hook) = prepared().await;
    sink.answer("302 Found\r\nLocation: http://127.0.0.1:1/");
    ada.create_team("Platform").await;
    app.send_webhooks();
    ada.get(&hook.path()).await.assert_sees("Failing since").assert_sees("Retrying").assert_sees("302");
    let delivery = ada.page().link("team.created");
    ada.get(&delivery).await.assert_sees("redirects are not followed");
    sink.answer("200 OK");
    app.wait(TimeDelta::seconds(7));
    assert_eq!(app.send_webhooks(), 1);
    ada.get(&hook.path()).await.assert_sees("Delivered").assert_misses("Failing since");
    assert_eq!(app.count("SELECT count(*) FROM webhooks WHERE failing_since IS NULL AND status = 'enabled'"), 1);
}

#[actix_web::test]
async fn a_receiver_that_is_busy_says_when_to_come_again() {
    let (app, ada, sink, _) = prepared().await;
    sink.answer("429 Too Many Requests\r\nRetry-After: 3600");
    ada.create_team("Platform").await;
    app.send_webhooks();
    app.wait(TimeDelta::minutes(59));
    assert_eq!(app.send_webhooks(), 0);
    app.wait(TimeDelta::minutes(2));
    assert_eq!(app.send_webhooks(), 1);
}

#[actix_web::test]
async fn a_receiver_that_is_gone_disables_its_webhook_and_the_administrators_are_told() {
    let (app, ada, sink, hook) = prepared().await;
    sink.answer("410 Gone");
    ada.create_team("First").await;
    ada.create_team("Second").await;
    app.webhook_worker().claim(0).expect("deliveries are prepared");
    let worker = app.webhook_worker();
    let first = worker.claim(1).expect("one");
    app.roster.webhooks.send(&first[0]).expect("an attempt");
    assert_eq!(app.send_webhooks(), 0);
    assert_eq!(app.deliveries(), ["given_up 0", "given_up 1"]);
    ada.get(&hook.path()).await.assert_sees("Disabled by its receiver, which answered 410 Gone");
    let letter = app.inbox("ada@example.org");
    assert!(letter.subject.contains("is disabled") && letter.text.contains("410 Gone"), "{letter:?}");
    assert_eq!(audited(&app, "webhook.disabled"), 1);
}

#[actix_web::test]
async fn five_days_without_anything_that_arrives_disable_a_webhook() {
    let (app, ada, sink, hook) = prepared().await;
    sink.answer("503 Service Unavailable");
    for day in 0..6 {
        ada.create_team(&format!("Team {day}")).await;
        app.send_webhooks();
        app.wait(TimeDelta::hours(24));
        ada.sign_in("ada@example.org", GOOD).await;
    }
    ada.get(&hook.path()).await.assert_sees("because nothing arrived for five days");
    assert!(app.inbox("ada@example.org").text.contains("five days"));
    assert_eq!(app.count("SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'"), 0);
    // What it missed can be sent again, once it is enabled.
    sink.answer("200 OK");
    assert!(!ada.page().has_button("Send team.created again"));
    ada.submit("Enable", &[]).await;
    let before = sink.received().len();
    ada.submit("Send team.created again", &[]).await.assert_sees("It is sent again now");
    assert_eq!(app.send_webhooks(), 1);
    assert_eq!(sink.received().len(), before + 1);
    assert_eq!(audited(&app, "webhook.replayed"), 1);
}

#[actix_web::test]
async fn what_arrived_can_be_sent_again_with_its_id() {
    let (app, ada, sink, hook) = prepared().await;
    ada.create_team("Platform").await;
    app.send_webhooks();
    ada.get(&hook.path()).await;
    ada.submit("Send team.created again", &[]).await.assert_sees("It is sent again now");
    // It waits already.
    let attempts = format!("{}/attempts", ada.page().path);
    ada.post(&attempts, &[]).await.assert_sees("being sent already");
    app.send_webhooks();
    let got = sink.received();
    assert_eq!(got.len(), 2);
    assert_eq!((got[0].header("webhook-id"), &got[0].body), (got[1].header("webhook-id"), &got[1].body));
}

#[actix_web::test]
async fn two_processes_do_not_send_one_delivery_at_once() {
    let (app, ada, sink, _) = prepared().await;
    for number in 0..6 {
        ada.create_team(&format!("Team {number}")).await;
    }
    sink.wait(Duration::from_millis(100));
    let other = app.another_with(&["--outbound-allow", "127.0.0.0/8"]).await;
    let workers: Vec<WebhookWorker> = vec![app.webhook_worker(), other.webhook_worker()];
    std::thread::scope(|scope| {
        for worker in &workers {
            scope.spawn(|| worker.send_due().expect("deliveries can be read"));
        }
    });
    app.send_webhooks();
    assert_eq!(sink.received().len(), 6);
    assert!(app.deliveries().iter().all(|one| one == "delivered 1"), "{:?}", app.deliveries());
}

#[actix_web::test]
async fn a_process_that_dies_leaves_its_delivery_to_another_one_and_changes_nothing_afterwards() {
    let (app, ada, sink, _) = prepared().await;
    ada.create_team("Platform").await;
    let lost = app.webhook_worker().claim(8).expect("a delivery");
    assert_eq!(lost.len(), 1);
    assert_eq!(app.send_webhooks(), 0);
    app.wait(TimeDelta::seconds(61));
    assert_eq!(app.send_webhooks(), 1);
    assert_eq!(app.deliveries(), ["delivered 2"]);
    // The first one was only slow. Its result counts no more.
    sink.answer("500 Internal Server Error");
    app.roster.webhooks.send(&lost[0]).expect("an attempt");
    assert_eq!(app.deliveries(), ["delivered 2"]);
    assert_eq!(app.count("SELECT count(*) FROM webhooks WHERE status = 'enabled'"), 1);
}

#[actix_web::test]
async fn a_disabled_webhook_does_not_get_what_a_process_that_died_had_claimed() {
    let (app, ada, sink, hook) = prepared().await;
    ada.create_team("Platform").await;
    assert_eq!(app.webhook_worker().claim(8).expect("a delivery").len(), 1);
    ada.get(&hook.path()).await;
    ada.submit("Disable", &[]).await;
    app.wait(TimeDelta::seconds(61));
    assert_eq!(app.send_webhooks(), 0);
    assert!(sink.received().is_empty());
    assert_eq!(app.deliveries(), ["given_up 1"]);
}

#[actix_web::test]
async fn a_slow_receiver_does_not_hold_up_the_others() {
    let (app, ada, _, _) = prepared().await;
    let fast = Sink::start();
    ada.create_webhook_for(&fast, &["team.created"]).await;
    for number in 0..10 {
        ada.create_team(&format!("Team {number}")).await;
    }
    let claimed = app.webhook_worker().claim(32).expect("deliveries");
    let count = |port: u16| claimed.iter().filter(|one| one.url.contains(&port.to_string())).count();
    assert_eq!((claimed.len(), count(fast.port)), (8, 4));
    // As long as these are under way, the same webhooks get no more places.
    assert!(app.webhook_worker().claim(32).expect("deliveries").is_empty());
}

#[actix_web::test]
async fn an_address_that_became_private_is_not_called() {
    let (app, ada, sink, hook) = prepared().await;
    ada.create_team("Platform").await;
    // The other process may not call this machine.
    let strict = app.another().await;
    assert_eq!(strict.send_webhooks(), 1);
    assert!(sink.received().is_empty());
    let page = ada.get(&hook.path()).await.assert_sees("The name is not known, or its address is not public.");
    assert!(page.text().contains("Failing since"));
}

#[actix_web::test]
async fn deliveries_are_kept_for_thirty_days() {
    let (app, ada, _, _) = prepared().await;
    ada.create_team("Platform").await;
    app.send_webhooks();
    for (days, left) in [(29, 1), (2, 0)] {
        app.wait(TimeDelta::days(days));
        let now = app.clock.now();
        app.db.write_here(|tx| roster::webhooks::sweep(tx, now)).expect("swept");
        assert_eq!(app.count("SELECT count(*) FROM webhook_deliveries"), left);
    }
}

#[actix_web::test]
async fn the_timestamp_is_the_time_of_the_attempt_and_the_body_keeps_the_time_of_the_event() {
    let (app, ada, sink, _) = prepared().await;
    sink.answer("500 Internal Server Error");
    ada.create_team("Platform").await;
    let made = app.clock.now();
    app.wait(TimeDelta::minutes(3));
    app.send_webhooks();
    let got = &sink.received()[0];
    let sent: i64 = got.header("webhook-timestamp").parse().expect("seconds");
    assert_eq!(sent, app.clock.now().utc().timestamp());
    let told = got.json()["timestamp"].as_str().map(DateTime::parse_from_rfc3339).expect("a time").expect("a time");
    assert!((told.timestamp() - made.utc().timestamp()).abs() <= 1);
}
