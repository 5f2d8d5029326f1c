//! JSON objects whose names are compared ignoring case (RFC 7643 section 2.1), and what counts as a value.

use serde_json::{Map, Value};

/// The key under which the object has this name.
fn key(object: &Map<String, Value>, name: &str) -> Option<String> {
    if object.contains_key(name) {
        return Some(name.into());
    }
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

/// The value under this name, ignoring case.
pub fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Takes the value out of the object.
pub(super) fn remove(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    object.remove(&key(object, name)?)
}

/// Sets the value under the key that is there, or under `name`. `null` takes the value away (RFC 7643 section 2.5).
pub(super) fn set(object: &mut Map<String, Value>, name: &str, value: Value) {
    let key = key(object, name).unwrap_or_else(|| name.into());
    if value.is_null() {
        object.remove(&key);
    } else {
        object.insert(key, value);
    }
}

/// Whether there is a value (RFC 7644 table 3, `pr`). The depth is that of the JSON, which `serde_json` limits to 128.
pub(super) fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(is_present),
        Value::Object(object) => object.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// The elements of a multi-valued attribute. A value that is no array is the only one.
pub(super) fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        Value::Null => &[],
        single => std::slice::from_ref(single),
    }
}

/// A boolean, also as the text "True" or "False", which Entra sends.
pub(super) fn read_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Whether `schemas` of a message contains this URN, ignoring case (RFC 7643 section 3).
pub(super) fn has_schema(message: &Map<String, Value>, urn: &str) -> bool {
    let schemas = get(message, "schemas").map(elements).unwrap_or_default();
    schemas.iter().any(|schema| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(urn)))
}
