//! Responses: pages and redirects; filters for templates.

use super::{Error, MemberContext, Notice, Site, VisitorContext};
use crate::kit::Fault;
use actix_web::{
    HttpResponse,
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
            "<time datetime=\"{}\" title=\"{}\">{}</time>",
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
