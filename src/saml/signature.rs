//! The one shape of XML Signature that is accepted (SAML Core section 5.4): enveloped, exclusive canonicalization, one
//! reference to the element that the signature stands in, a key of the connection.
//!
//! `KeyInfo` is not read. The whole shape is checked first, then the signature, then the digest: what nobody signed costs
//! no work that grows with the document.

use super::{
    algorithms::{Hash, SignatureMethod, uses_sha1},
    c14n::canonical,
    certificate::Certificate,
    names::{ENVELOPED, EXCLUSIVE, XMLDSIG},
    xml::{elements, inclusive_prefixes, is, named, octets, plain_attribute},
};
use roxmltree::Node;
use serde::{Deserialize, Serialize};

/// Why a signature does not count.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureError {
    #[error("The signature does not have the form that SAML prescribes.")]
    Shape,
    #[error("This provider signs with SHA-1. Change the signature algorithm to SHA-256.")]
    Sha1,
    #[error("This provider signs with an algorithm that Roster does not accept. Use RSA or ECDSA with SHA-256, SHA-384 or SHA-512.")]
    Algorithm,
    #[error("This provider signs with a canonicalization or transform that Roster does not accept. Use exclusive canonicalization.")]
    Transform,
    #[error("The signature refers to another element than the one it stands in.")]
    Reference,
    #[error("The signature was made with none of this connection's certificates. If the provider has a new certificate, add it here.")]
    Key,
    #[error("The signed content is not what the provider signed.")]
    Digest,
}

/// The most prefixes that an `InclusiveNamespaces` may list.
const MOST_PREFIXES: usize = 16;
/// IDs are kept under a unique index.
const LONGEST_ID: usize = 256;

/// What was signed.
pub(super) struct SignedText {
    /// The text that was digested. Claims are read from nothing else.
    pub text: String,
    pub method: SignatureMethod,
    pub digest: Hash,
    /// The fingerprint of the certificate whose key made the signature.
    pub certificate: String,
}

/// A signature of the accepted shape. Nothing about it is verified yet.
struct Shape<'a> {
    signature: Node<'a, 'a>,
    info: Node<'a, 'a>,
    info_prefixes: Vec<&'a str>,
    method: SignatureMethod,
    value: Vec<u8>,
    reference: Reference<'a>,
}

struct Reference<'a> {
    prefixes: Vec<&'a str>,
    hash: Hash,
    digest: Vec<u8>,
}

/// Verifies the signature that an element contains, if it contains one.
pub(super) fn verified<'a>(element: Node<'a, 'a>, certificates: &[Certificate]) -> Result<Option<SignedText>, SignatureError> {
    let shape = match named(element, XMLDSIG, "Signature")[..] {
        [] => return Ok(None),
        [signature] => shape(element, signature)?,
        _ => return Err(SignatureError::Shape),
    };
    let info = canonical(shape.info, None, &shape.info_prefixes).map_err(|_| SignatureError::Shape)?;
    let made = |certificate: &&Certificate| certificate.made(&shape.value, shape.method, info.as_bytes());
    let certificate = certificates.iter().find(made).ok_or(SignatureError::Key)?;

    let reference = &shape.reference;
    let left_out = Some(shape.signature.id());
    let text = canonical(element, left_out, &reference.prefixes).map_err(|_| SignatureError::Shape)?;
    let digest = openssl::hash::hash(reference.hash.digest(), text.as_bytes()).map_err(|_| SignatureError::Digest)?;
    if reference.digest.len() != digest.len() || !openssl::memcmp::eq(&reference.digest, &digest) {
        return Err(SignatureError::Digest);
    }
    let certificate = certificate.fingerprint().to_owned();
    Ok(Some(SignedText { text, method: shape.method, digest: reference.hash, certificate }))
}

