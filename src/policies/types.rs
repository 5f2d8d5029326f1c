//! Resource types: the kinds of resources that an organization's policies apply to, and the actions on them.

use crate::{
    db::{Conn, Json, Tx, schema::resource_types},
    kit::{Fault, OrganizationId, ResourceTypeId, Timestamp},
};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A resource type that the organization declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    pub id: ResourceTypeId,
    pub name: String,
    pub description: String,
    pub actions: Vec<String>,
    /// Incremented by each change.
    pub version: i64,
}

/// Every type with its actions: everything that a rule can name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared(BTreeMap<String, BTreeSet<String>>);

impl Declared {
    pub fn knows(&self, resource_type: &str, action: &str) -> bool {
        self.0.get(resource_type).is_some_and(|actions| actions.contains(action))
    }
}
/// Names with their actions.
impl FromIterator<(String, Vec<String>)> for Declared {
    fn from_iter<I: IntoIterator<Item = (String, Vec<String>)>>(all: I) -> Self {
        let entry = |(name, actions): (String, Vec<String>)| (name, actions.into_iter().collect());
        Self(all.into_iter().map(entry).collect())
    }
}

/// Every resource type of the organization, by name.
pub fn types(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ResourceType>, Fault> {
    type Row = (ResourceTypeId, String, String, Json<Vec<String>>, i64);
    let rows: Vec<Row> = resource_types::table
        .filter(resource_types::organization_id.eq(organization))
        .order(resource_types::name)
        .select((
            resource_types::id,
            resource_types::name,
            resource_types::description,
            resource_types::actions,
            resource_types::version,
        ))
        .load(conn)?;
    let read = |(id, name, description, actions, version): Row| ResourceType { id, name, description, actions: actions.0, version };
    Ok(rows.into_iter().map(read).collect())
}

pub fn insert_type(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    name: &str,
    description: &str,
    actions: &[String],
    now: Timestamp,
) -> Result<ResourceTypeId, Fault> {
    let id = ResourceTypeId::new(now);
    diesel::insert_into(resource_types::table)
        .values((
            resource_types::id.eq(id),
            resource_types::organization_id.eq(organization),
            resource_types::name.eq(name),
            resource_types::description.eq(description),
            resource_types::actions.eq(Json(actions.to_vec())),
            resource_types::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Changes the description and the actions of a type.
///
/// # Errors
/// [`Fault::Missing`].
pub fn update_type(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ResourceTypeId,
    description: &str,
    actions: &[String],
) -> Result<(), Fault> {
    let row = resource_types::table
        .filter(resource_types::organization_id.eq(organization))
        .filter(resource_types::id.eq(id));
    let set = (
        resource_types::description.eq(description),
        resource_types::actions.eq(Json(actions.to_vec())),
        resource_types::version.eq(resource_types::version + 1),
    );
    match diesel::update(row).set(set).execute(tx.conn())? {
        0 => Err(Fault::Missing),
        _ => Ok(()),
    }
}

/// Withdraws a type. The caller must check that no policy names it.
pub fn delete_type(tx: &mut Tx<'_>, organization: OrganizationId, id: ResourceTypeId) -> Result<(), Fault> {
    let row = resource_types::table
        .filter(resource_types::organization_id.eq(organization))
        .filter(resource_types::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
