//! How much a change weighs: what an open session in an abandoned browser must not give away (OWASP ASVS 5.0, 7.5.1), and
//! what nobody should give, or take, without having looked twice. Every door asks here.

use super::{Change, Grants, Offer, promised};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, RoleId, Scope},
    roles::{Role, rules_roster},
};

/// Whether a role rules over Roster. One that is not known any more gives nothing.
fn rules(roles: &[Role], id: RoleId) -> bool {
    roles.iter().any(|role| role.id == id && role.rules())
}

impl Change {
    /// Whether whoever makes it proves again who they are: it gives rights to rule here or over an application, or cannot
    /// be undone. `roles` are those of the organization.
    pub fn needs_proof(&self, roles: &[Role]) -> bool {
        match self {
            Self::MakeAdministrator | Self::AttachPolicy { .. } | Self::Delete => true,
            Self::AddRole { role, .. } => rules(roles, *role),
            _ => false,
        }
    }
    /// Whether it is shown before it is made: whatever needs a proof, and taking administrators away.
    pub fn asks_first(&self, roles: &[Role]) -> bool {
        let administrator = roles.iter().find(|role| role.is_administrator()).map(|role| role.id);
        match self {
            Self::RemoveAdministrator => true,
            Self::RemoveRole { role } => Some(*role) == administrator,
            other => other.needs_proof(roles),
        }
    }
}

impl Offer {
    /// [`Change::needs_proof`] of what somebody new is given.
    pub fn needs_proof(&self, wanted: &Grants) -> bool {
        !wanted.policies.is_empty() || wanted.roles.iter().any(|role| rules(&self.roles, *role))
    }
}

/// [`Change::needs_proof`] of what somebody was promised who has not joined yet: whoever holds their link can be them.
///
/// # Errors
/// What the database says.
pub fn promise_needs_proof(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<bool, Fault> {
    let (permissions, rules) = promised(conn, scope.organization, member)?;
    Ok(!rules.is_empty() || permissions.iter().any(rules_roster))
}
