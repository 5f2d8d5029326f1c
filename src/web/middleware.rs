//! The outermost middleware: request details, checks of host and origin, reading of bodies, and error pages, headers
//! and cookies of every response.

use super::{
    Error, MemberContext, Site,
    body::{self, Incoming},
    csrf, error_page, flash, headers, host, log,
    pending_form::{self, Kept, Sent},
    problem::SCIM_JSON,
    summary::RequestSummary,
    upload,
};
use crate::kit::{Fault, RequestInfo, ids};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    cookie::time,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{StatusCode, header},
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

/// Name of the cookie that holds the organization visited last.
pub const HOME: &str = "home";

/// Header of forms that the script sends from a dialog. It gets a redirect as 204 with a `Location`, to which it takes the
/// browser. A redirect that the script follows would spend the notice of the next page, which is shown once.
const FROM_DIALOG: &str = "roster-dialog";

/// Longest part of a User-Agent header that is stored.
const AGENT_LENGTH: usize = 300;

/// Wraps every request; see the module.
///
/// # Errors
/// An error with a finished page, when the inner service failed and the request is lost.
pub async fn middleware<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let began = std::time::Instant::now();
    let site = req
        .app_data::<Data<Site>>()
        .cloned()
        .ok_or_else(|| Error::from(Fault::broken("the app has no front")))?;
    let request_info = request_info(&req, &site);
    let path = req.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let mut asked = RequestSummary {
        is_page: req.method().is_safe(),
        path,
        site,
        request_info,
        origin: None,
        kept: Kept::Nothing,
        draft: None,
    };

    let mut incoming = Incoming::of(&mut req);
    let checked = host::check_target(&req).and_then(|()| host::check_host(&req, &asked.site));
    if let Err(error) = checked.and_then(|()| host::check_origin(&req, &asked.site)) {
        let (http, _) = req.into_parts();
        return Ok(finish(http, |_| error_page::failure(&asked, &error, None), (&asked, incoming), began));
    }
    let sent = match body::buffer_body(&mut req, &mut incoming).await {
        Ok(sent) => sent,
        Err(error) => {
            let (http, _) = req.into_parts();
            return Ok(finish(http, |_| error_page::failure(&asked, &error, None), (&asked, incoming), began));
        }
    };
    asked.origin = sent.as_ref().and_then(|sent| sent.origin(&asked.site));
    if let Some(origin) = &asked.origin {
        req.extensions_mut().insert(origin.clone());
    }
    asked.request_info.now = asked.site.clock.now();
    req.extensions_mut().insert(asked.request_info.clone());
    let lost = match AssertUnwindSafe(next.call(req)).catch_unwind().await {
        Ok(Ok(response)) => {
            let (http, response) = response.into_parts();
            if waits(&response) {
                keep(&mut asked, &http, (sent, incoming.as_ref()), response.error()).await;
            }
            return Ok(finish(
                http,
                |http| with_error_page(response.map_into_boxed_body(), http, &asked),
                (&asked, incoming),
                began,
            ));
        }
        // Outside the handlers only the session is read from the database, so the database is unavailable.
        Ok(Err(error)) => Fault::unavailable(error.to_string()),
        Err(_) => Fault::broken("a handler panicked"),
    };
    let error = Error::from(lost);
    let mut response = error_page::failure(&asked, &error, None);
    headers::put(response.headers_mut(), &asked);
    log::request(None, response.status(), &asked.request_info.request_id, began.elapsed().as_millis());
    Err(InternalError::from_response(error, response).into())
}

/// Whether a form was refused only because its sender must sign in or re-authenticate first.
fn waits<B>(response: &HttpResponse<B>) -> bool {
    let error = response.error().and_then(|error| error.as_error::<Error>());
    matches!(
        error,
        Some(Error::SignIn | Error::Reauthenticate(_) | Error::Stale | Error::Fault(Fault::SignedOut))
    )
}

