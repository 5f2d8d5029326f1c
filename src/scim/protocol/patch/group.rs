//! What a PATCH request changes of a group (RFC 7644 section 3.5.2), without the members that it has: they can be many.

use super::super::{
    fault::ScimFault,
    filter::{Filter, Literal, Operator},
    json::{elements, get},
    path::{PatchPath, Target},
    schema::{Attribute, Place, ResourceKind},
};
use super::{OperationKind, PatchOperation, change::named, values::object, without_path};
use serde_json::Value;
use std::collections::HashMap;

/// What happens to a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TextChange {
    #[default]
    Unchanged,
    Removed,
    Set(String),
}

/// What a PATCH request changes of a group (RFC 7644 section 3.5.2). No id is both in `add` and in `remove`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChanges {
    /// Whether all present members leave, before those of `add` come.
    pub replaced: bool,
    pub add: Vec<String>,
    pub remove: Vec<String>,
    pub display_name: Option<String>,
    pub external_id: TextChange,
    /// The `id` that the client sent. The caller refuses another than the group's with `mutability`.
    pub id: Option<String>,
}

/// Reads the operations in order; a later one counts more (RFC 7644 section 3.5.2).
///
/// # Errors
///
/// `noTarget`, `invalidPath`, `invalidFilter`, `invalidValue`, or `mutability` for the removal of the name and for a change of
/// a member's sub-attribute.
pub fn group_changes(operations: &[PatchOperation]) -> Result<GroupChanges, ScimFault> {
    let mut draft = Draft::default();
    for operation in operations {
        let value = operation.value.as_ref().unwrap_or(&Value::Null);
        match &operation.path {
            Some(path) => {
                let target = path.resolve(ResourceKind::Group)?;
                if target.attribute.is_some() {
                    draft.change(operation.kind, path, &target, value)?;
                } else {
                    draft.change_named(operation.kind, value)?;
                }
            }
            None => draft.change_named(operation.kind, value)?,
        }
    }
    Ok(draft.finish())
}

/// The changes so far.
#[derive(Default)]
struct Draft {
    changes: GroupChanges,
    /// Each id once, and whether it becomes a member.
    members: Vec<(String, bool)>,
    /// Where an id is in `members`.
    positions: HashMap<String, usize>,
}

impl Draft {
    /// Reads each name in the object as a path. Unknown names are ignored.
    fn change_named(&mut self, kind: OperationKind, value: &Value) -> Result<(), ScimFault> {
        if kind == OperationKind::Remove {
            return Err(without_path());
        }
        for (name, value) in object(value)? {
            if let Some((path, target)) = named(ResourceKind::Group, Place::Core, name) {
                self.change(kind, &path, &target, value)?;
            }
        }
        Ok(())
    }

    fn change(&mut self, kind: OperationKind, path: &PatchPath, target: &Target, value: &Value) -> Result<(), ScimFault> {
        let assigned = if kind == OperationKind::Remove { &Value::Null } else { value };
        match target.attribute.map(|attribute| attribute.name) {
            Some("members") => self.change_members(kind, path, target.sub, value)?,
            Some("displayName") => self.changes.display_name = Some(display_name(assigned)?),
            Some("externalId") => self.changes.external_id = external_id(assigned)?,
            Some("id") => self.changes.id = Some(id(assigned)?),
            // The others are the server's own, and ignored.
            _ => {}
        }
        Ok(())
    }

    fn change_members(&mut self, kind: OperationKind, path: &PatchPath, sub: Option<&Attribute>, value: &Value) -> Result<(), ScimFault> {
        if sub.is_some() {
            return Err(ScimFault::mutability("What a group says of a member cannot be changed."));
        }
        let ids = match &path.filter {
            Some(filter) if kind == OperationKind::Remove => sought_ids(filter)?,
            Some(_) => return Err(ScimFault::no_target("Members are added by their ids in the value, not by a filter.")),
            None => elements(value).iter().map(member_id).collect::<Result<_, _>>()?,
        };
        let removes_all = kind == OperationKind::Remove && path.filter.is_none() && value.is_null();
        if removes_all || kind == OperationKind::Replace {
            self.changes.replaced = true;
            self.members.clear();
            self.positions.clear();
        }
        for id in ids {
            self.set_member(id, kind != OperationKind::Remove);
        }
        Ok(())
    }

    fn set_member(&mut self, id: String, is_member: bool) {
        let next = self.members.len();
        let at = *self.positions.entry(id.clone()).or_insert(next);
        if at == next {
            self.members.push((id, is_member));
        } else {
            self.members[at].1 = is_member;
        }
    }

    fn finish(self) -> GroupChanges {
        let (add, remove): (Vec<_>, Vec<_>) = self.members.into_iter().partition(|(_, is_member)| *is_member);
        let ids = |members: Vec<(String, bool)>| members.into_iter().map(|(id, _)| id).collect();
        let replaced = self.changes.replaced;
        GroupChanges {
            add: ids(add),
            remove: if replaced { Vec::new() } else { ids(remove) },
            ..self.changes
        }
    }
}

/// The id of a member, alone or as the `value` of an object.
fn member_id(member: &Value) -> Result<String, ScimFault> {
    let id = member.as_object().map_or(Some(member), |member| get(member, "value")).and_then(Value::as_str);
    let id = id.filter(|id| !id.is_empty());
    id.map(Into::into)
        .ok_or_else(|| ScimFault::invalid_value("A member has to be an object with the id of a user as its value."))
}

/// The ids in `value eq "x"`, or in several of these joined by `or`.
fn sought_ids(filter: &Filter) -> Result<Vec<String>, ScimFault> {
    let parts = if let Filter::Or(parts) = filter {
        parts.as_slice()
    } else {
        std::slice::from_ref(filter)
    };
    let ids = parts.iter().map(|part| match part {
        Filter::Compare { path, operator: Operator::Eq, value: Literal::String(id) } if path.attribute.eq_ignore_ascii_case("value") => {
            Some(id.clone())
        }
        _ => None,
    });
    ids.collect::<Option<_>>()
        .ok_or_else(|| ScimFault::invalid_filter("Members are found by their value with the operator eq only."))
}

fn display_name(value: &Value) -> Result<String, ScimFault> {
    match value {
        Value::String(name) if !name.is_empty() => Ok(name.clone()),
        Value::Null => Err(ScimFault::mutability("displayName is required and cannot be removed.")),
        _ => Err(ScimFault::invalid_value("displayName has to be text that is not empty.")),
    }
}

fn external_id(value: &Value) -> Result<TextChange, ScimFault> {
    match value {
        Value::String(id) => Ok(TextChange::Set(id.clone())),
        Value::Null => Ok(TextChange::Removed),
        _ => Err(ScimFault::invalid_value("externalId has to be text.")),
    }
}

fn id(value: &Value) -> Result<String, ScimFault> {
    value
        .as_str()
        .map(Into::into)
        .ok_or_else(|| ScimFault::mutability("The id of a resource cannot be changed."))
}
