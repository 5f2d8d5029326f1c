//! What a member may do at one instant, and why: roles and policies that are assigned to them or that a team gives to its
//! members, and the role that comes with being administrator of a team. Every permission check reads from here, so that all
//! interfaces decide alike.

mod ceiling;
mod decide;
mod effective;
mod grantors;
#[cfg(test)]
mod reference;
mod several;
mod sql;
mod visibility;

pub use ceiling::{Ceiling, above, administered, assigned, promised};
pub use decide::{Attached, Decision, Effective, HeldRole, Question, Reason, Via, decide, together};
pub use effective::effective;
pub use grantors::{Grantors, grantors};
pub use several::effective_of;
pub use sql::{PERMISSIONS_SQL, ROLE_END_SQL, permissions, read_permissions};
pub use visibility::Names;

use crate::{
    db::{
        Among, Conn, Json,
        schema::{member_policies, member_roles, policies, role_permissions, roles, team_members, team_policies, team_roles, teams},
    },
    kit::{Fault, MemberId, OrganizationId, Permissions, PolicyId, RoleId, TeamId, Timestamp},
    policies as rules,
    roles::Predefined,
};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The roles in force of several members, by name. The number of queries does not depend on the number of members.
pub fn roles_of(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[MemberId],
    now: Timestamp,
) -> Result<HashMap<MemberId, Vec<HeldRole>>, Fault> {
    let held = held(conn, organization, ids, now)?;
    let allowed = allowed(conn, organization, &held)?;
    let mut all: HashMap<MemberId, Vec<HeldRole>> = HashMap::new();
    for (member, id, name, predefined, via) in held {
        let permissions = allowed.get(&id).cloned().unwrap_or_default();
        all.entry(member).or_default().push(HeldRole { id, name, predefined, via, permissions });
    }
    Ok(all)
}

type Held = (MemberId, RoleId, String, Option<Predefined>, Via);

/// With the key by which names are sorted.
type Keyed = (String, Held);

/// Which member holds which role: assigned roles, those of their teams, and the role that comes with being administrator of
/// a team.
fn held(conn: &mut Conn, organization: OrganizationId, ids: &[MemberId], now: Timestamp) -> Result<Vec<Held>, Fault> {
    type Given = (String, MemberId, RoleId, String, Option<Predefined>, Option<Timestamp>);
    let given: Vec<Given> = member_roles::table
        .inner_join(roles::table)
        .filter(member_roles::organization_id.eq(organization))
        .filter(member_roles::member_id.among(ids))
        .filter(crate::roles::in_force!(member_roles::until_at, now))
        .order(roles::name_key)
        .select((
            roles::name_key,
            member_roles::member_id,
            roles::id,
            roles::name,
            roles::predefined,
            member_roles::until_at,
        ))
        .load(conn)?;
    let given = given
        .into_iter()
        .map(|(key, member, id, name, predefined, until)| (key, (member, id, name, predefined, Via::Grant { until })));
    let through_teams = roles_of_teams(conn, organization, ids, now)?.into_iter().map(|role| {
        let via = Via::Team { id: role.team, name: role.team_name, until: role.until };
        (role.name_key, (role.member, role.id, role.name, role.predefined, via))
    });
    let mut by_name: Vec<Keyed> = given.chain(through_teams).collect();
    by_name.sort_by(|(one, _), (other, _)| one.cmp(other));
    let run: Vec<(MemberId, TeamId, String)> = team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.among(ids))
        .filter(team_members::is_administrator)
        .order(teams::name_key)
        .select((team_members::member_id, teams::id, teams::name))
        .load(conn)?;
    let mut all: Vec<Held> = by_name.into_iter().map(|(_, held)| held).collect();
    if !run.is_empty() {
        let which = Some(Predefined::TeamAdministrator);
        let (role, role_name): (RoleId, String) = roles::table
            .filter(roles::organization_id.eq(organization))
            .filter(roles::predefined.eq(which))
            .select((roles::id, roles::name))
            .first(conn)?;
        all.extend(
            run.into_iter()
                .map(|(member, id, name)| (member, role, role_name.clone(), which, Via::TeamAdministrator { id, name })),
        );
    }
    Ok(all)
}

/// A role that a member has through a team.
#[derive(Queryable, Clone, Debug)]
pub struct RoleOfTeam {
    pub member: MemberId,
    pub id: RoleId,
    pub name: String,
    /// By which names are sorted.
    name_key: String,
    predefined: Option<Predefined>,
    team: TeamId,
    pub team_name: String,
    pub until: Option<Timestamp>,
}

