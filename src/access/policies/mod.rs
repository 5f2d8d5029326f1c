//! The Policies screen: creating, editing and deleting policies, and the reasons for refusal.

mod form;
mod guards;
mod list;
mod pages;
mod routes;
mod rows;

pub use form::check_names;
pub use list::{AttachedMember, count, counts_of, members};

pub(super) use list::counts;
pub(super) use routes::mount;

use crate::{
    audit::{self, Event},
    db::Tx,
    kit::{self, OperationError, Permission, PolicyId, Scope, rights},
    members,
    policies::{self, Content, Policy},
};
use serde_json::{Value, json};

/// The most policies in one organization.
const MOST: usize = 500;
/// The most rules of one policy, and the most ids or actions of one rule.
const MOST_RULES: usize = 50;
const MOST_IDS: usize = 500;

/// A part of a rule that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Type,
    Actions,
    Ids,
}

/// What is wrong with which part of which rule. Rules are counted from zero, and shown counted from one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Rule {}: {text}", .rule + 1)]
pub struct Wrong {
    pub rule: usize,
    pub part: Part,
    pub text: String,
}

/// Why a policy is not created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefusal {
    #[error("There is a policy of this name already.")]
    NameTaken,
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Rules(Vec<Wrong>),
    #[error("A policy needs at least one rule: without any it allows nothing.")]
    NoRules,
    #[error("At most {MOST_RULES} rules fit into a policy. Make two of it.")]
    TooManyRules,
    #[error("It would allow {0}, which you may not do yourself. Nobody grants what they do not hold.")]
    TooWide(Permission),
    #[error("This policy is attached to you, so that only administrators can change what it allows.")]
    Yourself,
    #[error("It is attached to {name}, who may do more than you: {permission} is missing among your permissions.")]
    AboveYou { name: String, permission: Permission },
    #[error("An organization has at most {MOST} policies. Delete one that is attached to nobody first.")]
    TooMany,
    #[error("Somebody else changed this policy meanwhile.")]
    Meanwhile,
    #[error("A team gives it to its members, and nobody is in that team.")]
    Given,
    #[error("It is attached to {}.", kit::count(*.0, "member", "members"))]
    Attached(i64),
}

type Outcome<T> = Result<T, OperationError<PolicyRefusal>>;

fn refuse<T>(refusal: PolicyRefusal) -> Outcome<T> {
    Err(OperationError::Refused(refusal))
}

/// Creates a policy.
///
/// # Errors
/// A [`PolicyRefusal`] or [`Fault::Denied`](crate::kit::Fault).
pub fn create(tx: &mut Tx<'_>, scope: &Scope, new: &Content) -> Outcome<PolicyId> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::POLICY_MANAGE)?;
    if policies::list(tx, scope.organization)?.len() >= MOST {
        return refuse(PolicyRefusal::TooMany);
    }
    guards::name(tx, scope, &new.name, None)?;
    guards::rules(&policies::types(tx, scope.organization)?, &new.rules)?;
    guards::ceiling(tx, scope, &new.rules, &[])?;
    let id = policies::insert(tx, scope.organization, &new.name, &new.description, new.rules.clone(), scope.now())?;
    let event = Event::new("policy.created", "policy", id.0, &new.name).after(facts(new));
    audit::record(tx, scope, event)?;
    Ok(id)
}

/// Replaces the content of a policy if its version is still the one that the caller read. Returns whether anything
/// changed.
///
/// # Errors
/// A [`PolicyRefusal`], [`Fault::Denied`](crate::kit::Fault) or [`Fault::Missing`](crate::kit::Fault).
pub fn edit(tx: &mut Tx<'_>, scope: &Scope, id: PolicyId, version: i64, wanted: &Content) -> Outcome<bool> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::POLICY_MANAGE)?;
    let policy = policies::find(tx, scope.organization, id)?;
    if policy.version != version {
        return refuse(PolicyRefusal::Meanwhile);
    }
    let present = Content::of(&policy);
    if present == *wanted {
        return Ok(false);
    }
    if present.name != wanted.name {
        guards::name(tx, scope, &wanted.name, Some(id))?;
    }
    if present.rules != wanted.rules {
        guards::rules(&policies::types(tx, scope.organization)?, &wanted.rules)?;
        guards::own_access(tx, scope, id)?;
        guards::ceiling(tx, scope, &wanted.rules, &present.rules)?;
        if guards::is_narrower(&wanted.rules, &present.rules) {
            guards::attached(tx, scope, id)?;
        }
    }
    policies::update(tx, scope.organization, id, wanted)?;
    let (before, after) = audit::difference(facts(&present), facts(wanted));
    let event = Event::new("policy.edited", "policy", id.0, &wanted.name).before(before).after(after);
    audit::record(tx, scope, event)?;
    Ok(true)
}

/// Deletes a policy. If it is attached to somebody, the caller must have confirmed that it is detached from them. Returns
/// the policy and the number of these members.
///
/// # Errors
/// A [`PolicyRefusal`], [`Fault::Denied`](crate::kit::Fault) or [`Fault::Missing`](crate::kit::Fault).
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: PolicyId, is_confirmed: bool) -> Outcome<(Policy, i64)> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::POLICY_MANAGE)?;
    let policy = policies::find(tx, scope.organization, id)?;
    guards::deletion(tx, scope, id)?;
    let count = list::count(tx, scope, id)?;
    let attached_to = if count.teams.is_empty() {
        count.all()
    } else {
        list::reached(tx, scope, id)?
    };
    if attached_to > 0 && !is_confirmed {
        return refuse(PolicyRefusal::Attached(attached_to));
    }
    if !count.teams.is_empty() && !is_confirmed {
        return refuse(PolicyRefusal::Given);
    }
    let mut before = facts(&Content::of(&policy));
    before["members"] = attached_to.into();
    if !count.teams.is_empty() {
        before["teams"] = count.teams.iter().map(|team| team.name.as_str()).collect();
    }
    policies::delete(tx, scope.organization, id)?;
    audit::record(tx, scope, Event::new("policy.deleted", "policy", id.0, &policy.name).before(before))?;
    Ok((policy, attached_to))
}

fn facts(content: &Content) -> Value {
    json!({ "name": content.name, "description": content.description, "rules": content.rules })
}
