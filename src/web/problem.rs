//! API errors as problem details (RFC 9457), which name the true cause and what is missing.

use super::{Error, Site, log};
use crate::kit::{Fault, Permission};
use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::Serialize;
use serde_json::{Map, json};
use std::fmt::Display;

/// Prefix of the API. Errors below it are problem details, never pages.
pub const API: &str = "/api/v1";

/// The content type of SCIM (RFC 7644, section 8.1).
pub const SCIM_JSON: &str = "application/scim+json";

/// Where each kind of problem is explained: the URL of a problem's `type`, before its code.
pub const PROBLEMS: &str = "/api/problems/";

/// Prefix of SCIM. Errors below it are in the form of RFC 7644, section 3.12.
pub const SCIM: &str = "/scim/v2";

/// What programs read errors in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Problem,
    Scim,
}

/// Whether a path is one of SCIM.
pub fn is_scim(path: &str) -> bool {
    format(path) == Some(Format::Scim)
}

/// How programs that ask at this path read errors; `None` for pages.
pub(super) fn format(path: &str) -> Option<Format> {
    let is_below = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    match path {
        _ if is_below(API) => Some(Format::Problem),
        _ if is_below(SCIM) => Some(Format::Scim),
        _ => None,
    }
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the body, such as `/role_ids/0`; `?name` for a query parameter.
    pub field: String,
    /// Stable identifier of what is wrong, such as `unknown`.
    pub code: &'static str,
    pub detail: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code, detail: detail.into() }
    }
}

