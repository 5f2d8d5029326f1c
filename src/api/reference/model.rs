//! The operations of the OpenAPI document as the pages show them, by resource.

use super::{
    example,
    fields::{self, Field},
};
use crate::{api::document::DOCUMENT, audit::words};
use serde_json::Value;
use std::sync::LazyLock;

/// All of the reference, made once.
pub(super) static REFERENCE: LazyLock<Reference> = LazyLock::new(|| Reference::of(&DOCUMENT));

/// The operations of the API.
pub(super) struct Reference {
    pub groups: Vec<Group>,
}

/// The operations of one resource.
pub(super) struct Group {
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    pub operations: Vec<Operation>,
}

/// One operation.
pub(super) struct Operation {
    /// Its operationId, which is also its anchor.
    pub id: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    pub description: String,
    /// The caller needs one of these.
    pub permissions: Vec<String>,
    pub is_public: bool,
    /// What it writes into the Audit Log: the action and its label.
    pub events: Vec<(String, &'static str)>,
    pub parameters: Vec<Field>,
    pub body: Vec<Field>,
    /// The media type of the body.
    pub body_type: String,
    pub answers: Vec<Response>,
    /// Problems by status.
    pub problems: Vec<(String, Vec<String>)>,
    /// Headers and body of the example request, one line each.
    pub curl: Vec<String>,
    /// Everything that a search looks at, in small letters.
    haystack: String,
}

/// An answer of success.
pub(super) struct Response {
    pub status: String,
    pub description: String,
    pub media_types: Vec<String>,
    pub headers: Vec<(String, String)>,
    pub fields: Vec<Field>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// The resource in addresses: `System accounts` is `system-accounts`.
fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

impl Reference {
    fn of(document: &Value) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for method in ["get", "post", "put", "patch", "delete"] {
                let Some(operation) = item.get(method) else { continue };
                let name = text(&operation["tags"][0]);
                let operation = Operation::of(document, method, path, operation);
                match groups.iter_mut().find(|group| group.name == name) {
                    Some(group) => group.operations.push(operation),
                    None => groups.push(Group { slug: slug(&name), name, operations: vec![operation] }),
                }
            }
        }
        groups.sort_by(|one, other| one.name.cmp(&other.name));
        Self { groups }
    }

    /// The operations in which all of these words occur. None for no words.
    pub fn search(&self, words: &str) -> Vec<&Operation> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let all = self.groups.iter().flat_map(|group| &group.operations);
        let is_found = |operation: &&Operation| !words.is_empty() && words.iter().all(|word| operation.haystack.contains(word.as_str()));
        all.filter(is_found).collect()
    }
}

impl Operation {
    fn of(document: &Value, method: &str, path: &str, operation: &Value) -> Self {
        let known = |action: String| {
            let label = words::ALL.iter().find(|words| words.action == action).map_or("", |words| words.label);
            (action, label)
        };
        let responses = operation["responses"].as_object();
        let (good, bad): (Vec<_>, Vec<_>) = responses.into_iter().flatten().partition(|(status, _)| status.starts_with('2'));
        let (body_type, body) = body(document, &operation["requestBody"]);
        let mut known_operation = Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            description: text(&operation["description"]),
            permissions: texts(&operation["x-roster-permissions"]),
            is_public: operation["security"].as_array().is_none_or(Vec::is_empty),
            events: texts(&operation["x-roster-audit-actions"]).into_iter().map(known).collect(),
            parameters: operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| fields::parameter(document, one))
                .collect(),
            body,
            body_type,
            answers: good.into_iter().map(|(status, response)| Response::of(document, status, response)).collect(),
            problems: bad
                .into_iter()
                .map(|(status, response)| (status.clone(), texts(&response["x-roster-problems"])))
                .collect(),
            curl: example::curl(document, method, path, operation),
            haystack: String::new(),
        };
        known_operation.haystack = known_operation.words().to_lowercase();
        known_operation
    }

    fn words(&self) -> String {
        let fields = self.parameters.iter().chain(&self.body).map(|field| field.name.as_str());
        let own = [&self.id, &self.method, &self.path, &self.summary, &self.description].map(String::as_str);
        own.into_iter()
            .chain(fields)
            .chain(self.permissions.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The media type and the fields of a request body.
fn body(document: &Value, body: &Value) -> (String, Vec<Field>) {
    let first = body["content"].as_object().and_then(|content| content.iter().next());
    first.map_or_else(Default::default, |(media, content)| (media.clone(), fields::of(document, &content["schema"])))
}

impl Response {
    fn of(document: &Value, status: &str, response: &Value) -> Self {
        let content = response["content"].as_object();
        let headers = response["headers"].as_object().into_iter().flatten();
        Self {
            status: status.to_owned(),
            description: text(&response["description"]),
            media_types: content.into_iter().flatten().map(|(media, _)| media.clone()).collect(),
            headers: headers
                .filter(|(name, _)| *name != "Request-Id")
                .map(|(name, header)| (name.clone(), text(&header["description"])))
                .collect(),
            fields: content
                .and_then(|content| content.get("application/json"))
                .map_or_else(Vec::new, |content| fields::of(document, &content["schema"])),
        }
    }
}
