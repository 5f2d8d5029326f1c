//! The form of a connection: what it refuses, and what becomes of an edit.

use crate::harness::{
    TestApp,
    connections::{CLIENT_SECRET, document, provider},
    sink::Sink,
};

#[actix_web::test]
async fn an_issuer_that_is_not_there_or_is_another_is_refused_and_what_was_typed_is_kept() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let [html, slash, missing, silent, lacking] = [(); 5].map(|()| Sink::start());
    html.answer_with("200 OK", "<!doctype html><title>Welcome</title>");
    slash.answer_with("200 OK", &document(&format!("{}/", slash.origin())));
    missing.answer("404 Not Found");
    silent.answer("302 Found\r\nLocation: https://1.1.1.1/");
    lacking.answer_with("200 OK", &format!("{{\"issuer\":\"{}\"}}", lacking.origin()));
    let slashed = format!("that its issuer is “{}/”", slash.origin());
    for (issuer, why) in [
        ("", "Write a whole address"),
        ("login.example.com", "Write a whole address"),
        ("https://10.0.0.1/", "no name with a public address"),
        ("https://169.254.169.254/", "no name with a public address"),
        ("http://1.1.1.1/", "Only https"),
        ("https://me:pw@1.1.1.1/", "Leave out the user name"),
        ("https://1.1.1.1/?tenant=1", "the part from ?"),
        ("https://1.1.1.1/.well-known/openid-configuration", "the issuer is what stands before it"),
        ("https://login.microsoftonline.com/common/v2.0", "“common” stands for any tenant"),
        ("https://login.microsoftonline.com/organizations/v2.0", "“organizations” stands for any tenant"),
        ("https://login.microsoftonline.com/consumers/v2.0", "“consumers” stands for any tenant"),
        ("http://127.0.0.1:1/", "The connection was refused"),
        (html.origin().as_str(), "is no description of a provider"),
        (missing.origin().as_str(), "It answers 404"),
        (silent.origin().as_str(), "leads somewhere else"),
        (lacking.origin().as_str(), "names no authorization_endpoint"),
        (slash.origin().as_str(), slashed.as_str()),
    ] {
        ada.get("/settings/connections/new/oidc").await;
        let typed = [
            ("name", "Acme"),
            ("issuer", issuer),
            ("client_id", "roster"),
            ("client_secret", CLIENT_SECRET),
        ];
        let page = ada.submit("Save draft", &typed).await.assert_status(422).assert_sees(why);
        assert_eq!(page.attribute("#issuer", "value").as_deref(), Some(issuer));
        assert_eq!(page.attribute("#client_id", "value").as_deref(), Some("roster"), "{issuer}");
        assert!(!page.body.contains(CLIENT_SECRET), "{issuer}");
    }
    // Spelled as the provider spells it.
    ada.get("/settings/connections/new/oidc").await;
    ada.submit("Save draft", &[("name", "Acme"), ("issuer", &format!("{}/", slash.origin()))])
        .await
        .assert_sees("is created");
    assert_eq!(app.count("SELECT count(*) FROM connections"), 1);
}

