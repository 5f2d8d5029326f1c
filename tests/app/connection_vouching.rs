//! Who may decide for whom a connection vouches: somebody who chooses the provider, a certificate or a domain could sign in
//! as the people whom the connection connects, so they have to hold everything that those people hold.

use crate::harness::{
    GOOD, Person, TestApp,
    identity_provider::{CLIENT, CLIENT_SECRET, IdentityProvider},
    rights::create_role,
};
use roster::{connections::Provisioning, kit::ConnectionId};

/// A domain of the organization, verified, whose people sign in through a connection.
async fn bind(app: &TestApp, person: &Person, name: &str, connection: ConnectionId) {
    let known = person.get("/settings/domains").await.all(".domain h2");
    let domain = if known.iter().any(|known| known.trim() == name) {
        person.listed_domain(name).await
    } else {
        person.add_domain(name).await
    };
    app.execute("UPDATE domains SET verified_at = created_at, method = 'operator' WHERE verified_at IS NULL");
    person.bind_domain(&domain, Some(connection)).await.assert_sees("The domain is saved");
}

/// An enabled connection that a person made through the form, which connects people of verified domains unasked.
async fn connect(person: &Person, provider: &IdentityProvider) -> ConnectionId {
    person.get("/settings/connections/new/oidc").await.assert_status(200);
    let issuer = provider.issuer();
    let typed = [
        ("name", "Theirs"),
        ("issuer", issuer.as_str()),
        ("client_id", CLIENT),
        ("client_secret", CLIENT_SECRET),
        ("links_domains", "1"),
    ];
    let page = person.submit("Save draft", &typed).await.assert_sees("is created");
    person.submit("Enable", &[]).await.assert_sees("is enabled");
    page.path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id")
}

fn linked(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM identities")
}

#[actix_web::test]
async fn people_of_a_verified_domain_are_connected_without_being_asked() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    ada.welcome("Grace", "User").await;
    let provider = app.provider();
    let connection = app.connect_with(ada.organization(), &provider, |new| new.links_domains = true);
    provider.person("1", "grace@example.org");
    // The domain is not theirs yet.
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_sees("You have an account already");
    bind(&app, &ada, "example.org", connection).await;
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(200)
        .assert_sees("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM identities WHERE linked_how = 'domain'"), 1);
}

#[actix_web::test]
async fn a_connection_connects_nobody_who_holds_more_than_the_member_who_set_it_up() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Connector", &["connection:read:*", "connection:manage:*", "user:read:*"]).await;
    create_role(&ada, "Mighty", &["user:manage:*"]).await;
    let boris = ada.welcome("Boris", "Connector").await;
    ada.welcome("Kim", "Connector").await;
    let provider = app.provider();
    let connection = connect(&boris, &provider).await;
    bind(&app, &boris, "example.org", connection).await;

    // An account with more is asked for its password, and an invitation with more is accepted by its link.
    provider.person("1", "ada@example.org");
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_sees("You have an account already");
    ada.invite("root@example.org", "Mighty").await;
    provider.person("2", "root@example.org");
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(403)
        .assert_sees("This way to sign in is not for you yet");
    assert_eq!(linked(&app), 0);
    // Ada cannot connect herself either, although both accounts are hers.
    provider.person("1", "ada@example.org");
    let browser = app.visitor();
    let page = browser.sign_in_through(connection, &provider).await;
    browser.get(&page.link("Sign in as before")).await;
    browser
        .submit("Sign in", &[("name", "ada@example.org"), ("password", GOOD)])
        .await
        .assert_sees("either way lets you in");
    browser.submit("Connect them", &[]).await.assert_sees("This way to sign in is not for you yet");
    assert_eq!(linked(&app), 0);
    // Who holds no more is connected.
    provider.person("3", "kim@example.org");
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(200)
        .assert_sees("User Directory");
    assert_eq!(linked(&app), 1);

    // Once an administrator has saved it, it vouches for everybody.
    ada.get(&format!("/settings/connections/{connection}/edit")).await;
    ada.submit("Save connection", &[]).await.assert_sees("The connection is saved");
    provider.person("1", "ada@example.org");
    app.visitor()
        .sign_in_through(connection, &provider)
        .await
        .assert_status(200)
        .assert_sees("User Directory");
    assert_eq!(linked(&app), 2);
}

#[actix_web::test]
async fn who_vouches_for_people_is_changed_only_by_somebody_who_holds_what_they_hold() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    create_role(&ada, "Connector", &["connection:read:*", "connection:manage:*", "user:read:*"]).await;
    let boris = ada.welcome("Boris", "Connector").await;
    let (provider, other) = (app.provider(), app.provider());
    let connection = app.connect(ada.organization(), &provider, Provisioning::Invited);
    app.link_identity(&format!("/settings/connections/{connection}"), "Ada");
    let issuer = other.issuer();
    for change in [("issuer", issuer.as_str()), ("client_id", "another"), ("links_domains", "1")] {
        boris.get(&format!("/settings/connections/{connection}/edit")).await;
        boris
            .submit("Save connection", &[change])
            .await
            .assert_status(422)
            .assert_sees("Ada signs in through this connection and may do more than you");
    }
    boris.add_domain("example.org").await;
    let domain = boris.listed_domain("example.org").await;
    app.execute("UPDATE domains SET verified_at = created_at, method = 'operator' WHERE verified_at IS NULL");
    boris.bind_domain(&domain, Some(connection)).await.assert_sees("may do more than you");
    // What decides nothing about people stays theirs to change.
    boris.get(&format!("/settings/connections/{connection}/edit")).await;
    boris.submit("Save connection", &[("name", "Acme")]).await.assert_sees("The connection is saved");
    assert_eq!(app.count("SELECT count(*) FROM connections WHERE name = 'Acme' AND vouched_by IS NULL"), 1);
}
