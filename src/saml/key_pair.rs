//! New keys of Roster's own, for signing requests and decrypting assertions. The one place here that uses randomness, which
//! is OpenSSL's.

use super::Certificate;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::{
    asn1::{Asn1Integer, Asn1Time},
    bn::{BigNum, MsbOption},
    error::ErrorStack,
    hash::MessageDigest,
    pkey::PKey,
    rsa::Rsa,
    x509::{X509, X509Name},
};

/// A new key and its self-signed certificate.
pub struct KeyPair {
    /// PKCS #8 in DER, to be stored sealed.
    pub private_key: Vec<u8>,
    pub certificate: Certificate,
}

/// The key pair could not be made.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
#[error("OpenSSL could not make a key pair")]
pub struct KeyPairError;

const BITS: u32 = 3072;
/// Providers pin the certificate, so a short life would only end sign-ins.
const LIFE: TimeDelta = TimeDelta::days(10 * 365);

/// Makes an RSA key pair. Takes up to a second.
pub fn generate(common_name: &str, now: DateTime<Utc>) -> Result<KeyPair, KeyPairError> {
    let (private_key, der) = make(common_name, now).map_err(|_| KeyPairError)?;
    let certificate = Certificate::from_der(&der).map_err(|_| KeyPairError)?;
    Ok(KeyPair { private_key, certificate })
}

fn make(common_name: &str, now: DateTime<Utc>) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
    let key = PKey::from_rsa(Rsa::generate(BITS)?)?;
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::ONE, false)?;
    let serial = Asn1Integer::from_bn(&serial)?;
    // RFC 5280 allows a common name of 64 characters.
    let common_name: String = common_name.chars().take(64).collect();
    let mut name = X509Name::builder()?;
    name.append_entry_by_text("CN", &common_name)?;
    let name = name.build();
    let (begin, end) = (Asn1Time::from_unix(now.timestamp())?, Asn1Time::from_unix((now + LIFE).timestamp())?);
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(&serial)?;
    certificate.set_subject_name(&name)?;
    certificate.set_issuer_name(&name)?;
    certificate.set_not_before(&begin)?;
    certificate.set_not_after(&end)?;
    certificate.set_pubkey(&key)?;
    certificate.sign(&key, MessageDigest::sha256())?;
    Ok((key.private_key_to_pkcs8()?, certificate.build().to_der()?))
}
