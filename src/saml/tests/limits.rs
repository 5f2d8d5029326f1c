//! Documents that cost more than they are worth. Each is refused by the limit that it passes, before the work is done.

use super::documents::*;
use crate::saml::{
    Refusal, SignatureError, XmlError,
    c14n::canonical,
    scan::{self, DESCRIPTION, MESSAGE},
    xml::tree,
};
use std::fmt::Write;

const OPEN: &str = "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"";

/// A response with a stub of a signature, which nobody made, and this content.
fn stub(attributes: &str, content: &str) -> String {
    let signed = sign_response(RESPONSE);
    let signature = part(&signed, "<ds:Signature", "</ds:Signature>");
    let value = part(signature, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let stub = signature.replace(value, "<ds:SignatureValue>AAAA</ds:SignatureValue>");
    format!("{OPEN} ID=\"_response\" {attributes}>{stub}{content}</samlp:Response>")
}

#[track_caller]
fn assert_refused(xml: &str, why: XmlError) {
    assert_eq!(accept(xml), Err(Refusal::Xml(why)));
}

/// Each of the elements would render the long namespace again: gigabytes.
#[test]
fn a_long_namespace_is_refused() {
    let xml = stub(&format!("xmlns:p=\"urn:{}\"", "x".repeat(300_000)), &"<p:a/>".repeat(19_000));
    assert_refused(&xml, XmlError::Name);
    let text = format!("<r xmlns:p=\"urn:{}\"/>", "x".repeat(297));
    assert_eq!(tree(&text, &MESSAGE).err(), Some(XmlError::Name));
    let text = format!("<r xmlns:p=\"urn:{}\"/>", "x".repeat(296));
    assert!(tree(&text, &MESSAGE).is_ok());
}

#[test]
fn a_canonical_form_ends_at_a_limit() {
    // The listed prefix is rendered by each of the elements that stand beside each other.
    let text = format!("<r xmlns:p=\"urn:{}\">{}</r>", "x".repeat(290), "<p:a></p:a>".repeat(10_000));
    let tree = tree(&text, &MESSAGE).expect("a tree");
    assert_eq!(canonical(tree.root_element(), None, &[]), Err(XmlError::TooLarge));
}

#[test]
fn what_nobody_signed_is_not_canonicalized() {
    let long = format!("xmlns:p=\"urn:{}\"", "x".repeat(290));
    // The reference is to this element and the canonical form would be too long, but the key is asked first.
    let xml = stub(&long, &"<p:a></p:a>".repeat(10_000));
    assert_eq!(accept(&xml), Err(Refusal::Signature(SignatureError::Key)));
}

#[test]
fn a_long_prefix_list_is_refused() {
    let mut list = String::new();
    for number in 0..20_000 {
        write!(list, "p{number} ").expect("text");
    }
    let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
    let namespaces =
        format!("<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{list}\"/></ds:Transform>");
    let xml = stub("", "").replace(transform, &transform.replace("</ds:Transform>", &namespaces));
    assert_eq!(accept(&xml), Err(Refusal::Signature(SignatureError::Transform)));
}

#[test]
fn many_namespaces_are_refused() {
    let declare = |count: usize| (0..count).fold(String::new(), |text, number| format!("{text} xmlns:p{number}=\"urn:{number}\""));
    assert_refused(&stub("", &format!("<a{}/>", declare(65))), XmlError::TooMany);
    assert_refused(&stub("", &"<a xmlns:p=\"urn:x\"/>".repeat(201)), XmlError::TooMany);
    let nested = format!("{}{}", format!("<a{}>", declare(10)).repeat(8), "</a>".repeat(8));
    assert_refused(&stub("", &nested), XmlError::TooMany);
}

#[test]
fn deep_wide_and_long_documents_are_refused() {
    assert_refused(&stub("", &format!("{}{}", "<a>".repeat(40), "</a>".repeat(40))), XmlError::TooDeep);
    assert_refused(&"<a>".repeat(100_000), XmlError::TooDeep);
    assert_refused(&stub("", &"<a/>".repeat(20_000)), XmlError::TooMany);
    assert_refused(&stub("", &"<a/>x".repeat(10_000)), XmlError::TooMany);
    let attributes = (0..65).fold(String::new(), |text, number| format!("{text} a{number}=\"\""));
    assert_refused(&stub("", &format!("<a{attributes}/>")), XmlError::TooMany);
    let attributes = (0..50_000).fold(String::new(), |text, number| format!("{text} a{number}=''"));
    assert_refused(&stub("", &format!("<a{attributes}/>")), XmlError::TooMany);
    assert_refused(&stub("", &"x".repeat(600_000)), XmlError::TooLarge);
    assert_refused(&stub("", &"=".repeat(100_000)), XmlError::TooMany);
    assert_refused(&"<".repeat(100_000), XmlError::NotWellFormed);
    assert_refused(&format!("<a b=\"{}", "<".repeat(100_000)), XmlError::NotWellFormed);
    let long = "A".repeat(MESSAGE.bytes * 3 / 2 + 1);
    assert_eq!(crate::saml::verify(&long, &expectation()), Err(Refusal::Xml(XmlError::TooLarge)));
}

/// The tree builder cuts names at 65,535 octets, possibly within a character.
#[test]
fn long_names_are_refused() {
    let long = format!("ab{}", "é".repeat(40_000));
    assert_refused(&stub("", &format!("<a {long}=\"x\"/>")), XmlError::Name);
    assert_refused(&stub("", &format!("<{long}/>")), XmlError::Name);
    assert_refused(&stub(&format!("xmlns:{long}=\"urn:x\""), ""), XmlError::Name);
    assert_refused(&stub("", &format!("<a {}=\"x\"/>", "b".repeat(201))), XmlError::Name);
}

#[test]
fn metadata_has_limits_too() {
    let refused = |text: &str| scan::text(text.as_bytes(), &DESCRIPTION).map(|_| ());
    assert_eq!(refused(&format!("<a>{}</a>", "x".repeat(1024 * 1024))), Err(XmlError::TooLarge));
    // Nested namespaces cost the tree builder their cube.
    let nested = (0..1000).fold(String::new(), |text, number| format!("{text}<a xmlns:p{number}=\"urn:{number}\">"));
    assert_eq!(refused(&nested), Err(XmlError::TooDeep));
    let nested = (0..30).fold(String::new(), |text, number| {
        format!("{text}<a xmlns:p{number}=\"u\" xmlns:q{number}=\"u\" xmlns:r{number}=\"u\">")
    });
    assert_eq!(refused(&nested), Err(XmlError::TooMany));
    assert_eq!(refused(&format!("<a>{}</a>", "<b xmlns:p=\"urn:x\"/>".repeat(2_001))), Err(XmlError::TooMany));
    assert_eq!(refused(&format!("<a>{}</a>", "<b/>".repeat(20_001))), Err(XmlError::TooMany));
    assert_eq!(refused("<!DOCTYPE a><a/>"), Err(XmlError::Markup));
    assert_eq!(refused("<a><!-- <b> --></a>"), Ok(()));
    assert_eq!(refused("<a><!-- </a>"), Err(XmlError::NotWellFormed));
}
