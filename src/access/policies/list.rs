//! Queries for where policies are used.

use crate::{
    access::count::{self, Count},
    db::{
        Conn,
        keyset::{Page, Window},
        schema::{member_policies, members},
        views::held_policies,
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, PolicyId, Scope},
};
use diesel::{dsl, prelude::*};
use std::collections::HashMap;

/// The most names that one page shows.
pub(super) const SHOWN: i64 = 24;

/// How many members each policy is attached to.
pub(in crate::access) fn counts(conn: &mut Conn, scope: &Scope) -> Result<HashMap<PolicyId, Count>, Fault> {
    count::counted(conn, scope, None)
}

/// How many members each of these policies is attached to.
pub fn counts_of(conn: &mut Conn, scope: &Scope, ids: &[PolicyId]) -> Result<HashMap<PolicyId, Count>, Fault> {
    count::counted(conn, scope, Some(ids))
}

/// How many members a policy is attached to.
pub fn count(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Result<Count, Fault> {
    Ok(count::counted(conn, scope, Some(&[policy]))?.remove(&policy).unwrap_or_default())
}

/// How many have a policy, by themselves or through a team.
pub(super) fn reached(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Result<i64, Fault> {
    let rows = held_policies::table
        .filter(held_policies::organization_id.eq(scope.organization))
        .filter(held_policies::policy_id.eq(policy))
        .filter(crate::roles::in_force!(held_policies::until_at, scope.now()));
    Ok(rows.select(dsl::count(held_policies::member_id).aggregate_distinct()).get_result(conn)?)
}

/// A member to whom a policy is attached.
#[derive(Queryable, Clone, Debug)]
pub struct AttachedMember {
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

/// One page of the members to whom a policy is attached, including disabled ones. In the order of their ids, which needs
/// no sorting however many they are.
pub fn members(
    conn: &mut Conn,
    scope: &Scope,
    policy: PolicyId,
    after: Option<MemberId>,
    size: i64,
) -> Result<Page<AttachedMember>, Fault> {
    let window = Window::read(after, None);
    let rows = member_policies::table
        .inner_join(members::table)
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::policy_id.eq(policy))
        .filter(member_policies::member_id.gt(after.unwrap_or_else(MemberId::nobody)))
        .order(member_policies::member_id)
        .limit(size + 1);
    Ok(window.page(rows.select((members::id, members::name, members::kind, members::status)).load(conn)?, size))
}
