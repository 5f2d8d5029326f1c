//! The roles and teams of the demo's members.

use super::{
    calendar::{moment, working_moment},
    fixtures::{OWN_ROLES, TEAMS},
    model::{ADMINISTRATOR, Membership, RoleAssignment, RoleChoice, TeamMembership},
    rng::Rng,
};
use crate::{
    kit::{
        MemberStatus::{self, Active, Disabled},
        Timestamp,
    },
    roles::Predefined,
};
use chrono::TimeDelta;

/// The number of teams grows with the number of people.
pub(super) fn team_count(people: usize) -> usize {
    (6 + people / 45).clamp(8, TEAMS.len())
}

/// The roles of a member who joined at that instant.
pub(super) fn assignments(
    rng: &mut Rng,
    is_administrator: bool,
    status: MemberStatus,
    since: Timestamp,
    now: Timestamp,
) -> Vec<RoleAssignment> {
    let forever = |role| RoleAssignment { role, until: None };
    if is_administrator {
        return vec![forever(ADMINISTRATOR)];
    }
    let (user, viewer) = (
        forever(RoleChoice::Predefined(Predefined::User)),
        forever(RoleChoice::Predefined(Predefined::Viewer)),
    );
    let mut assignments = rng
        .weighted(&[(8_300, &[user][..]), (1_500, &[viewer]), (150, &[user, viewer]), (50, &[])])
        .to_vec();
    let own = rng.weighted(&[(860, 0), (115, 1), (20, 2), (5, 3)]);
    for number in some(rng, OWN_ROLES.len(), own) {
        let until = match rng.below(100) {
            0..10 => Some(working_moment(rng, now + TimeDelta::days(1), now + TimeDelta::days(90))),
            10..16 => Some(moment(rng, since, now)),
            _ => None,
        };
        assignments.push(RoleAssignment { role: RoleChoice::Own(number), until });
    }
    if status == Disabled && rng.chance(0.04) {
        assignments.push(forever(ADMINISTRATOR));
    } else if status == Active && rng.chance(0.002) {
        let until = Some(working_moment(rng, now + TimeDelta::days(1), now + TimeDelta::days(30)));
        assignments.push(RoleAssignment { role: ADMINISTRATOR, until });
    }
    assignments
}

/// The teams of a member. The first teams are the largest.
pub(super) fn team_memberships(rng: &mut Rng, teams: usize) -> Vec<TeamMembership> {
    let most = rng.weighted(&[(10, 0), (62, 1), (22, 2), (6, 3)]);
    let mut team_memberships: Vec<TeamMembership> = vec![];
    while team_memberships.len() < most {
        let team = rng.below(teams).min(rng.below(teams));
        if team_memberships.iter().all(|team_membership| team_membership.team != team) {
            team_memberships.push(TeamMembership { team, is_administrator: false });
        }
    }
    team_memberships
}

/// Up to `most` different random numbers under `end`.
pub(super) fn some(rng: &mut Rng, end: usize, most: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..most).map(|_| rng.below(end)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Makes the first one or two active people of every team its administrators.
pub(super) fn make_team_administrators(memberships: &mut [Membership], teams: usize) {
    let mut wanted: Vec<usize> = (0..teams).map(|team| 1 + team % 2).collect();
    for membership in memberships.iter_mut().filter(|membership| membership.status == Active) {
        for team_membership in &mut membership.teams {
            if wanted[team_membership.team] > 0 {
                wanted[team_membership.team] -= 1;
                team_membership.is_administrator = true;
            }
        }
    }
}
