//! The OpenAPI 3.1 document, put together from the operations that are mounted. What is the same for many operations
//! (credentials, headers, problems) is added here.

use super::{
    endpoints::{Description, Endpoint},
    problem_kinds::{self, ProblemKind},
    schemas::ProblemDocument,
};
use crate::web;
use actix_web::{HttpResponse, http::header};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::LazyLock};
use utoipa::{PartialSchema, ToSchema};

/// Version of the API, not of Roster.
const VERSION: &str = "1";

const DESCRIPTION: &str = "Everything that administrators do in the console, for programs. Lists page by cursor, `dry_run=true` tells what a \
    write would do, `Idempotency-Key` makes a POST safe to repeat, `If-Match` keeps concurrent changes from being lost, and every failure is a \
    problem (RFC 9457) with a stable `code`. Within version 1 fields may be added to answers; a request with an unknown field is refused.";

/// The document, made once.
pub(super) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| document(super::endpoints()));

static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());

/// The OpenAPI document
///
/// The same for everybody, so it needs no credential.
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "getOpenApiDocument", tag = "The API itself",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json")))]
pub(super) async fn show() -> web::Result<HttpResponse> {
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(TEXT.as_str()))
}

fn document(endpoints: Vec<Endpoint>) -> Value {
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    let mut own = Vec::new();
    ProblemDocument::schemas(&mut own);
    own.push((ProblemDocument::name().into_owned(), ProblemDocument::schema()));
    schemas.extend(own.iter().map(|(name, schema)| (name.clone(), json!(schema))));
    let mut paths = Map::new();
    for endpoint in endpoints {
        let description = (endpoint.describe)();
        schemas.extend(description.schemas.iter().map(|(name, schema)| (name.clone(), json!(schema))));
        let path = paths.entry(endpoint.path.clone()).or_insert_with(|| json!({}));
        path[endpoint.method_name().to_lowercase()] = described(&endpoint, &description);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Roster",
            "version": VERSION,
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": {
                "Request-Id": { "description": "Names the request in the audit trail and in the log.", "schema": { "type": "string", "format": "uuid" } },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "A token of a system account or of a person, which begins with `rst_`." },
                "api_password": { "type": "http", "scheme": "basic", "description": "Username and API password of a person." },
            },
        },
    })
}

/// The operation with what is the same for all.
fn described(endpoint: &Endpoint, description: &Description) -> Value {
    let mut operation = json!(description.operation);
    operation["security"] = if endpoint.is_public {
        json!([])
    } else {
        json!([{ "token": [] }, { "api_password": [] }])
    };
    operation["x-roster-permissions"] = endpoint.needs.iter().map(ToString::to_string).collect();
    operation["x-roster-audit-actions"] = json!(endpoint.records);
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    if endpoint.takes_idempotency_key() {
        parameters.push(idempotency_key());
    }
    if endpoint.is_versioned {
        parameters.push(if_match());
    }
    parameters.iter_mut().for_each(describe);
    operation["parameters"] = parameters.into();
    for (status, kinds) in problems(endpoint, description) {
        operation["responses"][status.to_string()] = problem_response(&kinds);
    }
    for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        response["headers"]["Request-Id"] = json!({ "$ref": "#/components/headers/Request-Id" });
    }
    operation
}

/// Gives a parameter without a description that of its schema.
fn describe(parameter: &mut Value) {
    let of_schema = parameter["schema"]["description"].clone();
    if parameter["description"].is_null() && !of_schema.is_null() {
        parameter["description"] = of_schema;
    }
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A retry with the same key within 24 hours gets the answer of the first request.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$" },
    })
}

fn if_match() -> Value {
    json!({
        "name": "If-Match",
        "in": "header",
        "required": true,
        "description": "The ETag of what was read, so that changes of others are not lost; `*` overwrites them.",
        "schema": { "type": "string", "pattern": "^(\\*|\"[0-9]{1,18}\")$" },
    })
}

fn problem_response(kinds: &[&ProblemKind]) -> Value {
    let listed: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}", kind.code, kind.title)).collect();
    let schema = format!("#/components/schemas/{}", ProblemDocument::name());
    let codes: Vec<&str> = kinds.iter().map(|kind| kind.code).collect();
    json!({
        "description": format!("{}.", listed.join("; ")),
        "x-roster-problems": codes,
        "content": { "application/problem+json": { "schema": { "$ref": schema } } },
    })
}

/// The problems that the operation can answer, by status.
fn problems(endpoint: &Endpoint, description: &Description) -> BTreeMap<u16, Vec<&'static ProblemKind>> {
    let mut all: BTreeMap<u16, Vec<&'static ProblemKind>> = BTreeMap::new();
    for kind in problem_kinds::ALL {
        if kind.when.applies(endpoint, description) || endpoint.refuses.contains(&kind.code) {
            all.entry(kind.status).or_default().push(kind);
        }
    }
    all
}
