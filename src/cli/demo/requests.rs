//! Requests for access in the made-up organization: some open, some decided.

use super::{
    fixtures::{OWN_ROLES, TEAMS},
    model::RoleChoice,
    writer::Writer,
};
use crate::{
    access_requests::{Asked, RequestState},
    db::{Tx, schema::access_requests},
    kit::{AccessRequestId, Fault, MemberStatus, Timestamp},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use std::collections::HashSet;

/// Asked for a role (or else a team) by number, until so many days, the reason, the ticket, how it stands, how many days ago it was sent,
/// and the answer.
type Made = (bool, usize, Option<i64>, &'static str, &'static str, RequestState, i64, &'static str);

const REQUESTS: &[Made] = &[
    (true, 4, Some(7), "It is my turn next week.", "OPS-2214", RequestState::Open, 0, ""),
    (false, 1, None, "I move to Sales on the first of the month.", "", RequestState::Open, 1, ""),
    (
        true,
        1,
        Some(30),
        "I stand in for a colleague on parental leave.",
        "HR-88",
        RequestState::Open,
        3,
        "",
    ),
    (false, 7, Some(60), "We launch together with Marketing.", "PRJ-31", RequestState::Open, 12, ""),
    (
        true,
        0,
        None,
        "I prepare the releases of the Mill from now on.",
        "REL-7",
        RequestState::Granted,
        20,
        "",
    ),
    (
        false,
        3,
        None,
        "The move of the data center.",
        "OPS-1999",
        RequestState::Granted,
        25,
        "Welcome aboard.",
    ),
    (
        true,
        7,
        None,
        "For the exports of the northern territories.",
        "",
        RequestState::Refused,
        31,
        "The coordinator answers for those. Ask in the northern office.",
    ),
    (false, 0, None, "I wanted to read along.", "", RequestState::Withdrawn, 40, ""),
    (
        true,
        3,
        Some(14),
        "A customer waits for an answer.",
        "SUP-3120",
        RequestState::Lapsed,
        100,
        "Nobody decided within 90 days.",
    ),
];

/// Writes them, each for another active person. What was granted the person has, and of the rest nothing.
pub(super) fn make(tx: &mut Tx<'_>, writer: &Writer<'_>) -> Result<(), Fault> {
    let mut taken = HashSet::new();
    for (is_role, number, days, reason, ticket, state, ago, answer) in REQUESTS {
        if !is_role && *number >= writer.fixtures.team_count() {
            continue;
        }
        let is_meant = |person: &usize| {
            let membership = &writer.dataset.memberships[*person];
            let has_it = if *is_role {
                membership.assignments.iter().any(|one| one.role == RoleChoice::Own(*number))
            } else {
                membership.teams.iter().any(|one| one.team == *number)
            };
            let is_active = membership.status == MemberStatus::Active && !membership.is_administrator();
            is_active && has_it == (*state == RequestState::Granted) && !taken.contains(person)
        };
        let Some(person) = (1..writer.dataset.memberships.len()).find(is_meant) else {
            continue;
        };
        taken.insert(person);
        let (asked, name) = if *is_role {
            (Asked::Role(writer.fixtures.role_id(RoleChoice::Own(*number))?), OWN_ROLES[*number].0)
        } else {
            (Asked::Team(writer.fixtures.team(*number)), TEAMS[*number])
        };
        let sent = writer.now - TimeDelta::days(*ago) - TimeDelta::minutes(20);
        let until = days.and_then(|days| Timestamp::end_of_day(&(sent + TimeDelta::days(days)).last_day()));
        let closed_at = (*state != RequestState::Open).then(|| sent + TimeDelta::minutes(12));
        let is_decided = matches!(state, RequestState::Granted | RequestState::Refused);
        diesel::insert_into(access_requests::table)
            .values((
                access_requests::organization_id.eq(writer.organization),
                access_requests::id.eq(AccessRequestId::new(sent)),
                access_requests::member_id.eq(writer.members[person]),
                access_requests::kind.eq(asked.kind()),
                access_requests::subject_id.eq(asked.subject()),
                access_requests::subject_name.eq(name),
                access_requests::until_at.eq(until),
                access_requests::granted_until_at.eq(until.filter(|_| *state == RequestState::Granted)),
                access_requests::reason.eq(*reason),
                access_requests::ticket.eq(*ticket),
                access_requests::state.eq(*state),
                access_requests::created_at.eq(sent),
                access_requests::closed_at.eq(closed_at),
                access_requests::closed_by.eq(is_decided.then(|| writer.members[0])),
                access_requests::answer.eq(*answer),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}
