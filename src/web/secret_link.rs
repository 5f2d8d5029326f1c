//! Single-use links in the browser: the secret moves from the URL into a short-lived cookie at once, so that no
//! history, log, referrer or screen shows it (ASVS 5.0, 14.2.1).
//!
//! Each link has its own cookie, named by the link's public id. The page of a link carries that id in its URL and in
//! every form. So two links that are open in one browser never act on each other's person: a form uses the link that
//! its page showed, or none.

use super::{Error, Respond, Site, cookie, expired, filters, see_other};
use crate::kit::secret::{Secret, fingerprint};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::time::Duration,
    http::StatusCode,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

/// How long a form of a link may stay open.
const OPEN_FOR: Duration = Duration::minutes(60);
/// Maximum number of links in one browser; a new one replaces the oldest.
const MOST: usize = 8;
/// Prefix of the cookie names.
const PREFIX: &str = "link-";
/// Characters of an id: 96 bits of a digest. The secret cannot be computed from it.
const ID_LENGTH: usize = 16;

/// A link that this browser holds.
#[derive(Clone)]
pub struct OpenLink {
    /// The public id, which its pages and forms carry.
    pub id: String,
    pub secret: Secret,
}

/// The public id of a link. It differs from the digest in the database, so that neither reveals the other.
fn id_of(secret: &Secret) -> String {
    let mut id = fingerprint(&format!("link {}", secret.expose()));
    id.truncate(ID_LENGTH);
    id
}

/// Stores the secret in a cookie and redirects to the page that uses it. No lookup happens: opening a link changes
/// nothing.
pub fn keep(req: &HttpRequest, site: &Site, secret: &str, page: &str) -> HttpResponse {
    let Some(secret) = Secret::parse(secret) else {
        return see_other(page);
    };
    let id = id_of(&secret);
    let mut response = see_other(&address(page, &id));
    let value = format!("{}.{}", site.clock.now().micros(), secret.expose());
    let _ = response.add_cookie(&cookie(site, &format!("{PREFIX}{id}"), value).max_age(OPEN_FOR).finish());
    for name in surplus(req, site, &id) {
        let _ = response.add_cookie(&expired(site, &name));
    }
    response
}

/// The names of the oldest link cookies that must go to make space for this one.
fn surplus(req: &HttpRequest, site: &Site, id: &str) -> Vec<String> {
    let prefix = site.cookie_name(PREFIX);
    let cookies = req.cookies().map(|cookies| cookies.to_vec()).unwrap_or_default();
    let mut held: Vec<(i64, String)> = cookies
        .iter()
        .filter_map(|cookie| {
            let other = cookie.name().strip_prefix(&prefix).filter(|other| *other != id)?;
            // A malformed cookie goes first.
            let since = cookie.value().split_once('.').and_then(|(since, _)| since.parse().ok()).unwrap_or(0);
            Some((since, format!("{PREFIX}{other}")))
        })
        .collect();
    held.sort();
    held.truncate((held.len() + 1).saturating_sub(MOST));
    held.into_iter().map(|(_, name)| name).collect()
}

/// The URL of a link's page.
pub fn address(page: &str, id: &str) -> String {
    format!("{page}?link={id}")
}

/// The link with this id, if the browser holds it and the id matches its secret.
fn find(req: &HttpRequest, site: &Site, id: &str) -> Option<OpenLink> {
    let cookie = req.cookie(&site.cookie_name(&format!("{PREFIX}{id}")))?;
    let (_, secret) = cookie.value().split_once('.')?;
    let secret = Secret::parse(secret).filter(|secret| id_of(secret) == id)?;
    Some(OpenLink { id: id.to_owned(), secret })
}

/// The link id in the URL of a page.
#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    link: String,
}

/// The link that a form names; `None` if it names none, for example because the visitor typed the URL of its page.
/// `what` and `person` are for the page of [`Error::LinkGone`]: what the link was for, and whose it was if the form
/// says so.
///
/// # Errors
/// [`Error::LinkGone`].
pub fn named(req: &HttpRequest, site: &Site, id: &str, what: &'static str, person: &str) -> Result<Option<OpenLink>, Error> {
    match find(req, site, id) {
        None if !id.is_empty() => Err(Error::LinkGone { what, person: person.to_owned() }),
        link => Ok(link),
    }
}

/// The link that the URL of a page names; see [`named`].
///
/// # Errors
/// [`Error::LinkGone`].
pub fn shown(req: &HttpRequest, site: &Site, what: &'static str) -> Result<Option<OpenLink>, Error> {
    let asked = Query::<Asked>::from_query(req.query_string()).map(Query::into_inner).unwrap_or_default();
    named(req, site, &asked.link, what, "")
}

/// Deletes the cookie of a used link.
pub fn forget(mut response: HttpResponse, site: &Data<Site>, id: &str) -> HttpResponse {
    let _ = response.add_cookie(&expired(site, &format!("{PREFIX}{id}")));
    response
}

#[derive(Template)]
#[template(path = "web/link_gone.html")]
struct Gone<'a> {
    what: &'a str,
    person: &'a str,
}

/// The page for a tab whose link the browser no longer holds: which link it was, and what to do.
pub(super) fn gone_page(what: &str, person: &str) -> Result<HttpResponse, Error> {
    Gone { what, person }.with_status(StatusCode::GONE)
}
