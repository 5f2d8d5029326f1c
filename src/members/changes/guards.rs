//! Guards: why a change to a member is refused. Checked before the change is offered, and again in the transaction that
//! makes it.

use crate::{
    authorization::{self, Ceiling, HeldRole, Via},
    db::{
        Among, Conn,
        schema::{members, team_members},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, Permission, Permissions, PolicyId, RoleId, Scope, TeamId, Timestamp, UserId},
    members::{
        GrantRefusal, break_glass,
        changes::administrators,
        managed::provisioning_accounts,
        reach::{administered, sees_everybody},
        seats::SeatUsage,
    },
    roles,
};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// Why a change to a member is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("You cannot change your own status or access.")]
    Yourself,
    #[error("This is the last administrator who can sign in. Make somebody else an administrator first.")]
    LastAdministrator,
    #[error(
        "This is the last break-glass administrator, who can sign in when the identity provider fails. Name another one first, in Settings, Single sign-on."
    )]
    LastBreakGlass,
    #[error("{} may do more than you: {lacking} is missing among your permissions.", .kind.pronoun())]
    AboveYou { kind: MemberKind, lacking: Permission },
    #[error("It is in none of your teams. You run the system accounts of your teams only.")]
    NotYourTeam,
    #[error("They are in none of the teams that you administer. You manage the people of those only.")]
    NotYourPeople,
    #[error("You would manage them from then on. Somebody who manages everybody adds them to the teams that you administer.")]
    WouldBeYours,
    #[error("They are invited and have not joined yet. Cancel the invitation instead.")]
    Invited,
    #[error("{0}")]
    NoSeatLeft(SeatUsage),
    #[error(transparent)]
    Grant(#[from] GrantRefusal),
    #[error("Administrators may do everything and need no policy.")]
    NeedsNoPolicy,
    #[error("The role, team or policy that was chosen does not exist any more.")]
    NoSuchChoice,
    #[error("They are an administrator of this team. Make them an ordinary member of it first.")]
    RunsTheTeam,
    #[error("Somebody else disabled it. Anyone who manages all system accounts can enable it.")]
    SwitchedOff,
    #[error("{0} decides who is in this team, and would undo it. Change it at the identity provider.")]
    ManagedTeam(String),
    #[error("Only people run teams.")]
    NotForMachines,
    #[error("{}", changed_since(.by))]
    ChangedSince { by: String },
    #[error("Not here any more.")]
    Gone,
}

fn changed_since(by: &str) -> String {
    if by.is_empty() {
        "Changed since.".into()
    } else {
        format!("Changed since by {by}.")
    }
}

/// What is known of a member before a change: enough to judge any change.
#[derive(Clone, Debug)]
pub struct MemberFacts {
    pub id: MemberId,
    pub kind: MemberKind,
    pub user: Option<UserId>,
    pub name: String,
    pub status: MemberStatus,
    /// The member who set that status.
    pub status_by: Option<MemberId>,
    /// Roles in force now that are assigned to them, each with its end.
    pub roles: HashMap<RoleId, Option<Timestamp>>,
    pub teams: HashSet<TeamId>,
    /// The teams, among those, of which they are an administrator.
    pub runs: HashSet<TeamId>,
    /// The policies that are attached to them.
    pub policies: HashSet<PolicyId>,
    /// What all their roles allow, with those of their teams.
    pub permissions: Permissions,
    /// A permission that they hold and the caller does not.
    pub above: Option<Permission>,
    /// The caller may see them.
    pub is_seen: bool,
    pub is_administrator: bool,
    /// A usable administrator: active, with a way to sign in, and holding the Administrator role without an end.
    pub is_usable_administrator: bool,
    /// A break-glass administrator who can enter, in an organization that requires single sign-on.
    pub is_break_glass: bool,
}

