//! Changing members' values: what was typed is read here and nowhere else, whichever way it came in.

use super::{
    model::{FieldKind, OwnField, Standing},
    store, value,
    values::{self, Values},
};
use crate::{
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, OperationError, OwnFieldId, Scope, rights},
};
use serde_json::{Map, Value as Json};
use std::{collections::BTreeMap, fmt};

/// What is wrong with the values that were sent, each with its field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaints(pub Vec<Complaint>);

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub field: OwnFieldId,
    pub key: String,
    pub name: String,
    pub text: String,
}

impl Complaints {
    /// Each with the id of its input, for the summary above a form.
    pub fn of_inputs(&self) -> impl Iterator<Item = (String, &str)> {
        let of_input = |complaint: &Complaint| format!("{}{}", crate::web::OWN_FIELD, complaint.field);
        self.0.iter().map(move |complaint| (of_input(complaint), complaint.text.as_str()))
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, complaint) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { " " };
            write!(f, "{between}{}: {}", complaint.name, complaint.text)?;
        }
        Ok(())
    }
}

impl std::error::Error for Complaints {}

/// On whose behalf values are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The caller, with their permissions.
    Caller,
    /// A person who accepts an invitation, where they are asked.
    Invited,
}

/// Values that are allowed, read and different from the present ones.
#[derive(Clone, Debug, Default)]
pub struct Changes(Vec<Change>);

#[derive(Clone, Debug)]
struct Change {
    field: OwnField,
    before: String,
    after: String,
    new: Option<(value::Canonical, Option<MemberId>)>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The fields that change, by their key, with the values that people read before and after.
    pub fn told(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.0
            .iter()
            .map(|change| (change.field.key.as_str(), change.before.as_str(), change.after.as_str()))
    }
    /// Adds the values to the audit event of a new member.
    pub fn tell_new(&self, facts: &mut Json) {
        for change in &self.0 {
            facts[change.field.audit_key()] = change.after.as_str().into();
        }
    }
    /// Adds the values before and after to an audit event.
    pub fn tell(&self, before: &mut Map<String, Json>, after: &mut Map<String, Json>) {
        for change in &self.0 {
            before.insert(change.field.audit_key(), change.before.as_str().into());
            after.insert(change.field.audit_key(), change.after.as_str().into());
        }
    }
}

/// Reads what is wanted of a member's fields. What was not sent stays as it is.
///
/// # Errors
/// [`Complaints`].
pub fn changes(
    conn: &mut Conn,
    scope: &Scope,
    (kind, member): (MemberKind, Option<MemberId>),
    wanted: &BTreeMap<OwnFieldId, String>,
    writer: Writer,
) -> Result<Changes, OperationError<Complaints>> {
    if wanted.is_empty() {
        return Ok(Changes::default());
    }
    let fields = store::list(conn, scope.organization)?;
    let present = match member {
        Some(id) => values::of_member(conn, scope.organization, &fields, id)?,
        None => Values::new(),
    };
    let standing = Standing {
        is_me: member.is_some_and(|id| scope.is_me(id)),
        may_manage: scope.may(rights::manage(kind)),
    };
    let (mut all, mut complaints) = (Changes::default(), Complaints::default());
    for (id, typed) in wanted {
        // A form that names a field which was removed meanwhile is read again.
        let field = fields.iter().find(|field| field.id == *id && field.bearers.has(kind)).ok_or(Fault::Missing)?;
        match change(conn, scope, field, &present, typed, (standing, writer)) {
            Ok(change) => all.0.extend(change),
            Err(OperationError::Refused(text)) => {
                complaints
                    .0
                    .push(Complaint { field: field.id, key: field.key.clone(), name: field.name.clone(), text });
            }
            Err(OperationError::Fault(fault)) => return Err(fault.into()),
        }
    }
    if complaints.0.is_empty() {
        Ok(all)
    } else {
        Err(OperationError::Refused(complaints))
    }
}

/// What one field changes, if anything.
fn change(
    conn: &mut Conn,
    scope: &Scope,
    field: &OwnField,
    present: &Values,
    typed: &str,
    (standing, writer): (Standing, Writer),
) -> Result<Option<Change>, OperationError<String>> {
    let refuse = |text: &str| Err(OperationError::Refused(text.to_owned()));
    let old = present.get(&field.id);
    if old.map_or("", |old| &old.typed) == typed.trim() {
        let is_asked = writer != Writer::Caller || field.is_edited(standing);
        return match old {
            None if field.is_required && is_asked => refuse("This is required."),
            _ => Ok(None),
        };
    }
    let new = value::read(field, typed).map_err(OperationError::Refused)?;
    let new = match (field.kind, new) {
        (FieldKind::Person, Some(read)) => Some(person(conn, scope, &read.text)?),
        (_, Some(read)) => {
            let told = field.label_of(&read.text).to_owned();
            Some((read, None, told))
        }
        (_, None) => None,
    };
    if old.map(|old| old.text.as_str()) == new.as_ref().map(|(new, ..)| new.text.as_str()) {
        return Ok(None);
    }
    let may = match writer {
        Writer::Caller => field.is_edited(standing),
        Writer::Invited => field.is_asked,
    };
    if !may {
        return refuse("You may not change this.");
    }
    if new.is_none() && field.is_required {
        return refuse("This is required.");
    }
    Ok(Some(Change {
        field: field.clone(),
        before: old.map(|old| old.told.clone()).unwrap_or_default(),
        after: new.as_ref().map(|(_, _, told)| told.clone()).unwrap_or_default(),
        new: new.map(|(new, person, _)| (new, person)),
    }))
}

type Read = (value::Canonical, Option<MemberId>, String);

/// A person is looked up only for callers who may see people: otherwise the field would tell who is here.
fn person(conn: &mut Conn, scope: &Scope, typed: &str) -> Result<Read, OperationError<String>> {
    // Not by what the caller may do to this member alone: they would learn of others.
    if !scope.may_over_everybody(rights::USER_READ) {
        return Err(OperationError::Refused("You may not see the people of this organization.".into()));
    }
    let found = values::find_person(conn, scope.organization, typed)?;
    let found = found.ok_or_else(|| OperationError::Refused("Nobody here has this address, username or name alone.".into()))?;
    let text = found.id.to_string();
    Ok((value::Canonical { key: text.clone(), text }, Some(found.id), found.name))
}

/// Writes changes that [`changes`] read in the same transaction.
pub fn write(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, changes: &Changes) -> Result<(), Fault> {
    for change in &changes.0 {
        let place = (scope.organization, member, change.field.id);
        match &change.new {
            Some((new, person)) => values::set(tx, place, new, *person)?,
            None => values::clear(tx, place)?,
        }
    }
    Ok(())
}

/// Sets the fields of a member who has just been created, and adds them to the audit event.
///
/// # Errors
/// [`Complaints`].
pub fn write_new(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (kind, member): (MemberKind, MemberId),
    wanted: &BTreeMap<OwnFieldId, String>,
    facts: &mut Json,
) -> Result<(), OperationError<Complaints>> {
    let changes = changes(tx, scope, (kind, Some(member)), wanted, Writer::Caller)?;
    write(tx, scope, member, &changes)?;
    changes.tell_new(facts);
    Ok(())
}
