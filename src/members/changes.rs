//! What administrators do to members, one or a thousand at once: the same operation for a button, the bulk bar and a
//! program. Of several, each is judged by itself; whoever is refused does not stop the others.
//!
//! Access ends here: a disabled or deleted member opens nothing from the next request on, because sessions, links and
//! tokens ask for the member's status when they are used.

use super::{
    access,
    afresh::afresh,
    attach,
    authority::{self, Authority},
    guards::{Refusal, Standing, Surroundings, beyond_reach, stand},
    left::Left,
    many,
    model::MemberStatus,
    seats, story, team,
};
use crate::{
    audit::{self},
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, PolicyId, RoleId, Scope, Stop, TeamId, Timestamp},
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
    /// Grants a role, until an instant or for good. Whoever holds it already has the new end.
    AddRole {
        role: RoleId,
        until: Option<Timestamp>,
    },
    RemoveRole {
        role: RoleId,
    },
    MakeAdministrator,
    /// Leaves them general users; whoever then holds no role gets the default one.
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
    /// Not to administrators, who need none. Whoever becomes one keeps theirs, and it gives nothing more meanwhile.
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
pub fn change(tx: &mut Tx<'_>, scope: &Scope, kind: MemberKind, change: &Change, ids: &[MemberId]) -> Result<Vec<Answer>, Stop<Refusal>> {
    // Two administrators who remove each other at the same instant wait for one another here.
    let scope = &afresh(tx, scope)?;
    let authority = authority::demand(tx, scope, kind, change)?;
    let (answers, standings) = judge(tx, scope, kind, authority, change, ids)?;
    let by_id: HashMap<MemberId, &Standing> = standings.iter().map(|one| (one.id, one)).collect();
    let done = answers.iter().filter(|answer| answer.outcome.is_done());
    let doing: Vec<&Standing> = done.filter_map(|answer| by_id.get(&answer.id).copied()).collect();
    if !doing.is_empty() {
        let events = story::events(tx, scope, change, &doing)?;
        apply(tx, scope, change, &doing)?;
        audit::record_all(tx, scope, events)?;
    }
    Ok(answers)
}

/// What [`change`] would answer now, for a page that says so before anybody is asked to confirm.
///
/// # Errors
/// As [`change`].
pub fn foresee(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change, ids: &[MemberId]) -> Result<Vec<Answer>, Stop<Refusal>> {
    let authority = authority::demand(conn, scope, kind, change)?;
    Ok(judge(conn, scope, kind, authority, change, ids)?.0)
}

/// Whom whoever acts may touch at all, whatever the change: for what is chosen later.
///
/// # Errors
/// What the database says.
pub fn within_reach(conn: &mut Conn, scope: &Scope, kind: MemberKind, ids: &[MemberId]) -> Result<Vec<Answer>, Fault> {
    let (standings, _) = stand(conn, scope, kind, ids)?;
    let by_id: HashMap<MemberId, &Standing> = standings.iter().map(|one| (one.id, one)).collect();
    let answer = |id: &MemberId| {
        let one = by_id.get(id);
        let refusal = one.map_or(Some(Refusal::Gone), |one| beyond_reach(scope, one));
        Answer {
            id: *id,
            name: one.map(|one| one.name.clone()).unwrap_or_default(),
            outcome: refusal.map_or(Outcome::Done { was: None }, Outcome::Refused),
        }
    };
    Ok(ids.iter().map(answer).collect())
}

/// Why each of these changes is not made to one member, if so.
///
/// # Errors
/// What the database says.
pub(super) fn refusals<const N: usize>(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    wanted: &[Change; N],
    id: MemberId,
) -> Result<[Option<Refusal>; N], Fault> {
    let authority = Authority::of(conn, scope, kind)?;
    let mut all = [const { None }; N];
    for (place, change) in all.iter_mut().zip(wanted) {
        *place = match judge(conn, scope, kind, authority.clone(), change, &[id]) {
            Ok((answers, _)) => answers.into_iter().find_map(|answer| match answer.outcome {
                Outcome::Refused(refusal) => Some(refusal),
                _ => None,
            }),
            Err(Stop::Refused(refusal)) => Some(refusal),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
    }
    Ok(all)
}

fn judge(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    authority: Authority,
    change: &Change,
    ids: &[MemberId],
) -> Result<(Vec<Answer>, Vec<Standing>), Stop<Refusal>> {
    let (standings, surroundings) = stand(conn, scope, kind, ids)?;
    may_grant(conn, scope, kind, change, &surroundings)?;
    let mut left = Left {
        authority,
        // Each that goes may be the last.
        administrators: surroundings.others + standings.iter().filter(|one| one.holds_the_house).count(),
        seats: match change {
            Change::Enable => seats(conn, scope.organization)?.room(kind),
            _ => None,
        },
    };
    let by_id: HashMap<MemberId, &Standing> = standings.iter().map(|one| (one.id, one)).collect();
    let answer = |id: &MemberId| match by_id.get(id) {
        None => Answer {
            id: *id,
            name: String::new(),
            outcome: Outcome::Refused(Refusal::Gone),
        },
        Some(one) => Answer {
            id: *id,
            name: one.name.clone(),
            outcome: left.judge(scope, change, one, &surroundings),
        },
    };
    let answers = ids.iter().map(answer).collect();
    Ok((answers, standings))
}

/// What is granted exists, and whoever grants it holds as much.
fn may_grant(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change, surroundings: &Surroundings) -> Result<(), Stop<Refusal>> {
    let role = match change {
        Change::AddRole { role, .. } => surroundings.roles.iter().find(|known| known.id == *role && known.is_for(kind)),
        Change::RemoveRole { role } => surroundings.roles.iter().find(|known| known.id == *role && known.is_granted()),
        Change::MakeAdministrator => surroundings.administrator(),
        Change::JoinTeam { team } | Change::LeaveTeam { team } | Change::Appoint { team } | Change::Dismiss { team } => {
            let exists = team::teams(conn, scope.organization)?.iter().any(|known| known.id == *team);
            return if exists {
                Ok(())
            } else {
                Err(Stop::Refused(Refusal::NoSuchChoice))
            };
        }
        Change::AttachPolicy { policy } | Change::DetachPolicy { policy } => return attach::may(conn, scope, change, *policy),
        _ => return Ok(()),
    };
    let role = role.ok_or(Stop::Refused(Refusal::NoSuchChoice))?;
    match scope.permissions.lacking(&role.permissions) {
        Some(permission) if !matches!(change, Change::RemoveRole { .. }) => Err(Stop::Refused(Refusal::TooWide {
            role: role.name.clone(),
            permission: permission.clone(),
        })),
        _ => Ok(()),
    }
}

fn apply(tx: &mut Tx<'_>, scope: &Scope, change: &Change, doing: &[&Standing]) -> Result<(), Fault> {
    let ids: Vec<MemberId> = doing.iter().map(|one| one.id).collect();
    match change {
        Change::Disable { reason } => many::set_status(tx, scope, &ids, MemberStatus::Disabled, reason),
        Change::Enable => many::set_status(tx, scope, &ids, MemberStatus::Active, ""),
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
            many::delete_all(tx, scope.organization, &ids)?;
            users::delete_unused(tx, &doing.iter().filter_map(|one| one.user).collect::<Vec<_>>())
        }
    }
}
