//! Declaring, editing, ordering and removing fields.

use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Fault, OperationError, OwnFieldId, Scope, count, fold, rights},
    members,
    own_fields::{self, Identity, MOST, NewField, OwnField},
};
use serde_json::{Value, json};

/// Why a field is not declared or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FieldRefusal {
    #[error("Another field has this key already.")]
    KeyTaken,
    #[error("Another field has this name already.")]
    NameTaken,
    #[error("At most {MOST} fields can be declared.")]
    TooMany,
    #[error("Somebody else changed it meanwhile. What stands here now is theirs; yours is in the form.")]
    Meanwhile,
    #[error("The choice {0} is taken by {members}. Choose another for them first.", members = count(*.1, "member", "members"))]
    ChoiceUsed(String, i64),
}

type Outcome<T> = Result<T, OperationError<FieldRefusal>>;

fn refuse<T>(refusal: FieldRefusal) -> Outcome<T> {
    Err(OperationError::Refused(refusal))
}

/// A field that would be removed, with what is lost.
#[derive(Clone, Debug)]
pub(super) struct Loss {
    pub field: OwnField,
    /// How many members have a value.
    pub members: i64,
}

/// Every declared field.
///
/// # Errors
/// [`Fault::Denied`].
pub(super) fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<OwnField>, Fault> {
    scope.demand(rights::ORGANIZATION_READ)?;
    own_fields::list(conn, scope.organization)
}

fn find(conn: &mut Conn, scope: &Scope, id: OwnFieldId) -> Result<(OwnField, Vec<OwnField>), Fault> {
    let mut others = own_fields::list(conn, scope.organization)?;
    let at = others.iter().position(|field| field.id == id).ok_or(Fault::Missing)?;
    Ok((others.remove(at), others))
}

fn facts(field: &NewField) -> Value {
    json!({
        "name": field.name,
        "help": field.help,
        "choices": field.choices.iter().map(|choice| choice.label.as_str()).collect::<Vec<_>>(),
        "seen_by": field.seen_by,
        "members_edit_their_own": field.is_self_edited,
        "asked_at_acceptance": field.is_asked,
        "required": field.is_required,
    })
}

fn is_named(field: &OwnField, name: &str) -> bool {
    fold::canonical(&field.name) == fold::canonical(name)
}

/// Declares a field.
///
/// # Errors
/// A [`FieldRefusal`] or [`Fault::Denied`].
pub(super) fn declare(tx: &mut Tx<'_>, scope: &Scope, identity: &Identity, new: &NewField) -> Outcome<OwnFieldId> {
    // Locks, so that two who declare at once count and compare one after the other.
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let present = own_fields::list(tx, scope.organization)?;
    if present.len() >= MOST {
        return refuse(FieldRefusal::TooMany);
    }
    if present.iter().any(|field| field.key == identity.key) {
        return refuse(FieldRefusal::KeyTaken);
    }
    if present.iter().any(|field| is_named(field, &new.name)) {
        return refuse(FieldRefusal::NameTaken);
    }
    let position = present.last().map_or(0, |last| last.position + 1);
    let id = own_fields::insert(tx, scope.organization, identity, new, position, scope.now())?;
    let mut told = facts(new);
    told["key"] = identity.key.as_str().into();
    told["kind"] = identity.kind.as_str().into();
    told["of"] = identity.bearers.as_str().into();
    audit::record(tx, scope, Event::new("own_field.declared", "own_field", id.0, &new.name).after(told))?;
    Ok(id)
}

/// Changes a declaration. Returns whether anything changed.
///
/// # Errors
/// A [`FieldRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn edit(tx: &mut Tx<'_>, scope: &Scope, id: OwnFieldId, version: i64, new: &NewField) -> Outcome<bool> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let (present, others) = find(tx, scope, id)?;
    let old = NewField::of(&present);
    if old == *new {
        return Ok(false);
    }
    if others.iter().any(|field| is_named(field, &new.name)) {
        return refuse(FieldRefusal::NameTaken);
    }
    let gone: Vec<_> = old.choices.iter().filter(|old| new.choices.iter().all(|choice| choice.key != old.key)).collect();
    if !gone.is_empty() {
        let used = own_fields::count_values(tx, scope.organization, id)?;
        if let Some((choice, many)) = gone.iter().find_map(|choice| Some((choice, *used.get(&choice.key)?))) {
            return refuse(FieldRefusal::ChoiceUsed(choice.label.clone(), many));
        }
    }
    if !own_fields::update(tx, scope.organization, id, version, new)? {
        return refuse(FieldRefusal::Meanwhile);
    }
    let (before, after) = audit::difference(facts(&old), facts(new));
    let event = Event::new("own_field.edited", "own_field", id.0, &new.name).before(before).after(after);
    audit::record(tx, scope, event)?;
    Ok(true)
}

/// Moves a field one place up or down. Returns whether it moved.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn reorder(tx: &mut Tx<'_>, scope: &Scope, id: OwnFieldId, is_up: bool) -> Result<bool, Fault> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let mut all = own_fields::list(tx, scope.organization)?;
    let at = all.iter().position(|field| field.id == id).ok_or(Fault::Missing)?;
    let to = if is_up {
        at.checked_sub(1)
    } else {
        Some(at + 1).filter(|to| *to < all.len())
    };
    let Some(to) = to else { return Ok(false) };
    let name = all[at].name.clone();
    all.swap(at, to);
    for (position, field) in (0..).zip(&all) {
        if field.position != position {
            own_fields::place(tx, scope.organization, field.id, position)?;
        }
    }
    let event = Event::new("own_field.moved", "own_field", id.0, &name);
    audit::record(tx, scope, event.before(json!({ "place": at + 1 })).after(json!({ "place": to + 1 })))?;
    Ok(true)
}

/// What the removal of a field would take away.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn loss(conn: &mut Conn, scope: &Scope, id: OwnFieldId) -> Result<Loss, Fault> {
    scope.demand(rights::ORGANIZATION_MANAGE)?;
    let (field, _) = find(conn, scope, id)?;
    let members = own_fields::count(conn, scope.organization, id)?;
    Ok(Loss { field, members })
}

/// Removes a field with the values of all members. Returns what was lost.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn remove(tx: &mut Tx<'_>, scope: &Scope, id: OwnFieldId) -> Result<Loss, Fault> {
    let scope = &members::reauthorize(tx, scope)?;
    let loss = loss(tx, scope, id)?;
    tx.lift_time_limit()?;
    own_fields::delete(tx, scope.organization, id)?;
    let mut told = facts(&NewField::of(&loss.field));
    told["key"] = loss.field.key.as_str().into();
    told["kind"] = loss.field.kind.as_str().into();
    told["values"] = loss.members.into();
    audit::record(tx, scope, Event::new("own_field.removed", "own_field", id.0, &loss.field.name).before(told))?;
    Ok(loss)
}
