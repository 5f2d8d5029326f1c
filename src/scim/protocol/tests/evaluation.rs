//! Which resources a filter finds.

use super::{
    super::filter::{Filter, matches},
    filters::EXAMPLES,
    user,
};
use serde_json::json;

fn finds(text: &str) -> bool {
    matches(&Filter::parse(text).unwrap(), &user())
}

#[test]
fn the_examples_of_the_rfc_find_what_they_should() {
    let found: Vec<bool> = EXAMPLES.iter().map(|text| finds(text)).collect();
    let expected = [
        false, false, false, false, false, true, true, false, false, false, false, true, true, false, true, true, true,
    ];
    assert_eq!(found, expected);
}

#[test]
fn names_and_values_are_compared_ignoring_case_unless_the_schema_is_exact() {
    assert!(finds(r#"USERNAME eq "maria.SILVA@EXAMPLE.com""#));
    assert!(finds(r#"urn:ietf:params:scim:schemas:core:2.0:user:userName ew "EXAMPLE.COM""#));
    assert!(finds(r#"emails[TYPE eq "WORK"].VALUE eq "MARIA@example.com""#));
    assert!(finds(r#"externalId eq "Ext-7""#));
    assert!(!finds(r#"externalId eq "ext-7""#));
    assert!(!finds(r#"groups.value eq "x" or id eq "4""#));
}

#[test]
fn both_sides_of_brackets_have_to_be_the_same_element() {
    assert!(finds(r#"emails[type eq "work"].value eq "maria@example.com""#));
    assert!(!finds(r#"emails[type eq "work"].value eq "maria@example.org""#));
    assert!(finds(r#"emails.type eq "work" and emails.value eq "maria@example.org""#));
    assert!(finds(r#"emails[type eq "work" and primary eq true]"#));
}

#[test]
fn a_complex_attribute_is_compared_by_its_value() {
    assert!(finds(r#"emails eq "maria@example.org""#));
    assert!(finds(r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "12""#));
    assert!(finds(r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department sw "sal""#));
    assert!(!finds(r#"department sw "sal""#));
}

#[test]
fn ne_is_the_opposite_of_eq_also_where_there_is_no_value() {
    assert!(finds(r#"title ne "Boss""#));
    assert!(finds(r#"emails ne "other@example.com""#));
    assert!(!finds(r#"emails ne "maria@example.com""#));
    assert!(finds("title eq null"));
    assert!(finds("userName ne null"));
    assert!(!finds("userName eq null"));
}

#[test]
fn times_are_compared_as_times() {
    assert!(finds(r#"meta.created eq "2026-01-02T04:04:05+01:00""#));
    assert!(finds(r#"meta.created lt "2026-01-02T03:04:05.1Z""#));
    assert!(finds(r#"meta.created ge "2026-01-02T03:04:05Z""#));
}

#[test]
fn what_is_empty_is_not_present() {
    let resource = json!({ "a": "", "b": [], "c": [{}], "d": { "e": null }, "f": false, "g": [{ "h": 0 }], "i": null });
    let found = |name: &str| matches(&Filter::parse(&format!("{name} pr")).unwrap(), &resource);
    let present: Vec<&str> = ["a", "b", "c", "d", "f", "g", "i", "j", "g.h", "f.x"]
        .into_iter()
        .filter(|name| found(name))
        .collect();
    assert_eq!(present, ["f", "g", "g.h"]);
}

#[test]
fn numbers_and_booleans_are_compared_as_what_they_are() {
    let resource = json!({ "n": 9_007_199_254_740_993_u64, "x": 1.5, "b": "True", "roles": [{ "value": "a", "primary": true }] });
    for (text, expected) in [
        ("n eq 9007199254740993", true),
        ("n eq 9007199254740992", false),
        ("n gt 9007199254740992", true),
        ("x le 1.5", true),
        ("x lt 1.5", false),
        ("x eq \"1.5\"", false),
        ("b eq true", true),
        ("b eq false", false),
        ("roles[primary eq \"True\"].value eq \"a\"", true),
        ("roles[primary eq \"False\"]", false),
    ] {
        assert_eq!(matches(&Filter::parse(text).unwrap(), &resource), expected, "{text}");
    }
}
