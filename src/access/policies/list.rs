//! Queries for where policies are used.

use crate::{
    access::count::{self, Count},
    db::{
        Conn,
        schema::{member_policies, members},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, PolicyId, Scope},
};
use diesel::{dsl::count_star, prelude::*};
use std::collections::HashMap;

/// The most names that one page shows.
pub(super) const SHOWN: i64 = 24;

/// How many members each policy is attached to.
pub(in crate::access) fn counts(conn: &mut Conn, scope: &Scope) -> Result<HashMap<PolicyId, Count>, Fault> {
    let rows = member_policies::table
        .inner_join(members::table)
        .filter(member_policies::organization_id.eq(scope.organization))
        .group_by((member_policies::policy_id, members::kind, members::is_current))
        .select((member_policies::policy_id, members::kind, members::is_current, count_star()));
    Ok(count::counts(rows.load(conn)?))
}

/// How many members a policy is attached to.
pub(super) fn count(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Result<Count, Fault> {
    let rows: Vec<count::Row<PolicyId>> = member_policies::table
        .inner_join(members::table)
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::policy_id.eq(policy))
        .group_by((member_policies::policy_id, members::kind, members::is_current))
        .select((member_policies::policy_id, members::kind, members::is_current, count_star()))
        .load(conn)?;
    Ok(count::counts(rows).remove(&policy).unwrap_or_default())
}

/// A member to whom a policy is attached.
#[derive(Queryable, Clone, Debug)]
pub(super) struct AttachedMember {
    pub id: MemberId,
    pub name: String,
    pub kind: MemberKind,
    pub status: MemberStatus,
}

/// The first of these members.
pub(super) fn first(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Result<Vec<AttachedMember>, Fault> {
    let rows = member_policies::table
        .inner_join(members::table)
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::policy_id.eq(policy))
        .order(member_policies::member_id)
        .limit(SHOWN);
    Ok(rows.select((members::id, members::name, members::kind, members::status)).load(conn)?)
}
