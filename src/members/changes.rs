//! What administrators do to members, one or a thousand at once: the same operation for a button, the bulk bar and a
//! program. Of several, each is judged by itself; anyone who is refused does not stop the others.
//!
//! Access ends here: a disabled or deleted member opens nothing from the next request on, because sessions, links and
//! tokens ask for the member's status when they are used.

use super::{
    access, attach, batch_queries, events,
    foresight::Foresight,
    guards::{MemberFacts, Refusal},
    latest::{self, LeftBy},
    model::MemberStatus,
    reauthorize::reauthorize,
    team,
};
use crate::{
    audit::{self},
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, OperationError, PolicyId, RoleId, Scope, TeamId, Timestamp},
    roles::Role,
    users,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Something done to members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Ends their access now; everything about them is kept.
    Disable {
        reason: String,
    },
    /// Lets them in again. Old sessions stay dead.
    Enable,
    /// Grants a role, until an instant or for good. Its holder already has the new end.
    AddRole {
        role: RoleId,
        until: Option<Timestamp>,
    },
    RemoveRole {
        role: RoleId,
    },
    MakeAdministrator,
    /// Leaves them general users; anyone who then holds no role gets the default one.
    RemoveAdministrator,
    JoinTeam {
        team: TeamId,
    },
    LeaveTeam {
        team: TeamId,
    },
    /// Makes them an administrator of a team, which they join if they are not in it.
    Appoint {
        team: TeamId,
    },
    /// Leaves them an ordinary member of the team.
    Dismiss {
        team: TeamId,
    },
    /// Frees their email and username. The audit trail stays readable.
    Delete,
    /// Not to administrators, who need none. Anyone who becomes one keeps theirs, and it gives nothing more meanwhile.
    AttachPolicy {
        policy: PolicyId,
    },
    DetachPolicy {
        policy: PolicyId,
    },
}

/// What came of it for one member.
#[derive(Clone, Debug)]
pub struct Answer {
    pub id: MemberId,
    pub name: String,
    pub outcome: Outcome,
}

/// A role somebody held before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub until: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With what was held of the role that is added or taken, so that it can be given back.
    Done {
        was: Option<Held>,
    },
    /// It was so already; nothing was written.
    AlreadySo,
    Refused(Refusal),
}

impl Outcome {
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }
}

/// Makes the change for everybody who can have it, in the order given.
///
/// # Errors
/// A [`Refusal`] where nobody can have it, [`Fault::Denied`], or what the database says.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    ids: &[MemberId],
) -> Result<Vec<Answer>, OperationError<Refusal>> {
    make(tx, scope, kind, change, ids, None)
}

/// Undoes an action by the change that is its opposite, for those who still stand as the action left them. The others
/// stay as they are: [`Refusal::ChangedSince`].
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
    // Two administrators who remove each other at the same instant wait for one another here.
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

/// What is granted exists, and anyone who grants it holds as much.
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
