//! Which certificates are taken, and which keys are too weak.

use super::signer::{EVE, IDP, P256, certificate};
use crate::saml::{Certificate, CertificateError, PrivateKey, generate_key_pair};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::{
    bn::BigNum,
    ec::{Asn1Flag, EcGroup, EcKey},
    nid::Nid,
    pkey::{PKey, Private},
    rsa::Rsa,
};

fn refused(der: &[u8]) -> Option<CertificateError> {
    Certificate::from_der(der).err()
}

fn exponent(number: u32) -> Vec<u8> {
    let n = IDP.key.rsa().expect("a key").n().to_owned().expect("a number");
    let key = Rsa::from_public_components(n, BigNum::from_u32(number).expect("a number")).expect("a key");
    certificate(&PKey::from_rsa(key).expect("a key"), &EVE.key)
}

#[test]
fn an_rsa_key_has_a_sound_size_and_exponent() {
    for number in [1, 2, 3, 17, 65_536] {
        assert_eq!(refused(&exponent(number)), Some(CertificateError::RsaExponent), "{number}");
    }
    assert_eq!(refused(&exponent(65_537)), None);
    let short = PKey::from_rsa(Rsa::generate(1024).expect("a key")).expect("a key");
    assert_eq!(refused(&certificate(&short, &EVE.key)), Some(CertificateError::RsaSize));
}

fn curve(nid: Nid, flag: Asn1Flag) -> PKey<Private> {
    let mut group = EcGroup::from_curve_name(nid).expect("a curve");
    group.set_asn1_flag(flag);
    PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key")
}

#[test]
fn a_key_is_on_a_named_curve_of_nist() {
    for nid in [Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1] {
        let key = curve(nid, Asn1Flag::NAMED_CURVE);
        assert_eq!(refused(&certificate(&key, &key)), None);
        // A key that describes its curve itself (CVE-2020-0601).
        let key = curve(nid, Asn1Flag::EXPLICIT_CURVE);
        assert_eq!(refused(&certificate(&key, &key)), Some(CertificateError::Curve));
    }
    for nid in [Nid::SECP256K1, Nid::SECP224R1, Nid::SECT283K1] {
        let key = curve(nid, Asn1Flag::NAMED_CURVE);
        assert_eq!(refused(&certificate(&key, &EVE.key)), Some(CertificateError::Curve));
    }
}

#[test]
fn other_kinds_of_keys_are_refused() {
    let ed25519 = PKey::generate_ed25519().expect("a key");
    assert_eq!(refused(&certificate(&ed25519, &ed25519)), Some(CertificateError::Kind));
    assert_eq!(refused(b"x"), Some(CertificateError::Unreadable));
    assert_eq!(refused(&[]), Some(CertificateError::Unreadable));
}

#[test]
fn certificates_are_read_as_providers_offer_them() {
    let der = IDP.certificate.der();
    let base64 = STANDARD.encode(der);
    let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    let pem = format!(
        "Bag Attributes\n-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----\n",
        lines.join("\r\n")
    );
    for text in [&base64, &pem, &lines.join("\n")] {
        let certificate = Certificate::from_pem_or_base64(text).expect("a certificate");
        assert_eq!(certificate, IDP.certificate);
        assert_eq!(certificate.subject(), "CN=idp.example");
        assert_eq!(certificate.not_after().to_string(), "2030-01-01 00:00:00 UTC");
        assert_eq!(certificate.fingerprint().len(), 64);
    }
    for text in [
        "",
        "x",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ] {
        assert_eq!(Certificate::from_pem_or_base64(text).err(), Some(CertificateError::Unreadable), "{text}");
    }
}

#[test]
fn new_keys_are_accepted_as_our_own() {
    let pair = generate_key_pair(
        "https://sp.example/sso/saml/a-very-long-name-of-more-than-sixty-four-characters",
        super::documents::now(),
    )
    .expect("keys");
    assert!(PrivateKey::from_pkcs8(&pair.private_key).is_ok());
    assert!(pair.certificate.not_after() > super::documents::now());
    assert!(PrivateKey::from_pkcs8(&P256.key.private_key_to_pkcs8().expect("a key")).is_err());
    assert!(PrivateKey::from_pkcs8(b"x").is_err());
}
