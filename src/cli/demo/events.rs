//! The audit events of the demo: the newest of each kind, with the member who acted.

use super::{
    dataset::Dataset,
    model::Origin,
    rng::{Part, Rng},
};
use crate::kit::{MemberStatus, Timestamp};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// An event that concerns one person, given by number.
pub(super) struct Event {
    pub at: Timestamp,
    pub action: &'static str,
    /// `None` is the operator, or Roster itself.
    pub actor: Option<usize>,
    pub target: usize,
    pub address: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// The most events of one kind.
const MOST: usize = 600;

/// All events, the oldest first. What an invitation grants is added later, when roles have ids.
pub(super) fn events(seed: u64, dataset: &Dataset) -> Vec<Event> {
    let rng = &mut Rng::of(seed, Part::Events);
    let mut all = Vec::new();
    for kind in [sent, sent_again, accepted, disabled, enabled, password_reset] {
        let mut events: Vec<Event> = (1..dataset.people.len()).filter_map(|person| kind(rng, dataset, person)).collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        events.truncate(MOST);
        all.append(&mut events);
    }
    all.sort_by_key(|event| event.at);
    all
}

fn event(rng: &mut Rng, at: Timestamp, action: &'static str, actor: Option<usize>, target: usize) -> Event {
    let address = if actor.is_some() {
        format!("198.51.100.{}", 1 + rng.below(254))
    } else {
        "cli".into()
    };
    Event { at, action, actor, target, address, before: None, after: None }
}

fn sent(rng: &mut Rng, dataset: &Dataset, person: usize) -> Option<Event> {
    let invitation = dataset.invitation_of(person)?;
    let after = Some(json!({ "email": dataset.people[person].email }));
    Some(Event {
        after,
        ..event(rng, invitation.created_at, "invitation.sent", Some(invitation.invited_by), person)
    })
}

fn sent_again(rng: &mut Rng, dataset: &Dataset, person: usize) -> Option<Event> {
    let invitation = dataset.invitation_of(person).filter(|invitation| invitation.sent_at > invitation.created_at)?;
    let after = Some(json!({ "email": dataset.people[person].email }));
    Some(Event {
        after,
        ..event(rng, invitation.sent_at, "invitation.sent_again", Some(invitation.invited_by), person)
    })
}

fn accepted(rng: &mut Rng, dataset: &Dataset, person: usize) -> Option<Event> {
    let at = dataset.invitation_of(person)?.accepted_at?;
    let after = Some(json!({ "email": dataset.people[person].email }));
    Some(Event { after, ..event(rng, at, "invitation.accepted", Some(person), person) })
}

fn disabled(rng: &mut Rng, dataset: &Dataset, person: usize) -> Option<Event> {
    let membership = Some(&dataset.memberships[person]).filter(|membership| membership.status == MemberStatus::Disabled)?;
    let (before, after) = (
        Some(json!({ "status": "active" })),
        Some(json!({ "status": "disabled", "reason": membership.status_reason })),
    );
    Some(Event {
        before,
        after,
        ..event(rng, membership.status_at, "member.disabled", membership.status_by, person)
    })
}

fn enabled(rng: &mut Rng, dataset: &Dataset, person: usize) -> Option<Event> {
    let membership = Some(&dataset.memberships[person])
        .filter(|membership| membership.status == MemberStatus::Active && membership.status_by.is_some())?;
    let (before, after) = (Some(json!({ "status": "disabled" })), Some(json!({ "status": "active", "reason": "" })));
    Some(Event {
        before,
        after,
        ..event(rng, membership.status_at, "member.enabled", membership.status_by, person)
    })
}

/// Some people forgot their password, and signed in again soon after.
fn password_reset(rng: &mut Rng, dataset: &Dataset, person: usize) -> Option<Event> {
    let membership =
        Some(&dataset.memberships[person]).filter(|membership| membership.has_password() && membership.origin == Origin::Invitation)?;
    let at = membership.last_sign_in_at? - TimeDelta::minutes(2);
    let forgot = membership.joined_at? < at && rng.chance(0.03);
    forgot.then(|| event(rng, at, "password.reset", Some(person), person))
}
