//! Which attributes a response contains (RFC 7644 section 3.9).

use super::{
    super::{projection::Projection, schema::ENTERPRISE_USER},
    user,
};
use serde_json::{Value, json};

fn pairs(attributes: &str, excluded: &str) -> Vec<(String, String)> {
    [("attributes", attributes), ("excludedAttributes", excluded)]
        .map(|(name, value)| (name.into(), value.into()))
        .into()
}

fn projected(attributes: &str, excluded: &str) -> Value {
    let mut resource = user();
    resource["password"] = "geheim".into();
    Projection::from_pairs(&pairs(attributes, excluded))
        .unwrap()
        .apply(resource.as_object_mut().unwrap());
    resource
}

/// What is left besides `id`, `schemas` and `meta`, which have to be there.
fn chosen(attributes: &str) -> Value {
    let mut resource = projected(attributes, "");
    for always in ["id", "schemas", "meta"] {
        assert!(resource.as_object_mut().unwrap().remove(always).is_some());
    }
    resource
}

#[test]
fn without_parameters_all_but_the_password_is_returned() {
    assert_eq!(projected("", ""), user());
    assert_eq!(projected(" , ", ","), user());
}

#[test]
fn only_what_is_asked_for_is_returned() {
    assert_eq!(chosen("USERNAME"), json!({ "userName": "Maria.Silva@example.com" }));
    assert_eq!(chosen("name.familyName, title"), json!({ "name": { "familyName": "Silva" } }));
    assert_eq!(
        chosen("emails.value"),
        json!({ "emails": [{ "value": "maria@example.com" }, { "value": "maria@example.org" }] })
    );
    assert_eq!(chosen("emails.primary,emails.nothing"), json!({ "emails": [{ "primary": true }] }));
    assert_eq!(chosen("urn:ietf:params:scim:schemas:core:2.0:User:active"), json!({ "active": true }));
    assert_eq!(chosen(ENTERPRISE_USER), json!({ ENTERPRISE_USER: user()[ENTERPRISE_USER] }));
    assert_eq!(
        chosen(&format!("{ENTERPRISE_USER}:department")),
        json!({ ENTERPRISE_USER: { "department": "Sales" } })
    );
    assert_eq!(
        chosen(&format!("{ENTERPRISE_USER}:manager.value")),
        json!({ ENTERPRISE_USER: { "manager": { "value": "12" } } })
    );
    assert_eq!(chosen("department"), json!({}));
}

#[test]
fn names_that_mean_nothing_choose_nothing() {
    for name in [
        "password",
        "x",
        "a.b.c",
        "emails[type pr]",
        "urn:x:y",
        "'; --",
        "urn:ietf:params:scim:schemas:extension:x:2.0:User:name",
    ] {
        assert_eq!(chosen(name), json!({}), "{name}");
    }
}

#[test]
fn what_is_excluded_is_not_returned() {
    let without = projected(
        "",
        "emails,NAME.familyName,meta,id,schemas,groups.display,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    );
    let mut expected = user();
    for gone in ["emails", "meta"] {
        expected.as_object_mut().unwrap().remove(gone);
    }
    expected["name"] = json!({ "givenName": "Maria" });
    expected["groups"] = json!([{ "value": "9" }]);
    expected[ENTERPRISE_USER] = json!({ "manager": { "value": "12" } });
    assert_eq!(without, expected);
    assert!(projected("", "name.familyName,name.givenName").get("name").is_none());
    assert!(projected("", ENTERPRISE_USER).get(ENTERPRISE_USER).is_none());
}

#[test]
fn both_parameters_narrow_each_other() {
    let both = projected("emails,name", "emails.primary,name,meta");
    let emails = json!([{ "type": "work", "value": "maria@example.com" }, { "type": "home", "value": "maria@example.org" }]);
    assert_eq!(both, json!({ "id": "41", "schemas": user()["schemas"], "emails": emails }));
}

#[test]
fn the_caller_can_ask_what_it_has_to_load() {
    let includes = |attributes: &str, excluded: &str| Projection::from_pairs(&pairs(attributes, excluded)).unwrap().includes("members");
    assert!(includes("", "") && includes("members.value", "") && includes("MEMBERS", "members.display"));
    assert!(!includes("", "Members") && !includes("displayName", "") && !includes("members", "members"));
}

#[test]
fn a_parameter_names_two_hundred_attributes_at_most() {
    assert!(Projection::from_pairs(&pairs(&vec!["a"; 200].join(","), "")).is_ok());
    assert!(Projection::from_pairs(&pairs("", &vec!["a"; 201].join(","))).is_err());
}