/// Keeps the input of the refused form.
async fn keep(
    asked: &mut RequestSummary,
    http: &HttpRequest,
    (sent, incoming): (Option<Sent>, Option<&Incoming>),
    error: Option<&actix_web::Error>,
) {
    let sent = match (sent, incoming) {
        (Some(sent), _) => Some(sent),
        (None, Some(incoming)) => upload::unread(http, incoming.payload()).await,
        (None, None) => None,
    };
    let Some(mut sent) = sent else { return };
    asked.origin = sent.origin(&asked.site);
    let Some(mut origin) = asked.origin.clone() else { return };
    if let Some(Error::Reauthenticate(back)) = error.and_then(|error| error.as_error::<Error>()) {
        origin.page.clone_from(back.page.as_ref().unwrap_or(&asked.path));
        if let Some(pairs) = &back.form {
            sent.pairs.clone_from(pairs);
            sent.has_file = false;
        }
    }
    let now = asked.request_info.now;
    (asked.kept, asked.draft) = pending_form::keep(http, &asked.site, sent, &origin, now).await;
}

/// Reads the clock, once for this request.
fn request_info(req: &ServiceRequest, site: &Site) -> RequestInfo {
    let now = site.clock.now();
    let agent = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let address = site.trusted_proxies.client(req.peer_addr().map(|peer| peer.ip()), req.headers());
    RequestInfo {
        now,
        address: address.map(|address| address.to_string()).unwrap_or_default(),
        agent: agent.chars().take(AGENT_LENGTH).collect(),
        request_id: ids::BatchId::new(now).to_string(),
        batch: None,
        credential: None,
        networks: Vec::new(),
        viewed_by: None,
    }
}

fn finish(
    http: HttpRequest,
    answer: impl FnOnce(&HttpRequest) -> HttpResponse,
    (asked, incoming): (&RequestSummary, Option<Incoming>),
    began: std::time::Instant,
) -> ServiceResponse<BoxBody> {
    let mut response = answer(&http);
    if let Some(incoming) = incoming {
        response = incoming.end_with(response);
    }
    set_cookies(&mut response, &http, &asked.site);
    if http.headers().contains_key(FROM_DIALOG) && response.status() == StatusCode::SEE_OTHER {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    headers::put(response.headers_mut(), asked);
    log::request(Some(&http), response.status(), &asked.request_info.request_id, began.elapsed().as_millis());
    ServiceResponse::new(http, response)
}

/// How long a browser remembers the organization visited last.
const REMEMBERED: time::Duration = time::Duration::days(400);

/// Renders an error page where an error response has none.
fn with_error_page(response: HttpResponse, http: &HttpRequest, asked: &RequestSummary) -> HttpResponse {
    let context = http.extensions().get::<MemberContext>().cloned();
    if let Some(error) = response.error() {
        let status = response.status();
        return match error.as_error::<Error>() {
            Some(error) => error_page::failure(asked, error, context),
            // An answer of SCIM tells itself what is wrong.
            None if is_scim_answer(&response) => response,
            None => error_page::failure(asked, &Error::Status(status), context),
        };
    }
    let is_bare = !response.headers().contains_key(header::CONTENT_TYPE);
    if response.status().as_u16() >= 400 && is_bare {
        return error_page::failure(asked, &Error::Status(response.status()), context);
    }
    response
}

fn is_scim_answer(response: &HttpResponse) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes() == SCIM_JSON.as_bytes())
}

fn set_cookies(response: &mut HttpResponse, http: &HttpRequest, site: &Site) {
    if let Some(csrf::NewVisitor(value)) = http.extensions().get::<csrf::NewVisitor>().cloned() {
        let _ = response.add_cookie(&csrf::visitor_cookie(site, value));
    }
    // A notice is shown once: the page that showed it deletes its cookie, unless the response sets a new one.
    let notice = site.cookie_name("notice");
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    // Brings a member of several organizations back to the last one. It is only a hint: authentication still decides.
    if let Some(context) = http.extensions().get::<MemberContext>().filter(|context| is_page && !context.others.is_empty()) {
        let (name, here) = (site.cookie_name(HOME), context.scope.organization.to_string());
        if http.cookie(&name).is_none_or(|cookie| cookie.value() != here) {
            let _ = response.add_cookie(&flash::cookie(site, HOME, here).max_age(REMEMBERED).finish());
        }
    }
    if is_page && http.cookie(&notice).is_some() && response.cookies().all(|cookie| cookie.name() != notice) {
        let _ = response.add_cookie(&flash::expired(site, "notice"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Timestamp, secret::Secret};

    #[test]
    fn request_ids_are_no_secrets_and_no_two_are_alike() {
        let id = || ids::BatchId::new(Timestamp::EPOCH).to_string();
        assert_ne!(id(), id());
        assert!(Secret::parse(&id()).is_none());
    }
}
