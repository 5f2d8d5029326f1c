//! Responses: pages, redirects and error pages; filters for templates.

use super::{
    Error, MemberContext, Notice, Site, VisitorContext, log,
    pending_form::Kept,
    problem::{self, is_api},
    secret_link::gone_page,
    summary::RequestSummary,
};
use crate::kit::Fault;
use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use askama::Template;

/// Renders a page.
///
/// # Errors
/// When the template cannot be rendered, which only a broken helper method causes.
pub fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Error> {
    let html = template.render().map_err(Fault::broken)?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

/// Answers with a template.
pub trait Respond: Template + Sized {
    /// The page as asked for (200).
    ///
    /// # Errors
    /// As [`page`].
    fn ok(&self) -> Result<HttpResponse, Error> {
        page(StatusCode::OK, self)
    }
    /// The page of a form that has complaints or was refused (422).
    ///
    /// # Errors
    /// As [`page`].
    fn unprocessable(&self) -> Result<HttpResponse, Error> {
        page(StatusCode::UNPROCESSABLE_ENTITY, self)
    }
    /// [`Respond::unprocessable`] if the form is refused, otherwise [`Respond::ok`].
    ///
    /// # Errors
    /// As [`page`].
    fn ok_unless(&self, is_refused: bool) -> Result<HttpResponse, Error> {
        if is_refused { self.unprocessable() } else { self.ok() }
    }
    /// The page with another status.
    ///
    /// # Errors
    /// As [`page`].
    fn with_status(&self, status: StatusCode) -> Result<HttpResponse, Error> {
        page(status, self)
    }
}

impl<T: Template> Respond for T {}

/// Redirects the browser after a form (303), so that reloading does not send the form again.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// The path of the re-authentication page, which leads on to `next`.
pub(super) fn reauthentication(next: &str) -> String {
    let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
    format!("/sign-in/again?{query}")
}

/// [`see_other`] with a notice for the next page.
pub fn redirect_with_notice(site: &Site, path: &str, notice: Notice) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .cookie(notice.cookie(site))
        .finish()
}

impl MemberContext {
    /// Redirects the browser after a form; the next page shows the notice.
    pub fn redirect_with_notice(&self, path: &str, notice: Notice) -> HttpResponse {
        redirect_with_notice(&self.site, path, notice)
    }
}

impl VisitorContext {
    /// Redirects the browser after a form; the next page shows the notice.
    pub fn redirect_with_notice(&self, path: &str, notice: Notice) -> HttpResponse {
        redirect_with_notice(&self.site, path, notice)
    }
}

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
    if is_api(&asked.path) {
        return problem::failure(error, request_id);
    }
    log::cause(error, request_id);
    match error {
        Error::SignIn | Error::Fault(Fault::SignedOut) => return to_sign_in(asked),
        Error::Stale => return to_page_again(asked),
        Error::ChangePassword => return see_other("/password/change"),
        Error::SetUpSecondStep => return see_other("/two-step"),
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
        Error::Fault(Fault::Unavailable(_)) => Some(5),
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

/// The title of the page at this path, taken from the last path segment that names one, or the segment before an id.
fn page_name(path: &str) -> &'static str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut words = path.trim_start_matches("/o/").split('/').skip(1).filter(|word| !word.is_empty());
    match (words.next(), words.next(), words.next()) {
        (Some("users"), None, _) => "User Directory",
        (Some("system-accounts"), None, _) => "System Accounts",
        (Some("users"), _, None) => "Profile",
        (Some("system-accounts"), _, None) => "System account",
        (_, _, Some("roles" | "access")) => "Access",
        (_, _, Some("sessions")) => "Sessions",
        (_, _, Some("activity")) => "Activity",
        (_, _, Some("history")) => "History",
        (_, _, Some("tokens")) => "Tokens",
        (Some("teams"), None, _) => "Teams",
        (Some("teams"), ..) => "Team",
        (Some("me"), ..) => "My profile",
        (Some("batches"), None, _) => "Bulk actions",
        (Some("audit"), ..) => "Audit Log",
        _ => "Back",
    }
}

/// Filters for templates.
#[expect(clippy::missing_errors_doc, reason = "askama's shape; none of them fails")]
pub mod filters {
    use crate::kit::Timestamp;

    /// `1,204`
    #[askama::filter_fn]
    pub fn grouped(number: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(crate::kit::grouped(number))
    }

    /// A `<time>` element: relative text, exact time in its title. A script updates it to the reader's time zone.
    #[askama::filter_fn]
    pub fn time(at: &Timestamp, _: &dyn askama::Values, now: &Timestamp) -> askama::Result<askama::filters::Safe<String>> {
        Ok(askama::filters::Safe(format!(
            "<time datetime=\"{}\" title=\"{}\" data-relative>{}</time>",
            at.iso(),
            at.exact(),
            at.relative_to(*now)
        )))
    }

    /// The title of one of our pages, for a link that leads back to it.
    #[askama::filter_fn]
    pub fn page_name(path: &str, _: &dyn askama::Values) -> askama::Result<&'static str> {
        Ok(super::page_name(path))
    }

    /// The URL of one of our static files.
    #[askama::filter_fn]
    pub fn asset(name: &str, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(crate::web::assets::url(name))
    }

    /// Initials for the avatar circle.
    #[askama::filter_fn]
    pub fn initials(name: &str, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(crate::kit::fold::initials(name))
    }

    /// One of a few colours, always the same for the same member, even after a rename.
    #[askama::filter_fn]
    pub fn tint(id: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<u32> {
        Ok(id.to_string().chars().map(u32::from).sum::<u32>() % 6)
    }
}
