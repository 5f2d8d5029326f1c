//! The Administrator role: giving it, taking it, and how many can use it.

use super::guards::MemberFacts;
use crate::{
    db::{
        Conn, Tx,
        schema::{member_roles, members, passwords},
    },
    kit::{Fault, MemberId, MemberStatus, RoleId, Scope},
    members::assign::{delete_role, insert_role, put_role, refresh_role_keys},
    roles::{Predefined, predefined},
};
use diesel::prelude::*;

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
