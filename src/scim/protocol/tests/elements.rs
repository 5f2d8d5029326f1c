//! PATCH of attributes with many values (RFC 7644 section 3.5.2).

use super::{super::fault::ScimType, patched, refusal, user};
use serde_json::{Value, json};

fn emails(operation: Value) -> Value {
    patched(user(), json!([operation])).unwrap().get("emails").cloned().unwrap_or_default()
}

fn work() -> Value {
    json!({ "type": "work", "value": "maria@example.com", "primary": true })
}

fn home() -> Value {
    json!({ "type": "home", "value": "maria@example.org" })
}

#[test]
fn added_values_are_appended_once() {
    let other = json!({ "type": "other", "value": "m@example.net" });
    assert_eq!(
        emails(json!({ "op": "add", "path": "emails", "value": [other, home()] })),
        json!([work(), home(), other])
    );
    assert_eq!(emails(json!({ "op": "add", "path": "emails", "value": other })), json!([work(), home(), other]));
    assert_eq!(
        emails(json!({ "op": "add", "value": { "emails": [other, other] } })),
        json!([work(), home(), other])
    );
}

#[test]
fn at_most_one_value_is_primary() {
    let value = json!([{ "type": "home", "value": "maria@example.org", "primary": true }]);
    let moved = json!([{ "type": "work", "value": "maria@example.com", "primary": false }, value[0]]);
    assert_eq!(emails(json!({ "op": "add", "path": "emails", "value": value })), moved);
    assert_eq!(emails(json!({ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true })), moved);
    let both = json!([{ "value": "a", "primary": true }, { "value": "b", "primary": "True" }]);
    assert_eq!(refusal(json!([{ "op": "replace", "path": "emails", "value": both }])), Some(ScimType::InvalidValue));
    assert_eq!(
        refusal(json!([{ "op": "replace", "path": "emails.primary", "value": true }])),
        Some(ScimType::InvalidValue)
    );
}

#[test]
fn all_values_are_replaced_or_removed() {
    assert_eq!(emails(json!({ "op": "replace", "path": "emails", "value": [home()] })), json!([home()]));
    assert_eq!(emails(json!({ "op": "replace", "path": "emails", "value": home() })), json!([home()]));
    for operation in [
        json!({ "op": "replace", "path": "emails", "value": [] }),
        json!({ "op": "replace", "path": "emails", "value": null }),
        json!({ "op": "remove", "path": "emails" }),
        json!({ "op": "remove", "path": "emails", "value": null }),
        json!({ "op": "remove", "path": "emails[value pr]" }),
        json!({ "op": "remove", "path": "emails.value" }),
    ] {
        assert_eq!(emails(operation.clone()), Value::Null, "{operation}");
    }
}

#[test]
fn values_that_are_named_are_removed() {
    for operation in [
        json!({ "op": "remove", "path": "emails", "value": [{ "value": "maria@example.com" }] }),
        json!({ "op": "remove", "path": "emails", "value": { "value": "maria@example.com", "display": null, "type": "work" } }),
        json!({ "op": "remove", "path": "emails", "value": [{ "type": "work" }] }),
        json!({ "op": "remove", "path": "emails[type eq \"work\"]" }),
        json!({ "op": "remove", "path": "emails[type eq \"work\"].value" }),
        json!({ "op": "replace", "path": "emails[type eq \"work\"].value", "value": null }),
    ] {
        assert_eq!(emails(operation.clone()), json!([home()]), "{operation}");
    }
    for operation in [
        json!({ "op": "remove", "path": "emails", "value": [] }),
        json!({ "op": "remove", "path": "emails", "value": [{}] }),
        json!({ "op": "remove", "path": "emails", "value": [{ "value": "maria@example.com", "type": "home" }] }),
        json!({ "op": "remove", "path": "emails[type eq \"other\"]" }),
    ] {
        assert_eq!(emails(operation.clone()), json!([work(), home()]), "{operation}");
    }
}

#[test]
fn a_filter_chooses_what_changes() {
    let path = "emails[type eq \"work\"]";
    assert_eq!(
        emails(json!({ "op": "replace", "path": path, "value": { "value": "x@example.com" } })),
        json!([{ "value": "x@example.com" }, home()])
    );
    let merged = json!({ "type": "work", "value": "x@example.com", "primary": true });
    assert_eq!(
        emails(json!({ "op": "add", "path": path, "value": { "value": "x@example.com" } })),
        json!([merged, home()])
    );
    assert_eq!(
        emails(json!({ "op": "replace", "path": format!("{path}.value"), "value": "x@example.com" })),
        json!([merged, home()])
    );
    assert_eq!(
        emails(json!({ "op": "replace", "path": format!("{path}.value"), "value": "x@example.com" })),
        json!([merged, home()])
    );
    let moved = emails(json!({ "op": "replace", "path": "emails.type", "value": "other" }));
    assert!(moved.as_array().unwrap().iter().all(|email| email["type"] == "other"));
}

#[test]
fn a_filter_that_finds_nothing_and_describes_nothing_is_refused() {
    for path in [
        "emails[value eq \"x@example.com\"]",
        "emails[value eq \"x@example.com\"].type",
        "emails[type eq \"other\" and value eq \"x\"]",
        "emails[type sw \"oth\"].value",
        "emails[type eq \"other\" or type eq \"fax\"].value",
        "emails[not (value pr)].value",
        "emails[primary eq \"maybe\"].value",
    ] {
        let value = if path.ends_with(']') { json!({ "value": "a" }) } else { json!("a") };
        assert_eq!(
            refusal(json!([{ "op": "replace", "path": path, "value": value }])),
            Some(ScimType::NoTarget),
            "{path}"
        );
    }
}

#[test]
fn elements_of_another_form_are_refused() {
    for (path, value) in [
        ("emails", json!("maria@example.com")),
        ("emails", json!(["maria@example.com"])),
        ("emails", json!([{ "value": 5 }])),
        ("emails", json!([{ "value": "a", "primary": "maybe" }])),
        ("emails[type eq \"work\"]", json!([])),
        ("emails[type eq \"work\"]", json!([{ "value": "a" }, { "value": "b" }])),
        ("emails[type eq \"work\"].value", json!({ "value": "a" })),
    ] {
        assert_eq!(
            refusal(json!([{ "op": "replace", "path": path, "value": value }])),
            Some(ScimType::InvalidValue),
            "{path} {value}"
        );
    }
}

#[test]
fn an_attribute_has_two_hundred_values_at_most() {
    let many = |range: std::ops::Range<u32>| range.map(|n| json!({ "value": n.to_string() })).collect::<Vec<_>>();
    assert!(patched(user(), json!([{ "op": "replace", "path": "roles", "value": many(0..200) }])).is_ok());
    assert_eq!(
        refusal(json!([{ "op": "replace", "path": "roles", "value": many(0..201) }])),
        Some(ScimType::InvalidValue)
    );
    let twice = json!([{ "op": "add", "path": "roles", "value": many(0..200) }, { "op": "add", "path": "roles", "value": many(200..201) }]);
    assert_eq!(refusal(twice), Some(ScimType::InvalidValue));
}
