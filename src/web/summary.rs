//! What is remembered of a request for the page that says that it failed.

use super::{Site, csrf, pending_form::Kept};
use crate::kit::RequestInfo;
use actix_web::{cookie::Cookie, web::Data};

/// What a page about a failure is made of, remembered before the request is given away.
pub(super) struct RequestSummary {
    pub site: Data<Site>,
    pub request_info: RequestInfo,
    /// Path and query.
    pub path: String,
    /// Only asks to see something.
    pub is_page: bool,
    /// The page that a form stood on, if we drew it.
    pub origin: Option<csrf::Origin>,
    /// What became of what was typed, where a form could not be done yet, and the cookie that opens it.
    pub kept: Kept,
    pub draft: Option<Cookie<'static>>,
}
