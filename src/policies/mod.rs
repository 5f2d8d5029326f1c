//! Access control policies: allow rules over an organization's own resources, and the resource types they are about.

mod rule;
mod types;

pub use rule::{ALL, Rule, read};
pub use types::{Declared, ResourceType, insert_type, types};

use crate::{
    db::{Conn, Json, Tx, schema::policies},
    kit::{Fault, OrganizationId, PolicyId, Timestamp, fold},
};
use diesel::prelude::*;

#[derive(Queryable, Clone, Debug)]
pub struct Policy {
    pub id: PolicyId,
    pub name: String,
    pub description: String,
}

/// Every policy of the organization, by name.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Policy>, Fault> {
    let rows = policies::table
        .filter(policies::organization_id.eq(organization))
        .order((policies::name_key, policies::id));
    Ok(rows.select((policies::id, policies::name, policies::description)).load(conn)?)
}

/// # Errors
/// What the database says.
pub fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    name: &str,
    description: &str,
    rules: Vec<Rule>,
    now: Timestamp,
) -> Result<PolicyId, Fault> {
    let id = PolicyId::new(now);
    diesel::insert_into(policies::table)
        .values((
            policies::id.eq(id),
            policies::organization_id.eq(organization),
            policies::name.eq(name),
            policies::name_key.eq(fold::unique(name)),
            policies::description.eq(description),
            policies::rules.eq(Json(rules)),
            policies::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}
