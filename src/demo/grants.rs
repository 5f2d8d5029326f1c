//! The roles and teams of the demo's members.

use super::{
    calendar::{moment, working_moment},
    fixtures::{OWN_ROLES, TEAMS},
    model::{ADMINISTRATOR, Belonging, Held, Holding, Place},
    rng::Chance,
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
    chance: &mut Chance,
    is_administrator: bool,
    status: MemberStatus,
    since: Timestamp,
    now: Timestamp,
) -> Vec<Holding> {
    let forever = |role| Holding { role, until: None };
    if is_administrator {
        return vec![forever(ADMINISTRATOR)];
    }
    let (user, viewer) = (forever(Held::Predefined(Predefined::User)), forever(Held::Predefined(Predefined::Viewer)));
    let mut assignments = chance
        .weigh(&[(8_300, &[user][..]), (1_500, &[viewer]), (150, &[user, viewer]), (50, &[])])
        .to_vec();
    let own = chance.weigh(&[(860, 0), (115, 1), (20, 2), (5, 3)]);
    for number in some(chance, OWN_ROLES.len(), own) {
        let until = match chance.below(100) {
            0..10 => Some(working_moment(chance, now + TimeDelta::days(1), now + TimeDelta::days(90))),
            10..16 => Some(moment(chance, since, now)),
            _ => None,
        };
        assignments.push(Holding { role: Held::Own(number), until });
    }
    if status == Disabled && chance.is(0.04) {
        assignments.push(forever(ADMINISTRATOR));
    } else if status == Active && chance.is(0.002) {
        let until = Some(working_moment(chance, now + TimeDelta::days(1), now + TimeDelta::days(30)));
        assignments.push(Holding { role: ADMINISTRATOR, until });
    }
    assignments
}

/// The teams of a member. The first teams are the largest.
pub(super) fn belongings(chance: &mut Chance, teams: usize) -> Vec<Belonging> {
    let most = chance.weigh(&[(10, 0), (62, 1), (22, 2), (6, 3)]);
    let mut belongings: Vec<Belonging> = vec![];
    while belongings.len() < most {
        let team = chance.below(teams).min(chance.below(teams));
        if belongings.iter().all(|belonging| belonging.team != team) {
            belongings.push(Belonging { team, is_administrator: false });
        }
    }
    belongings
}

/// Up to `most` different random numbers under `end`.
pub(super) fn some(chance: &mut Chance, end: usize, most: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..most).map(|_| chance.below(end)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Makes the first one or two active people of every team its administrators.
pub(super) fn appoint_team_administrators(places: &mut [Place], teams: usize) {
    let mut wanted: Vec<usize> = (0..teams).map(|team| 1 + team % 2).collect();
    for place in places.iter_mut().filter(|place| place.status == Active) {
        for belonging in &mut place.teams {
            if wanted[belonging.team] > 0 {
                wanted[belonging.team] -= 1;
                belonging.is_administrator = true;
            }
        }
    }
}
