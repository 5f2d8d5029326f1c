//! What Entra and Okta change of groups.

use super::super::{
    fault::{ScimFault, ScimType},
    patch::{GroupChanges, PATCH_OP, TextChange, apply, group_changes, read_patch},
    schema::ResourceKind,
};
use serde_json::{Map, Value, json};

fn changes(operations: Value) -> Result<GroupChanges, ScimFault> {
    group_changes(&read_patch(&json!({ "schemas": [PATCH_OP], "Operations": operations }))?)
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn members(add: &[&str], remove: &[&str], replaced: bool) -> GroupChanges {
    GroupChanges { add: ids(add), remove: ids(remove), replaced, ..GroupChanges::default() }
}

#[test]
fn members_come_and_go_in_every_form() {
    for (operation, expected) in [
        (
            json!({ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "1" }, { "value": "2" }] }),
            members(&["1", "2"], &[], false),
        ),
        (json!({ "op": "add", "path": "members", "value": { "value": "1" } }), members(&["1"], &[], false)),
        (json!({ "op": "add", "path": "members", "value": "1" }), members(&["1"], &[], false)),
        (
            json!({ "op": "add", "path": "members", "value": ["2", "1", "2"] }),
            members(&["2", "1"], &[], false),
        ),
        (json!({ "op": "add", "value": { "members": [{ "value": "1" }] } }), members(&["1"], &[], false)),
        (
            json!({ "op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:Group:members", "value": "1" }),
            members(&["1"], &[], false),
        ),
        (
            json!({ "op": "Remove", "path": "members", "value": [{ "value": "1" }] }),
            members(&[], &["1"], false),
        ),
        (json!({ "op": "remove", "path": "members", "value": "1" }), members(&[], &["1"], false)),
        (json!({ "op": "remove", "path": "members", "value": [] }), members(&[], &[], false)),
        (json!({ "op": "remove", "path": "members[value eq \"1\"]" }), members(&[], &["1"], false)),
        (
            json!({ "op": "remove", "path": "members[value eq \"1\" or VALUE eq \"2\"]" }),
            members(&[], &["1", "2"], false),
        ),
        (json!({ "op": "remove", "path": "members" }), members(&[], &[], true)),
        (json!({ "op": "remove", "path": "members", "value": null }), members(&[], &[], true)),
        (json!({ "op": "replace", "path": "members", "value": [] }), members(&[], &[], true)),
        (json!({ "op": "replace", "path": "members", "value": null }), members(&[], &[], true)),
        (
            json!({ "op": "replace", "path": "members", "value": [{ "value": "3" }] }),
            members(&["3"], &[], true),
        ),
        (json!({ "op": "replace", "value": { "members": [{ "value": "3" }] } }), members(&["3"], &[], true)),
    ] {
        assert_eq!(changes(json!([operation])).unwrap(), expected, "{operation}");
    }
}

#[test]
fn a_later_operation_counts_more() {
    let add = |id: &str| json!({ "op": "add", "path": "members", "value": id });
    let remove = |id: &str| json!({ "op": "remove", "path": "members", "value": id });
    let replace = |value: Value| json!({ "op": "replace", "path": "members", "value": value });
    assert_eq!(changes(json!([add("1"), add("2"), remove("1")])).unwrap(), members(&["2"], &["1"], false));
    assert_eq!(changes(json!([remove("1"), add("1")])).unwrap(), members(&["1"], &[], false));
    assert_eq!(
        changes(json!([add("1"), replace(json!(["2", "3"])), remove("2"), add("4")])).unwrap(),
        members(&["3", "4"], &[], true)
    );
    assert_eq!(changes(json!([replace(json!(["1"])), replace(json!([]))])).unwrap(), members(&[], &[], true));
}

#[test]
fn the_name_and_the_ids_are_read_with_and_without_path() {
    let pushed =
        changes(json!([{ "op": "replace", "value": { "id": "9", "displayName": "Sales", "externalId": "x", "other": 1, "meta": {} } }]))
            .unwrap();
    assert_eq!(
        pushed,
        GroupChanges {
            id: Some("9".into()),
            display_name: Some("Sales".into()),
            external_id: TextChange::Set("x".into()),
            ..GroupChanges::default()
        }
    );
    let changed = changes(json!([
        { "op": "replace", "path": "displayName", "value": "A" },
        { "op": "Replace", "path": "displayname", "value": "B" },
        { "op": "remove", "path": "externalId" },
    ]));
    let changed = changed.unwrap();
    assert_eq!((changed.display_name.as_deref(), changed.external_id), (Some("B"), TextChange::Removed));
}

#[test]
fn what_a_group_cannot_be_is_refused() {
    for (operation, scim_type) in [
        (json!({ "op": "remove" }), ScimType::NoTarget),
        (json!({ "op": "remove", "path": "displayName" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "displayName", "value": "" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "externalId", "value": 5 }), ScimType::InvalidValue),
        (json!({ "op": "replace", "value": { "id": 9 } }), ScimType::Mutability),
        (json!({ "op": "remove", "path": "id" }), ScimType::Mutability),
        (json!({ "op": "add", "path": "members", "value": [{ "display": "x" }] }), ScimType::InvalidValue),
        (json!({ "op": "add", "path": "members", "value": [5] }), ScimType::InvalidValue),
        (json!({ "op": "add", "path": "members", "value": [{ "value": "" }] }), ScimType::InvalidValue),
        (json!({ "op": "add", "path": "members[value eq \"1\"]", "value": "2" }), ScimType::NoTarget),
        (json!({ "op": "remove", "path": "members[type eq \"User\"]" }), ScimType::InvalidFilter),
        (json!({ "op": "remove", "path": "members[not (value eq \"1\")]" }), ScimType::InvalidFilter),
        (json!({ "op": "remove", "path": "members[value ne \"1\"]" }), ScimType::InvalidFilter),
        (
            json!({ "op": "replace", "path": "members[value eq \"1\"].display", "value": "x" }),
            ScimType::Mutability,
        ),
        (json!({ "op": "replace", "path": "members.value", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "roles", "value": ["admin"] }), ScimType::InvalidPath),
        (json!({ "op": "replace", "value": [] }), ScimType::InvalidValue),
    ] {
        assert_eq!(changes(json!([operation])).unwrap_err().scim_type, Some(scim_type), "{operation}");
    }
}

#[test]
fn the_members_do_not_become_part_of_the_resource() {
    let operations = json!([{ "op": "add", "path": "members", "value": "1" }, { "op": "replace", "path": "displayName", "value": "B" }]);
    let operations = read_patch(&json!({ "schemas": [PATCH_OP], "Operations": operations })).unwrap();
    let mut group = Map::new();
    apply(ResourceKind::Group, &mut group, &operations).unwrap();
    assert_eq!(Value::from(group), json!({ "displayName": "B" }));
}

#[test]
fn many_members_are_read_quickly() {
    let many: Vec<Value> = (0..100_000).map(|id| json!({ "value": id.to_string() })).collect();
    let changed =
        changes(json!([{ "op": "add", "path": "members", "value": many }, { "op": "remove", "path": "members", "value": many }])).unwrap();
    assert_eq!((changed.add.len(), changed.remove.len()), (0, 100_000));
}
