//! What requests bring: a JSON body, the parameters of the address.

use super::{protocol::fault::ScimFault, refusals::Refusal};
use crate::web::SCIM_JSON;
use actix_web::{HttpMessage, HttpRequest, http::header, web::Bytes};
use serde_json::Value;

/// The body, if it is a JSON object of a type that SCIM clients send.
///
/// # Errors
/// `invalidSyntax`, or 415 for another type.
pub(super) fn body(req: &HttpRequest, bytes: &Bytes) -> Result<Value, Refusal> {
    let is_json = [SCIM_JSON, "application/json"].contains(&req.content_type());
    if !is_json || req.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ScimFault::new(415, None, format!("Send {SCIM_JSON}, not compressed.")).into());
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|why| ScimFault::invalid_syntax(format!("The body is not JSON: {why}.")))?;
    if !value.is_object() {
        return Err(ScimFault::invalid_syntax("The body has to be a JSON object.").into());
    }
    if has_nul(&value) {
        return Err(ScimFault::invalid_value("A text in the body holds NUL (\\u0000).").into());
    }
    Ok(value)
}

/// PostgreSQL stores no NUL.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(elements) => elements.iter().any(has_nul),
        Value::Object(object) => object.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// The decoded parameters of the address.
///
/// # Errors
/// `invalidValue`.
pub(super) fn pairs(req: &HttpRequest) -> Result<Vec<(String, String)>, Refusal> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(req.query_string())
        .map_err(|_| ScimFault::invalid_value("The address has a query that cannot be read."))?;
    if let Some((name, _)) = pairs.iter().find(|(_, value)| value.contains('\0')) {
        let detail = "A parameter holds NUL.";
        let is_filter = name.eq_ignore_ascii_case("filter");
        return Err(if is_filter {
            ScimFault::invalid_filter(detail)
        } else {
            ScimFault::invalid_value(detail)
        }
        .into());
    }
    Ok(pairs)
}

/// An id in a path. What is no id is nothing that is here.
///
/// # Errors
/// [`crate::kit::Fault::Missing`].
pub(super) fn id<T: std::str::FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| crate::kit::Fault::Missing.into())
}
