//! Single-use links in the browser: the secret moves from the address into a short-lived cookie at once, so that it
//! stands in no history, log, referrer or screen (ASVS 5.0, 14.2.1).
//!
//! Each link has a cookie of its own, named by its public id. The page behind a link carries that id in its address and
//! in every form, so two links that are open in one browser never act on each other's person: a form works with the link
//! that its page showed, or with none.

use super::{Error, Site, cookie, filters, gone, page, see_other};
use crate::kit::secret::{Secret, fingerprint};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::time::Duration,
    http::StatusCode,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

/// How long a form behind a link may stay open.
const OPEN_FOR: Duration = Duration::minutes(60);
/// A browser holds this many links; a newer one takes the place of the oldest.
const MOST: usize = 8;
/// What the names of the cookies begin with.
const PREFIX: &str = "link-";
/// Characters of an id: 96 bits of a digest, from which nobody computes the secret.
const ID_LENGTH: usize = 16;

/// A link that this browser holds.
#[derive(Clone)]
pub struct OpenLink {
    /// What its pages and forms call it.
    pub id: String,
    pub secret: Secret,
}

/// The id of a link. It differs from the digest in the database, so that neither tells the other.
fn id_of(secret: &Secret) -> String {
    let mut id = fingerprint(&format!("link {}", secret.expose()));
    id.truncate(ID_LENGTH);
    id
}

/// Keeps the secret and leads on to the page that uses it. Nothing is looked up yet: opening a link changes nothing.
pub fn keep(req: &HttpRequest, site: &Site, secret: &str, page: &str) -> HttpResponse {
    let Some(secret) = Secret::parse(secret) else {
        return see_other(page);
    };
    let id = id_of(&secret);
    let mut response = see_other(&address(page, &id));
    let value = format!("{}.{}", site.clock.now().micros(), secret.expose());
    let _ = response.add_cookie(&cookie(site, &format!("{PREFIX}{id}"), value).max_age(OPEN_FOR).finish());
    for name in surplus(req, site, &id) {
        let _ = response.add_cookie(&gone(site, &name));
    }
    response
}

/// The names of the oldest links, of which there are too many beside this one.
fn surplus(req: &HttpRequest, site: &Site, id: &str) -> Vec<String> {
    let prefix = site.cookie_name(PREFIX);
    let cookies = req.cookies().map(|cookies| cookies.to_vec()).unwrap_or_default();
    let mut held: Vec<(i64, String)> = cookies
        .iter()
        .filter_map(|cookie| {
            let other = cookie.name().strip_prefix(&prefix).filter(|other| *other != id)?;
            // What is not of ours goes first.
            let since = cookie
                .value()
                .split_once('.')
                .and_then(|(since, _)| since.parse().ok())
                .unwrap_or(0);
            Some((since, format!("{PREFIX}{other}")))
        })
        .collect();
    held.sort();
    held.truncate((held.len() + 1).saturating_sub(MOST));
    held.into_iter().map(|(_, name)| name).collect()
}

/// The address of the page of a link.
pub fn address(page: &str, id: &str) -> String {
    format!("{page}?link={id}")
}

/// The link of this id, if the browser holds it and the id is that of its secret.
fn find(req: &HttpRequest, site: &Site, id: &str) -> Option<OpenLink> {
    let cookie = req.cookie(&site.cookie_name(&format!("{PREFIX}{id}")))?;
    let (_, secret) = cookie.value().split_once('.')?;
    let secret = Secret::parse(secret).filter(|secret| id_of(secret) == id)?;
    Some(OpenLink { id: id.to_owned(), secret })
}

/// Which link a page is for, as its address says.
#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    link: String,
}

/// What a request says about the link it is about.
pub enum Named {
    /// It names none. Anyone who types such an address has no link.
    None,
    Open(OpenLink),
    /// It names one that this browser does not hold any more.
    Gone,
}

/// The link that a form names.
pub fn named(req: &HttpRequest, site: &Site, id: &str) -> Named {
    match find(req, site, id) {
        Some(link) => Named::Open(link),
        None if id.is_empty() => Named::None,
        None => Named::Gone,
    }
}

/// The link that the address of a page names.
pub fn shown(req: &HttpRequest, site: &Site) -> Named {
    let asked = Query::<Asked>::from_query(req.query_string())
        .map(Query::into_inner)
        .unwrap_or_default();
    named(req, site, &asked.link)
}

/// Takes the secret away: it was spent.
pub fn forget(mut response: HttpResponse, site: &Data<Site>, id: &str) -> HttpResponse {
    let _ = response.add_cookie(&gone(site, &format!("{PREFIX}{id}")));
    response
}

#[derive(Template)]
#[template(path = "web/link_gone.html")]
struct Gone<'a> {
    what: &'a str,
    person: &'a str,
}

/// The page of a tab whose link the browser does not hold any more: which link it was, and what to do.
///
/// # Errors
/// As [`page`].
pub fn gone_page(what: &str, person: &str) -> Result<HttpResponse, Error> {
    page(StatusCode::GONE, &Gone { what, person })
}
