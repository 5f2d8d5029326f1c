//! Declaring, editing and withdrawing resource types.

use super::{
    DeclareRefusal, MOST, Outcome,
    model::{Usage, Use, Wanted},
    refuse,
};
use crate::{
    access::policies::counts,
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Fault, ResourceTypeId, Scope, rights},
    members,
    policies::{self, ALL, Policy, ResourceType, Rule},
    roles,
};
use serde_json::{Value, json};

fn facts(wanted: &Wanted) -> Value {
    json!({ "description": wanted.description, "actions": wanted.actions })
}

fn find(conn: &mut Conn, scope: &Scope, id: ResourceTypeId) -> Result<ResourceType, Fault> {
    let all = policies::types(conn, scope.organization)?;
    all.into_iter().find(|one| one.id == id).ok_or(Fault::Missing)
}

/// Every resource type.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<ResourceType>, Fault> {
    scope.demand(rights::ORGANIZATION_READ)?;
    policies::types(conn, scope.organization)
}

/// Declares a resource type.
///
/// # Errors
/// A [`DeclareRefusal`] or [`Fault::Denied`].
pub fn declare(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Outcome<ResourceTypeId> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    if roles::is_rosters(&wanted.name) {
        return refuse(DeclareRefusal::Rosters(wanted.name.clone()));
    }
    let known = policies::types(tx, scope.organization)?;
    if known.iter().any(|one| one.name == wanted.name) {
        return refuse(DeclareRefusal::Taken);
    }
    if known.len() >= MOST {
        return refuse(DeclareRefusal::TooMany);
    }
    let id = policies::insert_type(tx, scope.organization, &wanted.name, &wanted.description, &wanted.actions, scope.now())?;
    let event = Event::new("resource_type.declared", "resource_type", id.0, &wanted.name).after(facts(wanted));
    audit::record(tx, scope, event)?;
    Ok(id)
}

/// Changes the description and the actions; the name stays. Returns whether anything changed.
///
/// # Errors
/// A [`DeclareRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn edit(tx: &mut Tx<'_>, scope: &Scope, id: ResourceTypeId, version: i64, wanted: &Wanted) -> Outcome<bool> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let present = find(tx, scope, id)?;
    if present.version != version {
        return refuse(DeclareRefusal::Meanwhile);
    }
    let was = Wanted {
        name: present.name.clone(),
        description: present.description.clone(),
        actions: present.actions.clone(),
    };
    if was.description == wanted.description && was.actions == wanted.actions {
        return Ok(false);
    }
    let gone: Vec<&String> = was.actions.iter().filter(|action| !wanted.actions.contains(action)).collect();
    let is_gone = |action: &str| gone.iter().any(|one| *one == action);
    let names = |rule: &Rule| rule.resource_type == present.name && rule.actions.iter().any(|action| is_gone(action));
    still_used(&using(tx, scope, names)?)?;
    policies::update_type(tx, scope.organization, id, &wanted.description, &wanted.actions)?;
    let event = Event::new("resource_type.edited", "resource_type", id.0, &present.name)
        .before(facts(&was))
        .after(facts(wanted));
    audit::record(tx, scope, event)?;
    Ok(true)
}

/// What a withdrawal would affect.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn usage(conn: &mut Conn, scope: &Scope, id: ResourceTypeId) -> Result<Usage, Fault> {
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let present = find(conn, scope, id)?;
    let counts = counts(conn, scope)?;
    let attached = |policy: Policy| Use {
        path: format!("/policies/{}", policy.id),
        filter: format!("policy={}", policy.id),
        count: counts.get(&policy.id).cloned().unwrap_or_default(),
        name: policy.name,
    };
    let used = using(conn, scope, |rule| rule.resource_type == present.name)?;
    let reached_by = using(conn, scope, |rule| rule.resource_type == ALL)?;
    Ok(Usage {
        used: used.into_iter().map(attached).collect(),
        reached_by: reached_by.into_iter().map(attached).collect(),
        name: present.name,
        description: present.description,
    })
}

/// Withdraws the type, unless a policy names it.
///
/// # Errors
/// A [`DeclareRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn withdraw(tx: &mut Tx<'_>, scope: &Scope, id: ResourceTypeId) -> Outcome<String> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let present = find(tx, scope, id)?;
    still_used(&using(tx, scope, |rule| rule.resource_type == present.name)?)?;
    policies::delete_type(tx, scope.organization, id)?;
    let was = json!({ "description": present.description, "actions": present.actions });
    audit::record(tx, scope, Event::new("resource_type.withdrawn", "resource_type", id.0, &present.name).before(was))?;
    Ok(present.name)
}

/// The policies with at least one rule that matches.
fn using(conn: &mut Conn, scope: &Scope, is_meant: impl Fn(&Rule) -> bool) -> Result<Vec<Policy>, Fault> {
    let mut all = policies::list(conn, scope.organization)?;
    all.retain(|policy| policy.rules.iter().any(&is_meant));
    Ok(all)
}

fn still_used(by: &[Policy]) -> Outcome<()> {
    if by.is_empty() {
        return Ok(());
    }
    refuse(DeclareRefusal::Used(by.iter().map(|policy| format!("the policy {}", policy.name)).collect()))
}
