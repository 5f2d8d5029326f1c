//! Signatures of other shapes, algorithms and keys than the accepted ones.

use super::{
    documents::*,
    signer::{EVE, IDP, MORE, P256, SHA256, Signing},
};
use crate::saml::{Expectation, Refusal, SignatureError};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::{
    bn::{BigNum, BigNumContext},
    rsa::Padding,
    sign::RsaPssSaltlen,
};

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const TRANSFORM: &str = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
const ENVELOPED: &str = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>";

/// Each change is made to a good response after it was signed.
#[track_caller]
fn assert_refused(cases: &[(&str, &str, SignatureError)]) {
    let good = sign_assertion(RESPONSE);
    for (from, to, why) in cases {
        let xml = changed(&good, from, to);
        assert_eq!(accept(&xml), Err(Refusal::Signature(*why)), "{from} to {to}");
    }
}

#[test]
fn without_a_signature_nothing_is_accepted() {
    assert_eq!(accept(RESPONSE), Err(Refusal::NotSigned));
}

#[test]
fn weak_and_foreign_algorithms_are_refused_by_name() {
    let digest = |uri: &str| format!("DigestMethod Algorithm=\"{uri}\"");
    let sha256 = digest(SHA256);
    let hmac = format!("{MORE}hmac-sha256");
    let pss = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";
    assert_refused(&[
        (RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", SignatureError::Sha1),
        (RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#dsa-sha1", SignatureError::Sha1),
        (RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#hmac-sha1", SignatureError::Sha1),
        (RSA_SHA256, &hmac, SignatureError::Algorithm),
        (RSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5", SignatureError::Algorithm),
        (RSA_SHA256, "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", SignatureError::Algorithm),
        (RSA_SHA256, pss, SignatureError::Algorithm),
        (RSA_SHA256, "none", SignatureError::Algorithm),
        (RSA_SHA256, "", SignatureError::Algorithm),
        (&sha256, &digest("http://www.w3.org/2000/09/xmldsig#sha1"), SignatureError::Sha1),
        (&sha256, &digest("http://www.w3.org/2001/04/xmldsig-more#md5"), SignatureError::Algorithm),
    ]);
    let sha1 = Refusal::Signature(SignatureError::Sha1).to_string();
    assert_eq!(sha1, "This provider signs with SHA-1. Change the signature algorithm to SHA-256.");
}

#[test]
fn a_provider_that_signs_with_sha1_is_told_so() {
    let signing = Signing {
        method: "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        digest: "http://www.w3.org/2000/09/xmldsig#sha1",
        ..Signing::usual()
    };
    assert_eq!(accept(signing.sign(RESPONSE, "_assertion")), Err(Refusal::Signature(SignatureError::Sha1)));
}

#[test]
fn transforms_are_enveloped_and_exclusive() {
    let c14n = "Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    let method = "CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    let inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    let xpath = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform>";
    let xslt = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"></ds:Transform>";
    let list = |prefixes: &str| {
        let list = format!("<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{prefixes}\"/>");
        TRANSFORM.replace("></ds:Transform>", &format!(">{list}</ds:Transform>"))
    };
    let many = (0..17).map(|number| format!("p{number}")).collect::<Vec<_>>().join(" ");
    assert_refused(&[
        (c14n, &format!("Transform Algorithm=\"{inclusive}\""), SignatureError::Transform),
        (
            c14n,
            "Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"",
            SignatureError::Transform,
        ),
        (method, &format!("CanonicalizationMethod Algorithm=\"{inclusive}\""), SignatureError::Transform),
        (TRANSFORM, "", SignatureError::Transform),
        (ENVELOPED, "", SignatureError::Transform),
        (ENVELOPED, TRANSFORM, SignatureError::Transform),
        (ENVELOPED, &format!("{ENVELOPED}{xpath}"), SignatureError::Transform),
        (ENVELOPED, xpath, SignatureError::Shape),
        (ENVELOPED, xslt, SignatureError::Transform),
        (TRANSFORM, &list("#default"), SignatureError::Transform),
        (TRANSFORM, &list("xs #default"), SignatureError::Transform),
        (TRANSFORM, &list(&many), SignatureError::Transform),
        (TRANSFORM, &list("xs").replace("/>", "><x/></ec:InclusiveNamespaces>"), SignatureError::Shape),
        (TRANSFORM, &list("xs").replace("PrefixList", "Prefixes"), SignatureError::Shape),
        // Within bounds and well-formed, but not what was signed.
        (TRANSFORM, &list("xs"), SignatureError::Key),
    ]);
}

#[test]
fn the_reference_is_to_the_element_that_the_signature_stands_in() {
    let uri = " URI=\"#_assertion\"";
    let references = [
        "",
        " URI=\"\"",
        " URI=\"#\"",
        " URI=\"_assertion\"",
        " URI=\"#_response\"",
        " URI=\"#_other\"",
        " URI=\"#xpointer(/)\"",
        " URI=\"#xpointer(id('_assertion'))\"",
        " URI=\"https://evil.example/#_assertion\"",
        " URI=\"#_assertion \"",
    ];
    for reference in references {
        assert_refused(&[(uri, reference, SignatureError::Reference)]);
    }
    // An ID that is an expression elsewhere is no ID here.
    let xpointer = sign_assertion(RESPONSE).replace("_assertion", "xpointer(/)");
    assert_eq!(accept(xpointer), Err(Refusal::Signature(SignatureError::Reference)));
    let without = changed(&sign_assertion(RESPONSE), " ID=\"_assertion\"", "");
    assert_eq!(accept(without), Err(Refusal::Signature(SignatureError::Reference)));
    let prefixed = changed(&sign_assertion(RESPONSE), " ID=\"_assertion\"", " saml:ID=\"_assertion\"");
    assert_eq!(accept(prefixed), Err(Refusal::Signature(SignatureError::Reference)));
}

#[test]
fn other_shapes_are_refused() {
    let good = sign_assertion(RESPONSE);
    let between = |from: &str, to: &str| part(&good, from, to).to_owned();
    let info = between("<ds:SignedInfo>", "</ds:SignedInfo>");
    let reference = between("<ds:Reference", "</ds:Reference>");
    let value = between("<ds:SignatureValue>", "</ds:SignatureValue>");
    let digest = between("<ds:DigestValue>", "</ds:DigestValue>");
    let twice = |text: &str| format!("{text}{text}");
    let method = "#rsa-sha256\"></ds:SignatureMethod>";
    let with_length = "#rsa-sha256\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>";
    assert_refused(&[
        (&info, &twice(&info), SignatureError::Shape),
        (&info, "", SignatureError::Shape),
        (
            &info,
            &info.replace("ds:", "").replace("<SignedInfo>", "<SignedInfo xmlns=\"urn:x\">"),
            SignatureError::Shape,
        ),
        (&reference, &twice(&reference), SignatureError::Shape),
        (&reference, "", SignatureError::Shape),
        (&value, &twice(&value), SignatureError::Shape),
        (&value, "", SignatureError::Shape),
        (&value, &format!("{value}<ds:Object></ds:Object>"), SignatureError::Shape),
        (&value, &format!("{value}<ds:KeyInfo/><ds:KeyInfo/>"), SignatureError::Shape),
        (&digest, &twice(&digest), SignatureError::Shape),
        (&digest, &digest.replace("</ds:", "<x/></ds:"), SignatureError::Shape),
        (&digest, "<ds:DigestValue/>", SignatureError::Key),
        (method, with_length, SignatureError::Shape),
        (method, &method.replace("\">", "\" x=\"y\">"), SignatureError::Shape),
        ("</ds:DigestMethod>", "<x/></ds:DigestMethod>", SignatureError::Shape),
    ]);
    let signature = between("<ds:Signature ", "</ds:Signature>");
    let two = changed(&good, &signature, &twice(&signature));
    assert_eq!(accept(two), Err(Refusal::Signature(SignatureError::Shape)));
    let with_key = changed(&good, &value, &format!("{value}<ds:KeyInfo><ds:X509Data>x</ds:X509Data></ds:KeyInfo>"));
    assert!(accept(with_key).is_ok());
}

#[test]
fn only_keys_of_the_connection_count() {
    let eve = Signing { signer: &EVE, ..Signing::usual() }.sign(RESPONSE, "_assertion");
    let certificate = STANDARD.encode(EVE.certificate.der());
    let key_info = format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    );
    assert_eq!(accept(changed(&eve, "</ds:Signature>", &key_info)), Err(Refusal::Signature(SignatureError::Key)));
    assert_eq!(accept(&eve), Err(Refusal::Signature(SignatureError::Key)));
    let none = Expectation { certificates: &[], ..expectation() };
    assert_eq!(accept_as(sign_assertion(RESPONSE), &none), Err(Refusal::Signature(SignatureError::Key)));
    // The response by Eve, the assertion by the provider: every signature has to hold.
    let mixed = Signing { signer: &EVE, ..Signing::usual() }.sign(&sign_assertion(RESPONSE), "_response");
    assert_eq!(accept(mixed), Err(Refusal::Signature(SignatureError::Key)));
    // An RSA key does not make ECDSA signatures, nor the reverse.
    let ecdsa = format!("{MORE}ecdsa-sha256");
    let confused = Signing { method: &ecdsa, ..Signing::usual() }.sign(RESPONSE, "_assertion");
    assert_eq!(accept(confused), Err(Refusal::Signature(SignatureError::Key)));
}

#[test]
fn what_was_signed_cannot_be_changed() {
    for (from, to) in [
        (">alice<", ">admin<"),
        (">staff<", ">Administrators<"),
        ("_session\"", "_sessiom\""),
        ("12:10:00Z", "12:11:00Z"),
    ] {
        let refused = accept(changed(&sign_assertion(RESPONSE), from, to));
        assert_eq!(refused, Err(Refusal::Signature(SignatureError::Digest)), "{from}");
    }
}

/// Replaces the signature value of a good response.
fn with_value(xml: &str, value: &[u8]) -> String {
    let old = part(xml, "<ds:SignatureValue>", "</ds:SignatureValue>");
    changed(xml, old, &format!("<ds:SignatureValue>{}</ds:SignatureValue>", STANDARD.encode(value)))
}

fn value(xml: &str) -> Vec<u8> {
    let text = part(xml, "<ds:SignatureValue>", "</ds:SignatureValue>")
        .replace("<ds:SignatureValue>", "")
        .replace("</ds:SignatureValue>", "");
    STANDARD.decode(text).expect("Base64")
}

#[test]
fn other_forms_of_an_rsa_signature_are_refused() {
    let good = sign_assertion(RESPONSE);
    let s = BigNum::from_slice(&value(&good)).expect("a number");
    let rsa = IDP.key.rsa().expect("a key");
    let (mut sum, mut difference) = (BigNum::new().expect("a number"), BigNum::new().expect("a number"));
    sum.checked_add(&s, rsa.n()).expect("a sum");
    difference.checked_sub(rsa.n(), &s).expect("a difference");
    let padded = [vec![0], value(&good)].concat();
    let mut pss = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &IDP.key).expect("a signer");
    pss.set_rsa_padding(Padding::PKCS1_PSS).expect("a padding");
    pss.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).expect("a length");
    let pss = pss.sign_oneshot_to_vec(b"x").expect("a signature");
    let values: [&[u8]; 9] = [
        &sum.to_vec(),
        &difference.to_vec(),
        &[0; 256],
        &[1; 256],
        &padded,
        &padded[2..],
        &[],
        &pss,
        &[0xff; 4096],
    ];
    for value in values {
        assert_eq!(accept(with_value(&good, value)), Err(Refusal::Signature(SignatureError::Key)));
    }
}

#[test]
fn other_forms_of_an_ecdsa_signature_are_refused() {
    let method = format!("{MORE}ecdsa-sha256");
    let good = Signing { signer: &P256, method: &method, ..Signing::usual() }.sign(RESPONSE, "_assertion");
    let certificates = [P256.certificate.clone()];
    let expected = Expectation { certificates: &certificates, ..expectation() };
    assert!(accept_as(&good, &expected).is_ok());
    let made = value(&good);
    let (r, s) = made.split_at(32);
    let group = P256.key.ec_key().expect("a key");
    let mut order = BigNum::new().expect("a number");
    group.group().order(&mut order, &mut BigNumContext::new().expect("a context")).expect("an order");
    let der = P256.key.ec_key().map(|_| {
        openssl::ecdsa::EcdsaSig::from_private_components(
            BigNum::from_slice(r).expect("a number"),
            BigNum::from_slice(s).expect("a number"),
        )
    });
    let der = der.expect("a key").expect("a signature").to_der().expect("DER");
    let zero = vec![0; 32];
    let order = order.to_vec();
    let wide = [&[0; 8], r, &[0; 8], s].concat();
    let values = [
        vec![],
        zero.repeat(2),
        [r, &zero].concat(),
        [&zero[..], s].concat(),
        [&order[..], s].concat(),
        [r, &order[..]].concat(),
        der,
        wide,
        made[..63].to_vec(),
        vec![1; 150_000],
    ];
    for value in values {
        assert_eq!(accept_as(with_value(&good, &value), &expected), Err(Refusal::Signature(SignatureError::Key)));
    }
}

#[test]
fn base64_is_strict() {
    let good = sign_assertion(RESPONSE);
    let digest = part(&good, "<ds:DigestValue>", "</ds:DigestValue>");
    let text = digest.replace("<ds:DigestValue>", "").replace("</ds:DigestValue>", "");
    let bare = text.trim_end_matches('=');
    for other in [
        bare.to_owned(),
        format!("{text}{text}"),
        format!("{text}!"),
        format!("{text}\u{a0}"),
        format!("\u{200b}{text}"),
        format!("-_{}", &text[2..]),
    ] {
        let xml = changed(&good, digest, &format!("<ds:DigestValue>{other}</ds:DigestValue>"));
        assert_eq!(accept(xml), Err(Refusal::Signature(SignatureError::Shape)), "{other}");
    }
    assert_eq!(crate::saml::verify("_-", &expectation()), Err(Refusal::Base64));
    assert_eq!(crate::saml::verify("PGEvPg", &expectation()), Err(Refusal::Base64));
}
