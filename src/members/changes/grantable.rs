//! Whether the role, team or policy of a change exists, and whether the caller may give it.

use super::{change::Change, guards::Refusal};
use crate::{
    authorization::Ceiling,
    db::Conn,
    kit::{Fault, MemberKind, OperationError, PolicyId, Scope},
    members::team,
    policies,
    roles::Role,
};

/// Checks that the granted role or policy exists and that the caller holds at least as much.
pub(super) fn may_grant(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    roles: &[Role],
) -> Result<(), OperationError<Refusal>> {
    let role = match change {
        Change::AddRole { role, .. } => roles.iter().find(|known| known.id == *role && known.is_for(kind)),
        Change::RemoveRole { role } => roles.iter().find(|known| known.id == *role && known.is_granted()),
        Change::MakeAdministrator => roles.iter().find(|known| known.is_administrator()),
        Change::JoinTeam { team }
        | Change::LeaveTeam { team }
        | Change::MakeTeamAdministrator { team }
        | Change::RemoveTeamAdministrator { team } => {
            let exists = team::teams(conn, scope.organization)?.iter().any(|known| known.id == *team);
            return if exists {
                Ok(())
            } else {
                Err(OperationError::Refused(Refusal::NoSuchChoice))
            };
        }
        Change::AttachPolicy { policy } | Change::DetachPolicy { policy } => return may_attach(conn, scope, change, *policy),
        _ => return Ok(()),
    };
    let role = role.ok_or(OperationError::Refused(Refusal::NoSuchChoice))?;
    match scope.permissions.lacking(&role.permissions) {
        Some(permission) if !matches!(change, Change::RemoveRole { .. }) => Err(OperationError::Refused(Refusal::TooWide {
            role: role.name.clone(),
            permission: permission.clone(),
        })),
        _ => Ok(()),
    }
}

/// Checks that the policy exists and that a caller who attaches it holds as much. A caller who detaches it need not.
fn may_attach(conn: &mut Conn, scope: &Scope, change: &Change, id: PolicyId) -> Result<(), OperationError<Refusal>> {
    let policy = match policies::find(conn, scope.organization, id) {
        Ok(policy) => policy,
        Err(Fault::Missing) => return Err(OperationError::Refused(Refusal::NoSuchChoice)),
        Err(fault) => return Err(fault.into()),
    };
    match Ceiling::of(conn, scope)?.lacking_rule(&policy.rules) {
        Some(permission) if matches!(change, Change::AttachPolicy { .. }) => {
            Err(OperationError::Refused(Refusal::PolicyTooWide { policy: policy.name, permission }))
        }
        _ => Ok(()),
    }
}
