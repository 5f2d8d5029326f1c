//! Whether the role, team or policy of a change exists, and whether the caller may give it.

use super::{
    action::{Change, Subject},
    guards::Refusal,
};
use crate::{
    authorization::Ceiling,
    db::Conn,
    kit::{Fault, MemberKind, OperationError, PolicyId, Scope, TeamId},
    members::{grants, managed, team},
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
    let role = match (change, change.subject()) {
        (Change::RemoveRole { role }, _) => roles.iter().find(|known| known.id == *role && known.is_granted()),
        (_, Subject::Role(role)) => roles.iter().find(|known| known.id == role && known.is_for(kind)),
        (Change::MakeAdministrator, _) => roles.iter().find(|known| known.is_administrator()),
        (_, Subject::Team(team)) => {
            let exists = team::teams(conn, scope.organization)?.iter().any(|known| known.id == team);
            if !exists {
                return Err(OperationError::Refused(Refusal::NoSuchChoice));
            }
            return refuse_managed(conn, scope, kind, change, team);
        }
        (_, Subject::Policy(policy)) => return may_attach(conn, scope, change, policy),
        (_, Subject::Member | Subject::Status | Subject::AdministratorRole) => return Ok(()),
    };
    let role = role.ok_or(OperationError::Refused(Refusal::NoSuchChoice))?;
    match grants::refuse_role(scope, role) {
        Some(refusal) if !matches!(change, Change::RemoveRole { .. }) => Err(OperationError::Refused(refusal.into())),
        _ => Ok(()),
    }
}

/// Refuses to decide which people are in a team that an identity provider manages.
fn refuse_managed(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change, team: TeamId) -> Result<(), OperationError<Refusal>> {
    let is_of_people = kind == MemberKind::User && matches!(change, Change::JoinTeam { .. } | Change::LeaveTeam { .. });
    if !is_of_people || managed::may_change_managed(scope) {
        return Ok(());
    }
    match managed::team_managed_by(conn, scope.organization, team)? {
        Some(by) => Err(OperationError::Refused(Refusal::ManagedTeam(by))),
        None => Ok(()),
    }
}

/// Checks that the policy exists and that a caller who attaches it holds as much. A caller who detaches it need not.
fn may_attach(conn: &mut Conn, scope: &Scope, change: &Change, id: PolicyId) -> Result<(), OperationError<Refusal>> {
    let policy = match policies::find(conn, scope.organization, id) {
        Ok(policy) => policy,
        Err(Fault::Missing) => return Err(OperationError::Refused(Refusal::NoSuchChoice)),
        Err(fault) => return Err(fault.into()),
    };
    match grants::refuse_policy(&Ceiling::of(conn, scope)?, &policy) {
        Some(refusal) if matches!(change, Change::AttachPolicy { .. }) => Err(OperationError::Refused(refusal.into())),
        _ => Ok(()),
    }
}
