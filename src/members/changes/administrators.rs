//! The Administrator role: giving it, taking it, and how many can use it.

use super::guards::MemberFacts;
use crate::{
    db::{
        Among, Conn, Tx,
        schema::{member_roles, members, passkeys, passwords},
    },
    identities,
    kit::{Fault, MemberId, MemberStatus, OrganizationId, RoleId, Scope, UserId},
    members::assign::{delete_role, insert_role, put_role, refresh_role_keys},
    roles::{Predefined, predefined},
};
use diesel::prelude::*;
use std::collections::HashSet;

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
pub(in crate::members) fn administrator(conn: &mut Conn, scope: &Scope) -> Result<RoleId, Fault> {
    predefined(conn, scope.organization, Predefined::Administrator)
}

/// Which of these people can sign in: they have a password, a passkey, or an identity of an enabled connection of this
/// organization.
pub(super) fn with_sign_in(conn: &mut Conn, organization: OrganizationId, users: &[UserId]) -> Result<HashSet<UserId>, Fault> {
    // System accounts have neither.
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let mut found = identities::of_enabled_connections(conn, organization, users)?;
    let local: Vec<UserId> = passwords::table.filter(passwords::user_id.among(users)).select(passwords::user_id).load(conn)?;
    found.extend(local);
    let keys: Vec<UserId> = passkeys::table.filter(passkeys::user_id.among(users)).select(passkeys::user_id).load(conn)?;
    found.extend(keys);
    Ok(found)
}

/// How many active members hold the Administrator role without an end and can sign in.
pub fn usable_administrators(conn: &mut Conn, scope: &Scope) -> Result<usize, Fault> {
    Ok(named_usable_administrators(conn, scope)?.len())
}

/// The ids and names of the active members who hold the Administrator role without an end and can sign in.
pub fn named_usable_administrators(conn: &mut Conn, scope: &Scope) -> Result<Vec<(MemberId, String)>, Fault> {
    // Filters by role id, so that PostgreSQL can estimate how few rows match and does not scan all members.
    let administrator = administrator(conn, scope)?;
    let rows: Vec<(MemberId, String, Option<UserId>)> = member_roles::table
        .inner_join(members::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::role_id.eq(administrator))
        .filter(member_roles::until_at.is_null())
        .filter(members::status.eq(MemberStatus::Active))
        .order((members::name_key, members::id))
        .select((members::id, members::name, members::user_id))
        .load(conn)?;
    let users: Vec<UserId> = rows.iter().filter_map(|(.., user)| *user).collect();
    let able = with_sign_in(conn, scope.organization, &users)?;
    let is_able = |user: Option<UserId>| user.is_some_and(|user| able.contains(&user));
    let usable = rows.into_iter().filter(|(.., user)| is_able(*user));
    Ok(usable.map(|(id, name, _)| (id, name)).collect())
}
