//! Signing in through an identity provider: who is let in, who is not and why, and that every answer counts once, in the
//! browser that asked for it.

use crate::harness::{GOOD, TestApp, user_creation::audited};
use actix_web::http::Method;
use chrono::TimeDelta;
use roster::connections::Provisioning;
use serde_json::json;

#[actix_web::test]
async fn a_person_joins_by_signing_in_and_comes_back_as_the_same_member() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("248289761001", "grace@acme.example");
    provider.claim("name", json!("Grace Hopper"));
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_status(200).assert_sees("User Directory");
    ada.get("/users").await.assert_sees("Grace Hopper").assert_sees("OIDC");
    assert_eq!(audited(&app, "member.joined"), 1);
    let again = app.visitor();
    again.sign_in_through(connection, &provider).await.assert_status(200).assert_sees("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM users"), 2);
    assert_eq!(app.count("SELECT count(*) FROM identities WHERE last_used_at IS NOT NULL"), 1);
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE method = 'oidc' AND outcome = 'signed_in'"), 2);
}

#[actix_web::test]
async fn the_sign_in_page_offers_what_is_enabled_and_leads_on_to_the_page_that_was_asked_for() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    let grace = app.visitor();
    let asked = format!("/o/{}/teams", ada.organization());
    let page = grace.get(&asked).await.assert_sees("Sign in with Acme OpenID Connect");
    let start = page.link("Sign in with Acme OpenID Connect");
    let away = grace.request(Method::GET, &start, None).await;
    let back = provider.sign_in(&away.went[0]);
    grace.get(&back).await.assert_status(200).assert_path(&asked);
    ada.get("/settings").await;
    app.execute("UPDATE connections SET status = 'disabled' WHERE id IS NOT NULL");
    app.visitor().get("/sign-in").await.assert_misses("Acme OpenID Connect");
    app.visitor().get(&start).await.assert_status(403).assert_sees("turned off");
    let _ = connection;
}

#[actix_web::test]
async fn nobody_joins_who_was_not_invited_where_only_the_invited_may() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Invited);
    provider.person("1", "grace@acme.example");
    let grace = app.visitor();
    grace
        .sign_in_through(connection, &provider)
        .await
        .assert_status(403)
        .assert_sees("invited people only");
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);

    ada.invite("grace@acme.example", "Viewer").await;
    grace.sign_in_through(connection, &provider).await.assert_status(200).assert_sees("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM identities WHERE linked_how = 'invitation'"), 1);
    assert_eq!(audited(&app, "invitation.accepted"), 1);
    // The letter's link died with the invitation.
    let letter = app.inbox("grace@acme.example").link();
    app.visitor().get(&letter).await.assert_sees("used already");
}

#[actix_web::test]
async fn an_invitation_is_accepted_only_by_an_address_that_the_provider_calls_verified() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Invited);
    ada.invite("grace@acme.example", "Viewer").await;
    for unproven in [json!(false), json!("true"), json!(1), json!(null)] {
        provider.person("1", "grace@acme.example");
        provider.claim("email_verified", unproven.clone());
        let page = app.visitor().sign_in_through(connection, &provider).await;
        assert_eq!(page.status, 403, "{unproven}: {}", page.text());
    }
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
}

#[actix_web::test]
async fn an_account_with_the_same_address_is_connected_by_its_owner_only() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let grace = ada.welcome("Grace", "User").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@example.org");
    let browser = app.visitor();
    let page = browser.sign_in_through(connection, &provider).await.assert_sees("You have an account already");
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE outcome = 'not_linked'"), 1);
    let ask = page.path.clone();
    // The address is of this browser alone, and of the owner of the account alone.
    app.visitor().get(&ask).await.assert_status(410);
    browser.sign_in("ada@example.org", GOOD).await;
    browser.get(&ask).await.assert_status(403).assert_sees("Somebody else is signed in");
    browser.get("/users").await;
    browser.sign_out().await;
    browser.get(&ask).await;
    browser.get(&browser.page().link("Sign in as before")).await;
    browser
        .submit("Sign in", &[("name", "grace@example.org"), ("password", GOOD)])
        .await
        .assert_sees("either way lets you in");
    browser.submit("Connect them", &[]).await.assert_sees("From now on you can sign in with");
    assert_eq!(audited(&app, "identity.linked"), 1);
    assert!(app.inbox("grace@example.org").subject.contains("connected with your account"));
    browser.get(&ask).await.assert_status(410);
    let elsewhere = app.visitor();
    elsewhere.sign_in_through(connection, &provider).await.assert_sees("User Directory");
    drop(grace);
}

