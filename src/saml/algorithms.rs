//! The algorithms of signatures that are accepted: RSA (PKCS #1 v1.5) and ECDSA with SHA-256 or better.
//!
//! Identifiers of RFC 9231. Left out: everything with SHA-1 or MD5, HMAC, DSA, RSA-PSS and EdDSA.

use openssl::{hash::MessageDigest, pkey::Id};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash function of a `DigestMethod`.
    pub(super) fn from_uri(uri: &str) -> Option<Self> {
        match uri {
            "http://www.w3.org/2001/04/xmlenc#sha256" => Some(Self::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(Self::Sha384),
            "http://www.w3.org/2001/04/xmlenc#sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(super) fn digest(self) -> MessageDigest {
        match self {
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    Rsa,
    Ecdsa,
}

impl KeyKind {
    pub(super) fn id(self) -> Id {
        match self {
            Self::Rsa => Id::RSA,
            Self::Ecdsa => Id::EC,
        }
    }
}

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureMethod {
    pub key: KeyKind,
    pub hash: Hash,
}

impl SignatureMethod {
    pub(super) fn from_uri(uri: &str) -> Option<Self> {
        let (key, hash) = match uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")? {
            "rsa-sha256" => (KeyKind::Rsa, Hash::Sha256),
            "rsa-sha384" => (KeyKind::Rsa, Hash::Sha384),
            "rsa-sha512" => (KeyKind::Rsa, Hash::Sha512),
            "ecdsa-sha256" => (KeyKind::Ecdsa, Hash::Sha256),
            "ecdsa-sha384" => (KeyKind::Ecdsa, Hash::Sha384),
            "ecdsa-sha512" => (KeyKind::Ecdsa, Hash::Sha512),
            _ => return None,
        };
        Some(Self { key, hash })
    }
}

impl fmt::Display for SignatureMethod {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let key = match self.key {
            KeyKind::Rsa => "RSA",
            KeyKind::Ecdsa => "ECDSA",
        };
        write!(f, "{key} with {}", self.hash)
    }
}

/// Whether a signature or digest algorithm is one of those with SHA-1, for which administrators get a sentence of its own.
pub(super) fn uses_sha1(uri: &str) -> bool {
    uri.ends_with("#sha1") || uri.ends_with("-sha1")
}
