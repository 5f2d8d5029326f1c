//! Changes that an administrator makes to members, one or a thousand at once: one operation for buttons, the bulk bar
//! and the API. Each member is judged separately; a refusal for one does not stop the others.
//!
//! Disabling or deleting a member ends access from the next request on, because sessions, links and tokens check the
//! member's status each time they are used.

use super::{
    access, attach, batch_queries, events,
    foresight::Foresight,
    guards::{MemberFacts, Refusal},
    latest::{self, LeftBy},
    reauthorize::reauthorize,
    team,
};
use crate::{
    audit,
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, PolicyId, RoleId, Scope, TeamId, Timestamp},
    roles::Role,
    users,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A change to a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Ends their access now; keeps all their data.
    Disable {
        reason: String,
    },
    /// Gives access back. Sessions from before stay revoked.
    Enable,
    /// Grants a role, until an instant or without an end. If the member already holds the role, its end is replaced.
    AddRole {
        role: RoleId,
        until: Option<Timestamp>,
    },
    RemoveRole {
        role: RoleId,
    },
    MakeAdministrator,
    /// Makes them a general user. A member who then holds no role gets the default role.
    RemoveAdministrator,
    JoinTeam {
        team: TeamId,
    },
    LeaveTeam {
        team: TeamId,
    },
    /// Makes them an administrator of a team. They join the team if they are not in it.
    Appoint {
        team: TeamId,
    },
    /// Makes them an ordinary member of the team.
    Dismiss {
        team: TeamId,
    },
    /// Frees their email and username for reuse. The audit trail stays readable.
    Delete,
    /// Refused for administrators, who need no policy. A member who becomes an administrator keeps attached policies,
    /// but they have no effect meanwhile.
    AttachPolicy {
        policy: PolicyId,
    },
    DetachPolicy {
        policy: PolicyId,
    },
}

/// The result of a change for one member.
#[derive(Clone, Debug)]
pub struct Answer {
    pub id: MemberId,
    pub name: String,
    pub outcome: Outcome,
}

/// A role that a member held before the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub until: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Holds the earlier assignment of the role that was added or removed, so that undo can restore it.
    Done {
        was: Option<Held>,
    },
    /// The member already was in this state; nothing was written.
    AlreadySo,
    Refused(Refusal),
}

impl Outcome {
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }
}

/// Makes the change for every member for whom it is allowed, in the order given.
///
/// # Errors
/// A [`Refusal`] if the change is impossible for every member, or [`Fault::Denied`].
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    ids: &[MemberId],
) -> Result<Vec<Answer>, OperationError<Refusal>> {
    make(tx, scope, kind, change, ids, None)
}

/// Undoes an action by its opposite change, for members whose state has not changed since. Others are refused with
/// [`Refusal::ChangedSince`].
///
/// # Errors
/// As [`change`].
pub fn undo(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    ids: &[MemberId],
    left_by: LeftBy,
) -> Result<Vec<Answer>, OperationError<Refusal>> {
    make(tx, scope, kind, change, ids, Some(left_by))
}

fn make(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    ids: &[MemberId],
    left_by: Option<LeftBy>,
) -> Result<Vec<Answer>, OperationError<Refusal>> {
    // This lock makes two administrators who remove each other at the same instant run one after the other.
    let scope = &reauthorize(tx, scope)?;
    let (answers, standings) = Foresight::begin(tx, scope, kind, change, left_by)?.judge(tx, ids)?;
    let by_id: HashMap<MemberId, &MemberFacts> = standings.iter().map(|one| (one.id, one)).collect();
    let done = answers.iter().filter(|answer| answer.outcome.is_done());
    let doing: Vec<&MemberFacts> = done.filter_map(|answer| by_id.get(&answer.id).copied()).collect();
    if !doing.is_empty() {
        let events = events::events(tx, scope, change, &doing)?;
        apply(tx, scope, change, &doing)?;
        latest::record(tx, scope, change, &doing.iter().map(|one| one.id).collect::<Vec<_>>())?;
        audit::record_all(tx, scope, events)?;
    }
    Ok(answers)
}

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
        Change::JoinTeam { team } | Change::LeaveTeam { team } | Change::Appoint { team } | Change::Dismiss { team } => {
            let exists = team::teams(conn, scope.organization)?.iter().any(|known| known.id == *team);
            return if exists {
                Ok(())
            } else {
                Err(OperationError::Refused(Refusal::NoSuchChoice))
            };
        }
        Change::AttachPolicy { policy } | Change::DetachPolicy { policy } => return attach::may(conn, scope, change, *policy),
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

fn apply(tx: &mut Tx<'_>, scope: &Scope, change: &Change, doing: &[&MemberFacts]) -> Result<(), Fault> {
    let ids: Vec<MemberId> = doing.iter().map(|one| one.id).collect();
    match change {
        Change::Disable { reason } => batch_queries::set_status(tx, scope, &ids, MemberStatus::Disabled, reason),
        Change::Enable => batch_queries::set_status(tx, scope, &ids, MemberStatus::Active, ""),
        Change::AddRole { role, until } => access::put_role(tx, scope, &ids, *role, *until),
        Change::RemoveRole { role } => access::take_role(tx, scope, &ids, *role),
        Change::MakeAdministrator => access::promote(tx, scope, &ids),
        Change::RemoveAdministrator => access::demote(tx, scope, doing),
        Change::JoinTeam { team } => team::join_all(tx, scope.organization, *team, &ids),
        Change::LeaveTeam { team } => team::leave_all(tx, scope.organization, *team, &ids),
        Change::Appoint { team } => team::appoint(tx, scope.organization, *team, doing, true),
        Change::Dismiss { team } => team::appoint(tx, scope.organization, *team, doing, false),
        Change::AttachPolicy { policy } => access::attach_policy(tx, scope, &ids, *policy),
        Change::DetachPolicy { policy } => access::detach_policy(tx, scope, &ids, *policy),
        Change::Delete => {
            batch_queries::delete_all(tx, scope.organization, &ids)?;
            users::delete_unused(tx, &doing.iter().filter_map(|one| one.user).collect::<Vec<_>>())
        }
    }
}
