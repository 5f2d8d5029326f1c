//! Applies the operations of a PATCH request to the JSON of a resource (RFC 7644 section 3.5.2).

use super::super::{
    fault::ScimFault,
    json::{get, remove, set},
    path::{PatchPath, Target},
    schema::{Attribute, ENTERPRISE_USER, Mutability, Place, ResourceKind},
};
use super::{Change, OperationKind, PatchOperation, elements, single, values, without_path};
use serde_json::{Map, Value};

/// Applies the operations in order, all or none (RFC 7644 section 3.5.2).
///
/// `meta`, `schemas` and `groups` are left as they are, and `password` is never stored. The members of a group are not part of
/// the resource: [`super::group_changes`] reads them.
///
/// # Errors
///
/// `noTarget`, `invalidPath`, `invalidFilter`, `invalidValue`, or `mutability` for another `id` and for the removal of a
/// required attribute.
pub fn apply(kind: ResourceKind, resource: &mut Map<String, Value>, operations: &[PatchOperation]) -> Result<(), ScimFault> {
    let mut changed = resource.clone();
    for operation in operations {
        let value = operation.value.as_ref().unwrap_or(&Value::Null);
        match &operation.path {
            Some(path) => apply_at(kind, &mut changed, operation.kind, path, value)?,
            None if operation.kind == OperationKind::Remove => return Err(without_path()),
            None => apply_names(kind, &mut changed, operation.kind, Place::Core, value)?,
        }
    }
    remove(&mut changed, "password");
    *resource = changed;
    Ok(())
}

fn apply_at(
    kind: ResourceKind,
    resource: &mut Map<String, Value>,
    operation: OperationKind,
    path: &PatchPath,
    value: &Value,
) -> Result<(), ScimFault> {
    let target = path.resolve(kind)?;
    match (target.attribute, operation) {
        (Some(attribute), _) => {
            let change = Change { kind: operation, attribute, filter: path.filter.as_ref(), sub: target.sub, value };
            apply_change(resource, target.place, &change)
        }
        (None, OperationKind::Remove) if target.place == Place::Enterprise => {
            remove(resource, ENTERPRISE_USER);
            Ok(())
        }
        (None, OperationKind::Remove) => Err(ScimFault::mutability("The attributes of the core schema cannot be removed all at once.")),
        (None, _) => apply_names(kind, resource, operation, target.place, value),
    }
}

/// Reads each name in the object as a path, as Entra sends `name.givenName` and names with a URN. Unknown names are ignored.
fn apply_names(
    kind: ResourceKind,
    resource: &mut Map<String, Value>,
    operation: OperationKind,
    place: Place,
    value: &Value,
) -> Result<(), ScimFault> {
    if value.is_null() && place == Place::Enterprise {
        remove(resource, ENTERPRISE_USER);
        return Ok(());
    }
    for (name, value) in values::object(value)? {
        let Some((path, target)) = named(kind, place, name) else { continue };
        if let (None, Place::Core) = (target.attribute, place) {
            // The name is the URN of a schema. Inside its object names are plain, so that this goes no deeper.
            apply_names(kind, resource, operation, Place::Enterprise, value)?;
        } else {
            apply_at(kind, resource, operation, &path, value)?;
        }
    }
    Ok(())
}

/// The attribute that the name means at this place.
pub(super) fn named(kind: ResourceKind, place: Place, name: &str) -> Option<(PatchPath, Target)> {
    let mut path = PatchPath::parse(name).ok()?;
    if place == Place::Enterprise {
        if path.schema.is_some() {
            return None;
        }
        path.schema = Some(ENTERPRISE_USER.into());
    }
    let target = path.resolve(kind).ok()?;
    let is_core_whole = target.attribute.is_none() && target.place == Place::Core;
    (!is_core_whole).then_some((path, target))
}

fn apply_change(resource: &mut Map<String, Value>, place: Place, change: &Change) -> Result<(), ScimFault> {
    if change.attribute.name == "id" {
        return check_id(resource, change);
    }
    if is_ignored(change) {
        return Ok(());
    }
    let unassigns = change.kind == OperationKind::Remove || change.value.is_null();
    if unassigns && !change.attribute.may_be_removed {
        return Err(ScimFault::mutability(format!("{} is required and cannot be removed.", change.attribute.name)));
    }
    if place == Place::Core {
        return apply_in(resource, change);
    }
    let extension = remove(resource, ENTERPRISE_USER).unwrap_or_default();
    let mut extension = if let Value::Object(extension) = extension {
        extension
    } else {
        Map::new()
    };
    apply_in(&mut extension, change)?;
    set(resource, ENTERPRISE_USER, if extension.is_empty() { Value::Null } else { extension.into() });
    Ok(())
}

fn apply_in(container: &mut Map<String, Value>, change: &Change) -> Result<(), ScimFault> {
    if change.attribute.multi_valued {
        elements::apply(container, change)
    } else {
        single::apply(container, change)
    }
}

/// A client may send the `id` that the resource has (RFC 7644 section 3.5.2), and no other.
fn check_id(resource: &Map<String, Value>, change: &Change) -> Result<(), ScimFault> {
    if change.kind != OperationKind::Remove && get(resource, "id") == Some(change.value) {
        Ok(())
    } else {
        Err(ScimFault::mutability("The id of a resource cannot be changed."))
    }
}

/// Whether the attribute is the server's own, the password, or the members of a group, which are kept elsewhere.
fn is_ignored(change: &Change) -> bool {
    let is_read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
    let is_kept_elsewhere = change.attribute.mutability == Mutability::WriteOnly || change.attribute.name == "members";
    is_kept_elsewhere || is_read_only(change.attribute) || change.sub.is_some_and(is_read_only)
}
