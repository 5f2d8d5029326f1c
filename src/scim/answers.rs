//! Answers with one resource.

use super::{preconditions::Preconditions, protocol::projection::Projection};
use crate::web::SCIM_JSON;
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde_json::{Map, Value};

/// The JSON of one resource, with its version.
pub(super) type Resource = Map<String, Value>;

/// The version of a resource.
pub(super) fn version(resource: &Resource) -> &str {
    text_of_meta(resource, "version")
}

/// The address of a resource.
pub(super) fn location(resource: &Resource) -> &str {
    text_of_meta(resource, "location")
}

fn text_of_meta<'a>(resource: &'a Resource, name: &str) -> &'a str {
    resource.get("meta").and_then(|meta| meta.get(name)?.as_str()).unwrap_or_default()
}

/// The answer with one resource.
pub(super) fn answer(status: StatusCode, mut resource: Resource, projection: &Projection, read: &Preconditions) -> HttpResponse {
    let (version, location) = (version(&resource).to_owned(), location(&resource).to_owned());
    if read.has(&version) {
        return HttpResponse::NotModified().insert_header((header::ETAG, version)).finish();
    }
    projection.apply(&mut resource);
    let mut answer = HttpResponse::build(status);
    answer.content_type(SCIM_JSON).insert_header((header::LOCATION, location));
    if !version.is_empty() {
        answer.insert_header((header::ETAG, version));
    }
    answer.body(Value::Object(resource).to_string())
}
