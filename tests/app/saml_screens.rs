//! Setting up a connection with SAML: metadata is read and shown before it is saved, certificates are changed without an
//! outage, and those who manage connections are warned before one ends.

use crate::harness::{
    Person, TestApp,
    rights::create_role,
    saml_provider::{ENTITY_ID, SSO_URL, SamlProvider},
    sink::Sink,
    user_creation::audited,
};
use actix_web::http::Method;
use chrono::TimeDelta;
use roster::connections::Provisioning;

/// Sends metadata as a file, a text or an address.
async fn read_metadata(person: &Person, file: &str, typed: &[(&str, &str)]) -> crate::harness::Page {
    let (action, mut fields) = person.page().form("Read metadata");
    fields.retain(|(name, _)| name != "file" && !typed.iter().any(|(known, _)| known == name));
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    person.post_file(&action, &fields, file).await
}

#[actix_web::test]
async fn metadata_is_shown_before_it_is_saved_and_the_draft_leads_through_its_set_up() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    ada.get("/settings/connections/new").await.assert_sees("SAML 2.0");
    // Before the provider is known there is a draft with our addresses.
    ada.get("/settings/connections/new/saml").await.assert_misses("Client secret");
    let page = ada.submit("Save draft", &[("name", "Acme")]).await.assert_sees("is created");
    let id = page.path.rsplit('/').next().expect("an id").to_owned();
    let entity = format!("https://roster.example/sso/saml/{id}");
    assert_eq!(page.all("#entity"), [entity.as_str()]);
    assert_eq!(page.all("#callback"), [format!("{entity}/acs")]);
    assert!(!page.has_button("Test") && !page.has_button("Enable"));
    ada.post(&format!("/settings/connections/{id}/enablement"), &[])
        .await
        .assert_sees("Read its metadata first");
    let ours = app.visitor().request(Method::GET, &format!("/sso/saml/{id}"), None).await.assert_status(200);
    assert!(ours.body.contains(&format!("entityID=\"{entity}\"")) && ours.body.contains(&format!("Location=\"{entity}/acs\"")));

    let metadata = SamlProvider::metadata(&[provider.pem()]);
    let sink = Sink::start();
    sink.answer_with("200 OK", &metadata);
    let ways: [(&str, Vec<(&str, String)>); 3] = [
        (metadata.as_str(), vec![]),
        ("", vec![("text", metadata.clone())]),
        ("", vec![("url", format!("{}/metadata", sink.origin()))]),
    ];
    for (file, typed) in &ways {
        ada.get(&format!("/settings/connections/{id}/edit")).await;
        let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = read_metadata(&ada, file, &typed).await.assert_status(200);
        let page = page.assert_sees("The metadata was read").assert_sees(provider.certificate().fingerprint());
        assert_eq!(page.attribute("#entity_id", "value").as_deref(), Some(ENTITY_ID));
        assert_eq!(page.attribute("#sso_url", "value").as_deref(), Some(SSO_URL));
        assert_eq!(app.count("SELECT count(*) FROM connection_keys"), 0);
    }
    let page = ada.submit("Save connection", &[]).await.assert_sees("The provider and its certificate are stored");
    assert!(page.has_button("Test"));
    assert_eq!(app.count("SELECT count(*) FROM connection_keys"), 1);
    ada.submit("Enable", &[]).await.assert_sees("People can sign in through it now");
    // While it is enabled, the provider stays known.
    ada.get(&format!("/settings/connections/{id}/edit")).await;
    ada.submit("Save connection", &[("entity_id", "")])
        .await
        .assert_status(422)
        .assert_sees("Read its metadata first");
}

