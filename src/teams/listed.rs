//! Lists of teams and of their members for programs.

use super::{
    model::{Team, TeamMember},
    store,
};
use crate::{
    db::{
        Conn,
        keyset::{KeyCursor, Page, Window},
        schema::{members as member_rows, team_members, users},
    },
    kit::{Fault, MemberId, Scope, TeamId, rights},
};
use diesel::prelude::*;

/// One page of the teams that match the search text, by name.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope, search: &str, window: &Window<KeyCursor<TeamId>>, size: i64) -> Result<Page<Team>, Fault> {
    scope.demand(rights::TEAM_READ)?;
    store::page(conn, scope, search, window, size)
}

/// How many teams match the search text.
///
/// # Errors
/// [`Fault::Denied`].
pub fn total(conn: &mut Conn, scope: &Scope, search: &str) -> Result<i64, Fault> {
    scope.demand(rights::TEAM_READ)?;
    store::count(conn, scope, search)
}

/// One page of the members of a team, including disabled ones. In the order of their ids, which needs no sorting however
/// many they are.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn members(conn: &mut Conn, scope: &Scope, team: TeamId, after: Option<MemberId>, size: i64) -> Result<Page<TeamMember>, Fault> {
    scope.demand(rights::TEAM_READ)?;
    store::find(conn, scope.organization, team)?;
    let rows = team_members::table
        .inner_join(member_rows::table.left_join(users::table))
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::team_id.eq(team))
        .filter(team_members::member_id.gt(after.unwrap_or_else(MemberId::nobody)))
        .order(team_members::member_id)
        .limit(size + 1);
    let found: Vec<TeamMember> = rows
        .select((
            member_rows::id,
            member_rows::kind,
            member_rows::name,
            member_rows::status,
            users::email.nullable(),
            team_members::is_administrator,
        ))
        .load(conn)?;
    Ok(Window::read(after, None).page(found, size).map(|one| one.seen_by(scope)))
}
