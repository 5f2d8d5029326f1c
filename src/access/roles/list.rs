//! Queries for who holds which role.

use super::guards::held;
use crate::{
    access::count::{self, Count},
    authorization::{HeldRole, roles_of},
    db::{
        Among, Conn,
        keyset::{Page, Window},
        schema::{member_roles, members},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, RoleId, Scope, Timestamp},
    roles::Role,
};
use diesel::prelude::*;
use std::collections::HashMap;

/// The most names on one line. Above this number, only the count is shown.
const NAMED: i64 = 3;
/// The most holders that the page of one role names.
pub(super) const SHOWN: i64 = 24;

/// The current holders of a role.
#[derive(Clone, Debug, Default)]
pub(super) struct Holders {
    pub count: Count,
    /// Their names, if there are few.
    pub names: Vec<String>,
}

/// How many members hold each role.
pub(in crate::access) fn counts(conn: &mut Conn, scope: &Scope) -> Result<HashMap<RoleId, Count>, Fault> {
    count::counted(conn, scope, None)
}

/// The holders of every role.
pub(super) fn holders(conn: &mut Conn, scope: &Scope) -> Result<HashMap<RoleId, Holders>, Fault> {
    let counted = counts(conn, scope)?.into_iter().map(|(role, count)| (role, Holders { count, names: vec![] }));
    let mut all: HashMap<RoleId, Holders> = counted.collect();
    let few: Vec<RoleId> = all.iter().filter(|(_, one)| one.count.all() <= NAMED).map(|(role, _)| *role).collect();
    let names: Vec<(RoleId, String)> = member_roles::table
        .inner_join(members::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::role_id.among(few))
        .filter(crate::roles::in_force!(member_roles::until_at, scope.now()))
        .order(members::name_key)
        .select((member_roles::role_id, members::name))
        .load(conn)?;
    for (role, name) in names {
        all.entry(role).or_default().names.push(name);
    }
    Ok(all)
}

/// How many members hold each of these roles.
pub fn counts_of(conn: &mut Conn, scope: &Scope, ids: &[RoleId]) -> Result<HashMap<RoleId, Count>, Fault> {
    count::counted(conn, scope, Some(ids))
}

/// How many members hold one role.
pub fn count(conn: &mut Conn, scope: &Scope, role: RoleId) -> Result<Count, Fault> {
    Ok(count::counted(conn, scope, Some(&[role]))?.remove(&role).unwrap_or_default())
}

/// A holder of a role, and what they would lose without it.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub id: MemberId,
    pub name: String,
    pub kind: MemberKind,
    pub status: MemberStatus,
    pub loses: Vec<String>,
}

/// The first holders of a role, including disabled ones.
pub(super) fn first(conn: &mut Conn, scope: &Scope, role: &Role) -> Result<Vec<Holder>, Fault> {
    let rows: Vec<(MemberId, String, MemberKind, MemberStatus)> = held!(scope, role.id)
        .order(member_roles::member_id)
        .select((members::id, members::name, members::kind, members::status))
        .limit(SHOWN)
        .load(conn)?;
    let ids: Vec<MemberId> = rows.iter().map(|row| row.0).collect();
    let mut held = roles_of(conn, scope.organization, &ids, scope.now())?;
    let holder = |(id, name, kind, status)| {
        let others: Vec<HeldRole> = held.remove(&id).unwrap_or_default().into_iter().filter(|one| one.id != role.id).collect();
        let is_kept = |permission: &crate::kit::Permission| others.iter().any(|other| other.permissions.allow(permission));
        Holder {
            id,
            name,
            kind,
            status,
            loses: role.permissions.iter().filter(|one| !is_kept(one)).map(ToString::to_string).collect(),
        }
    };
    Ok(rows.into_iter().map(holder).collect())
}

/// A member who holds a role, and until when.
#[derive(Queryable, Clone, Debug)]
pub struct RoleMember {
    pub id: MemberId,
    pub kind: MemberKind,
    pub name: String,
    pub status: MemberStatus,
    pub until: Option<Timestamp>,
}

/// One page of the members who hold a role now, including disabled ones. In the order of their ids, which needs no
/// sorting however many they are.
pub fn members(conn: &mut Conn, scope: &Scope, role: RoleId, after: Option<MemberId>, size: i64) -> Result<Page<RoleMember>, Fault> {
    let window = Window::read(after, None);
    let found: Vec<RoleMember> = held!(scope, role)
        .filter(member_roles::member_id.gt(after.unwrap_or_else(MemberId::nobody)))
        .order(member_roles::member_id)
        .select((members::id, members::kind, members::name, members::status, member_roles::until_at))
        .limit(size + 1)
        .load(conn)?;
    Ok(window.page(found, size))
}
