//! Application permissions: permissions of an organization's own products, declared so that its roles can hold them and
//! Roster can answer questions about them.

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
    /// A description for administrators who edit roles.
    pub description: String,
}

/// Every application permission of the organization, sorted by its text.
pub fn application_permissions(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ApplicationPermission>, Fault> {
    let rows = application_permissions::table
        .filter(application_permissions::organization_id.eq(organization))
        .order(application_permissions::permission);
    Ok(rows.select(ApplicationPermission::as_select()).load(conn)?)
}

/// The roles that hold a permission, by name.
pub fn holding(conn: &mut Conn, organization: OrganizationId, permission: &str) -> Result<Vec<(RoleId, String)>, Fault> {
    let rows = role_permissions::table
        .inner_join(roles::table)
        .filter(role_permissions::organization_id.eq(organization))
        .filter(role_permissions::permission.eq(permission))
        .order(roles::name_key);
    Ok(rows.select((roles::id, roles::name)).load(conn)?)
}

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

/// Changes the description of a permission.
///
/// # Errors
/// [`Fault::Missing`].
pub fn describe(tx: &mut Tx<'_>, organization: OrganizationId, id: ApplicationPermissionId, description: &str) -> Result<(), Fault> {
    let row = application_permissions::table
        .filter(application_permissions::organization_id.eq(organization))
        .filter(application_permissions::id.eq(id));
    let set = application_permissions::description.eq(description);
    match diesel::update(row).set(set).execute(tx.conn())? {
        0 => Err(Fault::Missing),
        _ => Ok(()),
    }
}

/// Withdraws it. The caller must check that no role holds it.
pub fn withdraw(tx: &mut Tx<'_>, organization: OrganizationId, id: ApplicationPermissionId) -> Result<(), Fault> {
    let row = application_permissions::table
        .filter(application_permissions::organization_id.eq(organization))
        .filter(application_permissions::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
