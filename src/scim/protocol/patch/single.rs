//! Changes of an attribute that has one value, simple or complex (RFC 7644 section 3.5.2).

use super::super::{
    fault::ScimFault,
    json::{remove, set},
    schema::{Attribute, DataType, Mutability},
};
use super::{
    Change, OperationKind,
    values::{check_simple, sub_values, wrong_type},
};
use serde_json::{Map, Value};

pub(super) fn apply(container: &mut Map<String, Value>, change: &Change) -> Result<(), ScimFault> {
    let attribute = change.attribute;
    let value = if change.kind == OperationKind::Remove {
        &Value::Null
    } else {
        change.value
    };
    if let Some(sub) = change.sub {
        check_simple(sub, value)?;
        edit(container, attribute, |object| set(object, sub.name, value.clone()));
        return Ok(());
    }
    if attribute.name == "manager" {
        set(container, attribute.name, manager(attribute, value)?);
    } else if attribute.data_type == DataType::Complex && !value.is_null() {
        merge(container, attribute, value)?;
    } else {
        check_simple(attribute, value)?;
        set(container, attribute.name, value.clone());
    }
    Ok(())
}

/// Sets the sub-attributes that the object has, and leaves the others (RFC 7644 section 3.5.2.3). Unknown ones are ignored.
fn merge(container: &mut Map<String, Value>, attribute: &Attribute, value: &Value) -> Result<(), ScimFault> {
    sub_values(attribute, value)?;
    let known = value
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((attribute.sub(name)?, value)));
    let writable: Vec<_> = known.filter(|(sub, _)| sub.mutability != Mutability::ReadOnly).collect();
    edit(container, attribute, |object| {
        for (sub, value) in writable {
            set(object, sub.name, value.clone());
        }
    });
    Ok(())
}

/// Changes the object of a complex attribute. An object without sub-attributes is no value.
fn edit(container: &mut Map<String, Value>, attribute: &Attribute, edit: impl FnOnce(&mut Map<String, Value>)) {
    let present = remove(container, attribute.name);
    let mut object = if let Some(Value::Object(object)) = present {
        object
    } else {
        Map::new()
    };
    edit(&mut object);
    set(container, attribute.name, if object.is_empty() { Value::Null } else { object.into() });
}

/// The manager as an object with the id, and the address if it was sent. Entra also sends the id alone, and a list with one
/// object.
fn manager(attribute: &Attribute, value: &Value) -> Result<Value, ScimFault> {
    let single = match value {
        Value::Array(elements) if elements.is_empty() => &Value::Null,
        Value::Array(elements) if elements.len() == 1 => &elements[0],
        other => other,
    };
    let mut sent = match single {
        Value::Object(_) => sub_values(attribute, single)?,
        Value::String(_) => Map::from_iter([("value".into(), single.clone())]),
        Value::Null => Map::new(),
        _ => return Err(wrong_type(attribute)),
    };
    sent.retain(|name, value| ["value", "$ref"].contains(&name.as_str()) && value.is_string());
    let has_id = sent.get("value").and_then(Value::as_str).is_some_and(|id| !id.is_empty());
    Ok(if has_id { sent.into() } else { Value::Null })
}
