//! The memberships of the demo: since when, in which status, created by whom, and how active each member is.

use super::{
    calendar::{AGE, MOVING_IN, moment, working_moment},
    fixtures::POLICIES,
    grants::{appoint_team_administrators, assignments, belongings, some, team_count},
    model::{ADMINISTRATOR, Holding, Place, WayIn},
    rng::{Chance, Part},
};
use crate::kit::{
    MemberStatus::{self, Active, Disabled, Invited},
    Timestamp,
};
use chrono::TimeDelta;

const REASONS: &[&str] = &[
    "Left the company",
    "Left the company",
    "Contract ended",
    "On parental leave",
    "Moved to another subsidiary",
    "Asked by the works council",
    "Lost device, to be enabled again",
    "Account shared between several people, which the security guideline of the group does not allow; they were asked to use one each",
    "",
];

/// Half a per cent, at least two if there are that many people, besides the founder.
pub(super) fn administrators(people: usize) -> usize {
    (people / 200).max(2).min(people - 1)
}

/// The memberships of this many people, the founder first.
pub(super) fn places(seed: u64, count: usize, now: Timestamp) -> Vec<Place> {
    let chance = &mut Chance::of(seed, Part::Places);
    let mut places: Vec<Place> = (0..count).map(|number| place(chance, number, count, now)).collect();
    // However few people there are, one of the deactivated ones was an administrator.
    if let Some(place) = places.iter_mut().find(|place| place.status == Disabled && !place.is_administrator()) {
        place.assignments.push(Holding { role: ADMINISTRATOR, until: None });
        place.policies.clear();
    }
    appoint_team_administrators(&mut places, team_count(count));
    places
}

fn place(chance: &mut Chance, number: usize, count: usize, now: Timestamp) -> Place {
    let is_administrator = number <= administrators(count);
    let status = if is_administrator {
        Active
    } else {
        chance.weigh(&[(88, Active), (6, Invited), (6, Disabled)])
    };
    let provider = match status {
        Invited => "local",
        _ if is_administrator => "local",
        _ => chance.weigh(&[(72, "local"), (10, "google"), (6, "github"), (8, "saml"), (4, "oidc")]),
    };
    let way_in = match provider {
        "local" if status == Invited || (!is_administrator && chance.is(0.7)) => WayIn::Invitation,
        "local" => WayIn::Creation,
        _ => WayIn::SingleSignOn,
    };
    let created_at = if number == 0 {
        now - AGE
    } else {
        arrival(chance, status, number, count, now)
    };
    let mut place = Place {
        way_in,
        provider,
        has_name: status != Invited || chance.is(0.6),
        status,
        status_at: created_at,
        status_by: None,
        status_reason: "",
        created_at,
        created_by: chance.below(administrators(count) + 1),
        joined_at: None,
        last_sign_in_at: None,
        last_api_use_at: None,
        assignments: assignments(chance, is_administrator, status, created_at, now),
        teams: belongings(chance, team_count(count)),
        policies: vec![],
    };
    if !place.is_administrator() && chance.is(0.15) {
        place.policies = some(chance, POLICIES.len(), 2);
    }
    if status != Invited {
        live(chance, &mut place, number, count, now);
    }
    place
}

/// A third were imported from the previous directory; the others joined one by one. The invited came lately.
fn arrival(chance: &mut Chance, status: MemberStatus, number: usize, count: usize, now: Timestamp) -> Timestamp {
    if status == Invited {
        return working_moment(chance, now - TimeDelta::days(12), now - TimeDelta::minutes(2));
    }
    let (number, count) = (i32::try_from(number).unwrap_or(i32::MAX), i32::try_from(count).unwrap_or(i32::MAX));
    let moved_in = count / 3;
    let after = if number < moved_in {
        MOVING_IN / moved_in * number
    } else {
        MOVING_IN + (AGE - MOVING_IN) / (count - moved_in) * (number - moved_in)
    };
    let from = (now - AGE + after).min(now - TimeDelta::days(1));
    working_moment(chance, from, (from + TimeDelta::days(3)).min(now - TimeDelta::hours(2)))
}

/// What happened to a member since they joined.
fn live(chance: &mut Chance, place: &mut Place, number: usize, count: usize, now: Timestamp) {
    let joined = match place.way_in {
        WayIn::Invitation => moment(
            chance,
            place.created_at + TimeDelta::minutes(4),
            (place.created_at + TimeDelta::days(6)).min(now - TimeDelta::minutes(50)),
        ),
        WayIn::Creation | WayIn::SingleSignOn => place.created_at,
    };
    (place.joined_at, place.status_at) = (Some(joined), joined);
    let mut seen_until = now;
    if place.status == Disabled {
        let by = chance.below(administrators(count) + 1);
        place.status_at = working_moment(chance, joined.max(now - AGE + MOVING_IN), now - TimeDelta::minutes(30));
        // Sometimes an identity provider disables the member, not a person.
        place.status_by = chance.is(0.9).then_some(by);
        place.status_reason = chance.pick(REASONS);
        seen_until = place.status_at;
    } else if number > administrators(count) && chance.is(0.02) {
        // The member was disabled once, and enabled again.
        place.status_at = working_moment(chance, joined.max(now - AGE + MOVING_IN), now - TimeDelta::hours(1));
        place.status_by = Some(chance.below(administrators(count) + 1));
    }
    place.last_sign_in_at = last_seen(chance, place, joined, seen_until);
    if chance.is(0.08) {
        place.last_api_use_at = Some(moment(chance, joined.max(seen_until - TimeDelta::days(200)), seen_until));
    }
}

/// Some were active minutes ago, most this week, a few months ago or never. Accepting an invitation signs a person in.
fn last_seen(chance: &mut Chance, place: &Place, joined: Timestamp, until: Timestamp) -> Option<Timestamp> {
    let (near, far) = match chance.weigh(&[(3, 0), (14, 1), (44, 2), (17, 3), (9, 4), (8, 5), (5, 6)]) {
        0 => (TimeDelta::minutes(1), TimeDelta::minutes(45)),
        1 => (TimeDelta::minutes(45), TimeDelta::hours(12)),
        2 => (TimeDelta::hours(12), TimeDelta::days(7)),
        3 => (TimeDelta::days(7), TimeDelta::days(30)),
        4 => (TimeDelta::days(30), TimeDelta::days(90)),
        5 => (TimeDelta::days(90), TimeDelta::days(360)),
        _ if place.way_in == WayIn::Invitation => return Some(joined),
        _ if place.is_administrator() => (TimeDelta::minutes(1), TimeDelta::days(2)),
        _ => return None,
    };
    let (from, to) = ((until - far).max(joined), (until - near).max(joined));
    Some(if near < TimeDelta::hours(12) {
        moment(chance, from, to)
    } else {
        working_moment(chance, from, to)
    })
}
