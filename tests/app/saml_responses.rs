//! Responses with SAML: each counts once, in the browser that asked, at the connection that asked, signed by a certificate
//! of that connection; and the one route to which other sites may post.

use crate::harness::{
    TestApp,
    saml_provider::{EMAIL_FORMAT, TRANSIENT, form},
};
use actix_web::http::Method;
use chrono::TimeDelta;
use roster::connections::Provisioning;

#[actix_web::test]
async fn a_response_counts_once_in_the_browser_that_asked_at_its_own_connection() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let other = app.connect_saml_with(ada.organization(), &provider, |new| new.name = "Another".into());
    let (grace, mallory) = (app.visitor(), app.visitor());
    let response = provider.respond(&grace.start_sign_in(connection).await, "g-1", "grace@acme.example");
    let document = provider.sign(&response);
    let (id, state) = (connection.to_string(), response.relay_state.as_str());
    // At another connection, and without or with another RelayState, nothing is kept.
    mallory.post_document(&other.to_string(), &document, state).await.assert_status(410);
    mallory.post_document(&id, &document, "").await.assert_status(410);
    mallory.post_document(&id, &document, "https://evil.example/").await.assert_status(410);
    mallory
        .post_document(&id, &document, "A-secret-that-nobody-was-ever-given-to-0123")
        .await
        .assert_status(410);
    assert_eq!(app.count("SELECT count(*) FROM saml_seen"), 0);
    // The sign-in of somebody else: the request is not theirs.
    let theirs = provider.respond(&mallory.start_sign_in(connection).await, "m-1", "mallory@acme.example");
    let page = mallory.post_document(&id, &document, &theirs.relay_state).await.assert_status(303);
    mallory.get(&page.went[0]).await.assert_status(403);
    assert!(
        app.text("SELECT last_failure FROM connections WHERE name = 'Acme SAML 2.0'")
            .contains("does not answer the sign-in")
    );
    // Another browser follows the redirect, without and with a cookie.
    let to = grace.post_document(&id, &document, state).await.assert_status(303).went[0].clone();
    app.visitor().get(&to).await.assert_status(410);
    mallory.start_sign_in(connection).await;
    mallory.get(&to).await.assert_status(410);
    grace.get(&to).await.assert_status(200).assert_sees("User Directory");
    // Again, by the address and by the response.
    app.visitor().get(&to).await.assert_status(410);
    grace.post_document(&id, &document, state).await.assert_status(410);
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE method = 'saml' AND outcome = 'signed_in'"), 1);
}

#[actix_web::test]
async fn an_assertion_that_was_used_is_refused_and_forgotten_only_when_it_has_ended() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let grace = app.visitor();
    let response = provider.respond(&grace.start_sign_in(connection).await, "g-1", "grace@acme.example");
    let document = provider.sign(&response);
    let id = connection.to_string();
    // Twice before the browser follows: the second one finds the assertion used.
    grace.post_document(&id, &document, &response.relay_state).await.assert_status(303);
    let to = grace.post_document(&id, &document, &response.relay_state).await.assert_status(303).went[0].clone();
    grace.get(&to).await.assert_status(403).assert_misses("used already");
    assert!(app.text("SELECT last_failure FROM connections").contains("was used already"));
    let sweep = || {
        let now = app.clock.now();
        app.db.write_here(|tx| roster::sso::sweep(tx, now)).expect("a sweep");
        app.count("SELECT count(*) FROM saml_seen")
    };
    app.wait(TimeDelta::minutes(6));
    assert_eq!(sweep(), 1);
    // It has ended, but a request that began before that may still be on its way.
    app.wait(TimeDelta::minutes(2));
    assert_eq!(sweep(), 1);
    app.wait(TimeDelta::minutes(60));
    assert_eq!(sweep(), 0);
    // An arrival waits a minute.
    let page = app.visitor();
    let response = provider.respond(&page.start_sign_in(connection).await, "g-1", "grace@acme.example");
    let to = page.post_document(&id, &provider.sign(&response), &response.relay_state).await.went[0].clone();
    app.wait(TimeDelta::seconds(61));
    page.get(&to).await.assert_status(410);
}

