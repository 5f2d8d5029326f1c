//! Resets the predefined roles to what Roster ships.

use super::{Outcome, RoleRefusal, list, original, refusal, refuse, replace};
use crate::{
    access::count::Count,
    db::{Conn, Tx},
    kit::{Fault, OperationError, RoleId, Scope, rights},
    members,
    roles::{self, Content, Role},
};

/// A predefined role that has been modified.
#[derive(Debug, Clone)]
pub(super) struct ModifiedRole {
    pub role: Role,
    pub original: Content,
    /// Permissions that a reset would add, and those that it would remove.
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// How many members hold it.
    pub count: Count,
}

fn modified(conn: &mut Conn, scope: &Scope) -> Result<Vec<ModifiedRole>, Fault> {
    let counts = list::counts(conn, scope)?;
    let compare = |role: Role| {
        let original = original(role.predefined?);
        if Content::of(&role) == original {
            return None;
        }
        let only = |one: &crate::kit::Permissions, other: &crate::kit::Permissions| {
            let only = one.iter().filter(|permission| !other.iter().any(|known| known == *permission));
            only.map(ToString::to_string).collect()
        };
        Some(ModifiedRole {
            added: only(&original.permissions, &role.permissions),
            removed: only(&role.permissions, &original.permissions),
            original,
            count: counts.get(&role.id).cloned().unwrap_or_default(),
            role,
        })
    };
    Ok(roles::list(conn, scope.organization)?.into_iter().filter_map(compare).collect())
}

/// What a reset would change.
pub(super) fn preview(conn: &mut Conn, scope: &Scope) -> Result<Vec<ModifiedRole>, Fault> {
    scope.demand(rights::ROLE_MANAGE)?;
    modified(conn, scope)
}

/// Resets all predefined roles, or none.
///
/// # Errors
/// A [`RoleRefusal`] or [`Fault::Denied`].
pub(super) fn reset(tx: &mut Tx<'_>, scope: &Scope) -> Result<usize, OperationError<(String, RoleRefusal)>> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ROLE_MANAGE)?;
    let all = modified(tx, scope)?;
    for one in &all {
        let outcome: Outcome<bool> = replace(tx, scope, &one.role, &one.original, "role.reset");
        if let Some(why) = refusal(outcome)? {
            return Err(OperationError::Refused((one.role.name.clone(), why)));
        }
    }
    Ok(all.len())
}

/// Resets one predefined role. Returns whether anything changed.
///
/// # Errors
/// A [`RoleRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn reset_one(tx: &mut Tx<'_>, scope: &Scope, id: RoleId) -> Outcome<bool> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ROLE_MANAGE)?;
    let role = roles::find(tx, scope.organization, id)?;
    match role.predefined {
        Some(which) => replace(tx, scope, &role, &original(which), "role.reset"),
        None => refuse(RoleRefusal::NotPredefined),
    }
}
