//! The facts about a request that error pages need.

use super::{Site, csrf, pending_form::Kept};
use crate::kit::RequestInfo;
use actix_web::{cookie::Cookie, web::Data};

/// Facts for an error page, copied before the request is passed on.
pub(super) struct RequestSummary {
    pub site: Data<Site>,
    pub request_info: RequestInfo,
    /// Path and query.
    pub path: String,
    /// Whether the method is safe (GET, HEAD).
    pub is_page: bool,
    /// The page that contained the form, if we rendered it.
    pub origin: Option<csrf::Origin>,
    /// What was kept of the input of a refused form, and the cookie that opens it.
    pub kept: Kept,
    pub draft: Option<Cookie<'static>>,
}
