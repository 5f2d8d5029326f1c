//! Queries that assign and remove roles and policies.

use super::batch_queries;
use crate::{
    db::{
        Among, Conn, Tx,
        schema::{member_policies, member_roles, members, roles},
    },
    each,
    kit::{Fault, MemberId, PolicyId, RoleId, Scope, Timestamp},
};
use diesel::prelude::*;

/// Assigns roles to a member and refreshes the sort keys of lists. The calling operation checks that it is allowed.
pub fn grant_roles(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, granted: &[RoleId]) -> Result<(), Fault> {
    for role in granted {
        insert_role(tx, scope, &[member], *role, None)?;
    }
    refresh_role_keys(tx, scope, &[member])
}

pub(super) fn insert_role(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], role: RoleId, until: Option<Timestamp>) -> Result<(), Fault> {
    let row = |id: &MemberId| {
        (
            member_roles::organization_id.eq(scope.organization),
            member_roles::member_id.eq(*id),
            member_roles::role_id.eq(role),
            member_roles::granted_at.eq(scope.now()),
            member_roles::granted_by.eq(scope.actor.member_id()),
            member_roles::until_at.eq(until),
        )
    };
    let rows: Vec<_> = ids.iter().map(row).collect();
    each!(tx.conn(), c => diesel::insert_into(member_roles::table).values(&rows).execute(c))?;
    Ok(())
}

pub(super) fn delete_role(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], role: RoleId) -> Result<(), Fault> {
    let held = member_roles::table
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.among(ids))
        .filter(member_roles::role_id.eq(role));
    diesel::delete(held).execute(tx.conn())?;
    Ok(())
}

/// Assigns a role to several members; replaces an assignment that expired or has another end.
pub(super) fn put_role(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], role: RoleId, until: Option<Timestamp>) -> Result<(), Fault> {
    delete_role(tx, scope, ids, role)?;
    insert_role(tx, scope, ids, role, until)?;
    refresh_role_keys(tx, scope, ids)
}

/// Removes a role from several members.
pub(super) fn take_role(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], role: RoleId) -> Result<(), Fault> {
    delete_role(tx, scope, ids, role)?;
    refresh_role_keys(tx, scope, ids)
}

/// Refreshes the keys that lists use to sort by role.
pub(super) fn refresh_role_keys(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId]) -> Result<(), Fault> {
    let names: Vec<(MemberId, String)> = member_roles::table
        .inner_join(roles::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.among(ids))
        .order(roles::name_key)
        .select((member_roles::member_id, roles::name_key))
        .load(tx.conn())?;
    for (key, ids) in batch_queries::by_key(ids, names) {
        let some = members::table
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::id.among(ids));
        diesel::update(some).set(members::role_key.eq(key)).execute(tx.conn())?;
    }
    Ok(())
}

/// Attaches policies to a member.
pub fn grant_policies(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, granted: &[PolicyId]) -> Result<(), Fault> {
    for policy in granted {
        diesel::insert_into(member_policies::table)
            .values((
                member_policies::organization_id.eq(scope.organization),
                member_policies::member_id.eq(member),
                member_policies::policy_id.eq(*policy),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Attaches a policy to several members.
pub(super) fn attach_policy(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], policy: PolicyId) -> Result<(), Fault> {
    let row = |id: &MemberId| {
        (
            member_policies::organization_id.eq(scope.organization),
            member_policies::member_id.eq(*id),
            member_policies::policy_id.eq(policy),
        )
    };
    let rows: Vec<_> = ids.iter().map(row).collect();
    each!(tx.conn(), c => diesel::insert_into(member_policies::table).values(&rows).execute(c))?;
    Ok(())
}

pub(super) fn detach_policy(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], policy: PolicyId) -> Result<(), Fault> {
    let under = member_policies::table
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::member_id.among(ids))
        .filter(member_policies::policy_id.eq(policy));
    diesel::delete(under).execute(tx.conn())?;
    Ok(())
}

/// Refreshes the sort keys of all members to whom the role is or was assigned, after it was renamed or deleted.
pub fn refresh_role_keys_of(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId]) -> Result<(), Fault> {
    for some in ids.chunks(batch_queries::IDS) {
        refresh_role_keys(tx, scope, some)?;
    }
    Ok(())
}

/// All members to whom the role is assigned, expired or not.
pub fn given(conn: &mut Conn, scope: &Scope, role: RoleId) -> Result<Vec<MemberId>, Fault> {
    let rows = member_roles::table
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::role_id.eq(role));
    Ok(rows.select(member_roles::member_id).load(conn)?)
}