#[actix_web::test]
async fn what_is_forged_unsigned_or_for_others_is_refused_and_only_administrators_read_why() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (provider, evil) = (app.saml_provider(), app.saml_provider());
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let page = format!("/settings/connections/{connection}");
    for (what, why) in [
        ("evil", "none of this connection's certificates"),
        ("unsigned", "Neither the response nor the assertion is signed"),
        ("changed", "not what the provider signed"),
        ("audience", "for another application"),
        ("recipient", "for another address"),
        ("issuer", "another provider"),
        ("transient", "transient"),
        ("email", "can change or be given to somebody else"),
    ] {
        let grace = app.visitor();
        let mut response = provider.respond(&grace.start_sign_in(connection).await, "g-1", "grace@acme.example");
        match what {
            "unsigned" => response.signs_inner = false,
            "audience" => response.audience += "x",
            "recipient" => response.recipient += "x",
            "issuer" => response.issuer += "x",
            "transient" => response.format = TRANSIENT.into(),
            "email" => response.format = EMAIL_FORMAT.into(),
            _ => {}
        }
        let mut document = if what == "evil" {
            evil.sign(&response)
        } else {
            provider.sign(&response)
        };
        if what == "changed" {
            document = document.replace(">g-1<", ">a-1<");
        }
        let to = app.visitor().post_document(&connection.to_string(), &document, &response.relay_state).await.went[0].clone();
        grace.get(&to).await.assert_status(403).assert_sees("The sign-in did not work").assert_misses(why);
        let told = app.text("SELECT last_failure FROM connections");
        assert!(told.contains(why), "{what}: {told}");
        ada.get(&page).await.assert_sees("The latest sign-in was refused").assert_sees(&told);
    }
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
    // Whoever posts without a sign-in leaves no trace.
    let before = app.text("SELECT last_failure FROM connections");
    let unasked = evil.unsolicited(&connection.to_string(), "g-1", "grace@acme.example");
    app.visitor()
        .post_document(&connection.to_string(), &evil.sign(&unasked), "")
        .await
        .assert_status(410);
    assert_eq!(app.text("SELECT last_failure FROM connections"), before);
    // A signature on the assertion is not enough where the response has to be signed.
    app.execute("DELETE FROM connections");
    let strict = app.connect_saml_with(ada.organization(), &provider, |new| {
        new.provisioning = Provisioning::Anyone;
        new.settings.saml.response_must_be_signed = true;
    });
    app.visitor()
        .sign_in_with_saml(strict, &provider, "g-1", "grace@acme.example")
        .await
        .assert_status(403);
    let grace = app.visitor();
    let mut response = provider.respond(&grace.start_sign_in(strict).await, "g-1", "grace@acme.example");
    response.signs_whole = true;
    grace.bring(&provider, &response).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn a_provider_begins_a_sign_in_only_where_the_connection_lets_it() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let response = provider.unsolicited(&connection.to_string(), "g-1", "grace@acme.example");
    let document = provider.sign(&response);
    let grace = app.visitor();
    grace.post_document(&connection.to_string(), &document, "default").await.assert_status(410);
    assert!(app.text("SELECT last_failure FROM connections").contains("started this sign-in by itself"));
    app.execute("DELETE FROM connections");
    let open = app.connect_saml_with(ada.organization(), &provider, |new| {
        new.provisioning = Provisioning::Anyone;
        new.settings.saml.allows_unsolicited = true;
    });
    let response = provider.unsolicited(&open.to_string(), "g-1", "grace@acme.example");
    let document = provider.sign(&response);
    let to = grace
        .post_document(&open.to_string(), &document, "https://evil.example/")
        .await
        .assert_status(303)
        .went[0]
        .clone();
    // The browser that brought it has a cookie now; no other can use the address.
    app.visitor().get(&to).await.assert_status(410);
    grace.get(&to).await.assert_sees("User Directory");
    let again = grace.post_document(&open.to_string(), &document, "").await.assert_status(303).went[0].clone();
    app.visitor().get(&again).await.assert_status(410);
    assert_eq!(app.count("SELECT count(*) FROM sign_ins WHERE method = 'saml' AND outcome = 'signed_in'"), 1);
    // A response to a request is no unsolicited one.
    let mut answered = provider.unsolicited(&open.to_string(), "g-1", "grace@acme.example");
    answered.request = Some("_somebody".into());
    app.visitor()
        .post_document(&open.to_string(), &provider.sign(&answered), "")
        .await
        .assert_status(410);
}

#[actix_web::test]
async fn other_sites_post_to_the_assertion_consumer_service_and_nowhere_else() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let cross = [("sec-fetch-site", "cross-site"), ("origin", "https://idp.example")];
    let visitor = app.visitor();
    let body = form("<x/>", "");
    for path in [
        format!("/sso/saml/{connection}/acs/"),
        format!("/sso/saml/{connection}/acs/x"),
        format!("/sso/saml/{connection}"),
        format!("/sso/saml/{connection}/acs;x"),
        format!("/sso/saml//{connection}/acs"),
        "/sso/saml/x/acs".into(),
        format!("/sso/{connection}/logout"),
        format!("/sso/{connection}/arrivals/A-secret-that-nobody-was-ever-given-to-0123"),
        "/sso".into(),
        "/sign-out".into(),
        format!("/o/{}/settings/connections", ada.organization()),
    ] {
        let page = visitor.request_with(Method::POST, &path, &cross, Some(body.clone())).await;
        assert_eq!(page.status, 403, "{path}: {}", page.text());
        let page = visitor
            .request_with(Method::PUT, &format!("/sso/saml/{connection}/acs"), &cross, Some(body.clone()))
            .await;
        assert_eq!(page.status, 403);
    }
    let acs = format!("/sso/saml/{connection}/acs");
    let send = |headers: Vec<(&'static str, &'static str)>, body: String| {
        let (visitor, acs) = (visitor.clone(), acs.clone());
        async move { visitor.request_with(Method::POST, &acs, &headers, Some(body)).await.status }
    };
    assert_eq!(send(cross.to_vec(), body.clone()).await, 410);
    // Not even a session is looked for, nor begun.
    assert!(visitor.cookie("__Host-session").is_none());
    assert_eq!(send(cross.to_vec(), "x=1".into()).await, 400);
    assert_eq!(send(cross.to_vec(), format!("{body}&{body}")).await, 400);
    let json = [cross.to_vec(), vec![("content-type", "application/json")]].concat();
    assert_eq!(send(json, "{}".into()).await, 400);
    // A megabyte on this route, and a quarter elsewhere.
    assert_eq!(send(cross.to_vec(), format!("SAMLResponse={}", "A".repeat(700 * 1024))).await, 410);
    assert_eq!(send(cross.to_vec(), format!("SAMLResponse={}", "A".repeat(1024 * 1024))).await, 413);
    visitor
        .request(Method::POST, "/sign-in", Some(format!("name={}", "A".repeat(300 * 1024))))
        .await
        .assert_status(413);
    // A network that posts without end is slowed down.
    let mut last = 0;
    for _ in 0..60 {
        last = send(cross.to_vec(), "x=1".into()).await;
    }
    assert_eq!(last, 429);
}
