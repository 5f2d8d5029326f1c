//! Sessions that an identity provider began: what they open, when they end, and how their owners prove who they are.

use crate::harness::{GOOD, TestApp, passkey::Key, user_creation::audited};
use chrono::TimeDelta;
use roster::connections::Provisioning;
use serde_json::json;

#[actix_web::test]
async fn a_session_opens_the_organization_of_its_provider_only_and_proves_nothing_to_others() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let bob = app.another_organization("Other Works", "Bob", None).await;
    ada.welcome("Grace", "User").await;
    bob.invite("grace@example.org", "User").await.assert_sees("1");
    let provider = app.provider();
    let connection = app.connect(bob.organization(), &provider, Provisioning::Anyone);
    // Grace connects herself with Bob's provider.
    let grace = app.visitor();
    grace.sign_in("grace@example.org", GOOD).await;
    grace.get(&format!("/o/{}/me", bob.organization())).await.assert_sees("Acme OpenID Connect");
    provider.person("1", "grace@example.org");
    grace.submit("Connect", &[]).await.assert_sees("Continue");
    grace.follow_to(&provider).await.assert_sees("From now on you can sign in with");

    let through = app.visitor();
    through.sign_in_through(connection, &provider).await.assert_sees("User Directory");
    through.get(&format!("/o/{}/users", bob.organization())).await.assert_status(200);
    through.get(&format!("/o/{}/users", ada.organization())).await.assert_status(404);
    // What her identity is made of needs her own proof.
    let asked = through.get("/two-step/authenticator").await;
    assert!(asked.path.starts_with("/sign-in/again"), "{}", asked.path);
    assert!(!asked.has_button("Sign in again with Acme OpenID Connect"));
    // Ada's organization learns nothing of it.
    let there = "SELECT count(*) FROM sign_ins JOIN organizations o ON o.id = organization_id WHERE method = 'oidc' AND o.name = 'Analytical Engines'";
    assert_eq!(app.count(there), 0);
}

#[actix_web::test]
async fn sessions_end_with_their_connection_and_their_identity_in_every_process() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect_with(ada.organization(), &provider, |new| {
        new.provisioning = Provisioning::Anyone;
        new.max_age_minutes = Some(30);
    });
    provider.person("1", "grace@acme.example");
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_status(200);
    let elsewhere = grace.at(&app.another().await);
    elsewhere.get("/users").await.assert_sees("User Directory");
    app.execute("UPDATE connections SET status = 'disabled' WHERE id IS NOT NULL");
    elsewhere.get("/users").await.assert_misses("User Directory");
    app.execute("UPDATE connections SET status = 'enabled' WHERE id IS NOT NULL");

    grace.sign_in_through(connection, &provider).await.assert_status(200);
    app.wait(TimeDelta::minutes(29));
    grace.get("/users").await.assert_sees("User Directory");
    app.wait(TimeDelta::minutes(2));
    grace.get("/users").await.assert_misses("User Directory");
}

#[actix_web::test]
async fn an_administrator_ends_an_identity_and_its_sessions_and_the_person_is_told() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_status(200);
    // It is her only way in.
    grace.get("/me").await;
    grace.submit("Disconnect", &[]).await.assert_sees("only way to sign in");
    let id = ada.member("grace@acme.example").await;
    ada.get(&format!("/users/{id}")).await.assert_sees("grace@acme.example");
    ada.submit("Disconnect", &[]).await.assert_sees("its sessions");
    grace.get("/users").await.assert_misses("User Directory");
    assert_eq!(audited(&app, "identity.unlinked"), 1);
    assert!(app.inbox("grace@acme.example").subject.contains("removed from your account"));
}

#[actix_web::test]
async fn a_person_without_a_password_proves_anew_at_the_provider_who_they_are() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_status(200);
    app.wait(TimeDelta::minutes(16));
    let asked = grace.get("/two-step/authenticator").await;
    assert!(asked.path.starts_with("/sign-in/again"), "{}", asked.path);
    // A provider that ignores the request to ask anew vouches for nothing.
    provider.claim("auth_time", json!(app.clock.now().utc().timestamp() - 960));
    let lie_of_time = app.clock.now().utc().timestamp();
    provider.lie(move |_, claims| {
        claims.insert("iat".into(), lie_of_time.into());
        claims.insert("exp".into(), (lie_of_time + 300).into());
    });
    grace.submit("Sign in again with Acme OpenID Connect", &[]).await.assert_sees("Continue");
    assert!(grace.page().link("Continue").contains("prompt=login"));
    grace.follow_to(&provider).await.assert_status(403);
    // Another person at the provider vouches for nothing either.
    provider.claim("auth_time", json!(lie_of_time));
    provider.claim("sub", json!("2"));
    grace.get("/two-step/authenticator").await;
    grace.submit("Sign in again with Acme OpenID Connect", &[]).await;
    grace.follow_to(&provider).await.assert_status(403);
    provider.claim("sub", json!("1"));
    grace.get("/two-step/authenticator").await;
    grace.submit("Sign in again with Acme OpenID Connect", &[]).await;
    grace.follow_to(&provider).await.assert_status(200).assert_path("/two-step/authenticator");
}

#[actix_web::test]
async fn two_steps_at_the_provider_count_if_the_connection_says_so() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    app.visitor().sign_in_through(connection, &provider).await.assert_status(200);
    app.execute("UPDATE organizations SET two_step_required = TRUE WHERE id IS NOT NULL");
    app.visitor().sign_in_through(connection, &provider).await.assert_misses("User Directory");
    provider.claim("amr", json!(["pwd", "mfa"]));
    app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
    app.execute("UPDATE connections SET counts_two_steps = FALSE WHERE id IS NOT NULL");
    app.visitor().sign_in_through(connection, &provider).await.assert_misses("User Directory");
}

#[actix_web::test]
async fn a_passkey_that_a_provider_may_have_added_does_not_open_another_organization() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let mallory = app.another_organization("Elsewhere", "Mallory", None).await;
    let vera = mallory.welcome("Vera", "User").await;
    let provider = app.provider();
    let connection = app.connect(mallory.organization(), &provider, Provisioning::Invited);
    vera.get(&format!("/o/{}/me", mallory.organization())).await;
    provider.person("1", "vera@example.org");
    vera.submit("Connect", &[]).await;
    vera.follow_to(&provider).await.assert_sees("From now on you can sign in with");
    // Mallory runs the provider, which says of Mallory's browser that it is Vera's.
    let puppet = app.visitor();
    puppet.sign_in_through(connection, &provider).await.assert_sees("User Directory");
    puppet.get("/two-step/passkeys/new").await.assert_status(200);
    let (mut key, answer) = Key::create(&puppet, "https://roster.example");
    puppet
        .submit("Create the passkey", &[("name", "Laptop"), ("credential", &answer)])
        .await
        .assert_sees("Shown only this once");
    // Vera is not taken in as she is: she has to prove the mailbox.
    ada.invite("vera@example.org", "User").await.assert_sees("A letter with a link is on its way");
    let other = app.visitor();
    other.get("/sign-in/passkey").await;
    let signed = key.answer(&other, "https://roster.example");
    other.submit("Use a passkey", &[("credential", &signed)]).await;
    other.get(&format!("/o/{}/users", ada.organization())).await.assert_misses("User Directory");
}
