//! The screens of webhooks: the form, the secret that is shown once, tests, disabling, deleting, and who may do what.

use crate::harness::{GOOD, TestApp, rights::create_role, sink::Sink, user_creation::audited};
use chrono::TimeDelta;

#[actix_web::test]
async fn a_webhook_is_created_its_secret_is_shown_once_and_stored_sealed() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let sink = Sink::start();
    ada.get("/settings/webhooks").await.assert_sees("No webhooks yet").assert_sees("ids only");
    let hook = ada.create_webhook(&sink).await;
    assert!(hook.secret.starts_with("whsec_") && hook.secret.len() == 50, "{}", hook.secret);
    let page = ada.get(&hook.path()).await.assert_sees(&sink.url()).assert_sees("Nothing was sent yet");
    assert!(!page.body.contains(&hook.secret));
    ada.get("/settings/webhooks").await.assert_sees("Enabled").assert_sees("All");
    assert!(!app.dump().contains(hook.secret.trim_start_matches("whsec_")));
    assert_eq!(audited(&app, "webhook.created"), 1);
}

#[actix_web::test]
async fn a_form_that_is_incomplete_or_leads_to_a_private_place_is_refused_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    for (url, why) in [
        ("", "Write a whole address"),
        ("http://1.1.1.1/", "Only https"),
        ("https://me:pw@1.1.1.1/", "Leave out the user name"),
        ("https://1.1.1.1/#x", "from # on"),
        ("https://127.0.0.1/", "no name with a public address"),
        ("https://localhost:8080/", "no name with a public address"),
        ("https://2130706433/", "no name with a public address"),
        ("https://[::1]/", "no name with a public address"),
        ("https://[::ffff:10.0.0.1]/", "no name with a public address"),
        ("https://169.254.169.254/latest/meta-data/", "no name with a public address"),
        ("http://localhost/", "Only https"),
        ("file:///etc/passwd", "Only https"),
    ] {
        ada.get("/settings/webhooks/new").await;
        let typed = [("url", url), ("description", "The shop"), ("events", "all")];
        let page = ada.submit("Create Webhook", &typed).await.assert_status(422).assert_sees(why);
        assert_eq!(page.attribute("#description", "value").as_deref(), Some("The shop"), "{url}");
    }
    ada.get("/settings/webhooks/new").await;
    let nothing = [("url", "https://1.1.1.1/"), ("events", "chosen")];
    ada.submit("Create Webhook", &nothing)
        .await
        .assert_status(422)
        .assert_sees("Choose at least one type");
    let unknown = [("url", "https://1.1.1.1/"), ("events", "chosen"), ("event", "member.vanished")];
    ada.submit("Create Webhook", &unknown)
        .await
        .assert_status(422)
        .assert_sees("member.vanished is no type");
    assert_eq!(app.count("SELECT count(*) FROM webhooks"), 0);
}

#[actix_web::test]
async fn an_edit_over_the_edit_of_somebody_else_is_refused() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let sink = Sink::start();
    let hook = ada.create_webhook(&sink).await;
    let grace = ada.welcome_administrator("Grace").await;
    let edit = format!("{}/edit", hook.path());
    ada.get(&edit).await;
    grace.get(&edit).await;
    let typed = [("description", "The shop"), ("events", "chosen"), ("event", "member.disabled")];
    ada.submit("Save webhook", &typed)
        .await
        .assert_sees("The webhook is saved")
        .assert_sees("member.disabled");
    grace
        .submit("Save webhook", &[("description", "Mine")])
        .await
        .assert_status(409)
        .assert_sees("changed this webhook meanwhile");
    // A form that changes nothing leaves no event behind.
    ada.get(&edit).await;
    assert_eq!(audited(&app, "webhook.edited"), 1);
    assert!(
        !app.text("SELECT CAST(after AS text) FROM audit_events WHERE action = 'webhook.edited'")
            .contains("/hook")
    );
}

#[actix_web::test]
async fn what_changes_who_hears_of_events_needs_recent_proof_and_what_was_typed_is_kept() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let sink = Sink::start();
    let hook = ada.create_webhook(&sink).await;
    ada.get("/settings/webhooks/new").await;
    app.wait(TimeDelta::minutes(16));
    let typed = [("url", sink.url()), ("description", "Another".into()), ("events", "all".into())];
    let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = ada.submit("Create Webhook", &typed).await;
    assert!(page.path.starts_with("/sign-in/again?"), "{}", page.text());
    let page = ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    assert_eq!(page.attribute("#description", "value").as_deref(), Some("Another"));
    assert_eq!(app.count("SELECT count(*) FROM webhooks"), 1);
    for (path, button) in [
        (format!("{}/edit", hook.path()), "Save webhook"),
        (format!("{}/secret", hook.path()), "Make a new secret"),
        (format!("{}/deletion", hook.path()), "Delete"),
    ] {
        app.wait(TimeDelta::minutes(16));
        ada.get(&path).await.assert_status(200);
        let page = ada.submit(button, &[]).await;
        assert!(page.path.starts_with("/sign-in/again?"), "{path}: {}", page.text());
        ada.submit("Continue", &[("password", GOOD)]).await.assert_status(200);
    }
    assert_eq!(app.count("SELECT count(*) FROM webhook_secrets"), 1);
}

