//! Users: a person as the JSON of SCIM, and what a client's JSON wants a person to be.

use super::{
    preconditions::version_of,
    protocol::{
        fault::ScimFault,
        json::get,
        patch::{OperationKind, PatchOperation, apply, read_bool},
        schema::{ENTERPRISE_USER, Mutability, ResourceKind, USER, find},
    },
};
use crate::{
    kit::{MemberStatus, email::Email, fold},
    members::PersonNames,
    provisioning::{UserRecord, WantedUser},
};
use serde_json::{Map, Value, json};

/// The longest `externalId`, in characters.
const LONGEST_EXTERNAL_ID: usize = 512;
/// The longest `userName`, in characters.
const LONGEST_USER_NAME: usize = 255;
/// The longest key of one of them, in octets: an index of PostgreSQL takes no longer one.
const LONGEST_KEY: usize = 2_100;
/// The longest name of a person here, in characters.
const LONGEST_NAME: usize = 100;
/// The most that is kept of what a client sends about a person, in octets.
const MOST: usize = 32 * 1024;

/// What the server keeps itself, beside what a client says.
const OF_SERVER: [&str; 7] = ["schemas", "id", "meta", "groups", "userName", "externalId", "active"];

/// A person as SCIM shows them. `has_groups` is whether the caller may read teams.
pub(super) fn represent(record: &UserRecord, base: &str, has_groups: bool) -> Map<String, Value> {
    let mut resource = match &record.provisioned {
        Some(provisioned) => provisioned.attributes.0.as_object().cloned().unwrap_or_default(),
        None => unmanaged(record),
    };
    let mut schemas = vec![USER];
    if resource.contains_key(ENTERPRISE_USER) {
        schemas.push(ENTERPRISE_USER);
    }
    resource.insert("schemas".into(), json!(schemas));
    resource.insert("id".into(), json!(record.member.id.to_string()));
    let user_name = record.provisioned.as_ref().map_or(&record.username, |provisioned| &provisioned.user_name);
    resource.insert("userName".into(), json!(user_name));
    if let Some(external_id) = record.provisioned.as_ref().and_then(|provisioned| provisioned.external_id.as_ref()) {
        resource.insert("externalId".into(), json!(external_id));
    }
    resource.insert("active".into(), json!(record.member.status != MemberStatus::Disabled));
    if has_groups {
        let group =
            |(id, name): &(_, String)| json!({ "value": id, "$ref": format!("{base}/Groups/{id}"), "display": name, "type": "direct" });
        resource.insert("groups".into(), record.teams.iter().map(group).collect());
    }
    let meta = meta(record, base, &version_of(&resource));
    resource.insert("meta".into(), meta);
    resource
}

fn meta(record: &UserRecord, base: &str, version: &str) -> Value {
    let member = &record.member;
    let changed = record.provisioned.as_ref().map_or(member.status_at, |provisioned| provisioned.updated_at);
    json!({
        "resourceType": ResourceKind::User.name(),
        "created": member.created_at.iso(),
        "lastModified": changed.max(member.status_at).max(member.created_at).iso(),
        "location": format!("{base}/Users/{}", member.id),
        "version": version,
    })
}

/// What is known here of a person whom no client manages.
fn unmanaged(record: &UserRecord) -> Map<String, Value> {
    let member = &record.member;
    let mut resource = Map::new();
    let mut name = Map::new();
    for (key, text) in [
        ("givenName", &member.first_name),
        ("familyName", &member.last_name),
        ("formatted", &member.name),
    ] {
        if !text.is_empty() {
            name.insert(key.into(), json!(text));
        }
    }
    resource.insert("name".into(), name.into());
    resource.insert("displayName".into(), json!(member.name));
    resource.insert("emails".into(), json!([{ "value": record.email, "type": "work", "primary": true }]));
    if !member.title.is_empty() {
        resource.insert("title".into(), json!(member.title));
    }
    if !member.phone.is_empty() {
        resource.insert("phoneNumbers".into(), json!([{ "value": member.phone, "type": "work" }]));
    }
    if !member.location.is_empty() {
        resource.insert("addresses".into(), json!([{ "formatted": member.location, "type": "work" }]));
    }
    resource
}

