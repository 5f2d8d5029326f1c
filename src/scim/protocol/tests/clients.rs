//! What Entra and Okta send about users beyond the RFC.

use super::{
    super::{patch::read_bool, schema::ENTERPRISE_USER},
    patched, user,
};
use serde_json::{Value, json};

fn one(operation: Value) -> Value {
    patched(user(), json!([operation])).unwrap()
}

#[test]
fn operations_of_entra_begin_with_a_capital() {
    let changed = patched(
        user(),
        json!([
            { "op": "Add", "path": "title", "value": "Boss" },
            { "op": "Replace", "path": "displayName", "value": "M" },
            { "op": "Remove", "path": "userType" },
        ]),
    );
    let changed = changed.unwrap();
    assert_eq!(
        (changed["title"].as_str(), changed["displayName"].as_str(), changed.get("userType")),
        (Some("Boss"), Some("M"), None)
    );
}

#[test]
fn entra_writes_booleans_as_text() {
    let changed = one(json!({ "op": "Replace", "path": "active", "value": "False" }));
    assert_eq!(changed["active"], "False");
    assert_eq!(read_bool(&changed["active"]), Some(false));
    assert_eq!(one(json!({ "op": "replace", "path": "active", "value": false }))["active"], false);
    assert_eq!(
        [json!(true), json!("TRUE"), json!("no"), json!(0)].iter().map(read_bool).collect::<Vec<_>>(),
        [Some(true), Some(true), None, None]
    );
}

#[test]
fn names_in_an_object_without_path_are_paths() {
    let changed = one(json!({ "op": "replace", "value": {
        "displayName": "Ana Silva",
        "name.givenName": "Ana",
        "emails[type eq \"work\"].value": "ana@example.com",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "701",
        "urn:ietf:params:scim:schemas:core:2.0:User:title": "Boss",
        "urn:ietf:params:scim:schemas:extension:custom:2.0:User": { "a": 1 },
        "urn:ietf:params:scim:schemas:extension:custom:2.0:User:b": "c",
        "shoeSize": 40,
    } }));
    let mut expected = user();
    expected["displayName"] = "Ana Silva".into();
    expected["name"]["givenName"] = "Ana".into();
    expected["emails"][0]["value"] = "ana@example.com".into();
    expected["title"] = "Boss".into();
    expected[ENTERPRISE_USER]["employeeNumber"] = "701".into();
    assert_eq!(changed, expected);
}

#[test]
fn an_extension_may_be_an_object_under_its_urn() {
    let changed = one(json!({ "op": "add", "value": { ENTERPRISE_USER: { "department": "R&D", "manager": "13", "other": 1 } } }));
    assert_eq!(changed[ENTERPRISE_USER], json!({ "department": "R&D", "manager": { "value": "13" } }));
    let nested = json!({ "op": "add", "value": { ENTERPRISE_USER: { ENTERPRISE_USER: { "department": "R&D" } } } });
    assert_eq!(one(nested), user());
    let removed = one(json!({ "op": "replace", "value": { ENTERPRISE_USER: null } }));
    assert!(removed.get(ENTERPRISE_USER).is_none());
}

#[test]
fn an_element_that_does_not_exist_is_created() {
    for (path, value, attribute, expected) in [
        (
            "phoneNumbers[type eq \"mobile\"].value",
            "+1",
            "phoneNumbers",
            json!([{ "type": "mobile", "value": "+1" }]),
        ),
        (
            "addresses[type eq \"work\"].formatted",
            "1 Way",
            "addresses",
            json!([{ "type": "work", "formatted": "1 Way" }]),
        ),
        ("roles[primary eq \"True\"].value", "User", "roles", json!([{ "primary": true, "value": "User" }])),
        (
            "ims[type eq \"xmpp\" and primary eq true].value",
            "a",
            "ims",
            json!([{ "type": "xmpp", "primary": true, "value": "a" }]),
        ),
    ] {
        for op in ["Add", "replace"] {
            assert_eq!(one(json!({ "op": op, "path": path, "value": value }))[attribute], expected, "{op} {path}");
        }
    }
    let created = one(json!({ "op": "replace", "path": "addresses[type eq \"home\"]", "value": { "locality": "Faro" } }));
    assert_eq!(created["addresses"], json!([{ "type": "home", "locality": "Faro" }]));
}

#[test]
fn no_element_is_created_for_no_value() {
    assert!(
        one(json!({ "op": "replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": null }))
            .get("phoneNumbers")
            .is_none()
    );
    assert!(
        one(json!({ "op": "remove", "path": "phoneNumbers[type eq \"mobile\"].value" }))
            .get("phoneNumbers")
            .is_none()
    );
}

#[test]
fn a_manager_is_sent_in_three_ways() {
    let path = format!("{ENTERPRISE_USER}:manager");
    for value in [
        json!("13"),
        json!({ "value": "13" }),
        json!([{ "$ref": null, "value": "13" }]),
        json!({ "value": "13", "displayName": "Eva" }),
    ] {
        let changed = one(json!({ "op": "Replace", "path": path, "value": value }));
        assert_eq!(changed[ENTERPRISE_USER]["manager"], json!({ "value": "13" }), "{value}");
    }
    let with_address = one(json!({ "op": "Replace", "path": path, "value": { "value": "13", "$ref": "../Users/13" } }));
    assert_eq!(with_address[ENTERPRISE_USER]["manager"], json!({ "value": "13", "$ref": "../Users/13" }));
    for value in [
        json!(null),
        json!(""),
        json!([]),
        json!({ "value": "" }),
        json!([{ "value": null }]),
    ] {
        let changed = one(json!({ "op": "Replace", "path": path, "value": value }));
        assert_eq!(changed[ENTERPRISE_USER], json!({ "department": "Sales" }), "{value}");
    }
    for value in [
        json!(13),
        json!([{ "value": "1" }, { "value": "2" }]),
        json!([["1"]]),
        json!({ "value": 1 }),
    ] {
        assert!(patched(user(), json!([{ "op": "Replace", "path": path, "value": value }])).is_err(), "{value}");
    }
}

#[test]
fn okta_disables_without_a_path() {
    assert_eq!(one(json!({ "op": "replace", "value": { "active": false } }))["active"], false);
}
