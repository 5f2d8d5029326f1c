//! Responses that are accepted, and everything that is read from them.

use super::{
    documents::*,
    signer::{IDP, MORE, OURS, P256, SHA256, Signer, Signing},
};
use crate::saml::{Assertion, Attribute, Certificate, Expectation, Hash, KeyKind, NameId, Refusal, SignedPart};
use chrono::TimeDelta;
use openssl::nid::Nid;

#[test]
fn every_good_shape_is_accepted_with_the_same_identity() {
    let first = identity(accept(sign_assertion(RESPONSE)).expect("accepted"));
    for (name, xml) in good() {
        let accepted = accept(&xml).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(identity(accepted), first, "{name}");
    }
}

#[test]
fn all_claims_are_read() {
    let assertion = accept(sign_both(RESPONSE)).expect("accepted");
    let expected = NameId {
        text: "alice".to_owned(),
        format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned(),
        name_qualifier: Some("hub".to_owned()),
        sp_name_qualifier: Some("sp".to_owned()),
    };
    assert_eq!(assertion.name_id, expected);
    assert!(assertion.name_id.is_stable());
    let attribute = |name: &str, values: &[&str]| Attribute {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let expected = [
        attribute("email", &["alice@example.org"]),
        attribute("groups", &["staff", "Gäste & Co"]),
    ];
    assert_eq!(assertion.attributes, expected);
    assert_eq!((assertion.id.as_str(), assertion.issuer.as_str()), ("_assertion", PROVIDER));
    assert_eq!(assertion.authn_instant, at("2026-03-01T11:59:30Z"));
    assert_eq!(assertion.authn_context.as_deref(), Some("urn:oasis:names:tc:SAML:2.0:ac:classes:Password"));
    assert_eq!(assertion.session_index.as_deref(), Some("_session"));
    assert_eq!(assertion.session_until, Some(at("2026-03-01T20:00:00Z")));
    assert_eq!(assertion.valid_until, at("2026-03-01T12:12:00Z"));
    assert_eq!(assertion.in_response_to.as_deref(), Some(REQUEST));
    assert_eq!(assertion.response_issued_at, Some(at("2026-03-01T11:59:58Z")));
    let parts: Vec<SignedPart> = assertion.signatures.iter().map(|signature| signature.part).collect();
    assert_eq!(parts, [SignedPart::Response, SignedPart::Assertion]);
    assert!(assertion.signatures.iter().all(|signature| signature.certificate == IDP.certificate.fingerprint()));
    assert_eq!(assertion.signatures[0].method.to_string(), "RSA with SHA-256");
}

#[test]
fn an_assertion_is_the_same_after_storage() {
    let assertion = accept(sign_both(RESPONSE)).expect("accepted");
    let json = serde_json::to_string(&assertion).expect("JSON");
    assert_eq!(serde_json::from_str::<Assertion>(&json).expect("an assertion"), assertion);
}

#[test]
fn every_accepted_algorithm_verifies() {
    let p384 = Signer::ec(Nid::SECP384R1);
    let p521 = Signer::ec(Nid::SECP521R1);
    let digests = [
        SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    ];
    for (signer, key) in [(&*IDP, "rsa"), (&*P256, "ecdsa"), (&p384, "ecdsa"), (&p521, "ecdsa")] {
        for (hash, digest) in ["sha256", "sha384", "sha512"].iter().zip(digests) {
            let method = format!("{MORE}{key}-{hash}");
            let xml = Signing { signer, method: &method, digest, prefixes: "" }.sign(RESPONSE, "_assertion");
            let certificates = [signer.certificate.clone()];
            let accepted = accept_as(&xml, &Expectation { certificates: &certificates, ..expectation() });
            let accepted = accepted.unwrap_or_else(|why| panic!("{method}: {why}"));
            assert_eq!(accepted.signatures[0].method.key, if key == "rsa" { KeyKind::Rsa } else { KeyKind::Ecdsa });
            assert_eq!(accepted.signatures[0].digest, accepted.signatures[0].method.hash);
            assert_eq!(accepted.signatures[0].digest == Hash::Sha256, *hash == "sha256");
        }
    }
}

#[test]
fn any_certificate_of_the_connection_may_have_signed() {
    let certificates: Vec<Certificate> = [&*P256, &*OURS, &*IDP].map(|signer| signer.certificate.clone()).to_vec();
    let expected = Expectation { certificates: &certificates, ..expectation() };
    assert!(accept_as(sign_assertion(RESPONSE), &expected).is_ok());
    assert!(accept_as(sign_assertion(RESPONSE), &Expectation { certificates: &certificates[..2], ..expected }).is_err());
}

#[test]
fn a_clock_may_differ_by_two_minutes() {
    let signed = sign_assertion(RESPONSE);
    let at = |seconds: i64| accept_as(&signed, &Expectation { now: now() + TimeDelta::seconds(seconds), ..expectation() });
    assert!(at(5 * 60 + 119).is_ok());
    assert_eq!(at(5 * 60 + 120), Err(Refusal::Expired("NotOnOrAfter of the confirmation")));
    assert!(at(-150).is_ok());
    assert_eq!(at(-181), Err(Refusal::InFuture("NotBefore of the conditions")));
}

#[test]
fn an_unsolicited_response_needs_the_option_and_answers_nothing() {
    let unsolicited = changed(RESPONSE, " InResponseTo=\"_request\"", "");
    let signed = sign_both(&unsolicited);
    let expected = Expectation { in_response_to: None, allows_unsolicited: true, ..expectation() };
    assert_eq!(accept_as(&signed, &expected).expect("accepted").in_response_to, None);
    let refused = accept_as(&signed, &Expectation { allows_unsolicited: false, ..expected });
    assert_eq!(refused, Err(Refusal::Unsolicited));
    // An unsolicited response does not answer a request, and an answer is not unsolicited.
    let begun = Expectation { in_response_to: Some(REQUEST), ..expected };
    assert_eq!(accept_as(&signed, &begun), Err(Refusal::InResponseTo));
    assert_eq!(accept_as(sign_both(RESPONSE), &expected), Err(Refusal::InResponseTo));
    let inside_only = sign_assertion(&RESPONSE.replacen(" InResponseTo=\"_request\"", "", 1));
    assert_eq!(accept_as(&inside_only, &expected), Err(Refusal::InResponseTo));
}

#[test]
fn a_connection_can_require_that_the_response_is_signed() {
    let expected = Expectation { response_must_be_signed: true, ..expectation() };
    assert_eq!(accept_as(sign_assertion(RESPONSE), &expected), Err(Refusal::ResponseNotSigned));
    assert!(accept_as(sign_response(RESPONSE), &expected).is_ok());
    assert!(accept_as(sign_both(RESPONSE), &expected).is_ok());
}

#[test]
fn a_declaration_and_wrapped_base64_are_read() {
    for declaration in [
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='utf-8'?>\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\" ?>",
    ] {
        assert!(accept(format!("{declaration}{}\n", sign_assertion(RESPONSE))).is_ok(), "{declaration}");
    }
}