/// A person as a client sends them whole, checked by the schemas. What only the server writes is left out (RFC 7644,
/// section 3.5.1).
///
/// # Errors
/// `invalidValue`.
pub(super) fn whole(sent: &Map<String, Value>) -> Result<Map<String, Value>, ScimFault> {
    let mut sent = sent.clone();
    sent.retain(|key, _| !["id", "meta", "schemas", "groups"].iter().any(|own| key.eq_ignore_ascii_case(own)));
    let mut checked = Map::new();
    let all = PatchOperation { kind: OperationKind::Add, path: None, value: Some(sent.into()) };
    apply(ResourceKind::User, &mut checked, &[all])?;
    Ok(checked)
}

/// What a client's JSON wants a person to be. `present` is the person as they are, if they are here.
///
/// # Errors
/// `invalidValue`.
pub(super) fn read(sent: &Map<String, Value>, present: Option<&UserRecord>) -> Result<WantedUser, ScimFault> {
    let attributes = attributes(sent);
    if Value::Object(attributes.clone()).to_string().len() > MOST {
        return Err(ScimFault::invalid_value(format!("A user may have {MOST} octets of attributes at most.")));
    }
    let user_name = text(sent, "userName", LONGEST_USER_NAME)?.ok_or_else(|| ScimFault::invalid_value("userName is required."))?;
    let before = present.and_then(|record| record.provisioned.as_ref());
    // Clients that send a person whole leave out what they do not map, and their link to the person must not get lost.
    let external_id = match text(sent, "externalId", LONGEST_EXTERNAL_ID)? {
        None if !sent.contains_key("externalId") => before.and_then(|before| before.external_id.clone()),
        sent => sent,
    };
    let is_active = match get(sent, "active") {
        None | Some(Value::Null) => None,
        Some(value) => Some(read_bool(value).ok_or_else(|| ScimFault::invalid_value("active is true or false."))?),
    };
    let had = |name: &str| before.is_some_and(|before| before.attributes.0.get(name).is_some());
    // What is not sent any more is emptied. What was never sent stays as administrators wrote it.
    let detail = |name: &str, longest: usize, found: Option<String>| {
        if attributes.contains_key(name) {
            Some(found.map(|text| fitting(&text, longest)).unwrap_or_default())
        } else {
            had(name).then(String::new)
        }
    };
    Ok(WantedUser {
        names: names(&attributes, &user_name),
        email: preferred(&attributes, "emails").and_then(|address| Email::parse(&address).ok()),
        title: detail("title", 100, attributes.get("title").and_then(Value::as_str).map(str::to_owned)),
        phone: detail("phoneNumbers", 50, preferred(&attributes, "phoneNumbers")),
        location: detail("addresses", 100, location(&attributes)),
        addresses: addresses(&attributes),
        sent: attributes.keys().cloned().collect(),
        roles: attributes.get("roles").map(roles).or_else(|| had("roles").then(Vec::new)),
        attributes: attributes.into(),
        user_name,
        external_id,
        is_active,
    })
}

/// The names of the attributes that differ.
pub(super) fn changed(present: &Map<String, Value>, wanted: &Map<String, Value>) -> Vec<String> {
    wanted
        .iter()
        .filter(|(name, value)| present.get(*name) != Some(value))
        .map(|(name, _)| name.clone())
        .collect()
}

fn addresses(attributes: &Map<String, Value>) -> Vec<String> {
    let elements = attributes.get("emails").and_then(Value::as_array).into_iter().flatten();
    elements
        .filter_map(|element| Some(get(element.as_object()?, "value")?.as_str()?.to_owned()))
        .collect()
}

