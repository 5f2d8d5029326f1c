//! Declaring, describing and withdrawing application permissions.

use super::{
    DeclareRefusal, MOST, Outcome,
    model::{Usage, Use},
    refuse,
};
use crate::{
    access::roles::counts,
    audit::{self, Event},
    db::{
        Among, Conn, Tx,
        schema::{role_permissions, roles as role_rows},
    },
    kit::{ApplicationPermissionId, Fault, Permission, RoleId, Scope, rights},
    members,
    roles::{self, ApplicationPermission},
};
use diesel::prelude::*;
use serde_json::json;
use std::collections::HashMap;

/// Ids and names of the roles that hold a permission.
pub type Holders = Vec<(RoleId, String)>;

/// Every application permission, with the roles that hold it.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<(ApplicationPermission, Holders)>, Fault> {
    scope.demand(rights::ORGANIZATION_READ)?;
    let all = roles::application_permissions(conn, scope.organization)?;
    let texts: Vec<&str> = all.iter().map(|one| one.permission.as_str()).collect();
    let rows: Vec<(String, RoleId, String)> = role_permissions::table
        .inner_join(role_rows::table)
        .filter(role_permissions::organization_id.eq(scope.organization))
        .filter(role_permissions::permission.among(texts))
        .order(role_rows::name_key)
        .select((role_permissions::permission, role_rows::id, role_rows::name))
        .load(conn)?;
    let mut held: HashMap<String, Vec<(RoleId, String)>> = HashMap::new();
    for (permission, role, name) in rows {
        held.entry(permission).or_default().push((role, name));
    }
    let with_roles = |one: ApplicationPermission| {
        let roles = held.remove(&one.permission).unwrap_or_default();
        (one, roles)
    };
    Ok(all.into_iter().map(with_roles).collect())
}

/// Declares an application permission.
///
/// # Errors
/// A [`DeclareRefusal`] or [`Fault::Denied`].
pub fn declare(tx: &mut Tx<'_>, scope: &Scope, permission: &Permission, description: &str) -> Outcome<ApplicationPermissionId> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    if roles::is_rosters(permission.noun()) {
        return refuse(DeclareRefusal::Rosters(permission.noun().to_owned()));
    }
    let text = permission.to_string();
    let known = roles::application_permissions(tx, scope.organization)?;
    if known.iter().any(|one| one.permission == text) {
        return refuse(DeclareRefusal::Taken);
    }
    if known.len() >= MOST {
        return refuse(DeclareRefusal::TooMany);
    }
    let id = roles::declare(tx, scope.organization, &text, description, scope.now())?;
    let event = Event::new("permission.declared", "permission", id.0, &text).after(json!({ "description": description }));
    audit::record(tx, scope, event)?;
    Ok(id)
}

/// Changes the description. Returns whether anything changed.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn describe(tx: &mut Tx<'_>, scope: &Scope, id: ApplicationPermissionId, description: &str) -> Result<bool, Fault> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let known = roles::application_permissions(tx, scope.organization)?;
    let present = known.iter().find(|one| one.id == id).ok_or(Fault::Missing)?;
    if present.description == description {
        return Ok(false);
    }
    roles::describe(tx, scope.organization, id, description)?;
    let event = Event::new("permission.explained", "permission", id.0, &present.permission)
        .before(json!({ "description": present.description }))
        .after(json!({ "description": description }));
    audit::record(tx, scope, event)?;
    Ok(true)
}

/// What a withdrawal would affect.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn usage(conn: &mut Conn, scope: &Scope, id: ApplicationPermissionId) -> Result<Usage, Fault> {
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let known = roles::application_permissions(conn, scope.organization)?;
    let present = known.into_iter().find(|one| one.id == id).ok_or(Fault::Missing)?;
    let counts = counts(conn, scope)?;
    let held_by = |(id, name): (RoleId, String)| Use {
        name,
        path: format!("/roles/{id}"),
        filter: format!("role={id}"),
        count: counts.get(&id).cloned().unwrap_or_default(),
    };
    let used = roles::holding(conn, scope.organization, &present.permission)?;
    Ok(Usage {
        used: used.into_iter().map(held_by).collect(),
        reached_by: Vec::new(),
        name: present.permission,
        description: present.description,
    })
}

/// Withdraws the permission, unless a role holds it.
///
/// # Errors
/// A [`DeclareRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn withdraw(tx: &mut Tx<'_>, scope: &Scope, id: ApplicationPermissionId) -> Outcome<String> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let known = roles::application_permissions(tx, scope.organization)?;
    let present = known.into_iter().find(|one| one.id == id).ok_or(Fault::Missing)?;
    let holding = roles::holding(tx, scope.organization, &present.permission)?;
    if !holding.is_empty() {
        return refuse(DeclareRefusal::Used(holding.iter().map(|(_, role)| format!("the role {role}")).collect()));
    }
    roles::withdraw(tx, scope.organization, id)?;
    let event =
        Event::new("permission.withdrawn", "permission", id.0, &present.permission).before(json!({ "description": present.description }));
    audit::record(tx, scope, event)?;
    Ok(present.permission)
}
