//! A response from its text to a verified assertion.
//!
//! What is verified and what is read must be the same: every signed part is read only from the text that was digested,
//! which is parsed again. Signature wrapping (elements beside, around or inside the signed one) therefore changes nothing
//! that is read; `check_places` refuses it all the same.

use super::{
    Assertion, Expectation, Refusal, Signature, SignedPart, StatusCode,
    assertion::read,
    encryption,
    fields::{one, optional, time, uri},
    names::{ASSERTION, PROTOCOL, XMLDSIG},
    scan::{self, MESSAGE},
    signature::{SignedText, verified},
    xml::{is, named, plain_attribute, tree},
};
use chrono::{DateTime, Utc};
use roxmltree::Node;
use std::collections::HashSet;

const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

/// Verifies the XML of a response.
pub(super) fn verify(bytes: &[u8], expected: &Expectation) -> Result<Assertion, Refusal> {
    let text = scan::text(bytes, &MESSAGE)?;
    let tree = tree(text, &MESSAGE)?;
    let root = tree.root_element();
    if !is(root, PROTOCOL, "Response") {
        return Err(Refusal::NotAResponse);
    }
    check_places(root)?;
    // Both signatures are verified where they stand. The text of the response can lack namespaces that the signature of the
    // assertion needs.
    let outer = verified(root, expected.certificates)?;
    let inner = match named(root, ASSERTION, "Assertion")[..] {
        [assertion] => verified(assertion, expected.certificates)?,
        _ => None,
    };
    match outer {
        Some(outer) => {
            let tree = self::tree(&outer.text, &MESSAGE)?;
            Received { root: tree.root_element(), outer: Some(&outer), inner, expected }.assertion()
        }
        None => Received { root, outer: None, inner, expected }.assertion(),
    }
}

/// A response whose signatures hold.
struct Received<'a> {
    /// The response, from the text that its signature digested if it has one.
    root: Node<'a, 'a>,
    outer: Option<&'a SignedText>,
    /// The signature of a plain assertion.
    inner: Option<SignedText>,
    expected: &'a Expectation<'a>,
}

impl Received<'_> {
    fn assertion(&self) -> Result<Assertion, Refusal> {
        let issued_at = check_response(self.root, self.expected)?;
        if self.outer.is_none() && self.expected.response_must_be_signed {
            return Err(Refusal::ResponseNotSigned);
        }
        let plain = named(self.root, ASSERTION, "Assertion");
        let encrypted = named(self.root, ASSERTION, "EncryptedAssertion");
        let mut assertion = match (&plain[..], &encrypted[..]) {
            ([plain], []) => self.covered(*plain, self.inner.as_ref())?,
            ([], [encrypted]) => self.decrypted(*encrypted)?,
            ([], []) => return Err(Refusal::NoAssertion),
            _ => return Err(Refusal::SeveralAssertions),
        };
        assertion.response_issued_at = issued_at;
        Ok(assertion)
    }

    fn decrypted(&self, encrypted: Node) -> Result<Assertion, Refusal> {
        let failed = |_| encryption::EncryptionError::Failed;
        let (bytes, algorithm) = encryption::decrypted(encrypted, self.expected.decryption_keys, self.outer.is_some())?;
        let text = scan::text(&bytes, &MESSAGE).map_err(failed)?;
        let tree = tree(text, &MESSAGE).map_err(failed)?;
        let root = tree.root_element();
        if !is(root, ASSERTION, "Assertion") {
            return Err(encryption::EncryptionError::Failed.into());
        }
        check_places(root)?;
        let inner = verified(root, self.expected.certificates)?;
        let assertion = self.covered(root, inner.as_ref())?;
        Ok(Assertion { encryption: Some(algorithm), ..assertion })
    }

    /// Reads an assertion from the text of its own signature, or else from that of the response's.
    fn covered(&self, assertion: Node, inner: Option<&SignedText>) -> Result<Assertion, Refusal> {
        let read = match inner {
            Some(inner) => read(tree(&inner.text, &MESSAGE)?.root_element(), self.expected)?,
            None if self.outer.is_some() => read(assertion, self.expected)?,
            None => return Err(Refusal::NotSigned),
        };
        let outer = self.outer.map(|signed| (SignedPart::Response, signed));
        let inner = inner.map(|signed| (SignedPart::Assertion, signed));
        let signatures = outer.into_iter().chain(inner).map(|(part, signed)| signature(part, signed)).collect();
        Ok(Assertion { signatures, ..read })
    }
}

fn signature(part: SignedPart, signed: &SignedText) -> Signature {
    Signature {
        part,
        method: signed.method,
        digest: signed.digest,
        certificate: signed.certificate.clone(),
    }
}

/// Refuses everything that stands where another reader could mistake it for what is signed.
fn check_places(root: Node) -> Result<(), Refusal> {
    let mut ids = HashSet::new();
    for node in root.descendants().filter(Node::is_element) {
        // `ID`, `Id`, `xml:id` and what else a reader could look up.
        if !node.attributes().filter(|a| a.name().eq_ignore_ascii_case("id")).all(|a| ids.insert(a.value())) {
            return Err(Refusal::DuplicateId);
        }
        if node == root {
            continue;
        }
        let is_child = node.parent() == Some(root);
        if is(node, PROTOCOL, "Response") {
            return Err(Refusal::NestedResponse);
        }
        let is_assertion = is(node, ASSERTION, "Assertion") || is(node, ASSERTION, "EncryptedAssertion");
        if is_assertion && !(is_child && is(root, PROTOCOL, "Response")) {
            return Err(Refusal::MisplacedAssertion);
        }
        if is(node, XMLDSIG, "Signature") && !is_child && !is_in_assertion(node, root) {
            return Err(Refusal::MisplacedSignature);
        }
    }
    Ok(())
}

/// Whether a node stands directly in an assertion that stands directly in the root.
fn is_in_assertion(node: Node, root: Node) -> bool {
    node.parent()
        .is_some_and(|parent| is(parent, ASSERTION, "Assertion") && parent.parent() == Some(root))
}

/// Checks what the response says beside its assertion. Returns when it was issued.
fn check_response(root: Node, expected: &Expectation) -> Result<Option<DateTime<Utc>>, Refusal> {
    if plain_attribute(root, "Version") != Some("2.0") {
        return Err(Refusal::Version);
    }
    if plain_attribute(root, "Destination").is_some_and(|destination| destination != expected.acs_url) {
        return Err(Refusal::Destination);
    }
    let answered = plain_attribute(root, "InResponseTo");
    if answered.is_some() && answered != expected.in_response_to {
        return Err(Refusal::InResponseTo);
    }
    if let Some(issuer) = optional(root, ASSERTION, "Issuer")?
        && uri(issuer, "Issuer")? != expected.provider_entity_id
    {
        return Err(Refusal::Issuer);
    }
    check_status(one(root, PROTOCOL, "Status")?)?;
    time(root, "IssueInstant", "IssueInstant of the response")
}

fn check_status(status: Node) -> Result<(), Refusal> {
    let code = one(status, PROTOCOL, "StatusCode")?;
    let name = |code: Node| {
        plain_attribute(code, "Value")
            .and_then(|value| value.strip_prefix(STATUS))
            .map(StatusCode::from_name)
    };
    if plain_attribute(code, "Value") == Some("urn:oasis:names:tc:SAML:2.0:status:Success") {
        return Ok(());
    }
    let specific = named(code, PROTOCOL, "StatusCode").first().and_then(|code| name(*code));
    let known = specific.filter(|code| *code != StatusCode::Other).or_else(|| name(code));
    Err(known.unwrap_or(StatusCode::Other).into())
}
