//! Teams as members see them: who is in a team, who administers it, and who may change that.

use super::{
    batch_queries::refresh_team_keys,
    changes::Change,
    guards::{MemberFacts, Refusal, beyond_reach},
};
use crate::{
    db::{
        Conn, Tx,
        schema::{team_members, teams},
    },
    each,
    kit::{Fault, MemberId, MemberKind, OrganizationId, Permissions, Scope, TeamId, rights},
};
use diesel::prelude::*;

/// A named group of members.
#[derive(Queryable, Clone, Debug)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    /// Preselected on forms for new people.
    pub is_default: bool,
}

/// Every team of the organization, by name.
pub fn teams(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Team>, Fault> {
    let rows = teams::table
        .filter(teams::organization_id.eq(organization))
        .order((teams::name_key, teams::id));
    Ok(rows.select((teams::id, teams::name, teams::is_default)).load(conn)?)
}

/// Whether the caller may decide which people are in this team: they may manage all teams, or they are an administrator
/// of this one and still hold the permission that comes with that.
pub fn governs(conn: &mut Conn, scope: &Scope, team: TeamId) -> Result<bool, Fault> {
    if scope.may(rights::TEAM_MANAGE) {
        return Ok(true);
    }
    let Some(member) = scope.actor.member_id() else { return Ok(false) };
    if !scope.permissions.allow(&rights::TEAM_MANAGE.over_own()) {
        return Ok(false);
    }
    let runs: Option<bool> = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq(member))
        .filter(team_members::team_id.eq(team))
        .select(team_members::is_administrator)
        .first(conn)
        .optional()?;
    Ok(runs == Some(true))
}

/// Checks the extra permissions that changes of teams need. People who share a team with a system account can run it
/// (with `system_account:manage:team`). So only callers who manage system accounts decide who shares a team with one.
///
/// # Errors
/// [`Fault::Denied`].
pub(super) fn is_authorized(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change) -> Result<bool, Fault> {
    match change {
        Change::Appoint { .. } | Change::Dismiss { .. } => scope.demand(rights::TEAM_MANAGE).map(|()| true),
        Change::JoinTeam { team } | Change::LeaveTeam { team } if kind == MemberKind::User => {
            if governs(conn, scope, *team)? || scope.may(rights::USER_MANAGE) {
                return Ok(true);
            }
            scope.demand(rights::TEAM_MANAGE).map(|()| true)
        }
        _ => Ok(false),
    }
}

/// Why a member cannot join or leave a team. Teams change nothing about permissions outside the team, so members above
/// the caller are allowed. But a caller who is not an administrator cannot add themselves to a team to gain its rights.
pub(super) fn beyond_team(scope: &Scope, change: &Change, one: &MemberFacts) -> Option<Refusal> {
    let team = match change {
        Change::JoinTeam { team } | Change::LeaveTeam { team } if one.kind == MemberKind::User => team,
        Change::Appoint { .. } | Change::Dismiss { .. } if one.kind != MemberKind::User => return Some(Refusal::NotForMachines),
        _ => return beyond_reach(scope, one),
    };
    if scope.is_me(one.id) && scope.permissions.lacking(&Permissions::everything()).is_some() {
        return Some(Refusal::Yourself);
    }
    let runs = matches!(change, Change::LeaveTeam { .. }) && one.runs.contains(team);
    runs.then_some(Refusal::RunsTheTeam)
}

/// Adds several members, who are not in the team yet.
pub(super) fn join_all(tx: &mut Tx<'_>, organization: OrganizationId, team: TeamId, members: &[MemberId]) -> Result<(), Fault> {
    let row = |member: &MemberId| {
        (
            team_members::organization_id.eq(organization),
            team_members::team_id.eq(team),
            team_members::member_id.eq(*member),
            team_members::is_administrator.eq(false),
        )
    };
    let rows: Vec<_> = members.iter().map(row).collect();
    each!(tx.conn(), c => diesel::insert_into(team_members::table).values(&rows).execute(c))?;
    refresh_team_keys(tx, organization, members)
}

/// Removes several members from a team.
pub(super) fn leave_all(tx: &mut Tx<'_>, organization: OrganizationId, team: TeamId, members: &[MemberId]) -> Result<(), Fault> {
    diesel::delete(team_members::table.filter(within(organization, team, members))).execute(tx.conn())?;
    refresh_team_keys(tx, organization, members)
}

/// Makes several members administrators of a team (they join it if they are not in it), or ordinary members again.
pub(super) fn appoint(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    team: TeamId,
    doing: &[&MemberFacts],
    runs: bool,
) -> Result<(), Fault> {
    let missing: Vec<MemberId> = doing.iter().filter(|one| !one.teams.contains(&team)).map(|one| one.id).collect();
    if !missing.is_empty() {
        join_all(tx, organization, team, &missing)?;
    }
    let ids: Vec<MemberId> = doing.iter().map(|one| one.id).collect();
    diesel::update(team_members::table.filter(within(organization, team, &ids)))
        .set(team_members::is_administrator.eq(runs))
        .execute(tx.conn())?;
    Ok(())
}

#[diesel::dsl::auto_type]
#[expect(clippy::elidable_lifetime_names, reason = "the macro asks for the name")]
fn within<'a>(organization: OrganizationId, team: TeamId, members: &'a [MemberId]) -> _ {
    team_members::organization_id
        .eq(organization)
        .and(team_members::team_id.eq(team))
        .and(team_members::member_id.eq_any(members))
}

/// The most sort keys refreshed by one statement.
const AT_ONCE: usize = 5_000;

fn everybody_in(conn: &mut Conn, organization: OrganizationId, team: TeamId) -> Result<Vec<MemberId>, Fault> {
    let rows = team_members::table
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::team_id.eq(team));
    Ok(rows.select(team_members::member_id).load(conn)?)
}

/// Refreshes the sort keys of a team's members before the team is deleted, a few thousand at once.
pub fn forget_team(tx: &mut Tx<'_>, organization: OrganizationId, team: TeamId) -> Result<(), Fault> {
    for some in everybody_in(tx, organization, team)?.chunks(AT_ONCE) {
        leave_all(tx, organization, team, some)?;
    }
    Ok(())
}

/// Refreshes the sort keys of a team's members after the team got another name.
pub fn rename_team(tx: &mut Tx<'_>, organization: OrganizationId, team: TeamId) -> Result<(), Fault> {
    for some in everybody_in(tx, organization, team)?.chunks(AT_ONCE) {
        refresh_team_keys(tx, organization, some)?;
    }
    Ok(())
}
