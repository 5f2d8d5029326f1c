//! Certificates of an identity provider: which keys are accepted, and whether one of them made a signature.
//!
//! A certificate stands for its key only (SAML Metadata Interoperability Profile 2.5): neither its dates nor its issuer are
//! checked. The administrator who enters it decides.

use super::{
    algorithms::{KeyKind, SignatureMethod},
    xml::decoded,
};
use chrono::{DateTime, Utc};
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::Asn1Flag,
    ecdsa::EcdsaSig,
    hash::MessageDigest,
    nid::Nid,
    pkey::{Id, PKey, Public},
    sign::Verifier,
    x509::{X509, X509NameRef},
};
use serde::{Deserialize, Serialize};

/// Why a certificate is not taken.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateError {
    #[error("This is not an X.509 certificate, in PEM or Base64.")]
    Unreadable,
    #[error("The certificate's RSA key is too short or too long. Use one of 2048 to 8192 bits.")]
    RsaSize,
    #[error("The certificate's RSA key has an exponent that makes signatures easy to forge. Use 65537.")]
    RsaExponent,
    #[error("The certificate's key is on a curve that Roster does not accept. Use P-256, P-384 or P-521.")]
    Curve,
    #[error("The certificate's key is of a kind that Roster does not accept. Use RSA or ECDSA.")]
    Kind,
}

/// A certificate whose key is strong enough.
#[derive(Clone)]
pub struct Certificate {
    x509: X509,
    key: PKey<Public>,
    der: Vec<u8>,
    fingerprint: String,
    not_after: DateTime<Utc>,
}

/// Much longer than any certificate.
const LONGEST: usize = 64 * 1024;

impl Certificate {
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > LONGEST {
            return Err(CertificateError::Unreadable);
        }
        let x509 = X509::from_der(der).map_err(|_| CertificateError::Unreadable)?;
        let key = x509.public_key().map_err(|_| CertificateError::Kind)?;
        check(&key)?;
        let fingerprint = x509.digest(MessageDigest::sha256()).map_err(|_| CertificateError::Unreadable)?;
        let fingerprint = fingerprint.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let not_after = not_after(&x509).ok_or(CertificateError::Unreadable)?;
        // What follows the certificate in the text is left out.
        let der = x509.to_der().map_err(|_| CertificateError::Unreadable)?;
        Ok(Self { x509, key, der, fingerprint, not_after })
    }

    /// Reads what providers offer for download: PEM, or its Base64 alone. Of several certificates in PEM, the first.
    pub fn from_pem_or_base64(text: &str) -> Result<Self, CertificateError> {
        let body = match text.split_once("-----BEGIN CERTIFICATE-----") {
            Some((_, rest)) => rest.split_once("-----END CERTIFICATE-----").ok_or(CertificateError::Unreadable)?.0,
            None => text,
        };
        if body.len() > LONGEST * 2 {
            return Err(CertificateError::Unreadable);
        }
        Self::from_der(&decoded(body).ok_or(CertificateError::Unreadable)?)
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the certificate, in lowercase hexadecimal digits.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// When the certificate expires. Signatures made with its key count after that, too.
    pub fn not_after(&self) -> DateTime<Utc> {
        self.not_after
    }

    /// The subject for display, such as `CN=idp.example.com, O=Example`. Control characters are replaced.
    pub fn subject(&self) -> String {
        subject(self.x509.subject_name())
    }

    /// Whether this certificate's key made the signature of a text.
    pub(super) fn made(&self, signature: &[u8], method: SignatureMethod, text: &[u8]) -> bool {
        if self.key.id() != method.key.id() {
            return false;
        }
        let signature = match method.key {
            KeyKind::Rsa => Some(signature.to_vec()),
            KeyKind::Ecdsa => ecdsa_der(signature, self.key.bits()),
        };
        let verifies = |signature: Vec<u8>| Verifier::new(method.hash.digest(), &self.key)?.verify_oneshot(&signature, text);
        signature.is_some_and(|signature| verifies(signature).unwrap_or(false))
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_tuple("Certificate").field(&self.fingerprint).finish()
    }
}

/// Two certificates are the same if all of their octets are.
impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

fn check(key: &PKey<Public>) -> Result<(), CertificateError> {
    match key.id() {
        Id::RSA if !(2048..=8192).contains(&key.bits()) => Err(CertificateError::RsaSize),
        // With the exponent 1, everybody can sign.
        Id::RSA => {
            let is_sound = key.rsa().is_ok_and(|rsa| rsa.e().is_bit_set(0) && (17..=64).contains(&rsa.e().num_bits()));
            if is_sound { Ok(()) } else { Err(CertificateError::RsaExponent) }
        }
        // A key that describes its curve itself can choose the generator, and so sign for others (CVE-2020-0601).
        Id::EC => {
            let is_named = key.ec_key().is_ok_and(|key| {
                let (flag, curve) = (key.group().asn1_flag(), key.group().curve_name());
                flag == Asn1Flag::NAMED_CURVE
                    && matches!(curve, Some(Nid::X9_62_PRIME256V1 | Nid::SECP384R1 | Nid::SECP521R1))
                    && key.check_key().is_ok()
            });
            if is_named { Ok(()) } else { Err(CertificateError::Curve) }
        }
        _ => Err(CertificateError::Kind),
    }
}

/// XML Signature writes r and s side by side, each as long as the order of the curve (RFC 9231 section 2.3.6). OpenSSL
/// reads DER.
fn ecdsa_der(signature: &[u8], curve_bits: u32) -> Option<Vec<u8>> {
    let half = usize::try_from(curve_bits.div_ceil(8)).ok()?;
    if signature.len() != half * 2 {
        return None;
    }
    let (r, s) = signature.split_at(half);
    let number = |octets: &[u8]| BigNum::from_slice(octets).ok();
    EcdsaSig::from_private_components(number(r)?, number(s)?).ok()?.to_der().ok()
}

fn not_after(x509: &X509) -> Option<DateTime<Utc>> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let since = epoch.diff(x509.not_after()).ok()?;
    DateTime::from_timestamp(i64::from(since.days) * 86_400 + i64::from(since.secs), 0)
}

fn subject(name: &X509NameRef) -> String {
    let part = |entry: &openssl::x509::X509NameEntryRef| {
        let key = entry.object().nid().short_name().ok()?;
        let value = entry.data().to_string().ok()?;
        Some(format!("{key}={value}"))
    };
    let text: Vec<String> = name.entries().filter_map(part).collect();
    let visible = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.join(", ").chars().map(visible).take(200).collect()
}
