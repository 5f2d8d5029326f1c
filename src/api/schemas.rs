//! Schemas that the whole OpenAPI document shares.

use serde::Serialize;
use utoipa::ToSchema;

/// A failure (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `web::Problem` writes")]
pub(super) struct ProblemDocument {
    /// The page that explains this kind of problem.
    #[schema(format = "uri", example = "https://roster.example/api/problems/permission-missing")]
    r#type: String,
    /// Names the kind of problem, and stays the same.
    #[schema(example = "permission-missing")]
    code: String,
    title: String,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened, for people.
    detail: String,
    /// The request, as `urn:uuid:` and its Request-Id.
    #[schema(format = "uri")]
    instance: String,
    /// The missing permission.
    #[schema(example = "user:manage:*")]
    permission: Option<String>,
    /// How many members the change would affect, with `in-use`.
    affected_members: Option<i64>,
    /// The fields that are not valid.
    errors: Option<Vec<InvalidField>>,
}

/// What is wrong with one field.
#[derive(ToSchema, Serialize)]
pub(super) struct InvalidField {
    /// JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter.
    #[schema(example = "/email")]
    field: String,
    /// Stable: `required`, `unknown`, `invalid` and others.
    code: String,
    detail: String,
}
