//! The pages of errors, and where errors lead that a page can mend. `middleware` draws them.

use super::{
    Error, MemberContext, Notice, Site, filters, log,
    page::{page, reauthentication, redirect_with_notice, see_other},
    pending_form::Kept,
    problem,
    secret_link::gone_page,
    summary::RequestSummary,
};
use crate::kit::{Fault, OrganizationId};
use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use askama::Template;

/// The content of an error page.
struct ErrorPage {
    status: u16,
    title: &'static str,
    text: String,
    /// The request id, which the log shows beside the cause.
    reference: Option<String>,
}

#[derive(Template)]
#[template(path = "web/failure_alone.html")]
struct PublicErrorPage {
    problem: ErrorPage,
}

#[derive(Template)]
#[template(path = "web/failure_framed.html")]
struct MemberErrorPage {
    context: MemberContext,
    problem: ErrorPage,
}

/// The error page, inside the organization's layout if there is a member context.
pub(super) fn failure(asked: &RequestSummary, error: &Error, context: Option<MemberContext>) -> HttpResponse {
    let request_id = &asked.request_info.request_id;
    if let Some(format) = problem::format(&asked.path) {
        return problem::failure(format, error, &asked.site, request_id);
    }
    log::cause(error, request_id);
    match error {
        Error::SignIn | Error::Fault(Fault::SignedOut) => return to_sign_in(asked),
        Error::Stale => return to_page_again(asked),
        Error::Fault(Fault::ViewOnly) if !asked.is_page => return to_viewed_page(asked),
        Error::ChangePassword => return see_other("/password/change"),
        Error::SetUpSecondStep => return see_other("/two-step"),
        Error::SingleSignOn(organization) => return to_single_sign_on(asked, *organization),
        Error::Reauthenticate(back) => return to_reauthentication(asked, back.page.as_ref().unwrap_or(&asked.path)),
        Error::LinkGone { what, person } => return gone_page(what, person).unwrap_or_else(|error| failure(asked, &error, context)),
        _ => {}
    }
    let status = error.status_code();
    let (title, text) = words(error, &asked.site);
    let problem = ErrorPage {
        status: status.as_u16(),
        title,
        text,
        reference: status.is_server_error().then(|| request_id.clone()),
    };
    let drawn = match context {
        Some(context) => page(status, &MemberErrorPage { context, problem }),
        None => page(status, &PublicErrorPage { problem }),
    };
    let mut response = drawn.unwrap_or_else(|_| HttpResponse::new(status));
    let retry = match error {
        Error::TooMany(seconds) => Some(*seconds),
        Error::Fault(Fault::Unavailable(_) | Fault::InDoubt(_)) => Some(5),
        _ => None,
    };
    if let Some(seconds) = retry {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn to_sign_in(asked: &RequestSummary) -> HttpResponse {
    if asked.is_page {
        let query = serde_html_form::to_string([("next", &asked.path)]).unwrap_or_default();
        return see_other(&if asked.path == "/" {
            "/sign-in".to_owned()
        } else {
            format!("/sign-in?{query}")
        });
    }
    let page = asked.origin.as_ref().filter(|_| asked.kept.is_any()).map(|origin| origin.page.as_str());
    let query = page.and_then(|page| serde_html_form::to_string([("next", page)]).ok());
    let path = query.map_or("/sign-in".to_owned(), |query| format!("/sign-in?{query}"));
    let text = match asked.kept {
        Kept::Nothing => "Your session has ended, so nothing was changed. Sign in and do it again.".to_owned(),
        kept => format!("Your session has ended, so nothing was changed. Sign in to go on.{}", kept.words()),
    };
    leave(asked, &path, Notice::error(text))
}

/// Redirects to the page that offers the organization's identity providers, and from there back.
fn to_single_sign_on(asked: &RequestSummary, organization: OrganizationId) -> HttpResponse {
    let page = if asked.is_page {
        Some(asked.path.as_str())
    } else {
        asked.origin.as_ref().map(|origin| origin.page.as_str())
    };
    let query = page.and_then(|page| serde_html_form::to_string([("next", page)]).ok()).unwrap_or_default();
    let path = format!("/sso/required/{organization}?{query}");
    match asked.kept {
        _ if asked.is_page => see_other(&path),
        kept => leave(asked, &path, Notice::error(format!("Nothing was changed.{}", kept.words()))),
    }
}

/// Redirects to re-authentication, and from there to `page`.
fn to_reauthentication(asked: &RequestSummary, page: &str) -> HttpResponse {
    match asked.kept {
        Kept::Nothing => see_other(&reauthentication(page)),
        kept => leave(asked, &reauthentication(page), Notice::neutral(format!("Nothing was done yet.{}", kept.words()))),
    }
}

/// Redirects to the page of a form from an earlier session of the same person.
fn to_page_again(asked: &RequestSummary) -> HttpResponse {
    let page = asked.origin.as_ref().map_or("/", |origin| &origin.page);
    let text = "You signed in or out in another tab meanwhile, so nothing was changed. Look it over and send it again.";
    leave(asked, &super::safe_path(&asked.site, page), Notice::error(text))
}

/// Redirects to the page of a form that was sent while its sender looked as somebody else.
fn to_viewed_page(asked: &RequestSummary) -> HttpResponse {
    let page = asked.origin.as_ref().map_or("/", |origin| &origin.page);
    let text = "You look at Roster as somebody else sees it, so nothing was changed.";
    redirect_with_notice(&asked.site, &super::safe_path(&asked.site, page), Notice::error(text))
}

/// Redirects from a form that was not carried out, with the cookie that opens its kept input.
fn leave(asked: &RequestSummary, path: &str, notice: Notice) -> HttpResponse {
    let mut response = redirect_with_notice(&asked.site, path, notice);
    if let Some(cookie) = &asked.draft {
        let _ = response.add_cookie(cookie);
    }
    response
}

fn words(error: &Error, site: &Site) -> (&'static str, String) {
    match error {
        Error::Fault(Fault::Denied(permission)) => (
            "You may not do this",
            format!(
                "It needs the permission {permission}, which none of your roles gives. An administrator of the organization can give you a role that does."
            ),
        ),
        Error::Fault(Fault::ViewOnly) => (
            "Not while you look as somebody else",
            "You look at Roster as somebody else sees it. Their own account is not shown, and nothing is changed or exported.".into(),
        ),
        Error::Fault(Fault::Missing) | Error::Status(StatusCode::NOT_FOUND) => (
            "There is nothing here",
            "The address is mistyped, or what stood here was deleted, or it belongs to an organization you are not in.".into(),
        ),
        Error::Fault(Fault::Conflict(_)) => (
            "Somebody else was quicker",
            "Another change came in between and nothing of yours was kept. Go back, reload the page and try again.".into(),
        ),
        Error::Fault(Fault::Unavailable(_)) => (
            "Not available at the moment",
            "Roster cannot reach its database, or has too much to do. Nothing was changed. Try again in a few seconds.".into(),
        ),
        Error::Fault(Fault::InDoubt(_)) => (
            "It is not known whether this was done",
            "Roster lost its database while it stored the change. Look whether it was made before you do it again.".into(),
        ),
        Error::Forged => (
            "This form is no longer valid",
            "It was opened in another session or too long ago, and nothing was changed. Go back, reload the page and send it again.".into(),
        ),
        Error::SomebodyElses => (
            "Somebody else is signed in by now",
            "The person who opened this form signed out, and somebody else signed in since. Nothing was changed, and nothing that was typed is shown. Go to the front page to work as the person who is signed in now.".into(),
        ),
        Error::WrongHost => ("This is not the address of Roster", format!("Open {} instead.", site.public_url)),
        Error::Malformed(what) => ("The request could not be read", format!("{what} Nothing was changed.")),
        Error::TooLarge => (
            "That is too much at once",
            "The request is larger than Roster accepts. Nothing was changed; send it in smaller pieces.".into(),
        ),
        Error::TooMany(seconds) => ("Too many attempts", format!("Wait {seconds} seconds before the next one.")),
        Error::Status(StatusCode::URI_TOO_LONG) => ("This address is too long", "Open a shorter one; no page of Roster has it.".into()),
        Error::Status(StatusCode::METHOD_NOT_ALLOWED) => (
            "This cannot be done here",
            "The address exists, but not for this kind of request.".into(),
        ),
        _ => (
            "Something went wrong",
            "This is our fault, not yours, and it was written down. If it happens again, tell the operator of Roster the reference below."
                .into(),
        ),
    }
}
