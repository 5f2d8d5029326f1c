//! What a verified assertion says about a person, as every protocol tells it.

use super::answer::{ProviderAnswer, ProviderRefusal};
use crate::{
    connections::SamlSettings,
    kit::{Timestamp, email::Email},
    saml::{Assertion, NameId, SignedPart},
};
use std::collections::BTreeMap;

/// The longest subject: it stands in a unique index.
const LONGEST_SUBJECT: usize = 2_000;
/// The longest value of the attribute that identifies people.
const LONGEST_VALUE: usize = 512;

const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const EMAIL_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

/// The usual names of attributes: Entra ID and AD FS, X.500 (Shibboleth), and short ones.
const EMAIL: [&str; 4] = [
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "email",
    "mail",
];
const FIRST_NAME: [&str; 4] = [
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
    "urn:oid:2.5.4.42",
    "firstName",
    "givenName",
];
const LAST_NAME: [&str; 5] = [
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    "urn:oid:2.5.4.4",
    "lastName",
    "surname",
    "sn",
];
const NAME: [&str; 3] = [
    "http://schemas.microsoft.com/identity/claims/displayname",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "displayName",
];

/// Reads a verified assertion. An address in it is never taken as verified: SAML does not say that it is.
///
/// # Errors
/// A [`ProviderRefusal`].
pub(super) fn read(assertion: &Assertion, settings: &SamlSettings, now: Timestamp) -> Result<ProviderAnswer, ProviderRefusal> {
    let text = |chosen: &str, usual: &[&str]| first_value(assertion, chosen, usual).unwrap_or_default();
    let has_two_steps = assertion.authn_context.as_ref().is_some_and(|class| settings.two_step_contexts.contains(class));
    Ok(ProviderAnswer {
        subject: subject(assertion, settings)?,
        name_id: match settings.subject_attribute.as_str() {
            "" => assertion.name_id.text.clone(),
            chosen => only_value(assertion, chosen).unwrap_or_default().to_owned(),
        },
        email: email(assertion, settings),
        is_email_verified: false,
        first_name: text(&settings.first_name_attribute, &FIRST_NAME),
        last_name: text(&settings.last_name_attribute, &LAST_NAME),
        name: text(&settings.name_attribute, &NAME),
        has_two_steps,
        authenticated_at: Some(assertion.authn_instant.timestamp()),
        provider_session: assertion.session_index.clone(),
        session_until: assertion.session_until.map(|until| until.timestamp_micros()),
        values: values(assertion),
        left_out: vec![],
        claims: claims(assertion),
        checks: checks(assertion, now),
    })
}

/// What identifies the person, as a JSON list, so that no two different ones are written alike.
fn subject(assertion: &Assertion, settings: &SamlSettings) -> Result<String, ProviderRefusal> {
    let name_id = &assertion.name_id;
    let subject = if !settings.subject_attribute.is_empty() {
        let value = only_value(assertion, &settings.subject_attribute).ok_or(ProviderRefusal::SubjectAttribute)?;
        serde_json::json!([settings.subject_attribute, value])
    } else if name_id.format == TRANSIENT {
        return Err(ProviderRefusal::TransientNameId);
    } else if name_id.is_stable() || settings.has_fixed_name_ids {
        let NameId { text, format, name_qualifier, sp_name_qualifier } = name_id;
        serde_json::json!([format, name_qualifier, sp_name_qualifier, text])
    } else {
        return Err(ProviderRefusal::ChangingNameId);
    };
    let subject = subject.to_string();
    if subject.len() > LONGEST_SUBJECT {
        Err(ProviderRefusal::LongNameId)
    } else {
        Ok(subject)
    }
}

/// The only value of an attribute, exactly as it was sent.
fn only_value<'a>(assertion: &'a Assertion, name: &str) -> Option<&'a str> {
    let attribute = assertion.attributes.iter().find(|attribute| attribute.name == name)?;
    match &attribute.values[..] {
        [value] if !value.trim().is_empty() && value.len() <= LONGEST_VALUE && !value.contains('\0') => Some(value),
        _ => None,
    }
}

/// The first value of the chosen attribute, or else of one with a usual name, without the line breaks and blanks of XML
/// around it. Other blanks belong to the value.
fn first_value(assertion: &Assertion, chosen: &str, usual: &[&str]) -> Option<String> {
    let names: &[&str] = if chosen.is_empty() { usual } else { &[chosen] };
    let value = |name: &&str| {
        let attribute = assertion.attributes.iter().find(|attribute| attribute.name == **name)?;
        let trimmed = attribute.values.iter().map(|value| value.trim_matches([' ', '\t', '\n', '\r']));
        trimmed.into_iter().find(|value| !value.is_empty())
    };
    names.iter().find_map(value).map(str::to_owned)
}

/// The address: of an attribute, or the NameID where that is one.
fn email(assertion: &Assertion, settings: &SamlSettings) -> Option<String> {
    let found = first_value(assertion, &settings.email_attribute, &EMAIL);
    let is_address = assertion.name_id.format == EMAIL_FORMAT && Email::parse(&assertion.name_id.text).is_ok();
    found.or_else(|| is_address.then(|| assertion.name_id.text.clone()))
}

/// The values of each attribute.
fn values(assertion: &Assertion) -> BTreeMap<String, Vec<String>> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for attribute in &assertion.attributes {
        values.entry(attribute.name.clone()).or_default().extend(attribute.values.iter().cloned());
    }
    values
}

/// What came, for the test.
fn claims(assertion: &Assertion) -> Vec<(String, String)> {
    let name_id = &assertion.name_id;
    let optional = |name: &str, value: &Option<String>| value.clone().map(|value| (name.to_owned(), value));
    let fixed = [
        Some(("NameID".to_owned(), name_id.text.clone())),
        Some(("Format".to_owned(), name_id.format.clone())),
        optional("NameQualifier", &name_id.name_qualifier),
        optional("SPNameQualifier", &name_id.sp_name_qualifier),
        optional("AuthnContextClassRef", &assertion.authn_context),
        optional("SessionIndex", &assertion.session_index),
        Some(("AuthnInstant".to_owned(), Timestamp::from(assertion.authn_instant).iso())),
        assertion
            .session_until
            .map(|until| ("SessionNotOnOrAfter".to_owned(), Timestamp::from(until).iso())),
    ];
    let attributes = assertion.attributes.iter().map(|attribute| (attribute.name.clone(), attribute.values.join(", ")));
    fixed.into_iter().flatten().chain(attributes).collect()
}

/// How it was checked, for the test.
fn checks(assertion: &Assertion, now: Timestamp) -> Vec<(String, String)> {
    let mut checks = vec![("Issuer".to_owned(), assertion.issuer.clone())];
    for signature in &assertion.signatures {
        let part = match signature.part {
            SignedPart::Response => "Signature of the response",
            SignedPart::Assertion => "Signature of the assertion",
        };
        checks.push((part.to_owned(), format!("{}, digest {}", signature.method, signature.digest)));
        checks.push(("Certificate (SHA-256)".to_owned(), signature.certificate.clone()));
    }
    let encryption = assertion.encryption.map_or_else(|| "none".to_owned(), |encryption| format!("{encryption:?}"));
    checks.push(("Encryption".to_owned(), encryption));
    let begun = if assertion.in_response_to.is_some() {
        "here"
    } else {
        "at the provider"
    };
    checks.push(("Begun".to_owned(), begun.to_owned()));
    if let Some(at) = assertion.response_issued_at {
        let seconds = (now.utc() - at).num_seconds();
        checks.push(("Difference of the clocks, with the way here".to_owned(), format!("{seconds} s")));
    }
    checks
}
