//! Checks the values of a PATCH request against the types of the attributes (RFC 7643 section 2.3).

use super::super::{
    fault::ScimFault,
    json::read_bool,
    schema::{Attribute, DataType},
};
use serde_json::{Map, Value};

pub(super) fn object(value: &Value) -> Result<&Map<String, Value>, ScimFault> {
    value
        .as_object()
        .ok_or_else(|| ScimFault::invalid_value("An operation without the path of an attribute needs an object as its value."))
}

/// Checks a value that is no object. `null` unassigns, and a boolean may be the text "True" or "False".
pub(super) fn check_simple(attribute: &Attribute, value: &Value) -> Result<(), ScimFault> {
    let is_of_type = match attribute.data_type {
        _ if value.is_null() => true,
        DataType::Complex => false,
        DataType::Boolean => read_bool(value).is_some(),
        DataType::String | DataType::DateTime | DataType::Binary | DataType::Reference => value.is_string(),
    };
    if is_of_type { Ok(()) } else { Err(wrong_type(attribute)) }
}

/// The members of an object that have values. Those that the schema knows are checked.
pub(super) fn sub_values(attribute: &Attribute, value: &Value) -> Result<Map<String, Value>, ScimFault> {
    let object = value.as_object().ok_or_else(|| wrong_type(attribute))?;
    for (name, value) in object {
        if let Some(sub) = attribute.sub(name) {
            check_simple(sub, value)?;
        }
    }
    Ok(object
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect())
}

pub(super) fn wrong_type(attribute: &Attribute) -> ScimFault {
    let type_name = match (attribute.data_type, attribute.multi_valued) {
        (DataType::Complex, true) => "a list of objects",
        (DataType::Complex, false) => "an object",
        (DataType::Boolean, _) => "true or false",
        _ => "text",
    };
    ScimFault::invalid_value(format!("{} has to be {type_name}.", attribute.name))
}
