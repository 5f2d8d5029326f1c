//! Security headers of every response, errors and files included.

use super::{problem, summary::RequestSummary};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Only our own scripts and styles, no frames, no plug-ins, and forms only to ourselves.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

const ALWAYS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Name of the header with the request id, which audit events, problems and the log hold too.
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Adds the headers of every answer, and the request id for programs.
pub(super) fn put(headers: &mut HeaderMap, asked: &RequestSummary) {
    let site = &asked.site;
    if let Some(id) = HeaderValue::from_str(&asked.request_info.request_id)
        .ok()
        .filter(|_| problem::format(&asked.path).is_some())
    {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if site.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    // Pages hold personal data, so no cache keeps them. Our static files set their own header.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
