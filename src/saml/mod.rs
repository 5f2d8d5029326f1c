//! SAML 2.0 as a service provider: the response of an identity provider becomes a verified assertion, or a refusal with a
//! sentence for the administrator. Metadata is read and written, requests are made.
//!
//! Nothing here reads a clock, a database or the network. The parser, the signature profile and the policy accept one
//! narrow shape and refuse the rest, because what broke other implementations was a difference between what they verified
//! and what they read. No primitive is our own: hashing, RSA, ECDSA and AES are OpenSSL's.
//!
//! The caller keeps three promises. It finds the request that a response answers by `RelayState` and the browser's cookie,
//! never by the response. It accepts each `Assertion::id` of a connection once, by a unique index, until
//! `Assertion::valid_until`. It limits how many responses are verified at the same time.

mod algorithms;
mod assertion;
mod attributes;
mod c14n;
mod certificate;
mod conditions;
mod encryption;
mod fields;
mod key_pair;
pub mod metadata;
mod names;
mod private_key;
mod refusal;
pub mod request;
mod response;
mod scan;
mod signature;
mod subject;
#[cfg(test)]
mod tests;
mod xml;

pub use algorithms::{Hash, KeyKind, SignatureMethod};
pub use assertion::{Assertion, NameId, Signature, SignedPart};
pub use attributes::Attribute;
pub use certificate::{Certificate, CertificateError};
pub use encryption::{ContentEncryption, EncryptionError};
pub use key_pair::{KeyPair, KeyPairError, generate as generate_key_pair};
pub use private_key::{PrivateKey, PrivateKeyError};
pub use refusal::{Refusal, StatusCode};
pub use scan::XmlError;
pub use signature::SignatureError;

use chrono::{DateTime, Utc};

/// What a response has to be like.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The entity ID of the provider.
    pub provider_entity_id: &'a str,
    /// Any of these certificates can have signed.
    pub certificates: &'a [Certificate],
    /// The entity ID of this connection, which the audience has to be.
    pub entity_id: &'a str,
    /// The assertion consumer service of this connection, to which the response was sent.
    pub acs_url: &'a str,
    /// The ID of the request that this browser's sign-in made; `None` if it made none.
    pub in_response_to: Option<&'a str>,
    /// Whether the provider may begin a sign-in. Counts only where there is no request.
    pub allows_unsolicited: bool,
    /// Whether a signature on the assertion alone is not enough.
    pub response_must_be_signed: bool,
    /// The keys whose certificates were in our metadata, newest first. Several, so that a key can be replaced.
    pub decryption_keys: &'a [PrivateKey],
    pub now: DateTime<Utc>,
}

/// Verifies the form field `SAMLResponse` (SAML Bindings section 3.5.4).
pub fn verify(response: &str, expected: &Expectation) -> Result<Assertion, Refusal> {
    // Base64 needs four characters for three octets, and some providers wrap the lines.
    if response.len() > scan::MESSAGE.bytes * 3 / 2 {
        return Err(XmlError::TooLarge.into());
    }
    let bytes = xml::decoded(response).ok_or(Refusal::Base64)?;
    response::verify(&bytes, expected)
}
