//! Resource types: the kinds of things an organization's policies are about, and what can be done to them.

use crate::{
    db::{Conn, Json, Tx, schema::resource_types},
    kit::{Fault, OrganizationId, ResourceTypeId, Timestamp},
};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A kind of thing, as the organization declared it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    pub id: ResourceTypeId,
    pub name: String,
    pub description: String,
    pub actions: Vec<String>,
    /// Counts its changes.
    pub version: i64,
}

/// Every type with its actions: what a rule can be about at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared(BTreeMap<String, BTreeSet<String>>);

impl Declared {
    pub fn knows(&self, resource_type: &str, action: &str) -> bool {
        self.0.get(resource_type).is_some_and(|actions| actions.contains(action))
    }
}
impl<'a> FromIterator<&'a ResourceType> for Declared {
    fn from_iter<I: IntoIterator<Item = &'a ResourceType>>(all: I) -> Self {
        let entry = |one: &ResourceType| (one.name.clone(), one.actions.iter().cloned().collect());
        Self(all.into_iter().map(entry).collect())
    }
}

/// Every resource type of the organization, by name.
///
/// # Errors
/// What the database says.
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
    let read = |(id, name, description, actions, version): Row| ResourceType {
        id,
        name,
        description,
        actions: actions.0,
        version,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// # Errors
/// What the database says.
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

/// Explains a type in other words, and says anew what can be done to it.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
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

/// Takes a type back. Whether a policy still names it is asked before.
///
/// # Errors
/// What the database says.
pub fn delete_type(tx: &mut Tx<'_>, organization: OrganizationId, id: ResourceTypeId) -> Result<(), Fault> {
    let row = resource_types::table
        .filter(resource_types::organization_id.eq(organization))
        .filter(resource_types::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
