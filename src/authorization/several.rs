//! Everything that several members hold, for lists of who may do something: a number of queries that does not depend on how many
//! they are. Equal to what [`super::effective`] reads for one; a test compares them.

use super::{Attached, Effective, Via, roles_of};
use crate::{
    db::{
        Among, Conn,
        schema::{member_policies, members, policies, team_members, team_policies, teams},
    },
    kit::{Fault, MemberId, MemberStatus, OrganizationId, PolicyId, TeamId, Timestamp},
    policies as rules,
};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Everything that these members hold now, by member. Those who do not exist are left out.
pub fn effective_of(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[MemberId],
    now: Timestamp,
) -> Result<HashMap<MemberId, Effective>, Fault> {
    let found: Vec<(MemberId, MemberStatus)> = members::table
        .filter(members::organization_id.eq(organization))
        .filter(members::id.among(ids))
        .select((members::id, members::status))
        .load(conn)?;
    let mut roles = roles_of(conn, organization, ids, now)?;
    let mut held = policies_of(conn, organization, ids, now)?;
    let types = rules::types(conn, organization)?;
    let declared: rules::Declared = types.into_iter().map(|one| (one.name, one.actions)).collect();
    let one = |(id, status): (MemberId, MemberStatus)| {
        let effective = Effective {
            is_active: status == MemberStatus::Active,
            roles: roles.remove(&id).unwrap_or_default(),
            policies: held.remove(&id).unwrap_or_default(),
            declared: declared.clone(),
        };
        (id, effective)
    };
    Ok(found.into_iter().map(one).collect())
}

/// The policies of each member, with their rules: attached to them, and given by their teams.
fn policies_of(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[MemberId],
    now: Timestamp,
) -> Result<HashMap<MemberId, Vec<Attached>>, Fault> {
    let own: Vec<(MemberId, PolicyId)> = member_policies::table
        .filter(member_policies::organization_id.eq(organization))
        .filter(member_policies::member_id.among(ids))
        .select((member_policies::member_id, member_policies::policy_id))
        .load(conn)?;
    let is_given = team_policies::organization_id
        .eq(team_members::organization_id)
        .and(team_policies::team_id.eq(team_members::team_id));
    let given: Vec<(MemberId, PolicyId, TeamId, String, Option<Timestamp>)> = team_members::table
        .inner_join(teams::table)
        .inner_join(team_policies::table.on(is_given))
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.among(ids))
        .filter(crate::roles::in_force!(team_policies::until_at, now))
        .order(teams::name_key)
        .select((team_members::member_id, team_policies::policy_id, teams::id, teams::name, team_policies::until_at))
        .load(conn)?;
    let own = own.into_iter().map(|(member, policy)| (member, policy, Via::Grant { until: None }));
    let given = given
        .into_iter()
        .map(|(member, policy, id, name, until)| (member, policy, Via::Team { id, name, until }));
    let all: Vec<(MemberId, PolicyId, Via)> = own.chain(given).collect();
    let distinct: BTreeSet<PolicyId> = all.iter().map(|(_, policy, _)| *policy).collect();
    let by_name: Vec<(PolicyId, String, crate::db::Json<serde_json::Value>)> = policies::table
        .filter(policies::organization_id.eq(organization))
        .filter(policies::id.among(distinct))
        .order(policies::name_key)
        .select((policies::id, policies::name, policies::rules))
        .load(conn)?;
    let mut by_member: HashMap<MemberId, Vec<Attached>> = HashMap::new();
    for (id, name, document) in by_name {
        let rules = rules::read(&document.0);
        for (member, _, via) in all.iter().filter(|(_, policy, _)| *policy == id) {
            let attached = Attached { id, name: name.clone(), rules: rules.clone(), via: via.clone() };
            by_member.entry(*member).or_default().push(attached);
        }
    }
    Ok(by_member)
}
