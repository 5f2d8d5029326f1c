//! Access control policies: allow rules over an organization's own resources. Here only their names, for filters and
//! for invitations.

use crate::{
    db::{Conn, Json, Tx, schema::policies},
    kit::{Fault, OrganizationId, PolicyId, Timestamp, fold},
};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// One rule: these actions on these resources of that type. An asterisk stands for all.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub resource_type: String,
    pub actions: Vec<String>,
    pub resource_ids: Vec<String>,
}

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
