//! The Roles screen: creating, editing and deleting roles, and the reasons for refusal.

mod affected;
mod form;
mod guards;
mod list;
mod pages;
mod reset;
mod routes;

pub use form::RoleForm;
pub use list::{RoleMember, count, counts_of, members};
pub use reset::reset_one;

pub(super) use list::counts;
pub(super) use routes::mount;

use crate::{
    audit::{self, Event},
    db::Tx,
    kit::{self, Fault, OperationError, OperationResult, Permission, Permissions, RoleId, Scope, rights},
    members,
    roles::{self, Content, Predefined, Role},
};
use serde_json::{Value, json};

/// The most roles in one organization; more cannot be told apart on a screen.
const MOST: usize = 200;

/// Why a role is not created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleRefusal {
    #[error("There is a role of this name already.")]
    NameTaken,
    #[error("This looks like the predefined role {0}. Choose a name that nobody takes for it.")]
    NameReserved(&'static str),
    #[error("{0} is not among the permissions that can be chosen any more.")]
    Unknown(Permission),
    #[error("It would allow {0}, which you may not do yourself. Nobody grants what they do not hold.")]
    TooWide(Permission),
    #[error("You hold this role, and this would change what you may do yourself. Ask another administrator.")]
    Yourself,
    #[error("{name} holds it, and may do more than you: {permission} is missing among your permissions.")]
    AboveYou { name: String, permission: Permission },
    #[error("This role is predefined and means the same in every organization, so it cannot be changed.")]
    Fixed,
    #[error("Predefined roles cannot be deleted.")]
    Predefined,
    #[error("An organization has at most {MOST} roles. Delete one that nobody holds first.")]
    TooMany,
    #[error("Somebody else changed this role meanwhile.")]
    Meanwhile,
    #[error("{} it.", kit::count(*.0, "member holds", "members hold"))]
    Held(i64),
    #[error("A team gives it to its members, and nobody is in that team.")]
    Given,
    #[error("This is a role of the organization itself, which Roster does not ship.")]
    NotPredefined,
}

type Outcome<T> = Result<T, OperationError<RoleRefusal>>;

fn refuse<T>(refusal: RoleRefusal) -> Outcome<T> {
    Err(OperationError::Refused(refusal))
}

/// Creates a role of the organization's own.
///
/// # Errors
/// A [`RoleRefusal`] or [`Fault::Denied`].
pub fn create(tx: &mut Tx<'_>, scope: &Scope, new: &Content) -> Outcome<RoleId> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ROLE_MANAGE)?;
    if roles::list(tx, scope.organization)?.len() >= MOST {
        return refuse(RoleRefusal::TooMany);
    }
    guards::name(tx, scope, &new.name, None)?;
    guards::known(tx, scope, &new.permissions)?;
    guards::ceiling(scope, &new.permissions, &Permissions::default())?;
    let texts: Vec<String> = new.permissions.iter().map(ToString::to_string).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let id = roles::insert(tx, scope.organization, None, &new.name, &new.description, &texts, scope.now())?;
    let event = Event::new("role.created", "role", id.0, &new.name).after(facts(new));
    audit::record(tx, scope, event)?;
    Ok(id)
}

/// Replaces the content of a role if its version is still the one that the caller read. Returns whether anything
/// changed.
///
/// # Errors
/// A [`RoleRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn edit(tx: &mut Tx<'_>, scope: &Scope, id: RoleId, version: i64, wanted: &Content) -> Outcome<bool> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ROLE_MANAGE)?;
    let role = roles::find(tx, scope.organization, id)?;
    if !role.is_editable() {
        return refuse(RoleRefusal::Fixed);
    }
    if role.version != version {
        return refuse(RoleRefusal::Meanwhile);
    }
    replace(tx, scope, &role, wanted, "role.edited")
}

/// The common part of [`edit`] and of resetting the predefined roles.
fn replace(tx: &mut Tx<'_>, scope: &Scope, role: &Role, wanted: &Content, action: &'static str) -> Outcome<bool> {
    let present = Content::of(role);
    if present == *wanted {
        return Ok(false);
    }
    if present.name != wanted.name {
        guards::name(tx, scope, &wanted.name, Some(role))?;
    }
    let added: Permissions = wanted
        .permissions
        .iter()
        .filter(|one| !present.permissions.iter().any(|old| old == *one))
        .cloned()
        .collect();
    guards::known(tx, scope, &added)?;
    guards::ceiling(scope, &wanted.permissions, &present.permissions)?;
    guards::own_access(tx, scope, role, &wanted.permissions)?;
    if wanted.permissions.first_missing(&present.permissions).is_some() {
        guards::holders(tx, scope, role)?;
    }
    roles::update(tx, scope.organization, role.id, wanted)?;
    if present.name != wanted.name {
        let holders = members::given(tx, scope, role.id)?;
        members::refresh_role_keys_of(tx, scope, &holders)?;
    }
    let (before, after) = audit::difference(facts(&present), facts(wanted));
    let event = Event::new(action, "role", role.id.0, &wanted.name).before(before).after(after);
    audit::record(tx, scope, event)?;
    Ok(true)
}

/// Deletes a role of the organization's own. If somebody holds it, the caller must have confirmed that it is taken from
/// them. Returns the role and the number of its holders.
///
/// # Errors
/// A [`RoleRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: RoleId, is_confirmed: bool) -> Outcome<(Role, i64)> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ROLE_MANAGE)?;
    let role = roles::find(tx, scope.organization, id)?;
    guards::deletion(tx, scope, &role)?;
    let count = list::count(tx, scope, id)?;
    let held_by = if count.teams.is_empty() {
        count.all()
    } else {
        affected::affected(tx, scope, id)?.holders
    };
    if held_by > 0 && !is_confirmed {
        return refuse(RoleRefusal::Held(held_by));
    }
    if !count.teams.is_empty() && !is_confirmed {
        return refuse(RoleRefusal::Given);
    }
    let holders = members::given(tx, scope, id)?;
    roles::delete(tx, scope.organization, id)?;
    members::refresh_role_keys_of(tx, scope, &holders)?;
    let mut before = facts(&Content::of(&role));
    before["members"] = held_by.into();
    if !count.teams.is_empty() {
        before["teams"] = count.teams.iter().map(|team| team.name.as_str()).collect();
    }
    audit::record(tx, scope, Event::new("role.deleted", "role", id.0, &role.name).before(before))?;
    Ok((role, held_by))
}

fn facts(content: &Content) -> Value {
    json!({ "name": content.name, "description": content.description, "permissions": texts(&content.permissions) })
}

fn texts(permissions: &Permissions) -> Vec<String> {
    permissions.iter().map(ToString::to_string).collect()
}

/// A predefined role as Roster ships it.
fn original(which: Predefined) -> Content {
    let texts: Vec<String> = which.permissions().iter().map(ToString::to_string).collect();
    Content {
        name: which.name().into(),
        description: which.description().into(),
        permissions: roles::read(&texts),
    }
}

impl From<RoleRefusal> for OperationError<RoleRefusal> {
    fn from(refusal: RoleRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Returns the refusal of an operation, if it was refused.
fn refusal<T>(outcome: Outcome<T>) -> Result<Option<RoleRefusal>, Fault> {
    match outcome.refused()? {
        Ok(_) => Ok(None),
        Err(refusal) => Ok(Some(refusal)),
    }
}
