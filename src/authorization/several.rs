//! Everything that several members hold, for lists of who may do something: a number of queries that does not depend on how many
//! they are. Equal to what [`super::effective`] reads for one; a test compares them.

use super::{Attached, Effective, Via, attached, policies_of_teams, roles_of};
use crate::{
    db::{
        Among, Conn, Json,
        schema::{members, policies},
    },
    kit::{Fault, MemberId, MemberStatus, OrganizationId, PolicyId, Timestamp},
    policies as rules,
};
use diesel::prelude::*;
use serde_json::Value;
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
    let own = attached(conn, organization, ids)?.into_iter();
    let own = own.flat_map(|(member, ids)| ids.into_iter().map(move |id| (member, id, Via::Grant { until: None })));
    let given = policies_of_teams(conn, organization, ids, now)?.into_iter().map(|policy| {
        let via = Via::Team { id: policy.team, name: policy.team_name, until: policy.until };
        (policy.member, policy.id, via)
    });
    let all: Vec<(MemberId, PolicyId, Via)> = own.chain(given).collect();
    let distinct: BTreeSet<PolicyId> = all.iter().map(|(_, policy, _)| *policy).collect();
    let by_name: Vec<(PolicyId, String, Json<Value>)> = policies::table
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
