//! PATCH by the letter of RFC 7644 section 3.5.2, on attributes with one value, and what is refused.

use super::{
    super::{
        fault::ScimType,
        patch::{PATCH_OP, read_patch},
        schema::ENTERPRISE_USER,
    },
    patched, refusal, user,
};
use serde_json::{Map, Value, json};

#[test]
fn a_simple_attribute_is_set_and_removed() {
    let changed = patched(
        user(),
        json!([{ "op": "add", "path": "title", "value": "Boss" }, { "op": "replace", "path": "displayName", "value": "M" }]),
    );
    let changed = changed.unwrap();
    assert_eq!((&changed["title"], &changed["displayName"]), (&json!("Boss"), &json!("M")));
    let changed = patched(
        changed,
        json!([{ "op": "remove", "path": "TITLE" }, { "op": "replace", "path": "displayName", "value": null }]),
    )
    .unwrap();
    assert!(changed.get("title").is_none() && changed.get("displayName").is_none());
}

#[test]
fn the_sub_attributes_that_are_not_sent_stay() {
    let changed = patched(
        user(),
        json!([{ "op": "replace", "path": "name", "value": { "givenName": "Ana", "shoeSize": 40 } }]),
    )
    .unwrap();
    assert_eq!(changed["name"], json!({ "familyName": "Silva", "givenName": "Ana" }));
    let changed = patched(changed, json!([{ "op": "remove", "path": "name.familyName" }])).unwrap();
    assert_eq!(changed["name"], json!({ "givenName": "Ana" }));
    let changed = patched(changed, json!([{ "op": "remove", "path": "name.givenName" }])).unwrap();
    assert!(changed.get("name").is_none());
    let changed = patched(changed, json!([{ "op": "add", "path": "name.formatted", "value": "Ana S" }])).unwrap();
    assert_eq!(changed["name"], json!({ "formatted": "Ana S" }));
}

#[test]
fn an_extension_is_changed_as_a_whole_and_in_parts() {
    let changed = patched(
        user(),
        json!([{ "op": "add", "path": ENTERPRISE_USER, "value": { "division": "EU", "unknown": 1 } }]),
    )
    .unwrap();
    assert_eq!(
        changed[ENTERPRISE_USER],
        json!({ "department": "Sales", "division": "EU", "manager": { "value": "12" } })
    );
    let changed = patched(changed, json!([{ "op": "remove", "path": format!("{ENTERPRISE_USER}:division") }])).unwrap();
    assert_eq!(changed[ENTERPRISE_USER], json!({ "department": "Sales", "manager": { "value": "12" } }));
    let changed = patched(changed, json!([{ "op": "remove", "path": ENTERPRISE_USER }])).unwrap();
    assert!(changed.get(ENTERPRISE_USER).is_none());
    let changed = patched(changed, json!([{ "op": "add", "path": format!("{ENTERPRISE_USER}:costCenter"), "value": "7" }])).unwrap();
    assert_eq!(changed[ENTERPRISE_USER], json!({ "costCenter": "7" }));
}

#[test]
fn a_core_schema_as_path_means_the_resource() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let changed = patched(user(), json!([{ "op": "replace", "path": core, "value": { "title": "Boss" } }])).unwrap();
    assert_eq!(changed["title"], "Boss");
    assert_eq!(refusal(json!([{ "op": "remove", "path": core }])), Some(ScimType::Mutability));
}

#[test]
fn operations_are_applied_all_or_none() {
    let mut changed = user();
    let operations = json!([{ "op": "replace", "path": "title", "value": "Boss" }, { "op": "remove" }]);
    let operations = read_patch(&json!({ "schemas": [PATCH_OP], "Operations": operations })).unwrap();
    let kind = super::ResourceKind::User;
    assert!(super::apply(kind, changed.as_object_mut().unwrap(), &operations).is_err());
    assert_eq!(changed, user());
}

#[test]
fn what_belongs_to_the_server_is_left_as_it_is() {
    let operations = json!([
        { "op": "replace", "path": "meta", "value": { "version": "x" } },
        { "op": "replace", "path": "meta.version", "value": "x" },
        { "op": "remove", "path": "groups" },
        { "op": "add", "path": "groups", "value": [{ "value": "1" }] },
        { "op": "add", "path": "schemas", "value": ["urn:x"] },
        { "op": "replace", "path": "id", "value": "41" },
        { "op": "replace", "value": { "id": "41", "meta": {}, "groups": [], "schemas": [], "password": "geheim" } },
        { "op": "add", "path": "password", "value": 5 },
        { "op": "remove", "path": "password" },
        { "op": "replace", "path": format!("{ENTERPRISE_USER}:manager.displayName"), "value": "x" },
    ]);
    assert_eq!(patched(user(), operations).unwrap(), user());
}

