//! Application permissions: what an organization's own products know as permissions, declared so that its roles can
//! hold them and Roster can answer for them.

use crate::{
    db::{
        Conn, MultiBackend, Tx,
        schema::{application_permissions, role_permissions, roles},
    },
    kit::{ApplicationPermissionId, Fault, OrganizationId, RoleId, Timestamp},
};
use diesel::prelude::*;

#[derive(Queryable, Selectable, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = application_permissions, check_for_backend(MultiBackend))]
pub struct ApplicationPermission {
    pub id: ApplicationPermissionId,
    pub permission: String,
    /// A sentence for anyone who makes roles of it.
    pub description: String,
}

/// Every application permission of the organization, by its text.
///
/// # Errors
/// What the database says.
pub fn application_permissions(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ApplicationPermission>, Fault> {
    let rows = application_permissions::table
        .filter(application_permissions::organization_id.eq(organization))
        .order(application_permissions::permission);
    Ok(rows.select(ApplicationPermission::as_select()).load(conn)?)
}

/// Which roles hold a permission, by name.
///
/// # Errors
/// What the database says.
pub fn holding(conn: &mut Conn, organization: OrganizationId, permission: &str) -> Result<Vec<(RoleId, String)>, Fault> {
    let rows = role_permissions::table
        .inner_join(roles::table)
        .filter(role_permissions::organization_id.eq(organization))
        .filter(role_permissions::permission.eq(permission))
        .order(roles::name_key);
    Ok(rows.select((roles::id, roles::name)).load(conn)?)
}

/// # Errors
/// What the database says.
pub fn declare(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    permission: &str,
    description: &str,
    now: Timestamp,
) -> Result<ApplicationPermissionId, Fault> {
    let id = ApplicationPermissionId::new(now);
    diesel::insert_into(application_permissions::table)
        .values((
            application_permissions::id.eq(id),
            application_permissions::organization_id.eq(organization),
            application_permissions::permission.eq(permission),
            application_permissions::description.eq(description),
            application_permissions::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Explains a permission in other words.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn explain(tx: &mut Tx<'_>, organization: OrganizationId, id: ApplicationPermissionId, description: &str) -> Result<(), Fault> {
    let row = application_permissions::table
        .filter(application_permissions::organization_id.eq(organization))
        .filter(application_permissions::id.eq(id));
    let set = application_permissions::description.eq(description);
    match diesel::update(row).set(set).execute(tx.conn())? {
        0 => Err(Fault::Missing),
        _ => Ok(()),
    }
}

/// Takes it back. Whether a role still holds it is asked before.
///
/// # Errors
/// What the database says.
pub fn withdraw(tx: &mut Tx<'_>, organization: OrganizationId, id: ApplicationPermissionId) -> Result<(), Fault> {
    let row = application_permissions::table
        .filter(application_permissions::organization_id.eq(organization))
        .filter(application_permissions::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
