//! Guards: why something is not done to a member. Asked before it is offered, and again in the transaction that does it.

use super::{access::administrators_but, model::MemberStatus};
use crate::{
    db::{
        Conn,
        schema::{member_roles, members, passwords, team_members},
    },
    kit::{Fault, MemberId, MemberKind, Permission, Permissions, RoleId, Scope, TeamId, Timestamp, UserId},
    roles::{self, Predefined, Role},
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
    #[error("{} may do more than you: {lacking} is missing among your permissions.", .kind.pronoun())]
    AboveYou { kind: MemberKind, lacking: Permission },
    #[error("It is in none of your teams. You run the system accounts of your teams only.")]
    NotYourTeam,
    #[error("They are invited and have not joined yet. Cancel the invitation instead.")]
    Invited,
    #[error("All {limit} seats of the plan are taken. Disable somebody or cancel an invitation first, or ask for a larger plan.")]
    NoSeatLeft { limit: i64 },
    #[error("The role {role} allows {permission}, which you may not do yourself. Nobody grants what they do not hold.")]
    TooWide { role: String, permission: Permission },
    #[error("The role or team that was chosen does not exist any more.")]
    NoSuchChoice,
    #[error("All {limit} system accounts of the plan are in use. Disable or delete one first, or ask for a larger plan.")]
    NoAccountLeft { limit: i64 },
    #[error("They are an administrator of this team. Make them an ordinary member of it first.")]
    RunsTheTeam,
    #[error("Only people run teams.")]
    NotForMachines,
    #[error("Not here any more.")]
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
    /// Of those, the ones they are an administrator of.
    pub runs: HashSet<TeamId>,
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
    let by_id: HashMap<RoleId, &Role> = known.iter().map(|role| (role.id, role)).collect();
    let implied = known.iter().find(|role| role.predefined == Some(Predefined::TeamAdministrator));
    let mut held = held(conn, scope, ids)?;
    let mut within = within(conn, scope, ids)?;
    let users: Vec<UserId> = rows.iter().filter_map(|row| row.1).collect();
    let with_password: HashSet<UserId> = passwords::table
        .filter(passwords::user_id.eq_any(&users))
        .select(passwords::user_id)
        .load(conn)?
        .into_iter()
        .collect();
    let standing = |(id, user, name, status): Line| {
        let roles = held.remove(&id).unwrap_or_default();
        let teams = within.remove(&id).unwrap_or_default();
        let runs_a_team = teams.iter().any(|(_, is_administrator)| *is_administrator);
        let of_teams = implied.into_iter().filter(|_| runs_a_team);
        let held_roles: Vec<&Role> = roles.keys().filter_map(|id| by_id.get(id).copied()).chain(of_teams).collect();
        let administrator = held_roles.iter().find(|role| role.is_administrator());
        let can_enter = status == MemberStatus::Active && user.is_some_and(|user| with_password.contains(&user));
        Standing {
            id,
            kind,
            user,
            name,
            status,
            permissions: held_roles.iter().flat_map(|role| role.permissions.iter().cloned()).collect(),
            is_administrator: administrator.is_some(),
            holds_the_house: can_enter && administrator.is_some_and(|role| roles.get(&role.id) == Some(&None)),
            runs: teams.iter().filter(|(_, runs)| *runs).map(|(team, _)| *team).collect(),
            teams: teams.into_iter().map(|(team, _)| team).collect(),
            roles,
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

type Held = HashMap<MemberId, HashMap<RoleId, Option<Timestamp>>>;

fn held(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Held, Fault> {
    let in_force = member_roles::until_at.is_null().or(member_roles::until_at.gt(Some(scope.now())));
    let rows: Vec<(MemberId, RoleId, Option<Timestamp>)> = member_roles::table
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq_any(ids))
        .filter(in_force.assume_not_null())
        .select((member_roles::member_id, member_roles::role_id, member_roles::until_at))
        .load(conn)?;
    let mut all = Held::new();
    for (member, role, until) in rows {
        all.entry(member).or_default().insert(role, until);
    }
    Ok(all)
}

fn within(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Vec<(TeamId, bool)>>, Fault> {
    let rows: Vec<(MemberId, TeamId, bool)> = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq_any(ids))
        .select((team_members::member_id, team_members::team_id, team_members::is_administrator))
        .load(conn)?;
    let mut all: HashMap<MemberId, Vec<(TeamId, bool)>> = HashMap::new();
    for (member, team, is_administrator) in rows {
        all.entry(member).or_default().push((team, is_administrator));
    }
    Ok(all)
}

/// Whoever runs a system account makes tokens of it, and so may do in Roster what it may; what it may do in the
/// organization's own products is what they run it for.
pub fn beyond_run(scope: &Scope, standing: &Standing) -> Option<Refusal> {
    if scope.is_me(standing.id) {
        return Some(Refusal::Yourself);
    }
    let lacking = scope.permissions.lacking_of_roster(&standing.permissions);
    lacking.cloned().map(|lacking| Refusal::AboveYou {
        kind: standing.kind,
        lacking,
    })
}

/// Nobody changes the access of, or locks out, somebody who may do more than they may themselves; nor their own.
pub fn beyond_reach(scope: &Scope, standing: &Standing) -> Option<Refusal> {
    if scope.is_me(standing.id) {
        return Some(Refusal::Yourself);
    }
    let lacking = scope.permissions.lacking(&standing.permissions);
    lacking.cloned().map(|lacking| Refusal::AboveYou {
        kind: standing.kind,
        lacking,
    })
}

/// [`beyond_reach`] of one member, for other rooms.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn out_of_reach(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: MemberId) -> Result<Option<Refusal>, Fault> {
    let (all, _) = stand(conn, scope, kind, &[id])?;
    Ok(beyond_reach(scope, all.first().ok_or(Fault::Missing)?))
}
