//! Roles and teams that a connection to an identity provider gives at each sign-in. They are told apart from those that
//! were given by hand, which no sign-in takes away. A role or team that is given again by hand is by hand from then on.

use super::{Change, Grants, Outcome, Refusal, change};
use crate::{
    db::{
        Conn, Tx,
        schema::{connections, member_roles, members, team_members},
    },
    kit::{ConnectionId, Fault, MemberId, MemberKind, OperationError, OrganizationId, RoleId, Scope, TeamId},
};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a mapping gives.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum MappedGrant {
    Role(RoleId),
    Team(TeamId),
}

impl MappedGrant {
    /// It alone.
    pub fn grants(self) -> Grants {
        match self {
            Self::Role(role) => Grants { roles: vec![role], ..Grants::default() },
            Self::Team(team) => Grants { teams: vec![team], ..Grants::default() },
        }
    }
}

/// What this connection gave a member.
pub fn mapped(
    conn: &mut Conn,
    organization: OrganizationId,
    member: MemberId,
    connection: ConnectionId,
) -> Result<BTreeSet<MappedGrant>, Fault> {
    let roles: Vec<RoleId> = member_roles::table
        .filter(member_roles::organization_id.eq(organization))
        .filter(member_roles::member_id.eq(member))
        .filter(member_roles::connection_id.eq(Some(connection)))
        .select(member_roles::role_id)
        .load(conn)?;
    let teams: Vec<TeamId> = team_members::table
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.eq(member))
        .filter(team_members::connection_id.eq(Some(connection)))
        .select(team_members::team_id)
        .load(conn)?;
    let roles = roles.into_iter().map(MappedGrant::Role);
    Ok(roles.chain(teams.into_iter().map(MappedGrant::Team)).collect())
}

/// What connections gave a member, each with the name of its connection.
pub fn mapped_by_name(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<BTreeMap<MappedGrant, String>, Fault> {
    let roles: Vec<(RoleId, String)> = member_roles::table
        .inner_join(connections::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq(member))
        .select((member_roles::role_id, connections::name))
        .load(conn)?;
    let teams: Vec<(TeamId, String)> = team_members::table
        .inner_join(connections::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq(member))
        .select((team_members::team_id, connections::name))
        .load(conn)?;
    let roles = roles.into_iter().map(|(id, name)| (MappedGrant::Role(id), name));
    Ok(roles.chain(teams.into_iter().map(|(id, name)| (MappedGrant::Team(id), name))).collect())
}

/// Gives a member what a mapping says, unless they hold it already.
///
/// # Errors
/// A [`Refusal`].
pub fn give_mapped(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: MemberId,
    connection: ConnectionId,
    grant: MappedGrant,
) -> Result<bool, OperationError<Refusal>> {
    let wanted = match grant {
        MappedGrant::Role(role) => Change::AddRole { role, until: None },
        MappedGrant::Team(team) => Change::JoinTeam { team },
    };
    let is_given = make(tx, scope, member, &wanted)?;
    if is_given {
        mark(tx, scope.organization, member, connection, grant)?;
    }
    Ok(is_given)
}

/// Takes from a member what a mapping gave.
///
/// # Errors
/// A [`Refusal`], such as for the last administrator and for break-glass administrators, whom only people unmake.
pub fn take_mapped(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, grant: MappedGrant) -> Result<bool, OperationError<Refusal>> {
    let wanted = match grant {
        MappedGrant::Role(role) => {
            if role == super::changes::administrator(tx, scope)? && is_break_glass(tx, scope, member)? {
                return Err(OperationError::Refused(Refusal::LastBreakGlass));
            }
            Change::RemoveRole { role }
        }
        MappedGrant::Team(team) => Change::LeaveTeam { team },
    };
    make(tx, scope, member, &wanted)
}

fn make(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, wanted: &Change) -> Result<bool, OperationError<Refusal>> {
    let answers = change(tx, scope, MemberKind::User, wanted, &[member])?;
    match answers.into_iter().next().map(|answer| answer.outcome) {
        Some(Outcome::Refused(refusal)) => Err(OperationError::Refused(refusal)),
        outcome => Ok(outcome.is_some_and(|outcome| outcome.is_done())),
    }
}

fn mark(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    member: MemberId,
    connection: ConnectionId,
    grant: MappedGrant,
) -> Result<(), Fault> {
    let by = Some(connection);
    match grant {
        MappedGrant::Role(role) => diesel::update(member_roles::table.find((organization, member, role)))
            .set(member_roles::connection_id.eq(by))
            .execute(tx.conn())?,
        MappedGrant::Team(team) => diesel::update(team_members::table.find((organization, member, team)))
            .set(team_members::connection_id.eq(by))
            .execute(tx.conn())?,
    };
    Ok(())
}

/// A connection is deleted: what it gave counts as given by hand from then on.
pub fn forget_connection(tx: &mut Tx<'_>, organization: OrganizationId, connection: ConnectionId) -> Result<(), Fault> {
    let (of, none) = (Some(connection), None::<ConnectionId>);
    diesel::update(member_roles::table)
        .filter(member_roles::organization_id.eq(organization))
        .filter(member_roles::connection_id.eq(of))
        .set(member_roles::connection_id.eq(none))
        .execute(tx.conn())?;
    diesel::update(team_members::table)
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::connection_id.eq(of))
        .set(team_members::connection_id.eq(none))
        .execute(tx.conn())?;
    Ok(())
}

fn is_break_glass(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<bool, Fault> {
    let row = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq(member));
    Ok(row.select(members::enters_without_sso).first(conn)?)
}
