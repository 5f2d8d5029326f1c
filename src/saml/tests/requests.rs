//! Requests by HTTP-Redirect, read as a provider reads them.

use super::{
    documents::{ACS, DECRYPTION_KEYS, ENTITY_ID, now},
    signer::OURS,
};
use crate::saml::{
    metadata::AddressError,
    request::{AuthnRequest, RequestError, redirect},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::DeflateDecoder;
use openssl::{hash::MessageDigest, sign::Verifier};
use std::{collections::HashMap, io::Read};
use url::Url;

fn request() -> AuthnRequest<'static> {
    AuthnRequest {
        id: "_request",
        issuer: ENTITY_ID,
        destination: "https://idp.example/sso?tenant=a%20b",
        acs_url: ACS,
        instant: now(),
        force_authn: false,
        relay_state: "opaque &=+ß",
        signing_key: None,
    }
}

fn parameters(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

fn inflated(url: &Url) -> String {
    let packed = STANDARD.decode(&parameters(url)["SAMLRequest"]).expect("Base64");
    let mut text = String::new();
    DeflateDecoder::new(&packed[..]).read_to_string(&mut text).expect("DEFLATE");
    text
}

#[test]
fn a_request_says_who_asks_and_where_to_answer() {
    let url = redirect(&request()).expect("a request");
    assert!(url.as_str().starts_with("https://idp.example/sso?tenant=a%20b&SAMLRequest="));
    assert_eq!(parameters(&url)["RelayState"], "opaque &=+ß");
    assert!(!parameters(&url).contains_key("Signature"));
    let text = inflated(&url);
    let tree = roxmltree::Document::parse(&text).expect("XML");
    let root = tree.root_element();
    let attributes = [
        ("ID", Some("_request")),
        ("Version", Some("2.0")),
        ("IssueInstant", Some("2026-03-01T12:00:00Z")),
        ("Destination", Some("https://idp.example/sso?tenant=a%20b")),
        ("AssertionConsumerServiceURL", Some(ACS)),
        ("ProtocolBinding", Some("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST")),
        ("ForceAuthn", None),
    ];
    for (name, value) in attributes {
        assert_eq!(root.attribute(name), value, "{name}");
    }
    assert_eq!(root.first_element_child().and_then(|issuer| issuer.text()), Some(ENTITY_ID));
}

#[test]
fn a_request_can_demand_a_new_sign_in() {
    let url = redirect(&AuthnRequest { force_authn: true, ..request() }).expect("a request");
    assert!(inflated(&url).contains(" ForceAuthn=\"true\""));
}

#[test]
fn a_signature_covers_the_octets_of_the_query() {
    let url = redirect(&AuthnRequest { signing_key: Some(&DECRYPTION_KEYS[0]), ..request() }).expect("a request");
    let query = url.query().expect("a query");
    let signed = &query[query.find("SAMLRequest=").expect("a request")..query.find("&Signature=").expect("a signature")];
    let names: Vec<&str> = signed.split('&').filter_map(|pair| pair.split('=').next()).collect();
    assert_eq!(names, ["SAMLRequest", "RelayState", "SigAlg"]);
    assert_eq!(parameters(&url)["SigAlg"], "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
    let signature = STANDARD.decode(&parameters(&url)["Signature"]).expect("Base64");
    let mut verifier = Verifier::new(MessageDigest::sha256(), &OURS.key).expect("a verifier");
    assert!(verifier.verify_oneshot(&signature, signed.as_bytes()).expect("a verdict"));
}

#[test]
fn markup_in_an_address_stays_text() {
    let url = redirect(&AuthnRequest { issuer: "https://sp.example/?a=1&b=\"><x/>", ..request() }).expect("a request");
    let text = inflated(&url);
    let tree = roxmltree::Document::parse(&text).expect("XML");
    assert_eq!(
        tree.root_element().first_element_child().and_then(|issuer| issuer.text()),
        Some("https://sp.example/?a=1&b=\"><x/>")
    );
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let error = |request: AuthnRequest| redirect(&request).err();
    let to = |destination| error(AuthnRequest { destination, ..request() });
    assert_eq!(to("http://idp.example/sso"), Some(RequestError::Destination(AddressError::NotHttps)));
    assert_eq!(to("https://idp.example/sso#x"), Some(RequestError::Destination(AddressError::Fragment)));
    for id in ["", "1a", "-a", "a b", "a\"", "ä", "a:b"] {
        assert_eq!(error(AuthnRequest { id, ..request() }), Some(RequestError::Id), "{id}");
    }
    let (longest, long) = ("x".repeat(80), "x".repeat(81));
    assert_eq!(error(AuthnRequest { relay_state: &longest, ..request() }), None);
    assert_eq!(error(AuthnRequest { relay_state: &long, ..request() }), Some(RequestError::RelayState));
}
