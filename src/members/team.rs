//! Teams as members see them: who is in a team, who administers it, and who may change that.

use super::batch_queries::refresh_team_keys;
use crate::{
    db::{
        Among, Conn, IsAmong, Tx,
        schema::{team_members, teams},
    },
    each,
    kit::{Fault, MemberId, OrganizationId, Scope, TeamId, rights},
};
use diesel::{dsl, prelude::*};

/// A named group of members.
#[derive(Clone, Debug)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    /// Preselected on forms for new people.
    pub is_default: bool,
    /// What it gives to its members, in words. Only `teams_to_offer` says it.
    pub gives: Option<String>,
    /// That is more than the caller may give. Only `teams_to_offer` says it.
    pub is_too_wide: bool,
}

impl Team {
    /// What is said beside its name where it can be chosen.
    pub fn note(&self) -> String {
        match &self.gives {
            None => String::new(),
            Some(gives) if self.is_too_wide => format!("Gives {gives}, which is more than you may give"),
            Some(gives) => format!("Gives {gives}"),
        }
    }
}

/// Every team of the organization, by name.
pub fn teams(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Team>, Fault> {
    let rows = teams::table.filter(teams::organization_id.eq(organization)).order((teams::name_key, teams::id));
    let found: Vec<(TeamId, String, bool)> = rows.select((teams::id, teams::name, teams::is_default)).load(conn)?;
    let team = |(id, name, is_default)| Team { id, name, is_default, gives: None, is_too_wide: false };
    Ok(found.into_iter().map(team).collect())
}

/// Whether the caller may decide which people are in this team: they may manage all teams, or they are an administrator
/// of this one and still hold the permission that comes with that.
pub fn may_manage_team_members(conn: &mut Conn, scope: &Scope, team: TeamId) -> Result<bool, Fault> {
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
    // Within the limits of both engines for parameters.
    for some in members.chunks(AT_ONCE) {
        let rows: Vec<_> = some.iter().map(row).collect();
        each!(tx.conn(), c => diesel::insert_into(team_members::table).values(&rows).execute(c))?;
        refresh_team_keys(tx, organization, some)?;
    }
    Ok(())
}

/// Removes several members from a team.
pub(super) fn leave_all(tx: &mut Tx<'_>, organization: OrganizationId, team: TeamId, members: &[MemberId]) -> Result<(), Fault> {
    diesel::delete(team_members::table.filter(within(organization, team, members))).execute(tx.conn())?;
    refresh_team_keys(tx, organization, members)
}

/// Makes several members of a team its administrators, or ordinary members again.
pub(super) fn set_administrators(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    team: TeamId,
    members: &[MemberId],
    is_administrator: bool,
) -> Result<(), Fault> {
    diesel::update(team_members::table.filter(within(organization, team, members)))
        .set(team_members::is_administrator.eq(is_administrator))
        .execute(tx.conn())?;
    Ok(())
}

type InTeam = dsl::And<dsl::Eq<team_members::organization_id, OrganizationId>, dsl::Eq<team_members::team_id, TeamId>>;

fn within(
    organization: OrganizationId,
    team: TeamId,
    members: &[MemberId],
) -> dsl::And<InTeam, IsAmong<team_members::member_id, MemberId>> {
    team_members::organization_id
        .eq(organization)
        .and(team_members::team_id.eq(team))
        .and(team_members::member_id.among(members.iter().copied()))
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
