//! Request log, one line per request. It holds the route pattern and never the path: paths and queries hold secrets and
//! names.

use super::matched_pattern;
use actix_web::{HttpRequest, http::StatusCode};

pub(super) fn request(req: Option<&HttpRequest>, status: StatusCode, request_id: &str, milliseconds: u128) {
    let route = req.and_then(matched_pattern).unwrap_or_else(|| "unmatched".into());
    let route = &*route;
    let method = req.map_or("?", |req| req.method().as_str());
    tracing::info!(target: "roster::request", method, route, status = status.as_u16(), milliseconds, request_id);
}

/// Logs the cause of an error under the request id that its page shows.
pub(super) fn cause(error: &super::Error, request_id: &str) {
    use crate::kit::Fault;
    match error {
        super::Error::Fault(fault @ (Fault::Broken(_) | Fault::Conflict(_))) => {
            tracing::error!(request_id, error = ?fault, "a request failed");
        }
        super::Error::Fault(fault @ (Fault::Unavailable(_) | Fault::InDoubt(_))) => {
            tracing::warn!(request_id, error = %fault, "a request could not be served");
        }
        other => tracing::debug!(request_id, error = %other, "a request was refused"),
    }
}
