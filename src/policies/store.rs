//! Queries of `policies`.

use super::{Policy, Rule, read};
use crate::{
    db::{
        Conn, Json, Tx,
        keyset::{KeyCursor, Page, Window},
        query::{Direction, beyond},
        schema::policies,
    },
    kit::{Fault, OrganizationId, PolicyId, Timestamp, fold},
};
use diesel::prelude::*;
use serde_json::Value;

type Row = (PolicyId, String, String, Json<Value>, i64);

fn policy((id, name, description, document, version): Row) -> Policy {
    Policy { id, name, description, rules: read(&document.0), version }
}

/// Every policy of the organization, by name.
pub fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Policy>, Fault> {
    let rows: Vec<Row> = policies::table
        .filter(policies::organization_id.eq(organization))
        .order((policies::name_key, policies::id))
        .select((policies::id, policies::name, policies::description, policies::rules, policies::version))
        .load(conn)?;
    Ok(rows.into_iter().map(policy).collect())
}

/// Every policy of the organization, by name, without its rules.
pub fn names(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<(PolicyId, String)>, Fault> {
    Ok(policies::table
        .filter(policies::organization_id.eq(organization))
        .order((policies::name_key, policies::id))
        .select((policies::id, policies::name))
        .load(conn)?)
}

/// One page of the policies, by name.
pub fn page(conn: &mut Conn, organization: OrganizationId, window: &Window<KeyCursor<PolicyId>>, size: i64) -> Result<Page<Policy>, Fault> {
    let direction = window.direction(Direction::Ascending);
    let mut rows = policies::table.filter(policies::organization_id.eq(organization)).into_boxed();
    if let Some(KeyCursor(key, id)) = window.cursor() {
        rows = rows.filter(beyond((policies::name_key, policies::id), (key.clone(), *id), direction));
    }
    let rows = match direction {
        Direction::Ascending => rows.order((policies::name_key.asc(), policies::id.asc())),
        Direction::Descending => rows.order((policies::name_key.desc(), policies::id.desc())),
    };
    let found: Vec<Row> = rows
        .select((policies::id, policies::name, policies::description, policies::rules, policies::version))
        .limit(size + 1)
        .load(conn)?;
    Ok(window.page(found, size).map(policy))
}

/// How many policies the organization has.
pub fn count(conn: &mut Conn, organization: OrganizationId) -> Result<i64, Fault> {
    Ok(policies::table.filter(policies::organization_id.eq(organization)).count().get_result(conn)?)
}

/// A policy of this organization.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, organization: OrganizationId, id: PolicyId) -> Result<Policy, Fault> {
    let row: Row = policies::table
        .filter(policies::organization_id.eq(organization))
        .filter(policies::id.eq(id))
        .select((policies::id, policies::name, policies::description, policies::rules, policies::version))
        .first(conn)?;
    Ok(policy(row))
}

/// The id of the policy with this name, ignoring case.
pub fn named(conn: &mut Conn, organization: OrganizationId, name: &str) -> Result<Option<PolicyId>, Fault> {
    let row = policies::table
        .filter(policies::organization_id.eq(organization))
        .filter(policies::name_key.eq(fold::list_key(name)));
    Ok(row.select(policies::id).first(conn).optional()?)
}

/// Inserts a policy. The caller must check who may create one with these rules.
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
            policies::name_key.eq(fold::list_key(name)),
            policies::description.eq(description),
            policies::rules.eq(Json(rules)),
            policies::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// The content of a policy: everything except its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub name: String,
    pub description: String,
    pub rules: Vec<Rule>,
}

impl Content {
    pub fn of(policy: &Policy) -> Self {
        Self {
            name: policy.name.clone(),
            description: policy.description.clone(),
            rules: policy.rules.clone(),
        }
    }
}

/// Replaces the content of a policy and increments its version.
///
/// # Errors
/// [`Fault::Missing`].
pub fn update(tx: &mut Tx<'_>, organization: OrganizationId, id: PolicyId, new: &Content) -> Result<(), Fault> {
    let row = policies::table.filter(policies::organization_id.eq(organization)).filter(policies::id.eq(id));
    let set = (
        policies::name.eq(&new.name),
        policies::name_key.eq(fold::list_key(&new.name)),
        policies::description.eq(&new.description),
        policies::rules.eq(Json(new.rules.clone())),
        policies::version.eq(policies::version + 1),
    );
    match diesel::update(row).set(set).execute(tx.conn())? {
        0 => Err(Fault::Missing),
        _ => Ok(()),
    }
}

/// Deletes a policy and detaches it from every member.
pub fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: PolicyId) -> Result<(), Fault> {
    let row = policies::table.filter(policies::organization_id.eq(organization)).filter(policies::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
