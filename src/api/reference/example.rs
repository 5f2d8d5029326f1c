//! Example requests, made from the schemas.

use super::fields::{resolved, without_null};
use serde_json::{Map, Value, json};

/// The lines of a curl command after the first one, which has the method and the URL.
pub(super) fn curl(document: &Value, method: &str, path: &str, operation: &Value) -> Vec<String> {
    let verb = if method == "get" {
        String::new()
    } else {
        format!("-X {} ", method.to_uppercase())
    };
    let mut lines = vec![format!("curl {verb}\"$ROSTER_URL{}\"", with_variables(path))];
    if operation["security"].as_array().is_some_and(|all| !all.is_empty()) {
        lines.push("-H \"Authorization: Bearer $ROSTER_TOKEN\"".into());
    }
    let parameters = operation["parameters"].as_array();
    if parameters.into_iter().flatten().any(|one| one["name"] == "If-Match") {
        lines.push("-H 'If-Match: \"1\"'".into());
    }
    let content = operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
    if let Some((media, content)) = content {
        let body = value(document, &content["schema"], 0);
        if media == "application/json" {
            lines.push("-H 'Content-Type: application/json'".into());
            lines.push(format!("-d '{}'", body.to_string().replace('\'', "'\\''")));
        } else {
            let pairs = body.as_object().into_iter().flatten();
            lines.extend(pairs.map(|(name, value)| format!("--data-urlencode '{name}={}'", value.as_str().unwrap_or_default())));
        }
    }
    lines
}

/// `{role_id}` as `$ROLE_ID`: curl reads braces itself.
fn with_variables(path: &str) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => format!("${}", name.to_uppercase()),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Schemas that contain themselves end here.
const DEEPEST: usize = 3;

/// A value that the schema allows: the example where there is one.
fn value(document: &Value, schema: &Value, depth: usize) -> Value {
    let plain = without_null(document, schema);
    if let Some(example) = schema.get("example").or_else(|| plain.get("example")) {
        return example.clone();
    }
    if let Some(first) = plain["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    if let Some(first) = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| plain[*key].as_array()?.first()) {
        return value(document, first, depth);
    }
    let kind = match &plain["type"] {
        Value::Array(all) => all.iter().find_map(Value::as_str).unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    };
    match (kind, plain["format"].as_str()) {
        ("string", Some("uuid")) => json!("019cdc1f-d680-7000-8000-000000000001"),
        ("string", Some("date-time")) => json!("2030-01-01T00:00:00Z"),
        ("string", Some("date")) => json!("2030-01-01"),
        ("string", _) => json!("…"),
        ("integer" | "number", _) => plain.get("minimum").cloned().unwrap_or(json!(1)),
        ("boolean", _) => json!(true),
        ("array", _) if depth < DEEPEST => json!([value(document, &plain["items"], depth + 1)]),
        ("array", _) => json!([]),
        _ if depth < DEEPEST => object(document, plain, depth),
        _ => json!({}),
    }
}

/// An object with the fields that are required or have an example; with its first field if there is none.
fn object(document: &Value, schema: &Value, depth: usize) -> Value {
    let required = schema["required"].as_array();
    let properties = schema["properties"].as_object();
    let is_shown = |(name, property): &(&String, &Value)| {
        let is_required = required.is_some_and(|required| required.iter().any(|one| one == *name));
        is_required || resolved(document, property).get("example").is_some()
    };
    let mut shown: Vec<(&String, &Value)> = properties.into_iter().flatten().filter(is_shown).collect();
    if shown.is_empty() {
        shown.extend(properties.and_then(|all| all.iter().next()));
    }
    let pairs = shown.into_iter().map(|(name, property)| (name.clone(), value(document, property, depth + 1)));
    Value::Object(pairs.collect::<Map<_, _>>())
}
