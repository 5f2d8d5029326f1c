//! The memberships of the demo: since when, in which status, created by whom, and how active each member is.

use super::{
    calendar::{AGE, MIGRATION, moment, working_moment},
    fixtures::POLICIES,
    grants::{assignments, make_team_administrators, some, team_count, team_memberships},
    model::{ADMINISTRATOR, Membership, Origin, RoleAssignment},
    rng::{Part, Rng},
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
pub(super) fn memberships(seed: u64, count: usize, now: Timestamp) -> Vec<Membership> {
    let rng = &mut Rng::of(seed, Part::Memberships);
    let mut memberships: Vec<Membership> = (0..count).map(|number| membership(rng, number, count, now)).collect();
    // However few people there are, one of the deactivated ones was an administrator.
    if let Some(membership) = memberships
        .iter_mut()
        .find(|membership| membership.status == Disabled && !membership.is_administrator())
    {
        membership.assignments.push(RoleAssignment { role: ADMINISTRATOR, until: None });
        membership.policies.clear();
    }
    make_team_administrators(&mut memberships, team_count(count));
    memberships
}

fn membership(rng: &mut Rng, number: usize, count: usize, now: Timestamp) -> Membership {
    let is_administrator = number <= administrators(count);
    let status = if is_administrator {
        Active
    } else {
        rng.weighted(&[(88, Active), (6, Invited), (6, Disabled)])
    };
    let provider = match status {
        Invited => "local",
        _ if is_administrator => "local",
        _ => rng.weighted(&[(72, "local"), (10, "google"), (6, "github"), (8, "saml"), (4, "oidc")]),
    };
    let origin = match provider {
        "local" if status == Invited || (!is_administrator && rng.chance(0.7)) => Origin::Invitation,
        "local" => Origin::Creation,
        _ => Origin::SingleSignOn,
    };
    let created_at = if number == 0 {
        now - AGE
    } else {
        arrival(rng, status, number, count, now)
    };
    let has_name = status != Invited || rng.chance(0.6);
    let created_by = rng.below(administrators(count) + 1);
    let mut membership = Membership {
        origin,
        provider,
        has_name,
        status,
        status_at: created_at,
        status_by: None,
        status_reason: "",
        created_at,
        created_by: if number == 0 { 0 } else { created_by },
        joined_at: None,
        last_sign_in_at: None,
        last_api_use_at: None,
        assignments: assignments(rng, is_administrator, status, created_at, now),
        teams: team_memberships(rng, team_count(count)),
        policies: vec![],
    };
    if !membership.is_administrator() && rng.chance(0.15) {
        membership.policies = some(rng, POLICIES.len(), 2);
    }
    if status != Invited {
        add_activity(rng, &mut membership, number, count, now);
    }
    membership
}

/// A third were imported from the previous directory; the others joined one by one. The invited came lately.
fn arrival(rng: &mut Rng, status: MemberStatus, number: usize, count: usize, now: Timestamp) -> Timestamp {
    if status == Invited {
        return working_moment(rng, now - TimeDelta::days(12), now - TimeDelta::minutes(2));
    }
    let (number, count) = (i32::try_from(number).unwrap_or(i32::MAX), i32::try_from(count).unwrap_or(i32::MAX));
    let migrated = count / 3;
    let after = if number < migrated {
        MIGRATION / migrated * number
    } else {
        MIGRATION + (AGE - MIGRATION) / (count - migrated) * (number - migrated)
    };
    let from = (now - AGE + after).min(now - TimeDelta::days(1));
    working_moment(rng, from, (from + TimeDelta::days(3)).min(now - TimeDelta::hours(2)))
}

/// What happened to a member since they joined.
fn add_activity(rng: &mut Rng, membership: &mut Membership, number: usize, count: usize, now: Timestamp) {
    let joined = match membership.origin {
        Origin::Invitation => moment(
            rng,
            membership.created_at + TimeDelta::minutes(4),
            (membership.created_at + TimeDelta::days(6)).min(now - TimeDelta::minutes(50)),
        ),
        Origin::Creation | Origin::SingleSignOn => membership.created_at,
    };
    (membership.joined_at, membership.status_at) = (Some(joined), joined);
    let mut seen_until = now;
    if membership.status == Disabled {
        let by = rng.below(administrators(count) + 1);
        membership.status_at = working_moment(rng, joined.max(now - AGE + MIGRATION), now - TimeDelta::minutes(30));
        // Sometimes an identity provider disables the member, not a person.
        membership.status_by = rng.chance(0.9).then_some(by);
        membership.status_reason = rng.pick(REASONS);
        seen_until = membership.status_at;
    } else if number > administrators(count) && rng.chance(0.02) {
        // The member was disabled once, and enabled again.
        membership.status_at = working_moment(rng, joined.max(now - AGE + MIGRATION), now - TimeDelta::hours(1));
        membership.status_by = Some(rng.below(administrators(count) + 1));
    }
    membership.last_sign_in_at = last_seen(rng, membership, joined, seen_until);
    if rng.chance(0.08) {
        membership.last_api_use_at = Some(moment(rng, joined.max(seen_until - TimeDelta::days(200)), seen_until));
    }
}

/// Some were active minutes ago, most this week, a few months ago or never. Accepting an invitation signs a person in.
fn last_seen(rng: &mut Rng, membership: &Membership, joined: Timestamp, until: Timestamp) -> Option<Timestamp> {
    let (near, far) = match rng.weighted(&[(3, 0), (14, 1), (44, 2), (17, 3), (9, 4), (8, 5), (5, 6)]) {
        0 => (TimeDelta::minutes(1), TimeDelta::minutes(45)),
        1 => (TimeDelta::minutes(45), TimeDelta::hours(12)),
        2 => (TimeDelta::hours(12), TimeDelta::days(7)),
        3 => (TimeDelta::days(7), TimeDelta::days(30)),
        4 => (TimeDelta::days(30), TimeDelta::days(90)),
        5 => (TimeDelta::days(90), TimeDelta::days(360)),
        _ if membership.origin == Origin::Invitation => return Some(joined),
        _ if membership.is_administrator() => (TimeDelta::minutes(1), TimeDelta::days(2)),
        _ => return None,
    };
    let (from, to) = ((until - far).max(joined), (until - near).max(joined));
    Some(if near < TimeDelta::hours(12) {
        moment(rng, from, to)
    } else {
        working_moment(rng, from, to)
    })
}
