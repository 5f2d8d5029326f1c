//! Query parameters. Unknown ones are refused, so that a misspelt filter never selects everybody.

use super::field_errors;
use crate::web::{Error, Problem};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::{Deserialize, de::DeserializeOwned};
use std::future::{Ready, ready};
use utoipa::IntoParams;

/// The query parameters of a request. The target type refuses unknown ones (`deny_unknown_fields`).
pub(super) struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(req.query_string()).map(Self))
    }
}

impl<T: DeserializeOwned> Parameters<T> {
    /// Reads a query string.
    ///
    /// # Errors
    /// The problem with a parameter.
    pub fn read(query: &str) -> Result<T, Error> {
        read(query)
    }
}

/// The parameters that may be empty: a search for nothing, and the filters of a list that has none.
const TEXTS: [&str; 2] = ["q", "filter"];

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
    for (name, value) in &pairs {
        let why = match value.as_str() {
            // Of any type, it would be read as if it had not been sent.
            "" if !TEXTS.contains(&name.as_str()) => "It has no value. Leave it out.",
            text if text.contains('\0') => "It holds NUL.",
            _ => continue,
        };
        return Err(Problem::field(format!("?{name}"), "invalid", why).into());
    }
    let text = serde_html_form::Deserializer::from_bytes(query.as_bytes());
    serde_path_to_error::deserialize(text).map_err(|error| Problem::fields(vec![field_errors::of_query(&error)]).into())
}

/// For an address without query parameters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct NoParameters {}

/// For every write.
#[derive(Deserialize, IntoParams, Clone, Copy, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct WriteParameters {
    /// Answers what the request would do, and does nothing: every check runs, and nothing is kept. Ids in the answer are void.
    #[param(default = false)]
    pub dry_run: bool,
}
