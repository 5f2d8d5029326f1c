//! The confirmation of an assertion's subject by bearer (SAML Profiles section 4.1.4.2).

use super::{
    Expectation, Refusal,
    fields::{end, one},
    names::{ASSERTION, BEARER},
    xml::{named, plain_attribute},
};
use roxmltree::Node;

/// Checks that one bearer confirmation is for us, for now and for this sign-in. Returns the request that it answers.
pub(super) fn confirmed(subject: Node, expected: &Expectation) -> Result<Option<String>, Refusal> {
    let mut refusal = Refusal::NoBearer;
    for confirmation in named(subject, ASSERTION, "SubjectConfirmation") {
        if plain_attribute(confirmation, "Method") != Some(BEARER) {
            continue;
        }
        match bearer(one(confirmation, ASSERTION, "SubjectConfirmationData")?, expected) {
            Ok(in_response_to) => return Ok(in_response_to),
            Err(why) => refusal = why,
        }
    }
    Err(refusal)
}

fn bearer(data: Node, expected: &Expectation) -> Result<Option<String>, Refusal> {
    if plain_attribute(data, "Recipient") != Some(expected.acs_url) {
        return Err(Refusal::Recipient);
    }
    if plain_attribute(data, "NotBefore").is_some() {
        return Err(Refusal::ConfirmationNotBefore);
    }
    end(data, "NotOnOrAfter", "NotOnOrAfter of the confirmation", expected.now)?;
    match (plain_attribute(data, "InResponseTo"), expected.in_response_to) {
        (Some(answered), Some(request)) if answered == request && !request.is_empty() => Ok(Some(request.to_owned())),
        (None, None) if expected.allows_unsolicited => Ok(None),
        (None, None) => Err(Refusal::Unsolicited),
        _ => Err(Refusal::InResponseTo),
    }
}
