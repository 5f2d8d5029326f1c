//! Roster's own keys at the provider of a connection with SAML: requests are signed, encrypted assertions are read, and a
//! key is changed without an outage.

use crate::harness::{
    Page, TestApp,
    saml_provider::{Response, SamlProvider},
    user_creation::audited,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::{
    encrypt::Encrypter,
    hash::MessageDigest,
    pkey::{PKey, Public},
    rsa::Padding,
    sign::Verifier,
    symm::{Cipher, encrypt_aead},
    x509::X509,
};
use roster::{connections::Provisioning, kit::ConnectionId};
use url::Url;

/// The public keys of this use in the metadata of a connection, in their order.
async fn announced(app: &TestApp, connection: ConnectionId, usage: &str) -> Vec<PKey<Public>> {
    let metadata = app.visitor().get(&format!("/sso/saml/{connection}")).await.assert_status(200).body;
    let begin = format!("<md:KeyDescriptor use=\"{usage}\">");
    let keys = metadata.split(&begin).skip(1);
    let der = keys.map(|key| {
        let (_, rest) = key.split_once("<ds:X509Certificate>").expect("a certificate");
        STANDARD.decode(rest.split('<').next().expect("its end")).expect("Base64")
    });
    der.map(|der| X509::from_der(&der).and_then(|certificate| certificate.public_key()).expect("a key"))
        .collect()
}

/// Whether the request at this address is signed with this key (SAML Bindings, section 3.4.4.1).
fn is_signed_by(address: &str, key: &PKey<Public>) -> bool {
    let url = Url::parse(address).expect("an address");
    let query = url.query().expect("a query");
    let Some((before, _)) = query.split_once("&Signature=") else {
        return false;
    };
    let signed = &before[before.find("SAMLRequest=").expect("a request")..];
    let value = url.query_pairs().find(|(name, _)| name == "Signature").expect("a signature").1;
    let mut verifier = Verifier::new(MessageDigest::sha256(), key).expect("a key");
    verifier
        .verify_oneshot(&STANDARD.decode(value.as_bytes()).expect("Base64"), signed.as_bytes())
        .expect("an answer")
}

/// Encrypts the assertion of a signed response (XML Encryption 1.1): AES-256-GCM, and RSA-OAEP for its key.
fn encrypted(document: &str, key: &PKey<Public>) -> String {
    let (begin, end) = (
        document.find("<saml:Assertion").expect("an assertion"),
        document.find("</samlp:Response>").expect("an end"),
    );
    let (secret, vector, mut tag) = ([7; 32], [9; 12], [0; 16]);
    let text = encrypt_aead(Cipher::aes_256_gcm(), &secret, Some(&vector), &[], &document.as_bytes()[begin..end], &mut tag);
    let data = STANDARD.encode([&vector[..], &text.expect("encrypted"), &tag].concat());
    let mut encrypter = Encrypter::new(key).expect("a key");
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("a padding");
    let mut wrapped = vec![0; encrypter.encrypt_len(&secret).expect("a length")];
    let length = encrypter.encrypt(&secret, &mut wrapped).expect("encrypted");
    let wrapped = STANDARD.encode(&wrapped[..length]);
    let element = format!(
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><xenc:EncryptedData \
         xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><xenc:EncryptionMethod \
         Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
         <xenc:EncryptedKey><xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/><xenc:CipherData>\
         <xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData>\
         <xenc:CipherValue>{data}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"
    );
    format!("{}{element}{}", &document[..begin], &document[end..])
}

/// Signs in with an assertion that is encrypted for this key.
async fn sign_in(app: &TestApp, connection: ConnectionId, provider: &SamlProvider, key: &PKey<Public>) -> Page {
    let person = app.visitor();
    let address = person.start_sign_in(connection).await;
    let response: Response = provider.respond(&address, "g-1", "grace@acme.example");
    let document = encrypted(&provider.sign(&response), key);
    let page = app.visitor().post_document(&response.connection, &document, &response.relay_state).await;
    match page.went.last() {
        Some(to) => person.get(to).await,
        None => page,
    }
}

#[actix_web::test]
async fn a_key_signs_requests_and_reads_encrypted_assertions_and_is_changed_without_an_outage() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    let page = format!("/settings/connections/{connection}");
    assert!(announced(&app, connection, "signing").await.is_empty());
    assert!(!app.visitor().start_sign_in(connection).await.contains("Signature="));

    ada.get(&page).await.assert_sees("Requests are not signed, and encrypted assertions cannot be read");
    ada.submit("Make a key", &[]).await.assert_sees("Requests are signed with it from now on");
    let first = announced(&app, connection, "signing").await.pop().expect("a key");
    assert!(is_signed_by(&app.visitor().start_sign_in(connection).await, &first));
    sign_in(&app, connection, &provider, &first).await.assert_status(200).assert_sees("User Directory");

    // The next one is announced, and the provider may encrypt for it at once; requests are signed as before.
    ada.submit("Make the next key", &[]).await.assert_sees("The next key is in the metadata");
    assert!(!ada.page().has_button("Make"));
    let signing = announced(&app, connection, "signing").await;
    let next = announced(&app, connection, "encryption").await.remove(0);
    assert!(signing[0].public_eq(&first) && signing[1].public_eq(&next));
    assert!(is_signed_by(&app.visitor().start_sign_in(connection).await, &first));
    for key in [&first, &next] {
        sign_in(&app, connection, &provider, key).await.assert_sees("User Directory");
    }
    // The one in use is not removed meanwhile.
    ada.submit("Use this key", &[]).await.assert_sees("Requests are signed with the new key now");
    assert!(is_signed_by(&app.visitor().start_sign_in(connection).await, &next));
    for key in [&first, &next] {
        sign_in(&app, connection, &provider, key).await.assert_sees("User Directory");
    }
    ada.submit("Remove", &[]).await.assert_sees("The key is removed");
    sign_in(&app, connection, &provider, &first).await.assert_status(403);
    sign_in(&app, connection, &provider, &next).await.assert_sees("User Directory");
    assert_eq!(
        ["key_added", "key_used", "key_removed"].map(|what| audited(&app, &format!("connection.{what}"))),
        [2, 1, 1]
    );
    assert!(!app.dump().contains("PRIVATE KEY"));
}

#[actix_web::test]
async fn a_key_of_another_organization_or_of_another_kind_of_connection_is_not_there() {
    let app = TestApp::start().await;
    let ada = app.administrator("Ada").await;
    let provider = app.saml_provider();
    let connection = app.connect_saml(ada.organization(), &provider, Provisioning::Anyone);
    ada.get(&format!("/settings/connections/{connection}")).await;
    ada.submit("Make a key", &[]).await.assert_status(200);
    let other = app.connection(&ada, "Other", true);
    ada.post(&format!("/settings/connections/{other}/keys"), &[]).await.assert_status(404);
    ada.post(&format!("/settings/connections/{connection}/keys/next/use"), &[]).await.assert_status(404);
    let unknown = uuid::Uuid::from_u128(7);
    ada.post(&format!("/settings/connections/{connection}/keys/{unknown}/removal"), &[])
        .await
        .assert_status(404);
    assert_eq!(app.count("SELECT count(*) FROM connection_own_keys"), 1);
}
