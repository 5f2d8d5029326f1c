//! Answers: lists with their cursor, records with their version.

use crate::{
    kit::Fault,
    web::{self, Problem},
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::{Deserialize, Serialize};
use std::{
    fmt::Display,
    future::{Ready, ready},
    str::FromStr,
};
use utoipa::IntoParams;

/// Rows of a list, unless the caller asks for another number.
pub(super) const LIMIT: i64 = 50;

/// The largest number of rows of a list.
pub(super) const MOST: i64 = 200;

/// Generates a page of a list as a type of its own, so that the OpenAPI document refers to its rows instead of
/// repeating them.
macro_rules! page {
    ($(#[$meta:meta])* $name:ident of $row:ident) => {
        $(#[$meta])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub(super) struct $name {
            pub data: Vec<$row>,
            /// Send it as `cursor` for the next page. Null on the last page.
            #[schema(required = true)]
            pub next_cursor: Option<String>,
            /// How many there are, if `total=true` was sent.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub total: Option<i64>,
        }
    };
}
pub(super) use page;

/// The query parameters of a list without filters.
#[derive(Deserialize, IntoParams, Default, Debug)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParameters {
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl PageParameters {
    /// Where the page begins, and its size.
    ///
    /// # Errors
    /// The problem with a parameter.
    pub fn read<C: FromStr>(&self) -> web::Result<(Option<C>, i64)> {
        Ok((cursor(self.cursor.as_deref())?, limit(self.limit)?))
    }
}

/// `limit` of a list.
///
/// # Errors
/// The problem, unless it is between 1 and [`MOST`].
pub(super) fn limit(wanted: Option<i64>) -> web::Result<i64> {
    match wanted {
        None => Ok(LIMIT),
        Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::field("?limit", "out-of-range", format!("A page holds 1 to {MOST} rows.")).into()),
    }
}

/// `cursor` of a list.
///
/// # Errors
/// The problem, unless it is one that an earlier page could have given.
pub(super) fn cursor<C: FromStr>(sent: Option<&str>) -> web::Result<Option<C>> {
    let Some(text) = sent else { return Ok(None) };
    let detail = "Send next_cursor of the page before as it is, with the same filters and order.";
    let wrong = |_| Problem::field("?cursor", "malformed", detail).into();
    text.parse().map(Some).map_err(wrong)
}

/// A page of a list, with a `Link` to the next one (RFC 8288).
pub(super) fn listed(req: &HttpRequest, page: &impl Serialize, next: Option<&impl Display>) -> HttpResponse {
    let mut answer = HttpResponse::Ok().json(page);
    if let Some(next) = next.and_then(|cursor| HeaderValue::from_str(&format!("<{}>; rel=\"next\"", next_url(req, cursor))).ok()) {
        answer.headers_mut().insert(header::LINK, next);
    }
    answer
}

/// The address of the same list from the cursor on.
fn next_url(req: &HttpRequest, cursor: &impl Display) -> String {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(req.query_string()).unwrap_or_default();
    let mut pairs: Vec<(String, String)> = pairs.into_iter().filter(|(name, _)| name != "cursor").collect();
    pairs.push(("cursor".into(), cursor.to_string()));
    format!("{}?{}", req.path(), serde_html_form::to_string(&pairs).unwrap_or_default())
}

/// A record with its version as `ETag`.
pub(super) fn record(version: i64, record: &impl Serialize) -> HttpResponse {
    with_version(HttpResponse::Ok().json(record), version)
}

/// A new record: its address and version.
pub(super) fn created(path: &str, version: i64, record: &impl Serialize) -> HttpResponse {
    with_location(with_version(HttpResponse::Created().json(record), version), path)
}

/// A new record that has no version: its address.
pub(super) fn created_unversioned(path: &str, record: &impl Serialize) -> HttpResponse {
    with_location(HttpResponse::Created().json(record), path)
}

fn with_location(mut answer: HttpResponse, path: &str) -> HttpResponse {
    if let Ok(path) = HeaderValue::from_str(path) {
        answer.headers_mut().insert(header::LOCATION, path);
    }
    answer
}

fn with_version(mut answer: HttpResponse, version: i64) -> HttpResponse {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    answer
}

/// Done, and there is nothing to tell.
pub(super) fn nothing() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// `If-Match` (RFC 9110, section 13.1.1): the version that the caller has read.
pub(super) struct IfMatch(Expected);

enum Expected {
    Absent,
    /// `*`: whatever the version is.
    Any,
    Version(i64),
    /// None that Roster ever gave.
    Unknown,
}

impl IfMatch {
    /// The version to change: the sent one, or the present one if any is expected.
    ///
    /// # Errors
    /// The problem, if none was sent (428) or it cannot be the present one (412).
    pub fn version(&self, present: i64) -> web::Result<i64> {
        match self.0 {
            Expected::Any => Ok(present),
            Expected::Version(version) => Ok(version),
            Expected::Unknown => Err(Self::failed().into()),
            Expected::Absent => Err(Problem::new(
                StatusCode::PRECONDITION_REQUIRED,
                "if-match-required",
                "Say which version you have read",
                "People edit this too. Send the ETag of what you have read as If-Match, so that their changes are not lost; * overwrites them.",
            ).into()),
        }
    }

    /// Somebody changed the record since.
    pub fn failed() -> Problem {
        Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "version-changed",
            "Somebody changed it meanwhile",
            "Nothing was changed. Read it again, and send the new ETag as If-Match.",
        )
    }
}

impl FromRequest for IfMatch {
    type Error = web::Error;
    type Future = Ready<Result<Self, web::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut sent = req.headers().get_all(header::IF_MATCH);
        let expected = match (sent.next(), sent.next()) {
            (None, _) => Expected::Absent,
            (Some(one), None) => read_tag(one),
            _ => Expected::Unknown,
        };
        ready(Ok(Self(expected)))
    }
}

/// Reads one strong tag. A weak one never matches.
fn read_tag(value: &HeaderValue) -> Expected {
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Expected::Any;
    }
    let version = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map_or(Expected::Unknown, Expected::Version)
}

/// A refusal of an operation: the request was understood, and is not carried out.
pub(super) fn refused(code: &'static str, title: &'static str, why: &impl Display) -> web::Error {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title, why.to_string()).into()
}

/// No address of the API.
pub(super) async fn missing() -> web::Result<HttpResponse> {
    Err(Fault::Missing.into())
}
