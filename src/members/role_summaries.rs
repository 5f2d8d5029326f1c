//! The roles and policies of members as lists, profiles and files show them: their own, and those of their teams.

use crate::{
    authorization::{self, RoleOfTeam, roles_of_teams},
    db::{
        Among, Conn,
        schema::{member_roles, policies, roles},
    },
    kit::{Fault, MemberId, PolicyId, RoleId, Scope, Timestamp, rights},
    roles::Predefined,
};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// A role that a member holds.
#[derive(Clone, Debug)]
pub struct Granted {
    pub id: RoleId,
    pub name: String,
    pub is_administrator: bool,
    pub until: Option<Timestamp>,
    /// The team that gives it, if it is not assigned to them.
    pub through: Option<String>,
}

impl Granted {
    /// How and until when they have it, if there is something to say: `through Fish until 4 March 2027`.
    pub fn told(&self) -> Option<String> {
        let through = self.through.as_ref().map(|team| format!("through {team}"));
        let until = self.until.map(|until| format!("until {}", until.last_day_told()));
        let words: Vec<String> = through.into_iter().chain(until).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// The roles in force of these members, and those that they have only through a team.
pub(super) fn held(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Vec<Granted>>, Fault> {
    let mut by_member = granted(conn, scope, ids)?;
    for RoleOfTeam { member, id, name, team_name, until, .. } in roles_of_teams(conn, scope.organization, ids, scope.now())? {
        let roles = by_member.entry(member).or_default();
        if roles.iter().all(|known| known.id != id) {
            roles.push(Granted { id, name, is_administrator: false, until, through: Some(team_name) });
        }
    }
    Ok(by_member)
}

/// The names of the roles that teams give to these members.
pub fn roles_through_teams(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, BTreeSet<String>>, Fault> {
    let mut by_member: HashMap<MemberId, BTreeSet<String>> = HashMap::new();
    for role in roles_of_teams(conn, scope.organization, ids, scope.now())? {
        by_member.entry(role.member).or_default().insert(role.name);
    }
    Ok(by_member)
}

/// The roles assigned to these members that are in force, the most important first.
pub fn granted(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Vec<Granted>>, Fault> {
    type Line = (MemberId, RoleId, String, Option<Predefined>, Option<Timestamp>);
    let rows: Vec<Line> = member_roles::table
        .inner_join(roles::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.among(ids))
        .filter(crate::roles::in_force!(member_roles::until_at, scope.now()))
        .order(roles::name_key)
        .select((member_roles::member_id, roles::id, roles::name, roles::predefined, member_roles::until_at))
        .load(conn)?;
    let mut by_member: HashMap<MemberId, Vec<Granted>> = HashMap::new();
    for (member, id, name, predefined, until) in rows {
        let is_administrator = predefined == Some(Predefined::Administrator);
        by_member
            .entry(member)
            .or_default()
            .push(Granted { id, name, is_administrator, until, through: None });
    }
    // The most important role comes first.
    for roles in by_member.values_mut() {
        roles.sort_by_key(|role| !role.is_administrator);
    }
    Ok(by_member)
}

/// The names of the policies of these members, in order: attached to them, and given by their teams. None for callers who may
/// not see policies.
pub(super) fn policies_held(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, BTreeSet<String>>, Fault> {
    let mut by_member: HashMap<MemberId, BTreeSet<String>> = HashMap::new();
    if !scope.may(rights::POLICY_READ) {
        return Ok(by_member);
    }
    let own = authorization::attached(conn, scope.organization, ids)?.into_iter();
    let own = own.flat_map(|(member, ids)| ids.into_iter().map(move |id| (member, id)));
    let given = authorization::policies_of_teams(conn, scope.organization, ids, scope.now())?;
    let held: Vec<(MemberId, PolicyId)> = own.chain(given.into_iter().map(|policy| (policy.member, policy.id))).collect();
    let distinct: BTreeSet<PolicyId> = held.iter().map(|(_, id)| *id).collect();
    let named = policies::table
        .filter(policies::organization_id.eq(scope.organization))
        .filter(policies::id.among(distinct))
        .select((policies::id, policies::name));
    let names: HashMap<PolicyId, String> = named.load::<(PolicyId, String)>(conn)?.into_iter().collect();
    for (member, id) in held {
        by_member.entry(member).or_default().extend(names.get(&id).cloned());
    }
    Ok(by_member)
}
