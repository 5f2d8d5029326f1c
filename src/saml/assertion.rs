//! What a verified assertion says about a person (SAML Core section 2, Web Browser SSO profile section 4.1.4.3).
//!
//! It is read only from text that was digested under a signature of the connection.

use super::{
    Expectation, Refusal,
    algorithms::{Hash, SignatureMethod},
    attributes::{Attribute, attributes},
    conditions::conditions,
    encryption::ContentEncryption,
    fields::{SKEW, end, is_hidden, one, optional, short, time, uri},
    names::{ASSERTION, UNSPECIFIED},
    signature, subject,
    xml::{named, only_text, plain_attribute},
};
use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;
use serde::{Deserialize, Serialize};

/// The longest NameID and qualifier, in octets. SAML asks for 256 characters of persistent ones.
const LONGEST_NAME: usize = 512;
/// The longest time for which a provider can keep a session; longer ones end then.
const LONGEST_SESSION: TimeDelta = TimeDelta::days(366);

/// A verified assertion about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// Unique at its issuer; at most 256 octets. The caller accepts it once, and keeps it until `valid_until`.
    pub id: String,
    /// The entity ID of the provider.
    pub issuer: String,
    pub name_id: NameId,
    /// Names and values as they were sent. An attribute that is sent twice has the values of both.
    pub attributes: Vec<Attribute>,
    /// When the person signed in at the provider.
    pub authn_instant: DateTime<Utc>,
    /// How the person signed in: the class of the authentication context.
    pub authn_context: Option<String>,
    pub session_index: Option<String>,
    /// When the session has to end.
    pub session_until: Option<DateTime<Utc>>,
    /// From when on the assertion is refused anyway.
    pub valid_until: DateTime<Utc>,
    /// The request that this answers; `None` where the provider began.
    pub in_response_to: Option<String>,
    /// When the response was made. For display: it is signed only if the response is.
    pub response_issued_at: Option<DateTime<Utc>>,
    pub signatures: Vec<Signature>,
    /// How the assertion was encrypted, if it was.
    pub encryption: Option<ContentEncryption>,
}

/// The name of a person at the provider. All four parts together identify them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameId {
    pub text: String,
    /// The format as sent; `…:unspecified` where none was.
    pub format: String,
    pub name_qualifier: Option<String>,
    pub sp_name_qualifier: Option<String>,
}

impl NameId {
    /// Whether the provider promises never to give this name to another person. The formats for email addresses and for
    /// unspecified names promise nothing, and transient names change at every sign-in.
    pub fn is_stable(&self) -> bool {
        self.format == "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    }
}

/// A verified signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub part: SignedPart,
    pub method: SignatureMethod,
    pub digest: Hash,
    /// The fingerprint of the certificate whose key made it.
    pub certificate: String,
}

/// The part of a response that a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedPart {
    Response,
    Assertion,
}

/// Reads a verified assertion, and checks that it is for us, for now and for this sign-in. The caller adds what it knows
/// of the response.
pub(super) fn read(assertion: Node, expected: &Expectation) -> Result<Assertion, Refusal> {
    if plain_attribute(assertion, "Version") != Some("2.0") {
        return Err(Refusal::Version);
    }
    let issuer = uri(one(assertion, ASSERTION, "Issuer")?, "Issuer")?;
    if issuer != expected.provider_entity_id {
        return Err(Refusal::Issuer);
    }
    let not_on_or_after = conditions(one(assertion, ASSERTION, "Conditions")?, expected)?;
    let subject = one(assertion, ASSERTION, "Subject")?;
    let in_response_to = subject::confirmed(subject, expected)?;
    let statement = one(assertion, ASSERTION, "AuthnStatement")?;
    Ok(Assertion {
        id: signature::id(assertion).ok_or(Refusal::Malformed("the assertion's ID"))?.to_owned(),
        issuer: issuer.to_owned(),
        name_id: name_id(subject)?,
        attributes: attributes(assertion)?,
        authn_instant: authn_instant(statement, expected.now)?,
        authn_context: authn_context(statement)?,
        session_index: short(statement, "SessionIndex", 1024, "SessionIndex")?,
        session_until: session_until(statement, expected.now)?,
        valid_until: not_on_or_after + SKEW,
        in_response_to,
        response_issued_at: None,
        signatures: Vec::new(),
        encryption: None,
    })
}

/// The name of the person, exactly as sent: to a provider, "admin" and "admin" with a blank behind are two people.
fn name_id(subject: Node) -> Result<NameId, Refusal> {
    if !named(subject, ASSERTION, "EncryptedID").is_empty() || !named(subject, ASSERTION, "BaseID").is_empty() {
        return Err(Refusal::NameIdKind);
    }
    let node = one(subject, ASSERTION, "NameID")?;
    let text = only_text(node).ok_or(Refusal::NameIdText)?;
    let has_blanks_around = text.trim() != text;
    if text.is_empty() || text.len() > LONGEST_NAME || has_blanks_around || text.chars().any(is_hidden) {
        return Err(Refusal::NameIdText);
    }
    Ok(NameId {
        text: text.to_owned(),
        format: short(node, "Format", LONGEST_NAME, "the format of NameID")?.unwrap_or_else(|| UNSPECIFIED.to_owned()),
        name_qualifier: short(node, "NameQualifier", LONGEST_NAME, "NameQualifier")?,
        sp_name_qualifier: short(node, "SPNameQualifier", LONGEST_NAME, "SPNameQualifier")?,
    })
}

/// When the person signed in. A time in the future would count as recent until it comes.
fn authn_instant(statement: Node, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let instant = time(statement, "AuthnInstant", "AuthnInstant")?.ok_or(Refusal::Missing("AuthnInstant"))?;
    if instant - SKEW > now {
        Err(Refusal::InFuture("AuthnInstant"))
    } else {
        Ok(instant)
    }
}

fn authn_context(statement: Node) -> Result<Option<String>, Refusal> {
    let Some(context) = optional(statement, ASSERTION, "AuthnContext")? else {
        return Ok(None);
    };
    let Some(class) = optional(context, ASSERTION, "AuthnContextClassRef")? else {
        return Ok(None);
    };
    let class = uri(class, "AuthnContextClassRef")?;
    Ok(Some(class.to_owned()).filter(|class| !class.is_empty()))
}

fn session_until(statement: Node, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Refusal> {
    if plain_attribute(statement, "SessionNotOnOrAfter").is_none() {
        return Ok(None);
    }
    let until = end(statement, "SessionNotOnOrAfter", "SessionNotOnOrAfter", now)?;
    Ok(Some(until.min(now + LONGEST_SESSION)))
}
