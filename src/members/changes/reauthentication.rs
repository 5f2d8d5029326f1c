//! Which changes require recent reauthentication, so that an open session in an abandoned browser cannot make them
//! (OWASP ASVS 5.0, 7.5.1). Console, bulk actions, imports and the command line all ask here.

use super::action::Change;
use crate::{
    db::{
        Among, Conn,
        schema::{member_policies, member_roles},
    },
    kit::{Fault, MemberId, RoleId, Scope},
    members::{GrantOptions, Grants, batch_queries},
    roles::{self, Role},
};
use diesel::prelude::*;

/// Whether a role has permissions that need reauthentication to grant. A role that does not exist any more gives
/// nothing.
fn rules(roles: &[Role], id: RoleId) -> bool {
    roles.iter().any(|role| role.id == id && role.rules())
}

impl Change {
    /// Whether the caller must reauthenticate for this change: it gives rights to manage Roster or an application, or
    /// cannot be undone. `roles` are those of the organization.
    pub fn needs_reauthentication(&self, roles: &[Role]) -> bool {
        // For a change that gives access back, callers also ask `any_privileged`.
        self.action().needs_reauthentication() || matches!(self, Self::AddRole { role, .. } if rules(roles, *role))
    }
    /// Whether it needs a preview before it is made: every change that needs reauthentication, and removing an
    /// administrator.
    pub fn asks_first(&self, roles: &[Role]) -> bool {
        let administrator = roles::administrator(roles);
        match self {
            Self::RemoveAdministrator => true,
            Self::RemoveRole { role } => Some(*role) == administrator,
            other => other.needs_reauthentication(roles),
        }
    }
}

impl GrantOptions {
    /// [`Change::needs_reauthentication`] for what a new member is given.
    pub fn needs_reauthentication(&self, wanted: &Grants) -> bool {
        !wanted.policies.is_empty() || wanted.roles.iter().any(|role| rules(&self.roles, *role))
    }
}

/// [`Change::needs_reauthentication`] for what any of these members holds or was promised: to give access back is to give all of
/// that again.
pub fn any_privileged(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<bool, Fault> {
    let known = roles::list(conn, scope.organization)?;
    let ruling: Vec<RoleId> = known.iter().filter(|role| role.rules()).map(|role| role.id).collect();
    for some in ids.chunks(batch_queries::IDS) {
        let held = member_roles::table
            .filter(member_roles::organization_id.eq(scope.organization))
            .filter(member_roles::member_id.among(some))
            .filter(member_roles::role_id.among(&ruling))
            .select(member_roles::member_id);
        let under = member_policies::table
            .filter(member_policies::organization_id.eq(scope.organization))
            .filter(member_policies::member_id.among(some))
            .select(member_policies::member_id);
        let first = held.first::<MemberId>(conn).optional()?;
        if first.is_some() || under.first::<MemberId>(conn).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