/// The attributes of the schemas that a client may write, under the names that the schemas have.
fn attributes(sent: &Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in sent.iter().filter(|(_, value)| !value.is_null()) {
        if key.eq_ignore_ascii_case(ENTERPRISE_USER) && value.is_object() {
            kept.insert(ENTERPRISE_USER.into(), value.clone());
        }
        let writable = find(ResourceKind::User, key).filter(|attribute| attribute.mutability == Mutability::ReadWrite);
        if let Some(attribute) = writable.filter(|attribute| !OF_SERVER.contains(&attribute.name)) {
            kept.insert(attribute.name.into(), value.clone());
        }
    }
    kept
}

/// A text that a client has to send as a text; an empty one is none.
fn text(sent: &Map<String, Value>, name: &str, longest: usize) -> Result<Option<String>, ScimFault> {
    match get(sent, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() > longest => {
            Err(ScimFault::invalid_value(format!("{name} may have {longest} characters at most.")))
        }
        Some(Value::String(text)) if fold::has_hidden_characters(text) => {
            Err(ScimFault::invalid_value(format!("{name} holds invisible characters.")))
        }
        // The keys of some texts are many times as long.
        Some(Value::String(text)) if fold::canonical(text).len() > LONGEST_KEY => {
            Err(ScimFault::invalid_value(format!("{name} is too long.")))
        }
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(_) => Err(ScimFault::invalid_value(format!("{name} has to be text."))),
    }
}

/// A text as a field of one line here: without line breaks and invisible characters, cut where it is too long.
fn fitting(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if fold::has_hidden_characters(&line) {
        return String::new();
    }
    line.chars().take(longest).collect()
}

/// The names here: the display name that was sent, else the formatted one, else first and last name, else the user name.
fn names(attributes: &Map<String, Value>, user_name: &str) -> PersonNames {
    let name = attributes.get("name").and_then(Value::as_object);
    let part = |key: &str| {
        let found = name.and_then(|name| get(name, key)).and_then(Value::as_str);
        fitting(found.unwrap_or_default(), LONGEST_NAME)
    };
    let (first, last) = (part("givenName"), part("familyName"));
    let display = attributes.get("displayName").and_then(Value::as_str).unwrap_or_default();
    let candidates = [
        fitting(display, LONGEST_NAME),
        part("formatted"),
        fitting(&format!("{first} {last}"), LONGEST_NAME),
        fitting(user_name, LONGEST_NAME),
    ];
    let display = candidates.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    PersonNames { first, last, display }
}

/// The element that counts of a multi-valued attribute: the primary one, else that of work, else the first.
fn element<'a>(attributes: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    let elements: Vec<&Map<String, Value>> = attributes.get(name)?.as_array()?.iter().filter_map(Value::as_object).collect();
    let is_primary = |element: &&&Map<String, Value>| get(element, "primary").and_then(read_bool) == Some(true);
    let is_of_work = |element: &&&Map<String, Value>| {
        let kind = get(element, "type").and_then(Value::as_str);
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
    };
    let found = elements.iter().find(is_primary).or_else(|| elements.iter().find(is_of_work));
    found.or_else(|| elements.first()).copied()
}

fn preferred(attributes: &Map<String, Value>, name: &str) -> Option<String> {
    Some(get(element(attributes, name)?, "value")?.as_str()?.to_owned())
}

fn location(attributes: &Map<String, Value>) -> Option<String> {
    let address = element(attributes, "addresses")?;
    let text = |name: &str| get(address, name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let lines = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    text("formatted").or_else(|| text("locality")).map(lines)
}

/// The values of roles, which are names or ids.
fn roles(sent: &Value) -> Vec<String> {
    let elements = sent.as_array().map_or(std::slice::from_ref(sent), Vec::as_slice);
    let role = |element: &Value| match element {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => {
            let named = get(object, "value").or_else(|| get(object, "display"));
            named.and_then(Value::as_str).map(str::to_owned)
        }
        _ => None,
    };
    elements.iter().filter_map(role).collect()
}