#[actix_web::test]
async fn a_form_is_read_field_by_field() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    for (kind, typed, why) in [
        ("oidc", ("name", ""), "Type a name"),
        ("oidc", ("scopes", "email \"x\""), "is no scope"),
        ("oidc", ("max_age_minutes", "4"), "From 5 minutes to 30 days"),
        ("oidc", ("max_age_hours", "721"), "From 5 minutes to 30 days"),
        ("oidc", ("client_id", "röster"), "no client ID has"),
        ("oidc", ("client_secret", "geheim…"), "no client secret has"),
        ("oidc", ("provisioning", "everybody"), "Choose who may join"),
        ("google", ("hosted_domains", "example"), "“example” is no domain"),
        ("google", ("provisioning", "anyone"), "Anybody with an account there"),
        ("github", ("organizations", "acme/team"), "is no name of an organization"),
        ("github", ("server", "https://10.0.0.1"), "no name with a public address"),
        ("github", ("server", "http://127.0.0.1/enterprise"), "without a path"),
        ("github", ("provisioning", "anyone"), "Anybody with an account there"),
    ] {
        ada.get(&format!("/settings/connections/new/{kind}")).await;
        let good = [("name", "Acme"), typed];
        let good = if typed.0 == "name" { &good[1..] } else { &good[..] };
        ada.submit("Save draft", good).await.assert_status(422).assert_sees(why);
    }
    ada.get("/settings/connections/new/oidc").await;
    let secret_id = [
        ("name", "Acme"),
        ("issuer", "https://login.microsoftonline.com/common/v2.0"),
        ("client_secret", "6babcaad-604b-40ac-a9d7-9fd97c0b779f"),
    ];
    ada.submit("Save draft", &secret_id).await.assert_status(422).assert_sees("This is the Secret ID");
    assert_eq!(app.count("SELECT count(*) FROM connections"), 0);
    ada.get("/settings/connections/new/google").await;
    let typed = [
        ("hosted_domains", "Bücher.example, @example.COM"),
        ("provisioning", "anyone"),
        ("max_age_hours", "8"),
    ];
    ada.submit("Save draft", &typed)
        .await
        .assert_sees("example.com, xn--bcher-kva.example")
        .assert_sees("Everybody whom the provider lets in")
        .assert_sees("8 h");
    ada.get("/settings/connections/new/github").await;
    ada.submit("Save draft", &[("organizations", "Acme other-org acme")])
        .await
        .assert_sees("Acme, other-org")
        .assert_sees("https://github.com");
    ada.get("/settings/connections/new/github").await;
    ada.submit("Save draft", &[("name", "gitHUB")])
        .await
        .assert_status(422)
        .assert_sees("Another connection is called like this");
    ada.get("/settings/connections/new/saml1").await.assert_status(404);
}

#[actix_web::test]
async fn an_edit_over_the_edit_of_somebody_else_is_refused() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = provider();
    let path = ada.create_connection("Acme", &provider).await;
    let grace = ada.welcome_administrator("Grace").await;
    let edit = format!("{path}/edit");
    ada.get(&edit).await;
    grace.get(&edit).await;
    ada.submit("Save connection", &[("scopes", "email")]).await.assert_sees("openid email");
    grace
        .submit("Save connection", &[("scopes", "profile")])
        .await
        .assert_status(409)
        .assert_sees("changed this connection meanwhile");
    // The provider was asked once: the issuer stayed as it was.
    assert_eq!(provider.received().len(), 1);
    // A provider that is down holds up no other change, only that of the issuer.
    provider.answer("500 Internal Server Error");
    ada.get(&edit).await;
    ada.submit("Save connection", &[("scopes", "email profile")]).await.assert_sees("is saved");
    ada.get(&edit).await;
    let other = format!("{}/other", provider.origin());
    ada.submit("Save connection", &[("issuer", &other)])
        .await
        .assert_status(422)
        .assert_sees("It answers 500");
}

#[actix_web::test]
async fn people_of_one_github_server_are_not_taken_for_people_of_another() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    ada.get("/settings/connections/new/github").await;
    let page = ada.submit("Save draft", &[("client_id", "roster"), ("client_secret", CLIENT_SECRET)]).await;
    let path = page.path[page.path.find("/settings").expect("a path")..].to_owned();
    app.link_identity(&path, "Ada");
    let server = Sink::start().origin();
    ada.get(&format!("{path}/edit")).await;
    ada.submit("Save connection", &[("server", &server)])
        .await
        .assert_status(422)
        .assert_sees("mean other people on another server");
    app.execute("DELETE FROM identities");
    ada.submit("Save connection", &[("server", &server)]).await.assert_sees(&server);
}