#[actix_web::test]
async fn a_webhook_is_deleted_by_its_name_with_all_that_belongs_to_it() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let hook = ada.create_webhook(&Sink::start()).await;
    ada.create_team("Platform").await;
    app.send_webhooks();
    assert_eq!(app.deliveries(), ["delivered 1"]);
    ada.get(&format!("{}/deletion", hook.path())).await.assert_sees("this cannot be undone");
    ada.submit("Delete", &[("name", "something else")])
        .await
        .assert_status(422)
        .assert_sees("Type the name");
    let name = ada.page().all("form.confirm h1 bdi").pop().expect("a name");
    ada.submit("Delete", &[("name", &name)])
        .await
        .assert_sees("is deleted")
        .assert_sees("No webhooks yet");
    for table in ["webhooks", "webhook_secrets", "webhook_deliveries", "webhook_outbox"] {
        assert_eq!(app.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    ada.get(&hook.path()).await.assert_status(404);
}

#[actix_web::test]
async fn a_test_shows_the_status_and_the_time_of_the_answer() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let sink = Sink::start();
    let hook = ada.create_webhook(&sink).await;
    ada.get(&hook.path()).await;
    ada.submit("Send a test", &[]).await.assert_sees("The test was answered with 204 in ");
    assert_eq!(sink.events(), ["ping"]);
    sink.answer("500 Internal Server Error");
    ada.submit("Send a test", &[])
        .await
        .assert_sees("The test was answered with 500")
        .assert_sees("Enabled");
    // A test that fails is seen by its sender, and not sent again.
    assert_eq!(app.send_webhooks(), 0);
    assert_eq!(app.deliveries(), ["delivered 1", "failed 1"]);
    for _ in 0..8 {
        ada.submit("Send a test", &[]).await;
    }
    ada.submit("Send a test", &[]).await.assert_sees("That were many tests");
    assert_eq!(audited(&app, "webhook.tested"), 10);
}

#[actix_web::test]
async fn a_disabled_webhook_gets_nothing_until_it_is_enabled() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let sink = Sink::start();
    let hook = ada.create_webhook_for(&sink, &["team.created"]).await;
    ada.create_team("Before").await;
    app.webhook_worker().claim(0).expect("deliveries are prepared");
    ada.get(&hook.path()).await.assert_sees("Waiting");
    ada.submit("Disable", &[]).await.assert_sees("It gets no more events").assert_sees("Given up");
    ada.create_team("While it is disabled").await;
    assert_eq!(app.count("SELECT count(*) FROM webhook_outbox"), 0);
    ada.get(&hook.path()).await;
    ada.submit("Enable", &[]).await.assert_sees("events from now on");
    ada.create_team("After").await;
    app.send_webhooks();
    assert_eq!(sink.received().len(), 1);
    assert_eq!((audited(&app, "webhook.disabled"), audited(&app, "webhook.enabled")), (1, 1));
}

#[actix_web::test]
async fn who_reads_webhooks_changes_none_and_sees_bodies_only_with_the_audit_log() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let hook = ada.create_webhook_for(&Sink::start(), &["team.created"]).await;
    ada.create_team("Platform").await;
    app.send_webhooks();
    create_role(&ada, "Watcher", &["webhook:read:*", "user:read:*"]).await;
    create_role(&ada, "Auditor", &["webhook:read:*", "audit:read:*", "user:read:*"]).await;
    let whole = |path: &str| format!("/o/{}{path}", ada.organization());
    let kay = ada.welcome("Kay", "Watcher").await;
    let page = kay.get(&whole(&hook.path())).await.assert_status(200);
    assert!(!page.has_button("Send a test") && !page.has_button("Send again") && !page.has_button("Disable"));
    let delivery = page.link("team.created");
    kay.get(&delivery)
        .await
        .assert_status(200)
        .assert_sees("audit:read")
        .assert_misses("organization_id");
    kay.get(&whole("/settings/webhooks"))
        .await
        .assert_status(200)
        .assert_misses("Create Webhook")
        .assert_misses("General");
    for path in ["/edit", "/secret", "/deletion"] {
        kay.get(&whole(&format!("{}{path}", hook.path())))
            .await
            .assert_status(403)
            .assert_sees("webhook:manage");
    }
    let lin = ada.welcome("Lin", "Auditor").await;
    lin.get(&delivery).await.assert_status(200).assert_sees("organization_id");
    let grace = ada.welcome("Grace", "User").await;
    grace.get(&whole("/settings/webhooks")).await.assert_status(403).assert_sees("webhook:read");
}

#[actix_web::test]
async fn a_webhook_of_another_organization_is_not_there() {
    let app = TestApp::start_with_webhooks().await;
    let ada = app.administrator("Ada").await;
    let hook = ada.create_webhook(&Sink::start()).await;
    ada.create_team("Platform").await;
    app.send_webhooks();
    let delivery = ada.get(&hook.path()).await.link("team.created");
    let delivery = delivery.rsplit('/').next().expect("an id").to_owned();
    let mallory = app.another_organization("Mallory Ltd", "Mallory", None).await;
    mallory.get("/settings/webhooks").await.assert_sees("No webhooks yet");
    let one = format!("{}/deliveries/{delivery}", hook.path());
    for path in ["", "/edit", "/secret", "/deletion"]
        .map(|end| format!("{}{end}", hook.path()))
        .iter()
        .chain([&one])
    {
        mallory.get(path).await.assert_status(404);
    }
    mallory.get("/settings/webhooks/new").await;
    let attempts = format!("{one}/attempts");
    for path in ["", "/secret", "/deletion", "/tests", "/disablement", "/enablement"]
        .map(|end| format!("{}{end}", hook.path()))
        .iter()
        .chain([&attempts])
    {
        mallory.get("/settings/webhooks/new").await;
        mallory.post(path, &[]).await.assert_status(404);
    }
    assert_eq!(app.deliveries(), ["delivered 1"]);
}
