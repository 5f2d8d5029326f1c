//! The audit events of the demo: the newest of each kind, with the member who acted.

use super::{
    dataset::Crowd,
    model::WayIn,
    rng::{Chance, Part},
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
pub(super) fn events(seed: u64, crowd: &Crowd) -> Vec<Event> {
    let chance = &mut Chance::of(seed, Part::Trail);
    let mut all = Vec::new();
    for kind in [sent, sent_again, accepted, disabled, enabled, password_reset] {
        let mut events: Vec<Event> = (1..crowd.people.len()).filter_map(|person| kind(chance, crowd, person)).collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        events.truncate(MOST);
        all.append(&mut events);
    }
    all.sort_by_key(|event| event.at);
    all
}

fn event(chance: &mut Chance, at: Timestamp, action: &'static str, actor: Option<usize>, target: usize) -> Event {
    let address = if actor.is_some() {
        format!("198.51.100.{}", 1 + chance.below(254))
    } else {
        "cli".into()
    };
    Event { at, action, actor, target, address, before: None, after: None }
}

fn sent(chance: &mut Chance, crowd: &Crowd, person: usize) -> Option<Event> {
    let offer = crowd.offer_of(person)?;
    let after = Some(json!({ "email": crowd.people[person].email }));
    Some(Event {
        after,
        ..event(chance, offer.created_at, "invitation.sent", Some(offer.invited_by), person)
    })
}

fn sent_again(chance: &mut Chance, crowd: &Crowd, person: usize) -> Option<Event> {
    let offer = crowd.offer_of(person).filter(|offer| offer.sent_at > offer.created_at)?;
    let after = Some(json!({ "email": crowd.people[person].email }));
    Some(Event {
        after,
        ..event(chance, offer.sent_at, "invitation.sent_again", Some(offer.invited_by), person)
    })
}

fn accepted(chance: &mut Chance, crowd: &Crowd, person: usize) -> Option<Event> {
    let at = crowd.offer_of(person)?.accepted_at?;
    let after = Some(json!({ "email": crowd.people[person].email }));
    Some(Event { after, ..event(chance, at, "invitation.accepted", Some(person), person) })
}

fn disabled(chance: &mut Chance, crowd: &Crowd, person: usize) -> Option<Event> {
    let place = Some(&crowd.places[person]).filter(|place| place.status == MemberStatus::Disabled)?;
    let (before, after) = (
        Some(json!({ "status": "active" })),
        Some(json!({ "status": "disabled", "reason": place.status_reason })),
    );
    Some(Event {
        before,
        after,
        ..event(chance, place.status_at, "member.disabled", place.status_by, person)
    })
}

fn enabled(chance: &mut Chance, crowd: &Crowd, person: usize) -> Option<Event> {
    let place = Some(&crowd.places[person]).filter(|place| place.status == MemberStatus::Active && place.status_by.is_some())?;
    let (before, after) = (Some(json!({ "status": "disabled" })), Some(json!({ "status": "active", "reason": "" })));
    Some(Event {
        before,
        after,
        ..event(chance, place.status_at, "member.enabled", place.status_by, person)
    })
}

/// Some people forgot their password, and signed in again soon after.
fn password_reset(chance: &mut Chance, crowd: &Crowd, person: usize) -> Option<Event> {
    let place = Some(&crowd.places[person]).filter(|place| place.has_password() && place.way_in == WayIn::Invitation)?;
    let at = place.last_sign_in_at? - TimeDelta::minutes(2);
    let forgot = place.joined_at? < at && chance.is(0.03);
    forgot.then(|| event(chance, at, "password.reset", Some(person), person))
}
