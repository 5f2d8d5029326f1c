//! Where policies are used.

use crate::{
    db::{
        Conn,
        schema::{member_policies, members},
    },
    kit::{Fault, MemberId, PolicyId, Scope},
    members::{MemberKind, MemberStatus},
};
use diesel::{dsl::count_star, prelude::*};
use std::collections::HashMap;

/// Names that one page shows.
pub(super) const SHOWN: i64 = 24;

/// To how many each policy is attached: people and system accounts, without the disabled.
pub(super) fn counts(conn: &mut Conn, scope: &Scope) -> Result<HashMap<PolicyId, (i64, i64)>, Fault> {
    let rows: Vec<(PolicyId, MemberKind, i64)> = member_policies::table
        .inner_join(members::table)
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(members::is_current.eq(true))
        .group_by((member_policies::policy_id, members::kind))
        .select((member_policies::policy_id, members::kind, count_star()))
        .load(conn)?;
    let mut all: HashMap<PolicyId, (i64, i64)> = HashMap::new();
    for (policy, kind, count) in rows {
        let one = all.entry(policy).or_default();
        match kind {
            MemberKind::User => one.0 = count,
            MemberKind::SystemAccount => one.1 = count,
        }
    }
    Ok(all)
}

/// To how many a policy is attached, whatever their status.
pub(super) fn count(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Result<i64, Fault> {
    let rows = member_policies::table
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::policy_id.eq(policy));
    Ok(rows.count().get_result(conn)?)
}

/// Somebody a policy is attached to.
#[derive(Queryable, Clone, Debug)]
pub(super) struct Under {
    pub id: MemberId,
    pub name: String,
    pub kind: MemberKind,
    pub status: MemberStatus,
}

/// The first of them.
pub(super) fn first(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Result<Vec<Under>, Fault> {
    let rows = member_policies::table
        .inner_join(members::table)
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::policy_id.eq(policy))
        .order(member_policies::member_id)
        .limit(SHOWN);
    Ok(rows
        .select((members::id, members::name, members::kind, members::status))
        .load(conn)?)
}