#[test]
fn a_stored_password_leaves_with_any_change() {
    let mut with_password = user();
    with_password["password"] = "geheim".into();
    assert_eq!(patched(with_password, json!([{ "op": "replace", "value": { "active": true } }])).unwrap(), user());
}

#[test]
fn what_the_rfc_forbids_is_refused() {
    for (operation, scim_type) in [
        (json!({ "op": "remove" }), ScimType::NoTarget),
        (json!({ "op": "remove", "value": { "title": "x" } }), ScimType::NoTarget),
        (json!({ "op": "replace", "path": "shoeSize", "value": 1 }), ScimType::InvalidPath),
        (json!({ "op": "replace", "path": "", "value": 1 }), ScimType::InvalidPath),
        (json!({ "op": "replace", "path": 5, "value": 1 }), ScimType::InvalidPath),
        (
            json!({ "op": "replace", "path": "urn:ietf:params:scim:schemas:extension:x:2.0:User:a", "value": 1 }),
            ScimType::InvalidPath,
        ),
        (json!({ "op": "replace", "path": "emails[shoeSize eq 1]", "value": {} }), ScimType::InvalidFilter),
        (json!({ "op": "replace", "path": "id", "value": "42" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "id", "value": 41 }), ScimType::Mutability),
        (json!({ "op": "replace", "value": { "id": "42" } }), ScimType::Mutability),
        (json!({ "op": "remove", "path": "id" }), ScimType::Mutability),
        (json!({ "op": "remove", "path": "userName" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "userName", "value": null }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "userName", "value": 5 }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "externalId", "value": 5 }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "title", "value": ["a"] }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "active", "value": "yes" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "name", "value": "Maria" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "name", "value": { "givenName": {} } }), ScimType::InvalidValue),
        (json!({ "op": "replace", "value": "x" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "value": [] }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "title" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "value": { ENTERPRISE_USER: "x" } }), ScimType::InvalidValue),
        (json!({ "op": "move", "path": "title", "value": "x" }), ScimType::InvalidSyntax),
        (json!({ "path": "title", "value": "x" }), ScimType::InvalidSyntax),
        (json!("replace"), ScimType::InvalidSyntax),
    ] {
        assert_eq!(refusal(json!([operation])), Some(scim_type), "{operation}");
    }
}

#[test]
fn only_a_patch_request_is_read() {
    let operations = json!([{ "op": "replace", "path": "title", "value": "x" }]);
    assert!(read_patch(&json!({ "Schemas": [PATCH_OP.to_uppercase()], "operations": operations })).is_ok());
    for body in [
        json!({ "Operations": operations }),
        json!({ "schemas": ["urn:x"], "Operations": operations }),
        json!({ "schemas": [PATCH_OP] }),
        json!({ "schemas": [PATCH_OP], "Operations": [] }),
        json!([PATCH_OP]),
        Value::Null,
    ] {
        assert_eq!(read_patch(&body).unwrap_err().scim_type, Some(ScimType::InvalidSyntax), "{body}");
    }
}

#[test]
fn a_request_may_have_a_thousand_operations() {
    let body = |count| json!({ "schemas": [PATCH_OP], "Operations": vec![json!({ "op": "remove", "path": "title" }); count] });
    assert_eq!(read_patch(&body(1_000)).unwrap().len(), 1_000);
    assert_eq!(read_patch(&body(1_001)).unwrap_err().scim_type, Some(ScimType::TooMany));
    let names: Value = (0..1_001).map(|n| (format!("a{n}"), Value::from(1))).collect::<Map<_, _>>().into();
    assert_eq!(refusal(json!([{ "op": "replace", "value": names }])), Some(ScimType::TooMany));
    let filter = ["value eq \"x\""; 11].join(" or ");
    assert_eq!(
        refusal(json!([{ "op": "remove", "path": format!("emails[{filter}]") }])),
        Some(ScimType::InvalidFilter)
    );
}