/// One problem.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: StatusCode,
    /// Stable identifier of the kind of problem, such as `token-expired`.
    pub code: &'static str,
    pub title: &'static str,
    pub detail: String,
    /// The fields that are wrong.
    pub errors: Vec<FieldError>,
    pub permission: Option<Permission>,
    /// How many members the change would affect.
    pub affected_members: Option<i64>,
    /// The caller should send a credential. Holds the error of RFC 6750, section 3.1, if they sent one.
    pub challenge: Option<&'static str>,
    /// The allowed methods.
    pub allow: Option<String>,
    pub retry_after: Option<u64>,
    /// Values of `RateLimit` and `RateLimit-Policy`, if a limit was reached.
    pub rate_limit: Option<(String, String)>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            errors: vec![],
            permission: None,
            affected_members: None,
            challenge: None,
            allow: None,
            retry_after: None,
            rate_limit: None,
        }
    }
    /// A credential is missing or not valid.
    pub fn unauthorized(code: &'static str, title: &'static str, detail: impl Into<String>, error: &'static str) -> Self {
        Self {
            challenge: Some(error),
            ..Self::new(StatusCode::UNAUTHORIZED, code, title, detail)
        }
    }

    /// One field of the request is wrong.
    pub fn field(field: impl Into<String>, code: &'static str, why: impl Display) -> Self {
        Self::fields(vec![FieldError::new(field, code, why.to_string())])
    }

    /// Fields of the request are wrong.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let first = errors.first().map(|error| error.detail.clone()).unwrap_or_default();
        Self {
            errors,
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields", "Some fields are not valid", first)
        }
    }

    /// The problem for any error.
    pub fn of(error: &Error) -> Self {
        let plain = |code, title, detail: &str| Self::new(error.status_code(), code, title, detail);
        match error {
            Error::Problem(problem) => problem.as_ref().clone(),
            Error::Fault(Fault::Denied(permission)) => Self {
                permission: Some(permission.clone()),
                challenge: Some("insufficient_scope"),
                ..plain(
                    "permission-missing",
                    "A permission is missing",
                    &format!("It needs the permission {permission}, which this credential does not have."),
                )
            },
            Error::Fault(Fault::Missing) | Error::Status(StatusCode::NOT_FOUND) => plain(
                "not-found",
                "There is nothing here",
                "Nothing has this address, or it is not in the organization of this credential.",
            ),
            Error::Fault(Fault::Conflict(_)) => plain("conflict", "Another change came in between", "Nothing was changed. Ask again."),
            Error::Fault(Fault::Unavailable(_)) => Self {
                retry_after: Some(5),
                ..plain("unavailable", "Not available at the moment", "Nothing was changed. Ask again in a few seconds.")
            },
            Error::Fault(Fault::InDoubt(_)) => Self {
                retry_after: Some(5),
                ..plain(
                    "in-doubt",
                    "Not known whether it was done",
                    "The database went away while the change was being stored. Look whether it was made, or send the request again with the same Idempotency-Key.",
                )
            },
            Error::Malformed(what) => plain("malformed", "The request could not be read", what),
            Error::TooLarge => plain("too-large", "The request is too large", "Send less at once."),
            Error::TooMany(seconds) => Self {
                retry_after: Some(*seconds),
                ..plain("too-many-attempts", "Too many attempts", &format!("Wait {seconds} seconds before the next one."))
            },
            Error::WrongHost => plain(
                "wrong-host",
                "This is not the address of Roster",
                "Ask at the address that Roster is configured with.",
            ),
            Error::Forged => plain(
                "cross-site",
                "The request comes from another site",
                "Programs in browsers of other sites may not change anything.",
            ),
            Error::Status(StatusCode::URI_TOO_LONG) => plain("address-too-long", "The address is too long", "Ask with a shorter one."),
            Error::Status(StatusCode::METHOD_NOT_ALLOWED) => {
                plain("method-not-allowed", "Not with this method", "The address exists, but not for this method.")
            }
            _ => plain(
                "internal",
                "Something went wrong",
                "This is a fault of Roster. Tell its operator the instance of this problem.",
            ),
        }
    }

    /// The page that explains this kind of problem.
    pub fn type_uri(&self, site: &Site) -> String {
        site.link(&format!("{PROBLEMS}{}", self.code))
    }

    /// The response for it.
    pub fn answer(&self, site: &Site, request_id: &str) -> HttpResponse {
        let mut body = Map::new();
        body.insert("type".into(), json!(self.type_uri(site)));
        body.insert("code".into(), json!(self.code));
        body.insert("title".into(), json!(self.title));
        body.insert("status".into(), json!(self.status.as_u16()));
        body.insert("detail".into(), json!(self.detail));
        body.insert("instance".into(), json!(format!("urn:uuid:{request_id}")));
        if !self.errors.is_empty() {
            body.insert("errors".into(), json!(self.errors));
        }
        if let Some(permission) = &self.permission {
            body.insert("permission".into(), json!(permission.to_string()));
        }
        if let Some(affected) = self.affected_members {
            body.insert("affected_members".into(), json!(affected));
        }
        self.with_headers("application/problem+json", serde_json::Value::Object(body).to_string())
    }

    /// The response for it in the form of SCIM.
    fn scim_answer(&self) -> HttpResponse {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_u16().to_string(),
            "detail": self.detail,
        });
        self.with_headers(SCIM_JSON, body.to_string())
    }

    fn with_headers(&self, content_type: &str, body: String) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        answer.content_type(content_type);
        if let Some(error) = self.challenge {
            for value in self.challenges(error) {
                answer.append_header((header::WWW_AUTHENTICATE, value));
            }
        }
        if let Some(allow) = &self.allow {
            answer.insert_header((header::ALLOW, allow.as_str()));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some((left, policy)) = &self.rate_limit {
            answer
                .insert_header(("ratelimit", left.as_str()))
                .insert_header(("ratelimit-policy", policy.as_str()));
        }
        answer.body(body)
    }

    /// `WWW-Authenticate` values (RFC 6750, section 3; RFC 7617, section 2). The quoted texts contain no quotes.
    fn challenges(&self, error: &str) -> Vec<HeaderValue> {
        let of_error = match error {
            "" => String::new(),
            error => format!(", error=\"{error}\", error_description=\"{}\"", self.title),
        };
        let scope = self.permission.as_ref().map(|permission| format!(", scope=\"{permission}\"")).unwrap_or_default();
        let bearer = format!("Bearer realm=\"Roster\"{of_error}{scope}");
        let basic = (self.status == StatusCode::UNAUTHORIZED).then_some("Basic realm=\"Roster\", charset=\"UTF-8\"");
        let all = std::iter::once(bearer.as_str()).chain(basic);
        all.filter_map(|text| HeaderValue::from_str(text).ok()).collect()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// The response to a program for an error.
pub(super) fn failure(format: Format, error: &Error, site: &Site, request_id: &str) -> HttpResponse {
    log::cause(error, request_id);
    match format {
        Format::Problem => Problem::of(error).answer(site, request_id),
        Format::Scim => Problem::of(error).scim_answer(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_beneath_the_api_is_of_it() {
        for (path, expected) in [
            ("/api/v1", Some(Format::Problem)),
            ("/api/v1/me", Some(Format::Problem)),
            ("/api/v1?x", Some(Format::Problem)),
            ("/api/v10", None),
            ("/api", None),
            ("/o/1/api/v1", None),
            ("/", None),
            ("/scim/v2", Some(Format::Scim)),
            ("/scim/v2/Users?count=1", Some(Format::Scim)),
            ("/scim/v20", None),
        ] {
            assert_eq!(format(path), expected, "{path}");
        }
    }
}
