//! Queries of `roles`.

use super::{Predefined, Role, read};
use crate::{
    db::{
        Among, Conn, Tx,
        keyset::{KeyCursor, Page, Window},
        query::{Direction, beyond},
        schema::{role_permissions, roles},
    },
    each,
    kit::{Fault, MemberKind, OrganizationId, Permissions, RoleId, Timestamp, fold},
};
use diesel::prelude::*;
use std::collections::BTreeMap;

type Row = (RoleId, String, String, Option<Predefined>, i64);

/// Every role of the organization, by name.
pub fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Role>, Fault> {
    let rows: Vec<Row> = roles::table
        .filter(roles::organization_id.eq(organization))
        .order((roles::name_key, roles::id))
        .select((roles::id, roles::name, roles::description, roles::predefined, roles::version))
        .load(conn)?;
    let grants: Vec<(RoleId, String)> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .select((role_permissions::role_id, role_permissions::permission))
        .load(conn)?;
    let mut by_role = grouped(grants);
    let with_permissions = |row: Row| {
        let permissions = by_role.remove(&row.0).unwrap_or_default();
        role(row, &permissions)
    };
    Ok(rows.into_iter().map(with_permissions).collect())
}

/// Every role that members of this kind can hold, by name.
pub fn names_for(conn: &mut Conn, organization: OrganizationId, kind: MemberKind) -> Result<Vec<(RoleId, String)>, Fault> {
    let rows: Vec<(RoleId, String, Option<Predefined>)> = roles::table
        .filter(roles::organization_id.eq(organization))
        .order((roles::name_key, roles::id))
        .select((roles::id, roles::name, roles::predefined))
        .load(conn)?;
    let held = rows.into_iter().filter(|(.., predefined)| predefined.is_none_or(|which| which.is_for(kind)));
    Ok(held.map(|(id, name, _)| (id, name)).collect())
}

fn role((id, name, description, predefined, version): Row, permissions: &[String]) -> Role {
    Role { id, name, description, predefined, permissions: read(permissions), version }
}

/// One page of the roles, by name.
pub fn page(conn: &mut Conn, organization: OrganizationId, window: &Window<KeyCursor<RoleId>>, size: i64) -> Result<Page<Role>, Fault> {
    let direction = window.direction(Direction::Ascending);
    let mut rows = roles::table.filter(roles::organization_id.eq(organization)).into_boxed();
    if let Some(KeyCursor(key, id)) = window.cursor() {
        rows = rows.filter(beyond((roles::name_key, roles::id), (key.clone(), *id), direction));
    }
    let rows = match direction {
        Direction::Ascending => rows.order((roles::name_key.asc(), roles::id.asc())),
        Direction::Descending => rows.order((roles::name_key.desc(), roles::id.desc())),
    };
    let found: Vec<Row> = rows
        .select((roles::id, roles::name, roles::description, roles::predefined, roles::version))
        .limit(size + 1)
        .load(conn)?;
    let page = window.page(found, size);
    let ids: Vec<RoleId> = page.rows.iter().map(|row| row.0).collect();
    let grants: Vec<(RoleId, String)> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .filter(role_permissions::role_id.among(ids))
        .select((role_permissions::role_id, role_permissions::permission))
        .load(conn)?;
    let mut by_role = grouped(grants);
    Ok(page.map(|row| {
        let permissions = by_role.remove(&row.0).unwrap_or_default();
        role(row, &permissions)
    }))
}

fn grouped(grants: Vec<(RoleId, String)>) -> BTreeMap<RoleId, Vec<String>> {
    let mut by_role: BTreeMap<RoleId, Vec<String>> = BTreeMap::new();
    for (role, permission) in grants {
        by_role.entry(role).or_default().push(permission);
    }
    by_role
}

/// How many roles the organization has.
pub fn count(conn: &mut Conn, organization: OrganizationId) -> Result<i64, Fault> {
    Ok(roles::table.filter(roles::organization_id.eq(organization)).count().get_result(conn)?)
}

/// A role of this organization.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, organization: OrganizationId, id: RoleId) -> Result<Role, Fault> {
    let row: Row = roles::table
        .filter(roles::organization_id.eq(organization))
        .filter(roles::id.eq(id))
        .select((roles::id, roles::name, roles::description, roles::predefined, roles::version))
        .first(conn)?;
    let permissions: Vec<String> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .filter(role_permissions::role_id.eq(id))
        .select(role_permissions::permission)
        .load(conn)?;
    Ok(role(row, &permissions))
}

/// The id of the role with this name, ignoring case.
pub fn named(conn: &mut Conn, organization: OrganizationId, name: &str) -> Result<Option<RoleId>, Fault> {
    let row = roles::table
        .filter(roles::organization_id.eq(organization))
        .filter(roles::name_key.eq(fold::list_key(name)));
    Ok(row.select(roles::id).first(conn).optional()?)
}

/// Inserts a role. The caller must check who may create one with these permissions.
pub fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    which: Option<Predefined>,
    name: &str,
    description: &str,
    permissions: &[&str],
    now: Timestamp,
) -> Result<RoleId, Fault> {
    let id = RoleId::new(now);
    diesel::insert_into(roles::table)
        .values((
            roles::id.eq(id),
            roles::organization_id.eq(organization),
            roles::name.eq(name),
            roles::name_key.eq(fold::list_key(name)),
            roles::description.eq(description),
            roles::predefined.eq(which),
            roles::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    insert_permissions(tx, organization, id, permissions.iter().map(ToString::to_string).collect())?;
    Ok(id)
}

fn insert_permissions(tx: &mut Tx<'_>, organization: OrganizationId, id: RoleId, permissions: Vec<String>) -> Result<(), Fault> {
    let row = |permission: String| {
        (
            role_permissions::organization_id.eq(organization),
            role_permissions::role_id.eq(id),
            role_permissions::permission.eq(permission),
        )
    };
    let rows: Vec<_> = permissions.into_iter().map(row).collect();
    if !rows.is_empty() {
        each!(tx.conn(), c => diesel::insert_into(role_permissions::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The content of a role: everything except its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub name: String,
    pub description: String,
    pub permissions: Permissions,
}

impl Content {
    pub fn of(role: &Role) -> Self {
        Self {
            name: role.name.clone(),
            description: role.description.clone(),
            permissions: role.permissions.clone(),
        }
    }
}

/// Replaces the content of a role and increments its version.
///
/// # Errors
/// [`Fault::Missing`].
pub fn update(tx: &mut Tx<'_>, organization: OrganizationId, id: RoleId, new: &Content) -> Result<(), Fault> {
    let row = roles::table.filter(roles::organization_id.eq(organization)).filter(roles::id.eq(id));
    let set = (
        roles::name.eq(&new.name),
        roles::name_key.eq(fold::list_key(&new.name)),
        roles::description.eq(&new.description),
        roles::version.eq(roles::version + 1),
    );
    if diesel::update(row).set(set).execute(tx.conn())? == 0 {
        return Err(Fault::Missing);
    }
    let old = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .filter(role_permissions::role_id.eq(id));
    diesel::delete(old).execute(tx.conn())?;
    insert_permissions(tx, organization, id, new.permissions.iter().map(ToString::to_string).collect())
}

/// Deletes a role and takes it from every holder. The members module must refresh the sort key of its lists.
pub fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: RoleId) -> Result<(), Fault> {
    let row = roles::table.filter(roles::organization_id.eq(organization)).filter(roles::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