fn shape<'a>(element: Node<'a, 'a>, signature: Node<'a, 'a>) -> Result<Shape<'a>, SignatureError> {
    let (info, value) = match elements(signature)[..] {
        [info, value] => (info, value),
        [info, value, key] if is(key, XMLDSIG, "KeyInfo") => (info, value),
        _ => return Err(SignatureError::Shape),
    };
    let [c14n, by, reference] = elements(info)[..] else {
        return Err(SignatureError::Shape);
    };
    let expected = [
        (info, "SignedInfo"),
        (value, "SignatureValue"),
        (c14n, "CanonicalizationMethod"),
        (by, "SignatureMethod"),
        (reference, "Reference"),
    ];
    expect(&expected)?;
    let method = empty_method(by)?;
    Ok(Shape {
        signature,
        info,
        info_prefixes: exclusive(c14n)?,
        method: SignatureMethod::from_uri(method).ok_or_else(|| refused(method))?,
        value: octets(value).ok_or(SignatureError::Shape)?,
        reference: self::reference(element, reference)?,
    })
}

fn reference<'a>(element: Node<'a, 'a>, reference: Node<'a, 'a>) -> Result<Reference<'a>, SignatureError> {
    let id = id(element).ok_or(SignatureError::Reference)?;
    if plain_attribute(reference, "URI").and_then(|uri| uri.strip_prefix('#')) != Some(id) {
        return Err(SignatureError::Reference);
    }
    let [transforms, by, value] = elements(reference)[..] else {
        return Err(SignatureError::Shape);
    };
    expect(&[(transforms, "Transforms"), (by, "DigestMethod"), (value, "DigestValue")])?;
    let [enveloped, c14n] = elements(transforms)[..] else {
        return Err(SignatureError::Transform);
    };
    expect(&[(enveloped, "Transform"), (c14n, "Transform")])?;
    if empty_method(enveloped)? != ENVELOPED {
        return Err(SignatureError::Transform);
    }
    let method = empty_method(by)?;
    Ok(Reference {
        prefixes: exclusive(c14n)?,
        hash: Hash::from_uri(method).ok_or_else(|| refused(method))?,
        digest: octets(value).ok_or(SignatureError::Shape)?,
    })
}

/// The ID of a message or assertion, if it is one that can be referred to.
pub(super) fn id<'a>(element: Node<'a, '_>) -> Option<&'a str> {
    let is_plain = |id: &&str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    plain_attribute(element, "ID").filter(|id| (1..=LONGEST_ID).contains(&id.len())).filter(is_plain)
}

fn expect(elements: &[(Node, &str)]) -> Result<(), SignatureError> {
    let are_expected = elements.iter().all(|(element, name)| is(*element, XMLDSIG, name));
    if are_expected { Ok(()) } else { Err(SignatureError::Shape) }
}

fn refused(algorithm: &str) -> SignatureError {
    if uses_sha1(algorithm) {
        SignatureError::Sha1
    } else {
        SignatureError::Algorithm
    }
}

/// The algorithm of a method, which is its only attribute.
fn algorithm<'a>(method: Node<'a, '_>) -> Result<&'a str, SignatureError> {
    let algorithm = plain_attribute(method, "Algorithm").filter(|_| method.attributes().len() == 1);
    algorithm.ok_or(SignatureError::Shape)
}

/// The algorithm of a method without parameters, such as a truncated length.
fn empty_method<'a>(method: Node<'a, '_>) -> Result<&'a str, SignatureError> {
    if elements(method).is_empty() {
        algorithm(method)
    } else {
        Err(SignatureError::Shape)
    }
}

/// The prefixes that exclusive canonicalization is told to treat as inclusive.
fn exclusive<'a>(method: Node<'a, '_>) -> Result<Vec<&'a str>, SignatureError> {
    if algorithm(method)? != EXCLUSIVE {
        return Err(SignatureError::Transform);
    }
    let prefixes = inclusive_prefixes(method).ok_or(SignatureError::Shape)?;
    // Implementations read `#default` differently.
    let is_accepted = prefixes.len() <= MOST_PREFIXES && !prefixes.iter().any(|prefix| prefix.contains('#'));
    if is_accepted {
        Ok(prefixes)
    } else {
        Err(SignatureError::Transform)
    }
}
