//! Schemas as rows: one for each field, those of nested objects below it.

use serde_json::Value;

/// One field or parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub name: String,
    /// How deep it is nested.
    pub depth: usize,
    /// Such as `string (uuid)`, `array of Role`.
    pub kind: String,
    pub is_required: bool,
    /// Lengths, ranges, values, example.
    pub limits: Vec<String>,
    pub description: String,
}

/// Schemas that contain themselves end here.
const DEEPEST: usize = 4;

/// A schema, or the one that it refers to.
pub(super) fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str().and_then(|place| place.strip_prefix('#')) {
        Some(place) => document.pointer(place).unwrap_or(&Value::Null),
        None => schema,
    }
}

/// The schema of a value that may be null, without the null.
pub(super) fn without_null<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let schema = resolved(document, schema);
    let choices = ["oneOf", "anyOf"].iter().find_map(|key| schema[*key].as_array());
    match choices {
        Some(choices) if choices.iter().any(|one| one["type"] == "null") => {
            let other = choices.iter().find(|one| one["type"] != "null");
            other.map_or(schema, |one| resolved(document, one))
        }
        _ => schema,
    }
}

/// A parameter in the path, the query or a header.
pub(super) fn parameter(document: &Value, parameter: &Value) -> Field {
    let place = parameter["in"].as_str().unwrap_or_default();
    let schema = &parameter["schema"];
    let mut limits = limits(document, schema);
    limits.insert(0, format!("in the {place}"));
    Field {
        name: parameter["name"].as_str().unwrap_or_default().to_owned(),
        depth: 0,
        kind: kind(document, schema),
        is_required: parameter["required"] == true,
        limits,
        description: parameter["description"].as_str().unwrap_or_default().to_owned(),
    }
}

/// The fields of an object, or of the objects of an array.
pub(super) fn of(document: &Value, schema: &Value) -> Vec<Field> {
    let mut all = Vec::new();
    collect(document, schema, 0, &mut all);
    all
}

fn collect(document: &Value, schema: &Value, depth: usize, all: &mut Vec<Field>) {
    let schema = without_null(document, schema);
    if depth >= DEEPEST {
        return;
    }
    // Variants of a tagged object: the fields of each.
    for one in ["oneOf", "allOf"].iter().filter_map(|key| schema[*key].as_array()).flatten() {
        collect(document, one, depth, all);
    }
    if schema["type"] == "array" {
        return collect(document, &schema["items"], depth, all);
    }
    let required = schema["required"].as_array();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if all.iter().any(|known| known.depth == depth && known.name == *name && depth == 0) {
            continue;
        }
        let description = property["description"].as_str().or_else(|| resolved(document, property)["description"].as_str());
        all.push(Field {
            name: name.clone(),
            depth,
            kind: kind(document, property),
            is_required: required.is_some_and(|required| required.iter().any(|one| one == name)),
            limits: limits(document, property),
            description: description.unwrap_or_default().to_owned(),
        });
        collect(document, property, depth + 1, all);
    }
}

/// The type of a value in words.
fn kind(document: &Value, schema: &Value) -> String {
    let is_nullable = schema["type"].as_array().is_some_and(|types| types.iter().any(|one| one == "null"))
        || ["oneOf", "anyOf"]
            .iter()
            .any(|key| schema[*key].as_array().is_some_and(|all| all.iter().any(|one| one["type"] == "null")));
    let plain = without_null(document, schema);
    let name = match &plain["type"] {
        Value::String(name) => name.as_str(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("any"),
        _ => "object",
    };
    let kind = match (name, plain["format"].as_str()) {
        ("array", _) => format!("array of {}", kind(document, &plain["items"])),
        (name, Some(format)) if !format.starts_with("int") => format!("{name} ({format})"),
        (name, _) => name.to_owned(),
    };
    if is_nullable { format!("{kind} or null") } else { kind }
}

/// The unit of a number.
fn of_number(number: i64, unit: &str) -> &str {
    if number == 1 { unit.trim_end_matches('s') } else { unit }
}

fn limits(document: &Value, schema: &Value) -> Vec<String> {
    let plain = without_null(document, schema);
    let mut all = Vec::new();
    let bounds = |low: &str, high: &str, unit: &str| match (plain[low].as_i64(), plain[high].as_i64()) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}{unit}")),
        (None, Some(high)) => Some(format!("at most {high}{}", of_number(high, unit))),
        (Some(low), None) if low > 0 => Some(format!("at least {low}{}", of_number(low, unit))),
        _ => None,
    };
    all.extend(bounds("minLength", "maxLength", " characters"));
    all.extend(bounds("minimum", "maximum", ""));
    all.extend(bounds("minItems", "maxItems", " items"));
    let values = plain["enum"].as_array().or_else(|| without_null(document, &plain["items"])["enum"].as_array());
    if let Some(values) = values {
        let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        all.push(format!("one of {}", texts.join(", ")));
    }
    if let Some(default) = plain.get("default").filter(|value| !value.is_null()) {
        all.push(format!("{default} by default"));
    }
    if let Some(example) = plain.get("example").or_else(|| schema.get("example")).and_then(Value::as_str) {
        all.push(format!("such as {example}"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schema_is_a_row_for_each_field() {
        let document = json!({ "components": { "schemas": { "Role": {
            "type": "object", "required": ["id"],
            "properties": { "id": { "type": "string", "format": "uuid" }, "until": { "type": ["string", "null"], "format": "date-time" } },
        } } } });
        let schema = json!({ "type": "object", "required": ["roles"], "properties": {
            "roles": { "type": "array", "maxItems": 3, "items": { "$ref": "#/components/schemas/Role" } },
            "state": { "type": "string", "enum": ["on", "off"], "default": "on" },
            "one": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Role" }] },
        } });
        let rows: Vec<String> = of(&document, &schema)
            .iter()
            .map(|field| {
                format!(
                    "{}{}: {} [{}]{}",
                    " ".repeat(field.depth),
                    field.name,
                    field.kind,
                    field.limits.join("; "),
                    if field.is_required { "!" } else { "" }
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                "one: object or null []",
                " id: string (uuid) []!",
                " until: string (date-time) or null []",
                "roles: array of object [at most 3 items]!",
                " id: string (uuid) []!",
                " until: string (date-time) or null []",
                "state: string [one of on, off; \"on\" by default]",
            ]
        );
    }
}