/// Which of these members has which role through which team now, by the names of roles and teams. Not by the view of held
/// roles: for several members, SQLite would gather those of the whole organization.
pub fn roles_of_teams(conn: &mut Conn, organization: OrganizationId, ids: &[MemberId], now: Timestamp) -> Result<Vec<RoleOfTeam>, Fault> {
    let given = team_roles::organization_id
        .eq(team_members::organization_id)
        .and(team_roles::team_id.eq(team_members::team_id));
    let rows = team_members::table
        .inner_join(teams::table)
        .inner_join(team_roles::table.on(given))
        .inner_join(roles::table.on(roles::id.eq(team_roles::role_id)))
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.among(ids))
        .filter(crate::roles::in_force!(team_roles::until_at, now))
        .order((roles::name_key, teams::name_key));
    let columns = (
        team_members::member_id,
        roles::id,
        roles::name,
        roles::name_key,
        roles::predefined,
        teams::id,
        teams::name,
        team_roles::until_at,
    );
    Ok(rows.select(columns).load(conn)?)
}

/// The permissions of each of these roles.
fn allowed(conn: &mut Conn, organization: OrganizationId, held: &[Held]) -> Result<HashMap<RoleId, Permissions>, Fault> {
    let ids: BTreeSet<RoleId> = held.iter().map(|one| one.1).collect();
    let rows: Vec<(RoleId, String)> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .filter(role_permissions::role_id.among(ids))
        .select((role_permissions::role_id, role_permissions::permission))
        .load(conn)?;
    let mut texts: HashMap<RoleId, Vec<String>> = HashMap::new();
    for (role, permission) in rows {
        texts.entry(role).or_default().push(permission);
    }
    Ok(texts.into_iter().map(|(role, texts)| (role, crate::roles::read(&texts))).collect())
}

/// The rules of all policies of several members and of their teams, whether or not they are administrators.
pub fn rules_of(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[MemberId],
    now: Timestamp,
) -> Result<HashMap<MemberId, Vec<rules::Rule>>, Fault> {
    let mut held = attached(conn, organization, ids)?;
    for policy in policies_of_teams(conn, organization, ids, now)? {
        held.entry(policy.member).or_default().insert(policy.id);
    }
    rules_of_policies(conn, organization, held)
}

/// A policy that a member is under through a team.
#[derive(Queryable, Clone, Debug)]
pub struct PolicyOfTeam {
    pub member: MemberId,
    pub id: PolicyId,
    team: TeamId,
    team_name: String,
    until: Option<Timestamp>,
}

/// Which of these members is under which policy through which team now, by the names of teams. Not by the view of held policies,
/// as [`roles_of_teams`].
pub fn policies_of_teams(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[MemberId],
    now: Timestamp,
) -> Result<Vec<PolicyOfTeam>, Fault> {
    let given = team_policies::organization_id
        .eq(team_members::organization_id)
        .and(team_policies::team_id.eq(team_members::team_id));
    let rows = team_members::table
        .inner_join(teams::table)
        .inner_join(team_policies::table.on(given))
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.among(ids))
        .filter(crate::roles::in_force!(team_policies::until_at, now))
        .order(teams::name_key);
    let columns = (team_members::member_id, team_policies::policy_id, teams::id, teams::name, team_policies::until_at);
    Ok(rows.select(columns).load(conn)?)
}

/// The rules of the policies of each member.
fn rules_of_policies(
    conn: &mut Conn,
    organization: OrganizationId,
    held: HashMap<MemberId, HashSet<PolicyId>>,
) -> Result<HashMap<MemberId, Vec<rules::Rule>>, Fault> {
    let distinct: BTreeSet<PolicyId> = held.values().flatten().copied().collect();
    let rows: Vec<(PolicyId, Json<Value>)> = policies::table
        .filter(policies::organization_id.eq(organization))
        .filter(policies::id.among(distinct))
        .select((policies::id, policies::rules))
        .load(conn)?;
    let by_policy: HashMap<PolicyId, Vec<rules::Rule>> = rows.into_iter().map(|(id, document)| (id, rules::read(&document.0))).collect();
    let of = |ids: HashSet<PolicyId>| ids.iter().filter_map(|id| by_policy.get(id)).flatten().cloned().collect();
    Ok(held.into_iter().map(|(member, ids)| (member, of(ids))).collect())
}

/// The policies attached to several members themselves.
pub fn attached(conn: &mut Conn, organization: OrganizationId, ids: &[MemberId]) -> Result<HashMap<MemberId, HashSet<PolicyId>>, Fault> {
    let rows: Vec<(MemberId, PolicyId)> = member_policies::table
        .filter(member_policies::organization_id.eq(organization))
        .filter(member_policies::member_id.among(ids))
        .select((member_policies::member_id, member_policies::policy_id))
        .load(conn)?;
    let mut all: HashMap<MemberId, HashSet<PolicyId>> = HashMap::new();
    for (member, policy) in rows {
        all.entry(member).or_default().insert(policy);
    }
    Ok(all)
}
