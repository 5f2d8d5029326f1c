//! People whom a SCIM client sent sign in through the connection that it is bound to, without being asked.

use crate::harness::{TestApp, user_creation::audited};
use roster::connections::Provisioning;
use serde_json::json;

#[actix_web::test]
async fn a_provisioned_person_is_known_at_the_first_sign_in() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Nobody);
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.connection = Some(connection));
    let grace = client.create("Grace").await;
    ada.get(&format!("/users/{grace}")).await.assert_sees("OIDC");
    // By the external id, which is the subject of the provider.
    provider.person("id-grace", "another@example.net");
    let visitor = app.visitor();
    visitor.sign_in_through(connection, &provider).await.assert_sees("User Directory");
    assert_eq!(app.text("SELECT linked_how FROM identities"), "provisioner");
    assert_eq!(audited(&app, "identity.linked"), 1);
    // By the object id of Entra ID.
    client.create("Hedy").await;
    provider.person("a pairwise subject", "nobody@example.net");
    provider.claim("oid", json!("id-hedy"));
    app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM identities"), 2);
    // Disabled there, out here.
    client.set_active(&grace, false).await.assert_status(200);
    provider.person("id-grace", "another@example.net");
    app.visitor().sign_in_through(connection, &provider).await.assert_sees("Your access is disabled");
}

#[actix_web::test]
async fn an_unproven_address_and_another_connection_connect_nobody() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Nobody);
    let other = app.connect_with(ada.organization(), &provider, |new| {
        (new.name, new.provisioning) = ("Other".into(), Provisioning::Nobody);
    });
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.connection = Some(connection));
    client.create("Grace").await;
    // Eve has written Grace's address into her profile there.
    provider.person("eve", "grace@example.org");
    provider.claim("email_verified", json!(false));
    app.visitor().sign_in_through(connection, &provider).await.assert_misses("User Directory");
    // Another provider's subject of the same text is somebody else.
    provider.person("id-grace", "eve@example.net");
    app.visitor().sign_in_through(other, &provider).await.assert_misses("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
    // A verified address is the user name that the client sent.
    provider.person("another subject", "grace@example.org");
    app.visitor().sign_in_through(connection, &provider).await.assert_sees("User Directory");
}

#[actix_web::test]
async fn a_name_that_was_sent_earlier_does_not_open_the_account_of_an_administrator() {
    let app = TestApp::start_with_providers().await;
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Nobody);
    let client = app.scim_client(&ada, "Entra ID", |settings| settings.connection = Some(connection));
    let grace = client.create("Grace").await;
    // The client may not change administrators. She becomes one, and the client has called her by Eve's subject before.
    let planted = json!([{ "op": "replace", "path": "externalId", "value": "eve" }]);
    client.patch(&format!("/Users/{grace}"), planted).await.assert_status(200);
    ada.get(&format!("/users/{grace}/administration")).await.assert_status(200);
    ada.submit("Make administrator", &[]).await.assert_status(200);
    assert_eq!(audited(&app, "member.made_administrator"), 1);
    provider.person("eve", "eve@example.net");
    app.visitor().sign_in_through(connection, &provider).await.assert_misses("User Directory");
    assert_eq!(app.count("SELECT count(*) FROM identities"), 0);
}
