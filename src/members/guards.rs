//! Guards: why something is not done to a member. Asked before it is offered, and again in the transaction that does it.

use super::{
    access::administrators_but,
    effective::{self, Via},
    model::{MemberKind, MemberStatus},
};
use crate::{
    db::{
        Conn,
        schema::{members, passwords, team_members},
    },
    kit::{Fault, MemberId, Permission, Permissions, RoleId, Scope, TeamId, Timestamp, UserId},
    roles::{self, Role},
};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// Why something is not done to a member.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("You cannot change your own status or access.")]
    Yourself,
    #[error("This is the last administrator who can sign in. Make somebody else an administrator first.")]
    LastAdministrator,
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
    #[error("They are invited and have not joined yet. Cancel the invitation instead.")]
    Invited,
    #[error("All {limit} seats of the plan are taken. Disable somebody or cancel an invitation first, or ask for a larger plan.")]
    NoSeatLeft { limit: i64 },
    #[error("The role {role} allows {permission}, which you may not do yourself. Nobody grants what they do not hold.")]
    TooWide { role: String, permission: Permission },
    #[error("The role or team that was chosen does not exist any more.")]
    NoSuchChoice,
    #[error("They are not here any more.")]
    Gone,
}

/// What is known of a member before something is done to them: enough to judge any change.
#[derive(Clone, Debug)]
pub struct Standing {
    pub id: MemberId,
    pub kind: MemberKind,
    pub user: Option<UserId>,
    pub name: String,
    pub status: MemberStatus,
    /// In force now, with the end of each.
    pub roles: HashMap<RoleId, Option<Timestamp>>,
    pub teams: HashSet<TeamId>,
    pub permissions: Permissions,
    pub is_administrator: bool,
    /// Active, with a way to sign in, and an administrator without an end.
    pub holds_the_house: bool,
}

/// What surrounds the members that are judged: loaded once, and counted down as changes are made.
#[derive(Debug)]
pub struct Surroundings {
    pub roles: Vec<Role>,
    /// Administrators who hold the house and are not among those judged. More than one is as good as one.
    pub others: usize,
}

impl Surroundings {
    pub fn administrator(&self) -> Option<&Role> {
        self.roles.iter().find(|role| role.is_administrator())
    }
}

/// Loads both, by a few queries however many members there are. Members of another organization or kind are left out.
///
/// # Errors
/// What the database says.
pub fn stand(conn: &mut Conn, scope: &Scope, kind: MemberKind, ids: &[MemberId]) -> Result<(Vec<Standing>, Surroundings), Fault> {
    type Line = (MemberId, Option<UserId>, String, MemberStatus);
    let rows: Vec<Line> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq_any(ids))
        .filter(members::kind.eq(kind))
        .select((members::id, members::user_id, members::name, members::status))
        .load(conn)?;
    let known = roles::list(conn, scope.organization)?;
    let mut held = effective::roles_of(conn, scope.organization, ids, scope.now())?;
    let mut within = within(conn, scope, ids)?;
    let users: Vec<UserId> = rows.iter().filter_map(|row| row.1).collect();
    let with_password: HashSet<UserId> = passwords::table
        .filter(passwords::user_id.eq_any(&users))
        .select(passwords::user_id)
        .load(conn)?
        .into_iter()
        .collect();
    let standing = |(id, user, name, status): Line| {
        let held = held.remove(&id).unwrap_or_default();
        let granted = held.iter().filter_map(|role| match role.via {
            Via::Grant { until } => Some((role.id, until)),
            Via::Team { .. } => None,
        });
        let is_administrator_for_good = held
            .iter()
            .any(|role| role.is_administrator() && role.via == Via::Grant { until: None });
        let can_enter = status == MemberStatus::Active && user.is_some_and(|user| with_password.contains(&user));
        Standing {
            id,
            kind,
            user,
            name,
            status,
            roles: granted.collect(),
            teams: within.remove(&id).unwrap_or_default(),
            permissions: effective::together(&held),
            is_administrator: held.iter().any(effective::HeldRole::is_administrator),
            holds_the_house: can_enter && is_administrator_for_good,
        }
    };
    let all: Vec<Standing> = rows.into_iter().map(standing).collect();
    // Asked only where somebody among them matters: this is for lists of thousands.
    let others = if all.iter().any(|one| one.holds_the_house) {
        administrators_but(conn, scope, ids)?
    } else {
        1
    };
    Ok((all, Surroundings { roles: known, others }))
}

fn within(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, HashSet<TeamId>>, Fault> {
    let rows: Vec<(MemberId, TeamId)> = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq_any(ids))
        .select((team_members::member_id, team_members::team_id))
        .load(conn)?;
    let mut all: HashMap<MemberId, HashSet<TeamId>> = HashMap::new();
    for (member, team) in rows {
        all.entry(member).or_default().insert(team);
    }
    Ok(all)
}

/// Nobody changes the access of, or locks out, somebody who may do more than they may themselves; nor their own.
pub fn beyond_reach(scope: &Scope, standing: &Standing) -> Option<Refusal> {
    if scope.is_me(standing.id) {
        return Some(Refusal::Yourself);
    }
    let lacking = scope.permissions.lacking(&standing.permissions);
    lacking.cloned().map(Refusal::AboveYou)
}

/// [`beyond_reach`] of one member, for other rooms.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn out_of_reach(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: MemberId) -> Result<Option<Refusal>, Fault> {
    let (all, _) = stand(conn, scope, kind, &[id])?;
    Ok(beyond_reach(scope, all.first().ok_or(Fault::Missing)?))
}
