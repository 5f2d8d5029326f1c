//! Groups: a team as the JSON of SCIM, and what a client's JSON wants a team to be.

use super::{
    preconditions::tag,
    protocol::{
        fault::ScimFault,
        json::get,
        patch::{GroupChanges, TextChange},
        schema::{GROUP, ResourceKind},
    },
};
use crate::{
    kit::{MemberId, fold},
    provisioning::{GroupRecord, MemberChanges, WantedGroup},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The longest name of a team, in characters.
const LONGEST_NAME: usize = 100;
/// The longest `externalId`, in characters.
const LONGEST_EXTERNAL_ID: usize = 512;

/// A team as SCIM shows it. `people` are those in it, if they were asked for.
pub(super) fn represent(record: &GroupRecord, people: Option<&[MemberId]>, base: &str) -> Map<String, Value> {
    let (team, provisioned) = (&record.team, record.provisioned.as_ref());
    let changed = provisioned.map_or(record.created_at, |provisioned| provisioned.updated_at);
    let mut resource = Map::new();
    resource.insert("schemas".into(), json!([GROUP]));
    resource.insert("id".into(), json!(team.id.to_string()));
    resource.insert("displayName".into(), json!(team.name));
    if let Some(external_id) = provisioned.and_then(|provisioned| provisioned.external_id.as_ref()) {
        resource.insert("externalId".into(), json!(external_id));
    }
    if let Some(people) = people {
        resource.insert("members".into(), members(people, base));
    }
    let mut meta = json!({
        "resourceType": ResourceKind::Group.name(),
        "created": record.created_at.iso(),
        "lastModified": changed.iso(),
        "location": format!("{base}/Groups/{}", team.id),
    });
    if let Some(provisioned) = provisioned {
        // Who is in a team that nobody provisions is changed without a trace in it, so that has no version.
        meta["version"] = tag(&format!("{} {} {}", team.id, team.version, provisioned.version)).into();
    }
    resource.insert("meta".into(), meta);
    resource
}

/// The members of a group.
pub(super) fn members(people: &[MemberId], base: &str) -> Value {
    people
        .iter()
        .map(|id| json!({ "value": id, "$ref": format!("{base}/Users/{id}"), "type": "User" }))
        .collect()
}

/// What the JSON of a whole group wants. Its members are all that it has.
///
/// # Errors
/// `invalidValue`.
pub(super) fn read(sent: &Map<String, Value>) -> Result<WantedGroup, ScimFault> {
    let name = match get(sent, "displayName") {
        Some(Value::String(name)) => checked_name(name)?,
        Some(_) => return Err(ScimFault::invalid_value("displayName has to be text.")),
        None => return Err(ScimFault::invalid_value("displayName is required.")),
    };
    let external_id = match get(sent, "externalId") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(checked_external_id(text)?),
        Some(_) => return Err(ScimFault::invalid_value("externalId has to be text.")),
    };
    let members = match get(sent, "members") {
        None | Some(Value::Null) => vec![],
        Some(Value::Array(members)) => members.iter().map(member_of).collect::<Result<_, _>>()?,
        Some(_) => return Err(ScimFault::invalid_value("members has to be a list.")),
    };
    Ok(WantedGroup {
        name: Some(name),
        external_id,
        members: MemberChanges { is_whole: true, add: members.into_iter().collect(), remove: BTreeSet::new() },
    })
}

/// What the operations of a PATCH want.
///
/// # Errors
/// `invalidValue`, or `mutability` for another id.
pub(super) fn read_changes(changes: &GroupChanges, record: &GroupRecord) -> Result<WantedGroup, ScimFault> {
    if changes.id.as_ref().is_some_and(|id| *id != record.team.id.to_string()) {
        return Err(ScimFault::mutability("The id of a resource cannot be changed."));
    }
    let external_id = match &changes.external_id {
        TextChange::Unchanged => None,
        TextChange::Removed => Some(None),
        TextChange::Set(text) => Some(checked_external_id(text)?),
    };
    let ids = |texts: &[String]| texts.iter().map(|text| member_id(text)).collect::<Result<BTreeSet<MemberId>, _>>();
    // Who is no member cannot be in the group, so nothing has to be removed.
    let removed = changes.remove.iter().filter_map(|text| text.parse().ok()).collect();
    Ok(WantedGroup {
        name: changes.display_name.as_deref().map(checked_name).transpose()?,
        external_id,
        members: MemberChanges { is_whole: changes.replaced, add: ids(&changes.add)?, remove: removed },
    })
}

fn checked_name(name: &str) -> Result<String, ScimFault> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME || fold::has_hidden_characters(&name) {
        return Err(ScimFault::invalid_value(format!(
            "displayName has to be a text of 1 to {LONGEST_NAME} visible characters."
        )));
    }
    Ok(name)
}

fn checked_external_id(text: &str) -> Result<Option<String>, ScimFault> {
    if text.chars().count() > LONGEST_EXTERNAL_ID || fold::has_hidden_characters(text) {
        return Err(ScimFault::invalid_value(format!(
            "externalId has to be a text of {LONGEST_EXTERNAL_ID} visible characters at most."
        )));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn member_of(element: &Value) -> Result<MemberId, ScimFault> {
    let member = element.as_object();
    if member
        .and_then(|member| get(member, "type"))
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("Group"))
    {
        return Err(ScimFault::invalid_value("A group holds users only, and no other group."));
    }
    let id = member.map_or(Some(element), |member| get(member, "value")).and_then(Value::as_str);
    member_id(id.ok_or_else(|| ScimFault::invalid_value("A member has to be an object with the id of a user as its value."))?)
}

fn member_id(text: &str) -> Result<MemberId, ScimFault> {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    text.parse().map_err(|_| ScimFault::invalid_value(format!("There is no user “{shown}” here.")))
}