#[actix_web::test]
async fn bad_metadata_and_bad_fields_are_refused_in_words() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let good = SamlProvider::metadata(&[provider.pem()]);
    let missing = Sink::start();
    missing.answer("404 Not Found");
    let address = format!("{}/metadata", missing.origin());
    for (text, url, why) in [
        ("", "", "Choose a file"),
        ("<html></html>", "", "This is not SAML metadata"),
        ("<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>", "", "."),
        ("", "login.example.com", "Write a whole address"),
        ("", "https://10.0.0.1/metadata", "no name with a public address"),
        ("", address.as_str(), "answers 404"),
        (
            good.replace("https://idp.example/sso", "http://idp.example/sso").as_str(),
            "",
            "does not begin with https://",
        ),
        (
            good.replace("https://idp.example/sso", "javascript:alert(1)//").as_str(),
            "",
            "does not begin with https://",
        ),
        (good.replace("HTTP-Redirect", "HTTP-POST").as_str(), "", "offers no sign-in by HTTP-Redirect"),
    ] {
        ada.get("/settings/connections/new/saml").await;
        let page = read_metadata(&ada, "", &[("text", text), ("url", url)]).await.assert_status(422).assert_sees(why);
        assert_eq!(page.attribute("#url", "value").as_deref(), Some(url));
        assert!(!page.all(".metadata .notice.bad").is_empty());
    }
    // A certificate that does not count is named.
    ada.get("/settings/connections/new/saml").await;
    let with_bad = SamlProvider::metadata(&[provider.pem(), "AAAA".into()]);
    read_metadata(&ada, &with_bad, &[])
        .await
        .assert_status(200)
        .assert_sees("Left out")
        .assert_sees("not an X.509 certificate");
    for (typed, why) in [
        (("entity_id", "https://idp example"), "holds no blank"),
        (("sso_url", "http://idp.example"), "does not begin with https://"),
        (("certificates", "nonsense"), "not an X.509 certificate"),
        (("subject_attribute", "a\u{200b}b"), "cannot be seen"),
        (("two_step_contexts", "ä"), "is no class"),
    ] {
        ada.get("/settings/connections/new/saml").await;
        ada.submit("Save draft", &[("name", "Acme"), typed]).await.assert_status(422).assert_sees(why);
    }
    assert_eq!(app.count("SELECT count(*) FROM connections"), 0);
    // By hand.
    ada.get("/settings/connections/new/saml").await;
    let pem = provider.pem();
    let typed = [
        ("name", "Acme"),
        ("entity_id", ENTITY_ID),
        ("sso_url", SSO_URL),
        ("certificates", pem.as_str()),
    ];
    ada.submit("Save draft", &typed).await.assert_sees("The provider and its certificate are stored");
}

#[actix_web::test]
async fn a_provider_changes_its_certificate_without_an_outage() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (old, new) = (app.saml_provider(), app.saml_provider());
    let connection = app.connect_saml(ada.organization(), &old, Provisioning::Anyone);
    let path = format!("/settings/connections/{connection}");
    app.visitor()
        .sign_in_with_saml(connection, &old, "g-1", "grace@acme.example")
        .await
        .assert_status(200);
    app.visitor()
        .sign_in_with_saml(connection, &new, "g-1", "grace@acme.example")
        .await
        .assert_status(403);
    // The last one stays.
    let page = ada.get(&path).await;
    assert!(!page.has_button("Remove"));
    let key = app.texts("SELECT fingerprint FROM connection_keys");
    assert_eq!(key, [old.certificate().fingerprint()]);
    ada.submit("Add certificate", &[("certificate", "nonsense")])
        .await
        .assert_sees("not an X.509 certificate");
    ada.submit("Add certificate", &[("certificate", &new.pem())])
        .await
        .assert_sees("The certificate is added");
    for provider in [&old, &new] {
        app.visitor()
            .sign_in_with_saml(connection, provider, "g-1", "grace@acme.example")
            .await
            .assert_status(200);
    }
    ada.get(&path).await;
    let remove = format!("Remove the certificate {}", old.certificate().fingerprint());
    let (last, _) = ada.page().form(&format!("Remove the certificate {}", new.certificate().fingerprint()));
    ada.submit(&remove, &[]).await.assert_sees("The certificate is removed");
    ada.post(&last, &[]).await.assert_sees("Add the new one first");
    app.visitor()
        .sign_in_with_saml(connection, &old, "g-1", "grace@acme.example")
        .await
        .assert_status(403);
    app.visitor()
        .sign_in_with_saml(connection, &new, "g-1", "grace@acme.example")
        .await
        .assert_status(200);
    assert_eq!(
        [
            audited(&app, "connection.certificate_added"),
            audited(&app, "connection.certificate_removed")
        ],
        [1, 1]
    );
    // What this provider calls people is not what another one does.
    ada.get(&format!("{path}/edit")).await;
    ada.submit("Save connection", &[("entity_id", "https://other.example")])
        .await
        .assert_status(422)
        .assert_sees("make a new connection");
}

