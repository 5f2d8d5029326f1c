//! Which changes require recent reauthentication, so that an open session in an abandoned browser cannot make them
//! (OWASP ASVS 5.0, 7.5.1). Console, bulk actions, imports and the command line all ask here.

use super::action::Change;
use crate::{
    db::{
        Among, Conn,
        schema::{member_policies, member_roles, team_members},
    },
    kit::{Fault, MemberId, RoleId, Scope, TeamId},
    members::{GrantOptions, Grants, TeamAccess, TeamGrant, batch_queries, team_access},
    roles::{self, Role},
};
use diesel::prelude::*;
use std::collections::HashSet;

/// Which roles and teams of an organization give rights to manage Roster or an application. What does not exist any more
/// gives nothing.
#[derive(Clone, Debug, Default)]
pub struct Privileged {
    roles: HashSet<RoleId>,
    teams: HashSet<TeamId>,
    administrator: Option<RoleId>,
}

impl Privileged {
    pub fn load(conn: &mut Conn, scope: &Scope) -> Result<Self, Fault> {
        let access = team_access(conn, scope.organization, None, scope.now())?;
        Ok(Self::of(&roles::list(conn, scope.organization)?, &access))
    }
    fn of(roles: &[Role], access: &TeamAccess) -> Self {
        let gives = |grants: &[TeamGrant]| grants.iter().any(|grant| grant.given.is_privileged());
        Self {
            roles: roles.iter().filter(|role| role.rules()).map(|role| role.id).collect(),
            teams: access.iter().filter(|(_, grants)| gives(grants)).map(|(team, _)| *team).collect(),
            administrator: roles::administrator(roles),
        }
    }
}

impl Change {
    /// Whether the caller must reauthenticate for this change: it gives rights to manage Roster or an application, or
    /// cannot be undone.
    pub fn needs_reauthentication(&self, known: &Privileged) -> bool {
        // For a change that gives access back, callers also ask `any_privileged`.
        match self {
            Self::AddRole { role, .. } => known.roles.contains(role),
            Self::JoinTeam { team } => known.teams.contains(team),
            other => other.action().needs_reauthentication(),
        }
    }
    /// Whether it needs a preview before it is made: every change that needs reauthentication, and removing an
    /// administrator.
    pub fn asks_first(&self, known: &Privileged) -> bool {
        match self {
            Self::RemoveAdministrator => true,
            Self::RemoveRole { role } => Some(*role) == known.administrator,
            other => other.needs_reauthentication(known),
        }
    }
}

impl GrantOptions {
    /// [`Change::needs_reauthentication`] for what a new member is given.
    pub fn needs_reauthentication(&self, wanted: &Grants) -> bool {
        let known = Privileged::of(&self.roles, &self.team_access);
        let is_any_role = wanted.roles.iter().any(|role| known.roles.contains(role));
        !wanted.policies.is_empty() || is_any_role || wanted.teams.iter().any(|team| known.teams.contains(team))
    }
}

/// [`Change::needs_reauthentication`] for what any of these members holds, by themselves or through a team, or was promised: to
/// give access back is to give all of that again.
pub fn any_privileged(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<bool, Fault> {
    let known = Privileged::load(conn, scope)?;
    for some in ids.chunks(batch_queries::IDS) {
        let held = member_roles::table
            .filter(member_roles::organization_id.eq(scope.organization))
            .filter(member_roles::member_id.among(some))
            .filter(member_roles::role_id.among(&known.roles))
            .select(member_roles::member_id);
        let under = member_policies::table
            .filter(member_policies::organization_id.eq(scope.organization))
            .filter(member_policies::member_id.among(some))
            .select(member_policies::member_id);
        let within = team_members::table
            .filter(team_members::organization_id.eq(scope.organization))
            .filter(team_members::member_id.among(some))
            .filter(team_members::team_id.among(&known.teams))
            .select(team_members::member_id);
        let is_any = held.first::<MemberId>(conn).optional()?.is_some()
            || under.first::<MemberId>(conn).optional()?.is_some()
            || within.first::<MemberId>(conn).optional()?.is_some();
        if is_any {
            return Ok(true);
        }
    }
    Ok(false)
}
