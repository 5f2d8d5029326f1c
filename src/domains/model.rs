//! Domains as stored, and the pure rules: which record proves one, and when the proof is looked for again.

use crate::{
    db::{MultiBackend, schema::domains},
    kit::{ConnectionId, DomainId, MemberId, OrganizationId, Timestamp, email, secret},
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;

/// The label before the domain at which the record stands.
pub(super) const RECORD: &str = "_roster-challenge";
/// What the text of the record begins with.
pub(super) const PREFIX: &str = "roster-domain-verification=";
/// How many checks in a row, on different days, may miss the proof of a domain before it is lost.
pub const MISSES: i64 = 3;

const WEEK: TimeDelta = TimeDelta::days(7);
const DAY: TimeDelta = TimeDelta::days(1);

text_enum! {
    /// Who vouches that the organization owns the domain.
    pub enum Method {
        /// A DNS record, which is looked for every week.
        Dns = "dns",
        /// The operator, at the command line.
        Operator = "operator",
    }
}

/// Whether the organization has proven that it owns a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainState {
    /// Not yet.
    Waiting,
    Verified(Timestamp),
    /// No more: the record was missing for too long.
    Lost(Timestamp),
}

/// An email domain of an organization.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = domains, check_for_backend(MultiBackend))]
pub struct Domain {
    pub id: DomainId,
    pub organization_id: OrganizationId,
    /// A-labels, in lower case.
    pub name: String,
    pub challenge: String,
    pub method: Option<Method>,
    pub verified_at: Option<Timestamp>,
    pub lost_at: Option<Timestamp>,
    pub checked_at: Option<Timestamp>,
    /// What the latest check found instead of the proof.
    pub finding: Option<String>,
    pub misses: i64,
    pub next_check_at: Option<Timestamp>,
    pub connection_id: Option<ConnectionId>,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub version: i64,
}

impl Domain {
    pub fn state(&self) -> DomainState {
        match (self.verified_at, self.lost_at) {
            (Some(at), _) => DomainState::Verified(at),
            (None, Some(at)) => DomainState::Lost(at),
            (None, None) => DomainState::Waiting,
        }
    }
    pub fn is_verified(&self) -> bool {
        self.verified_at.is_some()
    }
    /// Whether the operator vouches for it, so that no record is needed.
    pub fn is_vouched_for(&self) -> bool {
        self.method == Some(Method::Operator)
    }
    pub fn is_bound_to(&self, connection: &ConnectionId) -> bool {
        self.connection_id == Some(*connection)
    }
    /// As people read it.
    pub fn readable(&self) -> String {
        email::readable_domain(&self.name)
    }
    /// The name of the record that proves it.
    pub fn record_name(&self) -> String {
        format!("{RECORD}.{}", self.name)
    }
    /// The text of the record that proves it.
    pub fn record_value(&self) -> String {
        format!("{PREFIX}{}", self.challenge)
    }
}

/// What a record has to hold. Everybody can read it in the DNS, so it is no secret; it only must differ between
/// organizations, and nobody may know it before they added the domain.
pub(super) fn new_challenge() -> String {
    let mut noise = [0; 20];
    secret::fill(&mut noise);
    noise.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// When the proof of a verified domain is looked for again: every week, and on the next day after it was missing.
pub(super) fn next_check(misses: i64, now: Timestamp) -> Timestamp {
    now + if misses == 0 { WEEK } else { DAY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_differ_and_are_plain_letters() {
        let one = new_challenge();
        assert_ne!(one, new_challenge());
        assert!(one.len() == 40 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
    }

    #[test]
    fn misses_are_counted_on_different_days() {
        let now = Timestamp::EPOCH;
        assert_eq!(next_check(0, now), now + TimeDelta::days(7));
        for misses in 1..MISSES {
            assert!(next_check(misses, now).day() > now.day());
        }
    }
}