/// Loads these facts for several members with a fixed number of queries. Members of another organization or kind are
/// left out.
pub fn load_facts(conn: &mut Conn, scope: &Scope, kind: MemberKind, ids: &[MemberId]) -> Result<Vec<MemberFacts>, Fault> {
    type Line = (MemberId, Option<UserId>, String, MemberStatus, Option<MemberId>);
    let rows: Vec<Line> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .filter(members::kind.eq(kind))
        .select((members::id, members::user_id, members::name, members::status, members::status_by))
        .load(conn)?;
    let mut held = authorization::roles_of(conn, scope.organization, ids, scope.now())?;
    let mut within = within(conn, scope, ids)?;
    let mut attached = authorization::attached(conn, scope.organization, ids)?;
    let ceiling = Ceiling::of(conn, scope)?;
    // An administrator holds every permission, so no member is above one.
    let rules = if ceiling.is_open() {
        HashMap::new()
    } else {
        authorization::rules_of(conn, scope.organization, ids, scope.now())?
    };
    // Only an Administrator without an end can be the last one, or enter by breaking the glass.
    let is_for_good = |held: &HeldRole| held.is_administrator() && held.via == Via::Grant { until: None };
    let administrators: HashSet<MemberId> = held.iter().filter(|(_, held)| held.iter().any(is_for_good)).map(|(id, _)| *id).collect();
    let users: Vec<UserId> = rows.iter().filter(|row| administrators.contains(&row.0)).filter_map(|row| row.1).collect();
    let with_sign_in = administrators::with_sign_in(conn, scope.organization, &users)?;
    let provisioning = match kind {
        MemberKind::SystemAccount => provisioning_accounts(conn, scope.organization, ids)?,
        MemberKind::User => HashSet::new(),
    };
    let break_glass = if administrators.is_empty() {
        HashSet::new()
    } else {
        break_glass::guarded(conn, scope)?
    };
    let run_by_caller = if ceiling.is_open() { vec![] } else { administered(conn, scope)? };
    let sees_all = kind.is_machine() || sees_everybody(scope);
    let facts = |(id, user, name, status, status_by): Line| {
        let held = held.remove(&id).unwrap_or_default();
        let permissions = if provisioning.contains(&id) {
            Permissions::everything()
        } else {
            authorization::together(&held)
        };
        let teams = within.remove(&id).unwrap_or_default();
        let granted = held.iter().filter_map(|role| match role.via {
            Via::Grant { until } => Some((role.id, until)),
            Via::Team { .. } | Via::TeamAdministrator { .. } => None,
        });
        let runs: Vec<TeamId> = teams.iter().filter(|(_, runs)| *runs).map(|(team, _)| *team).collect();
        let above = ceiling.first_missing(&permissions, rules.get(&id).map_or(&[], Vec::as_slice));
        let can_enter = status == MemberStatus::Active && user.is_some_and(|user| with_sign_in.contains(&user));
        MemberFacts {
            id,
            kind,
            user,
            name,
            status,
            status_by,
            roles: granted.collect(),
            above: above.or_else(|| {
                let is_elsewhere = runs.iter().any(|team| !run_by_caller.contains(team));
                ceiling.first_over_teams(&permissions).filter(|_| is_elsewhere)
            }),
            is_seen: sees_all || scope.is_me(id) || teams.iter().any(|(team, _)| run_by_caller.contains(team)),
            runs: runs.into_iter().collect(),
            teams: teams.into_iter().map(|(team, _)| team).collect(),
            policies: attached.remove(&id).unwrap_or_default(),
            permissions,
            is_administrator: held.iter().any(HeldRole::is_administrator),
            is_usable_administrator: can_enter && administrators.contains(&id),
            is_break_glass: break_glass.contains(&id),
        }
    };
    Ok(rows.into_iter().map(facts).collect())
}

fn within(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Vec<(TeamId, bool)>>, Fault> {
    let rows: Vec<(MemberId, TeamId, bool)> = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.among(ids))
        .select((team_members::member_id, team_members::team_id, team_members::is_administrator))
        .load(conn)?;
    let mut all: HashMap<MemberId, Vec<(TeamId, bool)>> = HashMap::new();
    for (member, team, runs) in rows {
        all.entry(member).or_default().push((team, runs));
    }
    Ok(all)
}

/// Someone who runs a system account can mint its tokens. So they must hold every Roster permission it holds; its
/// application permissions do not count.
pub fn refuse_running(scope: &Scope, facts: &MemberFacts) -> Option<Refusal> {
    if scope.is_me(facts.id) {
        return Some(Refusal::Yourself);
    }
    let held = facts.permissions.iter().filter(|held| roles::opens_roster(held));
    let of_roster: Permissions = held.cloned().collect();
    scope
        .permissions
        .first_missing(&of_roster)
        .cloned()
        .map(|lacking| Refusal::AboveYou { kind: facts.kind, lacking })
}

/// A caller must not change the access of a member who holds more permissions, nor lock them out; nor change their own
/// access.
pub fn refuse_out_of_reach(scope: &Scope, facts: &MemberFacts) -> Option<Refusal> {
    if scope.is_me(facts.id) {
        return Some(Refusal::Yourself);
    }
    facts.above.clone().map(|lacking| Refusal::AboveYou { kind: facts.kind, lacking })
}

/// The first of these members who holds more than the caller: their name, and a permission that the caller lacks.
pub fn first_above(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Option<(String, Permission)>, Fault> {
    for some in ids.chunks(crate::members::batch_queries::IDS) {
        for kind in MemberKind::ALL {
            let facts = load_facts(conn, scope, kind, some)?;
            if let Some(found) = facts.into_iter().find_map(|facts| Some((facts.name, facts.above?))) {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// Same as `refuse_out_of_reach` for one member, without loading the other facts.
pub fn out_of_reach(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: MemberId) -> Result<Option<Refusal>, Fault> {
    if scope.is_me(id) {
        return Ok(Some(Refusal::Yourself));
    }
    Ok(authorization::above(conn, scope, id)?.map(|lacking| Refusal::AboveYou { kind, lacking }))
}