#[actix_web::test]
async fn those_who_manage_connections_are_warned_thirty_seven_and_one_day_before_a_certificate_ends_once_each() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let other = app.another().await;
    let provider = SamlProvider::new(&app.clock, 40);
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let path = format!("/settings/connections/{connection}");
    let warn = |app: &TestApp| roster::connections::warn(&app.db, &app.roster.outbox, app.clock.now()).expect("warnings are sent");
    let count = || app.count("SELECT count(*) FROM outbox WHERE kind = 'connection.certificate_ending'");
    ada.get(&path).await.assert_misses("ends soon");
    let (mut seen, mut before) = (Vec::new(), 0);
    for day in 0..=41 {
        for process in [&app, &other, &app] {
            warn(process);
        }
        if count() > before {
            seen.push(day);
            assert_eq!(count(), before + 1);
            before = count();
        }
        app.wait(TimeDelta::days(1));
    }
    assert_eq!(seen, [10, 33, 39]);
    assert!(app.inbox("ada@example.org").subject.contains("ends within a day"));
    ada.sign_in("ada@example.org", crate::harness::GOOD).await;
    ada.get(&path).await.assert_sees("has ended");
    ada.get("/settings/connections").await.assert_sees("Its certificate ended");
    // With one for later nobody is warned any more.
    let next = SamlProvider::new(&app.clock, 20);
    ada.get(&path).await;
    ada.submit("Add certificate", &[("certificate", &next.pem())]).await.assert_sees("ends soon");
    ada.submit("Add certificate", &[("certificate", &app.saml_provider().pem())])
        .await
        .assert_misses("ends soon");
    warn(&app);
    assert_eq!(count(), before);
}

#[actix_web::test]
async fn nobody_adds_a_certificate_whose_people_would_get_more_than_they_hold() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let (provider, own) = (app.saml_provider(), app.saml_provider());
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    create_role(&ada, "Gatekeeper", &["connection:manage:*", "user:read:*"]).await;
    create_role(&ada, "Mighty", &["user:manage:*"]).await;
    let path = format!("/o/{}/settings/connections/{connection}", ada.organization());
    ada.get(&format!("{path}/edit")).await;
    let mighty = ada.role("Mighty");
    ada.submit("Save connection", &[("role", &mighty)]).await.assert_sees("is saved");
    let lin = ada.welcome("Lin", "Gatekeeper").await;
    lin.get(&path).await;
    lin.submit("Add certificate", &[("certificate", &own.pem())])
        .await
        .assert_sees("Nobody grants what they do not hold");
    lin.get(&format!("{path}/edit")).await;
    lin.submit("Save connection", &[("certificates", &own.pem())])
        .await
        .assert_status(422)
        .assert_sees("Nobody grants what they do not hold");
    assert_eq!(app.count("SELECT count(*) FROM connection_keys"), 1);
    app.visitor()
        .sign_in_with_saml(connection, &own, "l-1", "lin@acme.example")
        .await
        .assert_status(403);
    ada.get(&path).await;
    ada.submit("Add certificate", &[("certificate", &own.pem())])
        .await
        .assert_sees("The certificate is added");
}
