//! Resource types.

use super::{DeclareRefusal, MOST, Outcome, refuse};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Fault, ResourceTypeId, Scope},
    members,
    policies::{self, ALL, ResourceType},
    roles,
};
use serde_json::{Value, json};

/// A type as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub name: String,
    pub description: String,
    pub actions: Vec<String>,
}

fn facts(wanted: &Wanted) -> Value {
    json!({ "description": wanted.description, "actions": wanted.actions })
}

fn find(conn: &mut Conn, scope: &Scope, id: ResourceTypeId) -> Result<ResourceType, Fault> {
    let all = policies::types(conn, scope.organization)?;
    all.into_iter().find(|one| one.id == id).ok_or(Fault::Missing)
}

/// # Errors
/// A [`DeclareRefusal`], [`Fault::Denied`], or what the database says.
pub(super) fn declare(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Outcome<()> {
    let scope = &members::afresh(tx, scope)?;
    scope.demand("organization", "manage")?;
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
    let id = policies::insert_type(
        tx,
        scope.organization,
        &wanted.name,
        &wanted.description,
        &wanted.actions,
        scope.now(),
    )?;
    let event = Event::new("resource_type.declared", "resource_type", id.0, &wanted.name).after(facts(wanted));
    Ok(audit::record(tx, scope, event)?)
}

/// Changes its explanation and its actions; its name stays. Says whether anything is different now.
///
/// # Errors
/// A [`DeclareRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub(super) fn edit(tx: &mut Tx<'_>, scope: &Scope, id: ResourceTypeId, edition: i64, wanted: &Wanted) -> Outcome<bool> {
    let scope = &members::afresh(tx, scope)?;
    scope.demand("organization", "manage")?;
    let present = find(tx, scope, id)?;
    if present.version != edition {
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
    let used = using(tx, scope, |resource_type, action| {
        resource_type == present.name && gone.iter().any(|one| *one == action)
    })?;
    if !used.is_empty() {
        return refuse(DeclareRefusal::Used(used));
    }
    policies::update_type(tx, scope.organization, id, &wanted.description, &wanted.actions)?;
    let event = Event::new("resource_type.edited", "resource_type", id.0, &present.name)
        .before(facts(&was))
        .after(facts(wanted));
    audit::record(tx, scope, event)?;
    Ok(true)
}

/// Takes it back, unless a policy names it.
///
/// # Errors
/// A [`DeclareRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub(super) fn withdraw(tx: &mut Tx<'_>, scope: &Scope, id: ResourceTypeId) -> Outcome<String> {
    let scope = &members::afresh(tx, scope)?;
    scope.demand("organization", "manage")?;
    let present = find(tx, scope, id)?;
    let used = using(tx, scope, |resource_type, _| resource_type == present.name)?;
    if !used.is_empty() {
        return refuse(DeclareRefusal::Used(used));
    }
    policies::delete_type(tx, scope.organization, id)?;
    let was = json!({ "description": present.description, "actions": present.actions });
    audit::record(
        tx,
        scope,
        Event::new("resource_type.withdrawn", "resource_type", id.0, &present.name).before(was),
    )?;
    Ok(present.name)
}

/// The policies that name a type or an action. An asterisk names none.
fn using(conn: &mut Conn, scope: &Scope, is_meant: impl Fn(&str, &str) -> bool) -> Result<Vec<String>, Fault> {
    let all = policies::list(conn, scope.organization)?;
    let names = |policy: &policies::Policy| {
        let mut pairs = policy.rules.iter().flat_map(|rule| {
            let actions = rule.actions.iter().map(|action| (rule.resource_type.as_str(), action.as_str()));
            actions.chain([(rule.resource_type.as_str(), ALL)])
        });
        pairs.any(|(resource_type, action)| is_meant(resource_type, action))
    };
    Ok(all
        .iter()
        .filter(|policy| names(policy))
        .map(|policy| format!("the policy {}", policy.name))
        .collect())
}