#[actix_web::test]
async fn the_disabled_the_deleted_and_those_without_a_seat_stay_out() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_status(200);
    ada.disable("grace@acme.example").await;
    grace.get("/users").await.assert_sees("Sign in");
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(403)
        .assert_sees("disabled");
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE method = 'oidc' AND outcome = 'not_active'"), 1);

    let id = ada.member("grace@acme.example").await;
    ada.get(&format!("/users/{id}/deletion")).await;
    ada.submit("Delete", &[("name", "grace@acme.example")]).await.assert_status(200);
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(403)
        .assert_sees("You were removed");
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
    // An invitation says that they are wanted again.
    ada.invite("grace@acme.example", "Viewer").await;
    app.wait(TimeDelta::seconds(1));
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(200)
        .assert_sees("User Directory");

    app.execute("UPDATE organizations SET seat_limit = 2 WHERE id IS NOT NULL");
    provider.person("2", "alan@acme.example");
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(403)
        .assert_sees("No seat is free");
    assert_eq!(app.count("SELECT count(*) FROM users"), 2);
}

#[actix_web::test]
async fn an_answer_counts_once_in_the_browser_that_asked_at_its_own_connection() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    let other = app.connect_with(ada.organization(), &provider, |new| new.name = "Another".into());
    provider.person("1", "grace@acme.example");
    let (grace, mallory) = (app.visitor(), app.visitor());
    let back = provider.sign_in(&grace.start_sign_in(connection).await);
    // Another browser, without and with a cookie of its own.
    mallory.get(&back).await.assert_status(410);
    mallory.start_sign_in(connection).await;
    mallory.get(&back).await.assert_status(410);
    // Another connection.
    grace.get(&back.replace(&connection.to_string(), &other.to_string())).await.assert_status(410);
    grace.get(&back).await.assert_status(200).assert_sees("User Directory");
    // Loaded again: the person is in, and goes on.
    grace.get(&back).await.assert_sees("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE method = 'oidc'"), 1);
    // Too late.
    let back = provider.sign_in(&mallory.start_sign_in(connection).await);
    app.wait(TimeDelta::minutes(11));
    mallory.get(&back).await.assert_status(410).assert_sees("longer than ten minutes");
    // Several tabs at once.
    let tabs = app.visitor();
    let now = app.provider();
    let third = app.connect_with(ada.organization(), &now, |new| {
        new.name = "Third".into();
        new.provisioning = Provisioning::Anyone;
    });
    now.person("3", "alan@acme.example");
    let (one, two) = (tabs.start_sign_in(third).await, tabs.start_sign_in(third).await);
    tabs.get(&now.sign_in(&two)).await.assert_sees("User Directory");
    tabs.get(&now.sign_in(&one)).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn a_test_shows_what_came_and_what_would_happen_and_signs_nobody_in() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    app.execute("UPDATE connections SET status = 'draft' WHERE id IS NOT NULL");
    provider.person("1", "grace@acme.example");
    provider.claim("department", json!("Compilers"));
    ada.get("/settings").await;
    let path = format!("/settings/connections/{connection}/tests");
    ada.post(&path, &[]).await.assert_sees("Continue");
    ada.follow_to(&provider)
        .await
        .assert_status(200)
        .assert_sees("Compilers")
        .assert_sees("grace@acme.example becomes a member")
        .assert_sees("ES256");
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
    assert_eq!(audited(&app, "connection.tested"), 1);
    provider.lie(|_, claims| {
        claims.insert("aud".into(), "somebody else".into());
    });
    ada.get("/settings").await;
    ada.post(&path, &[]).await;
    ada.follow_to(&provider).await.assert_sees("for another client");
}

#[actix_web::test]
async fn what_the_person_who_set_it_up_may_not_give_any_more_is_given_to_nobody() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    ada.welcome_administrator("Bob").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    app.execute("UPDATE connections SET granted_by = (SELECT id FROM members WHERE name = 'Bob') WHERE id IS NOT NULL");
    provider.person("1", "grace@acme.example");
    ada.disable("Bob").await;
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(403)
        .assert_sees("not a member");
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
    assert!(app.text("SELECT last_failure FROM connections").contains("Save it again"));
}

#[actix_web::test]
async fn what_a_test_brought_is_taken_by_no_other_page() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    ada.get("/settings").await;
    ada.post(&format!("/settings/connections/{connection}/tests"), &[]).await;
    let shown = ada.follow_to(&provider).await.assert_sees("grace@acme.example becomes a member").path;
    let secret = shown.rsplit('/').next().expect("a secret");
    ada.get(&format!("/sso/{connection}/saml/{secret}")).await;
    ada.get(&format!("/sso/{connection}/arrivals/{secret}")).await.assert_status(410);
    assert_eq!((app.count("SELECT count(*) FROM users"), app.count("SELECT count(*) FROM identities")), (1, 0));
    // Nor is it spent by that.
    ada.get(&shown).await.assert_sees("grace@acme.example becomes a member");
}

#[actix_web::test]
async fn what_a_provider_tells_is_kept_as_far_as_it_can_be_shown() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
    for (name, value) in [
        ("email", "x".repeat(50_000)),
        ("name", "x".repeat(50_000)),
        ("sid", "x".repeat(50_000)),
        ("name", "Grace\u{202e}reppoH".to_owned()),
    ] {
        provider.claim(name, json!(value));
        app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
    }
    assert_eq!(app.count("SELECT count(*) FROM identities WHERE email = '' AND name = ''"), 1);
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE provider_session IS NOT NULL"), 0);
}
