//! The conditions under which an assertion is valid (SAML Core section 2.5).

use super::{
    Expectation, Refusal,
    fields::{SKEW, end, time, uri},
    names::ASSERTION,
    xml::{elements, is, named},
};
use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;

/// Providers issue assertions for minutes. The IDs of accepted ones are kept as long as they are valid.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// Checks all conditions. Returns when the assertion ends, whatever its confirmations say.
pub(super) fn conditions(conditions: Node, expected: &Expectation) -> Result<DateTime<Utc>, Refusal> {
    let not_before = time(conditions, "NotBefore", "NotBefore of the conditions")?;
    if not_before.is_some_and(|time| time - SKEW > expected.now) {
        return Err(Refusal::InFuture("NotBefore of the conditions"));
    }
    let name = "NotOnOrAfter of the conditions";
    let not_on_or_after = end(conditions, "NotOnOrAfter", name, expected.now)?;
    if not_on_or_after - expected.now > LONGEST + SKEW {
        return Err(Refusal::TooLong(name));
    }
    let mut is_restricted = false;
    for condition in elements(conditions) {
        if is(condition, ASSERTION, "AudienceRestriction") {
            is_restricted = true;
            check_audience(condition, expected)?;
        } else if !is(condition, ASSERTION, "OneTimeUse") && !is(condition, ASSERTION, "ProxyRestriction") {
            return Err(Refusal::UnknownCondition);
        }
    }
    if is_restricted {
        Ok(not_on_or_after)
    } else {
        Err(Refusal::Missing("an audience"))
    }
}

/// One of the audiences has to be us, to the letter. Where there are several restrictions, each has to be met.
fn check_audience(restriction: Node, expected: &Expectation) -> Result<(), Refusal> {
    let mut is_ours = false;
    for audience in named(restriction, ASSERTION, "Audience") {
        is_ours |= uri(audience, "Audience")? == expected.entity_id;
    }
    if is_ours { Ok(()) } else { Err(Refusal::Audience) }
}
