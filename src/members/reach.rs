//! Whom a caller reaches who holds a right over the people of the teams that they administer (`user:read:team`,
//! `user:invite:team`, `user:manage:team`): a help desk. Lists are limited to those people; an operation on one person asks
//! [`towards`]; everybody else is missing for such a caller, as if they were of another organization.

use super::grant_refusal::GrantRefusal;
use crate::{
    authorization,
    db::{
        Among, Conn,
        schema::{members, team_members, teams},
    },
    kit::{Actor, Fault, MemberId, MemberKind, Permissions, Right, Scope, TeamId, rights},
};
use diesel::prelude::*;
use std::{borrow::Cow, collections::HashSet};

/// The people whom the caller reaches with a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Everybody,
    /// The people of these teams, which the caller administers. There may be none.
    Teams(Vec<TeamId>),
}

/// Whether no person is hidden from the caller because of their teams.
pub fn sees_everybody(scope: &Scope) -> bool {
    scope.may_over_everybody(rights::USER_READ) || !scope.permissions.are_limited_to_teams()
}

/// The people whom the caller reaches with this right.
///
/// # Errors
/// [`Fault::Denied`] if they hold it over nobody.
pub fn reach(conn: &mut Conn, scope: &Scope, right: Right) -> Result<Reach, Fault> {
    if scope.may_over_everybody(right) {
        return Ok(Reach::Everybody);
    }
    scope.demand_over_teams(right)?;
    Ok(Reach::Teams(administered(conn, scope)?))
}

/// Checks that the caller may see a list, if only of the people of their teams.
///
/// # Errors
/// [`Fault::Denied`].
pub fn demand_list(scope: &Scope, kind: MemberKind) -> Result<(), Fault> {
    match kind {
        MemberKind::User => scope.demand_over_teams(rights::USER_READ),
        MemberKind::SystemAccount => scope.demand(rights::SYSTEM_ACCOUNT_READ),
    }
}

/// The members of a kind whom the caller may see in lists. System accounts are seen all or none.
///
/// # Errors
/// [`Fault::Denied`].
pub fn visible(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<Reach, Fault> {
    demand_list(scope, kind)?;
    match kind {
        MemberKind::User => reach(conn, scope, rights::USER_READ),
        MemberKind::SystemAccount => Ok(Reach::Everybody),
    }
}

/// The teams that the caller administers.
pub fn administered(conn: &mut Conn, scope: &Scope) -> Result<Vec<TeamId>, Fault> {
    match scope.actor.member_id() {
        Some(me) => authorization::administered(conn, scope.organization, me),
        None => Ok(vec![]),
    }
}

/// Those of these members who are people of the teams that the caller administers.
fn of_administered_teams(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashSet<MemberId>, Fault> {
    let teams = administered(conn, scope)?;
    if teams.is_empty() {
        return Ok(HashSet::new());
    }
    let people = team_members::table
        .inner_join(members::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.among(ids))
        .filter(team_members::team_id.among(teams))
        .filter(members::kind.eq(MemberKind::User));
    let found: Vec<MemberId> = people.select(team_members::member_id).load(conn)?;
    Ok(found.into_iter().collect())
}

/// Those of these members whom the caller may see. Everybody else is as if they did not exist.
pub fn seen(conn: &mut Conn, scope: &Scope, kind: MemberKind, ids: &[MemberId]) -> Result<HashSet<MemberId>, Fault> {
    if kind.is_machine() || sees_everybody(scope) {
        return Ok(ids.iter().copied().collect());
    }
    let mut seen = of_administered_teams(conn, scope, ids)?;
    seen.extend(ids.iter().filter(|id| scope.is_me(**id)));
    Ok(seen)
}

/// Those of these people whom the caller reaches with this right.
///
/// # Errors
/// [`Fault::Denied`] if they hold it over nobody.
pub fn reached(conn: &mut Conn, scope: &Scope, right: Right, ids: &[MemberId]) -> Result<HashSet<MemberId>, Fault> {
    scope.demand_over_teams(right)?;
    if scope.may_over_everybody(right) {
        Ok(ids.iter().copied().collect())
    } else {
        of_administered_teams(conn, scope, ids)
    }
}

/// The scope of an operation on one person: with what the caller may do to the people of their teams, if this is one.
///
/// # Errors
/// [`Fault::Missing`] if the caller sees the people of their teams only, and this is none.
pub fn towards<'s>(conn: &mut Conn, scope: &'s Scope, person: MemberId) -> Result<Cow<'s, Scope>, Fault> {
    if !scope.permissions.are_limited_to_teams() {
        return Ok(Cow::Borrowed(scope));
    }
    // The scope may be towards another person already.
    let over_person = if of_administered_teams(conn, scope, &[person])?.contains(&person) {
        let held = rights::OVER_TEAMS.into_iter().filter(|right| scope.permissions.allow(&right.over_teams()));
        held.map(Right::over_all).collect()
    } else if sees_everybody(scope) || scope.is_me(person) {
        Permissions::default()
    } else {
        return Err(Fault::Missing);
    };
    Ok(Cow::Owned(Scope { over_person, ..scope.clone() }))
}

/// The teams that the caller administers, if adding people to this one would bring them under the caller: this is one of those
/// teams, and the caller, whatever their credential leaves of it, holds a right over the people of these teams only.
pub(super) fn gained_by_adding(conn: &mut Conn, scope: &Scope, team: TeamId) -> Result<Option<Vec<TeamId>>, Fault> {
    let Actor::Member { id: me, .. } = scope.actor else {
        return Ok(None);
    };
    let mine = administered(conn, scope)?;
    if !mine.contains(&team) {
        return Ok(None);
    }
    let held = authorization::permissions(conn, scope.organization, me, scope.now())?;
    Ok(held.are_limited_to_teams().then_some(mine))
}

/// Why the caller cannot bring new people in by this right: it goes as far as the teams that they administer, and these are
/// others, or none.
///
/// # Errors
/// [`Fault::Denied`] if they hold it over nobody.
pub fn refuse_teams(conn: &mut Conn, scope: &Scope, right: Right, chosen: &[TeamId]) -> Result<Option<GrantRefusal>, Fault> {
    let Reach::Teams(mine) = reach(conn, scope, right)? else {
        return Ok(None);
    };
    if chosen.is_empty() {
        return Ok(Some(GrantRefusal::NoTeam));
    }
    let Some(other) = chosen.iter().find(|team| !mine.contains(team)) else {
        return Ok(None);
    };
    let team = teams::table.filter(teams::organization_id.eq(scope.organization)).filter(teams::id.eq(other));
    let name: Option<String> = team.select(teams::name).first(conn).optional()?;
    Ok(Some(name.map_or(GrantRefusal::Gone, GrantRefusal::NotYourTeam)))
}
