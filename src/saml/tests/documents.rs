//! The response that the tests send, and what it is expected to be.

use super::signer::{IDP, OURS, Signing};
use crate::saml::{Assertion, Certificate, Expectation, PrivateKey, Refusal, verify};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use std::sync::LazyLock;

pub const PROVIDER: &str = "https://idp.example/metadata";
pub const ENTITY_ID: &str = "https://sp.example/sso/saml/1";
pub const ACS: &str = "https://sp.example/sso/saml/1/acs";
pub const REQUEST: &str = "_request";

/// An unsigned response about "alice".
pub const RESPONSE: &str = concat!(
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"",
    " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" ID=\"_response\" Version=\"2.0\" IssueInstant=\"2026-03-01T11:59:58Z\"",
    " Destination=\"https://sp.example/sso/saml/1/acs\" InResponseTo=\"_request\">",
    "<saml:Issuer>https://idp.example/metadata</saml:Issuer>",
    "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode></samlp:Status>",
    "<saml:Assertion xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ID=\"_assertion\" Version=\"2.0\" IssueInstant=\"2026-03-01T11:59:58Z\">",
    "<saml:Issuer>https://idp.example/metadata</saml:Issuer><saml:Subject>",
    "<saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" NameQualifier=\"hub\" SPNameQualifier=\"sp\">alice</saml:NameID>",
    "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData InResponseTo=\"_request\"",
    " NotOnOrAfter=\"2026-03-01T12:05:00Z\" Recipient=\"https://sp.example/sso/saml/1/acs\"></saml:SubjectConfirmationData>",
    "</saml:SubjectConfirmation></saml:Subject>",
    "<saml:Conditions NotBefore=\"2026-03-01T11:59:00Z\" NotOnOrAfter=\"2026-03-01T12:10:00Z\">",
    "<saml:AudienceRestriction><saml:Audience>https://sp.example/sso/saml/1</saml:Audience></saml:AudienceRestriction>",
    "</saml:Conditions><saml:AuthnStatement AuthnInstant=\"2026-03-01T11:59:30Z\" SessionIndex=\"_session\"",
    " SessionNotOnOrAfter=\"2026-03-01T20:00:00Z\"><saml:AuthnContext>",
    "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>",
    "</saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>",
    "<saml:Attribute Name=\"email\"><saml:AttributeValue xsi:type=\"xs:string\">alice@example.org</saml:AttributeValue></saml:Attribute>",
    "<saml:Attribute Name=\"groups\"><saml:AttributeValue>staff</saml:AttributeValue>",
    "<saml:AttributeValue>Gäste &amp; Co</saml:AttributeValue></saml:Attribute>",
    "</saml:AttributeStatement></saml:Assertion></samlp:Response>",
);

pub static CERTIFICATES: LazyLock<Vec<Certificate>> = LazyLock::new(|| vec![IDP.certificate.clone()]);
pub static DECRYPTION_KEYS: LazyLock<Vec<PrivateKey>> = LazyLock::new(|| {
    let der = OURS.key.private_key_to_pkcs8().expect("a key");
    vec![PrivateKey::from_pkcs8(&der).expect("a key")]
});

pub fn now() -> DateTime<Utc> {
    at("2026-03-01T12:00:00Z")
}

pub fn at(time: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(time).expect("a time").with_timezone(&Utc)
}

pub fn expectation() -> Expectation<'static> {
    Expectation {
        provider_entity_id: PROVIDER,
        certificates: &CERTIFICATES,
        entity_id: ENTITY_ID,
        acs_url: ACS,
        in_response_to: Some(REQUEST),
        allows_unsolicited: false,
        response_must_be_signed: false,
        decryption_keys: &[],
        now: now(),
    }
}

pub fn accept(xml: impl AsRef<[u8]>) -> Result<Assertion, Refusal> {
    accept_as(xml, &expectation())
}

pub fn accept_as(xml: impl AsRef<[u8]>, expected: &Expectation) -> Result<Assertion, Refusal> {
    verify(&STANDARD.encode(xml), expected)
}

/// What decides who signs in: everything but the parts that are for display.
pub fn identity(assertion: Assertion) -> Assertion {
    Assertion { response_issued_at: None, signatures: Vec::new(), encryption: None, ..assertion }
}

#[track_caller]
pub fn changed(xml: &str, from: &str, to: &str) -> String {
    assert!(xml.contains(from), "the document does not contain {from}");
    xml.replace(from, to)
}

pub fn sign_assertion(xml: &str) -> String {
    Signing::usual().sign(xml, "_assertion")
}

pub fn sign_response(xml: &str) -> String {
    Signing::usual().sign(xml, "_response")
}

pub fn sign_both(xml: &str) -> String {
    sign_response(&sign_assertion(xml))
}

/// The part of a document from the first occurrence of `from` up to and with the last of `to`.
#[track_caller]
pub fn part<'a>(xml: &'a str, from: &str, to: &str) -> &'a str {
    let start = xml.find(from).expect("the start");
    let end = xml.rfind(to).expect("the end") + to.len();
    &xml[start..end]
}

/// Good responses of all shapes, all about the same person.
pub fn good() -> Vec<(&'static str, String)> {
    let default_namespace = RESPONSE
        .replace("saml:Assertion xmlns:xsi", "Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\" xmlns:xsi")
        .replace("saml:Assertion", "Assertion");
    let (head, tail) = default_namespace.split_once("<Assertion").expect("an assertion");
    let default_namespace = format!("{head}<Assertion{}", tail.replace("<saml:", "<").replace("</saml:", "</"));
    let with_prefixes = Signing::usual_with_prefixes();
    vec![
        ("assertion signed", sign_assertion(RESPONSE)),
        ("response signed", sign_response(RESPONSE)),
        ("both signed", sign_both(RESPONSE)),
        ("default namespace", sign_assertion(&default_namespace)),
        ("prefixes listed", with_prefixes.sign(&with_prefixes.sign(RESPONSE, "_assertion"), "_response")),
        ("prefixes listed inside only", sign_response(&with_prefixes.sign(RESPONSE, "_assertion"))),
    ]
}
