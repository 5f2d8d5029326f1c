//! Queries that assign and remove roles and policies.

use super::{batch_queries, guards::MemberFacts};
use crate::{
    db::{
        Conn, Tx,
        schema::{member_policies, member_roles, members, passwords, roles},
    },
    each,
    kit::{Fault, MemberId, MemberStatus, PolicyId, RoleId, Scope, Timestamp},
    roles::{Predefined, predefined},
};
use diesel::prelude::*;

/// Assigns roles to a member and refreshes the sort keys of lists. The calling operation checks that it is allowed.
pub fn grant_roles(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, granted: &[RoleId]) -> Result<(), Fault> {
    for role in granted {
        insert_role(tx, scope, &[member], *role, None)?;
    }
    refresh_role_keys(tx, scope, &[member])
}

fn insert_role(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], role: RoleId, until: Option<Timestamp>) -> Result<(), Fault> {
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

fn delete_role(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], role: RoleId) -> Result<(), Fault> {
    let held = member_roles::table
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq_any(ids))
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

/// Assigns the Administrator role without an end.
pub(super) fn promote(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId]) -> Result<(), Fault> {
    let role = administrator(tx, scope)?;
    put_role(tx, scope, ids, role, None)
}

/// Removes the Administrator role. A member left without a role gets the default one.
pub(super) fn demote(tx: &mut Tx<'_>, scope: &Scope, all: &[&MemberFacts]) -> Result<(), Fault> {
    let administrator = administrator(tx, scope)?;
    let ids: Vec<MemberId> = all.iter().map(|one| one.id).collect();
    delete_role(tx, scope, &ids, administrator)?;
    let bare: Vec<MemberId> = all
        .iter()
        .filter(|one| one.roles.keys().all(|role| *role == administrator))
        .map(|one| one.id)
        .collect();
    if !bare.is_empty() {
        let default = predefined(tx, scope.organization, Predefined::default_of(all[0].kind))?;
        delete_role(tx, scope, &bare, default)?;
        insert_role(tx, scope, &bare, default, None)?;
    }
    refresh_role_keys(tx, scope, &ids)
}

/// Refreshes the keys that lists use to sort by role.
fn refresh_role_keys(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId]) -> Result<(), Fault> {
    let names: Vec<(MemberId, String)> = member_roles::table
        .inner_join(roles::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq_any(ids))
        .order(roles::name_key)
        .select((member_roles::member_id, roles::name_key))
        .load(tx.conn())?;
    for (key, ids) in batch_queries::by_key(ids, names) {
        let some = members::table
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::id.eq_any(ids));
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
        .filter(member_policies::member_id.eq_any(ids))
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

/// The id of the Administrator role.
pub(super) fn administrator(conn: &mut Conn, scope: &Scope) -> Result<RoleId, Fault> {
    predefined(conn, scope.organization, Predefined::Administrator)
}

/// How many active members hold the Administrator role without an end and have a way to sign in.
pub(super) fn usable_administrators(conn: &mut Conn, scope: &Scope) -> Result<usize, Fault> {
    let with_password = passwords::table.select(passwords::user_id.nullable());
    // Filters by role id, so that PostgreSQL can estimate how few rows match and does not scan all members.
    let administrator = administrator(conn, scope)?;
    let found: Vec<MemberId> = member_roles::table
        .inner_join(members::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::role_id.eq(administrator))
        .filter(member_roles::until_at.is_null())
        .filter(members::status.eq(MemberStatus::Active))
        .filter(members::user_id.eq_any(with_password))
        .select(members::id)
        .load(conn)?;
    Ok(found.len())
}
