//! Signing in with SAML: who comes in, who they are, when they have to come again, and what a test shows.

use crate::harness::{
    GOOD, TestApp,
    saml_provider::{EMAIL_FORMAT, TRANSIENT},
    user_creation::audited,
};
use chrono::TimeDelta;
use roster::connections::Provisioning;

#[actix_web::test]
async fn a_person_joins_by_signing_in_and_comes_back_as_the_same_member() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let grace = app.visitor();
    grace
        .sign_in_with_saml(connection, &provider, "g-1", "grace@acme.example")
        .await
        .assert_status(200)
        .assert_sees("User Directory");
    ada.get("/users").await.assert_sees("Grace Hopper").assert_sees("SAML");
    app.visitor()
        .sign_in_with_saml(connection, &provider, "g-1", "grace@acme.example")
        .await
        .assert_sees("User Directory");
    // Another qualifier or case is another person.
    app.visitor()
        .sign_in_with_saml(connection, &provider, "G-1", "grace@acme.example")
        .await
        .assert_sees("You have an account already");
    assert_eq!(app.count("SELECT count(*) FROM users"), 2);
    assert_eq!(app.count("SELECT count(*) FROM identities"), 1);
    assert_eq!(app.count("SELECT count(*) FROM saml_seen"), 3);
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE method = 'saml' AND outcome = 'signed_in'"), 2);
}

#[actix_web::test]
async fn an_address_proves_nothing_unless_its_domain_is_verified_for_the_connection() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Invited);
    ada.invite("grace@acme.example", "Viewer").await;
    let grace = app.visitor();
    grace.sign_in_with_saml(connection, &provider, "g-1", "grace@acme.example").await.assert_status(403);
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
    assert!(app.text("SELECT last_failure FROM connections").contains("its domain is not verified"));
    // An account with the address is connected by its owner only.
    ada.welcome("Alan", "User").await;
    let browser = app.visitor();
    browser
        .sign_in_with_saml(connection, &provider, "a-1", "alan@example.org")
        .await
        .assert_sees("You have an account already");
    browser.get(&browser.page().link("Sign in as before")).await;
    browser.submit("Sign in", &[("name", "alan@example.org"), ("password", GOOD)]).await;
    browser.submit("Connect them", &[]).await.assert_sees("From now on you can sign in with");
    app.visitor()
        .sign_in_with_saml(connection, &provider, "a-1", "alan@example.org")
        .await
        .assert_sees("User Directory");
    assert_eq!(audited(&app, "identity.linked"), 1);
}

#[actix_web::test]
async fn a_person_without_a_password_proves_anew_at_the_provider_who_they_are() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let grace = app.visitor();
    grace.sign_in_with_saml(connection, &provider, "g-1", "grace@acme.example").await.assert_status(200);
    app.wait(TimeDelta::minutes(16));
    let name_ids = [("g-1", 960, 403), ("g-2", 0, 403), ("g-1", 0, 200)];
    for (name_id, seconds, status) in name_ids {
        grace.get("/two-step/authenticator").await;
        grace.submit("Sign in again with Acme SAML 2.0", &[]).await.assert_sees("Continue");
        let mut response = provider.respond(&grace.page().link("Continue"), name_id, "grace@acme.example");
        assert!(response.is_forced);
        response.signed_in = app.clock.now() - TimeDelta::seconds(seconds);
        grace.bring(&provider, &response).await.assert_status(status);
    }
    assert_eq!(grace.page().path, "/two-step/authenticator");
}

#[actix_web::test]
async fn the_provider_says_when_the_session_ends_and_whether_it_took_two_steps() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml_with(ada.organization(), &provider, |new| {
        new.provisioning = Provisioning::Anyone;
        new.max_age_minutes = Some(60);
    });
    let grace = app.visitor();
    let mut response = provider.respond(&grace.start_sign_in(connection).await, "g-1", "grace@acme.example");
    response.session_until = Some(app.clock.now() + TimeDelta::minutes(30));
    grace.bring(&provider, &response).await.assert_status(200);
    app.wait(TimeDelta::minutes(29));
    grace.get("/users").await.assert_sees("User Directory");
    app.wait(TimeDelta::minutes(2));
    grace.get("/users").await.assert_misses("User Directory");

    app.execute("UPDATE organizations SET two_step_required = TRUE WHERE id IS NOT NULL");
    grace
        .sign_in_with_saml(connection, &provider, "g-1", "grace@acme.example")
        .await
        .assert_misses("User Directory");
    let mut response = provider.respond(&grace.start_sign_in(connection).await, "g-1", "grace@acme.example");
    response.context = "https://refeds.org/profile/mfa".into();
    grace.bring(&provider, &response).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn an_attribute_or_a_fixed_name_id_identifies_people_where_the_connection_says_so() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml_with(ada.organization(), &provider, |new| {
        new.provisioning = Provisioning::Anyone;
        new.settings.saml.subject_attribute = "oid".into();
    });
    let (one, two) = (app.visitor(), app.visitor());
    let mut response = provider.respond(&one.start_sign_in(connection).await, "x", "grace@acme.example");
    one.bring(&provider, &response).await.assert_status(403);
    for (browser, name_id) in [(&one, "y"), (&two, "z")] {
        response = provider.respond(&browser.start_sign_in(connection).await, name_id, "grace@acme.example");
        response.format = TRANSIENT.into();
        response.attributes.push(("oid".into(), "6babcaad".into()));
        browser.bring(&provider, &response).await.assert_sees("User Directory");
    }
    assert_eq!(app.count("SELECT count(*) FROM identities"), 1);
    let fixed = app.connect_saml_with(ada.organization(), &provider, |new| {
        new.name = "Fixed".into();
        new.provisioning = Provisioning::Anyone;
        new.settings.saml.has_fixed_name_ids = true;
    });
    let alan = app.visitor();
    let mut response = provider.respond(&alan.start_sign_in(fixed).await, "alan@acme.example", "");
    response.format = EMAIL_FORMAT.into();
    response.attributes.clear();
    alan.bring(&provider, &response).await.assert_sees("User Directory");
    ada.get("/users").await.assert_sees("alan@acme.example");
}

#[actix_web::test]
async fn a_test_shows_what_came_and_how_it_was_checked_and_signs_nobody_in() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    app.execute("UPDATE connections SET status = 'draft' WHERE id IS NOT NULL");
    let tests = format!("/settings/connections/{connection}/tests");
    ada.get("/settings").await;
    ada.post(&tests, &[]).await.assert_sees("Continue");
    let mut response = provider.respond(&ada.page().link("Continue"), "g-1", "grace@acme.example");
    response.attributes.push(("department".into(), "Compilers".into()));
    ada.bring(&provider, &response)
        .await
        .assert_status(200)
        .assert_sees("Compilers")
        .assert_sees("grace@acme.example becomes a member")
        .assert_sees("Signature of the assertion")
        .assert_sees("RSA with SHA-256")
        .assert_sees(provider.certificate().fingerprint());
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
    ada.get("/settings").await;
    ada.post(&tests, &[]).await;
    let mut response = provider.respond(&ada.page().link("Continue"), "g-1", "grace@acme.example");
    response.audience = "https://other.example".into();
    ada.bring(&provider, &response).await.assert_sees("The assertion is for another application");
}

#[actix_web::test]
async fn an_address_with_something_invisible_in_it_is_nobody_elses() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    ada.welcome("Alan", "User").await;
    for email in ["alan@example.org\u{a0}", "\u{2003}alan@example.org", "al\u{200b}an@example.org"] {
        let page = app.visitor().sign_in_with_saml(connection, &provider, "a-1", email).await;
        assert_eq!(page.status, 403, "{email:?}: {}", page.text());
        assert!(app.text("SELECT last_failure FROM connections").contains("sends no email address"));
    }
    // XML is often written with line breaks.
    app.visitor()
        .sign_in_with_saml(connection, &provider, "a-1", "\n  alan@example.org\n")
        .await
        .assert_sees("You have an account already");
}
