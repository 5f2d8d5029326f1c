//! CSRF tokens: an HMAC tag over a value that only this browser holds (the seed of its session, or a visitor cookie).
//! Every page gets another nonce, so that response compression reveals nothing (BREACH).
//!
//! Under a second tag, the token also names the user for whom the page was rendered, and the page. So if the session
//! ended or was replaced meanwhile, the sender is led back to their page, and their input is kept for them and nobody
//! else.

use super::Site;
use crate::kit::{
    UserId,
    secret::{self, Secret},
};
use actix_session::SessionExt;
use actix_web::{HttpMessage, HttpRequest, cookie::Cookie};

/// Session key of the seed.
pub const SEED: &str = "csrf";
/// Session key of the signed-in user.
pub const OWNER: &str = "user";
/// The hidden field in every form.
pub(super) const FIELD: &str = "csrf";

const NONCE_LENGTH: usize = 16;
/// Length of a tag as text.
const TAG_LENGTH: usize = 43;
/// A longer page address is stored without its query.
const LONGEST_PAGE: usize = 400;

/// A visitor cookie made during this request, to be set by the response.
#[derive(Clone)]
pub(super) struct NewVisitor(pub String);

/// The page that contained a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The user for whom it was rendered, if somebody was signed in.
    pub user: Option<UserId>,
    /// Path and query.
    pub page: String,
}

impl Origin {
    /// The page of this request. If a form is rendered again after a POST, its page stays the same.
    fn of(req: &HttpRequest) -> Self {
        let page = if req.method().is_safe() {
            let whole = req.uri().path_and_query().map_or("/", |path| path.as_str());
            let short = if whole.len() <= LONGEST_PAGE { whole } else { req.path() };
            short.to_owned()
        } else {
            req.extensions().get::<Self>().map(|sent| sent.page.clone()).unwrap_or_default()
        };
        Self { user: owner(req), page }
    }
    /// The page named in a token, if we wrote the token.
    pub fn read(site: &Site, token: &str) -> Option<Self> {
        let parts = Parts::of(token)?;
        if !secret::verify_hmac(&site.origin_key, format!("{}{}", parts.nonce, parts.origin).as_bytes(), parts.seal) {
            return None;
        }
        let (user, page) = parts.origin.split_once('~')?;
        Some(Self { user: user.parse().ok(), page: page.to_owned() })
    }
}

struct Parts<'a> {
    nonce: &'a str,
    tag: &'a str,
    seal: &'a str,
    origin: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Option<Self> {
        let (nonce, rest) = token.split_at_checked(NONCE_LENGTH)?;
        let (tag, rest) = rest.split_at_checked(TAG_LENGTH)?;
        let (seal, origin) = rest.split_at_checked(TAG_LENGTH)?;
        Some(Self { nonce, tag, seal, origin })
    }
}

/// A token for the forms of this response.
pub(super) fn token(req: &HttpRequest, site: &Site) -> String {
    let binding = seed(req).or_else(|| visitor(req, site)).unwrap_or_else(|| greet(req));
    let nonce = Secret::generate();
    let nonce = &nonce.expose()[..NONCE_LENGTH];
    let Origin { user, page } = Origin::of(req);
    let origin = format!("{}~{page}", user.map(|user| user.to_string()).unwrap_or_default());
    format!(
        "{nonce}{}{}{origin}",
        secret::hmac_base64(&site.csrf_key, format!("{nonce}{binding}").as_bytes()),
        secret::hmac_base64(&site.origin_key, format!("{nonce}{origin}").as_bytes())
    )
}

/// Both tags must match, so that no part of a token can be changed.
fn is_bound_to(site: &Site, token: &str, binding: Option<String>) -> bool {
    if Origin::read(site, token).is_none() {
        return false;
    }
    let parts = Parts::of(token).zip(binding);
    parts.is_some_and(|(parts, binding)| secret::verify_hmac(&site.csrf_key, format!("{}{binding}", parts.nonce).as_bytes(), parts.tag))
}

/// Whether the token was made for this browser in its current session.
pub(super) fn is_ours(req: &HttpRequest, site: &Site, token: &str) -> bool {
    is_bound_to(site, token, seed(req).or_else(|| visitor(req, site)))
}

/// Whether the token was made for this browser while nobody was signed in.
pub(super) fn is_of_visitor(req: &HttpRequest, site: &Site, token: &str) -> bool {
    is_bound_to(site, token, visitor(req, site))
}

/// Whether the browser sends a session cookie whose session has ended.
pub(super) fn session_has_ended(req: &HttpRequest, site: &Site) -> bool {
    seed(req).is_none() && req.cookie(&site.cookie_name("session")).is_some()
}

/// The signed-in user of the session.
pub(super) fn owner(req: &HttpRequest) -> Option<UserId> {
    req.get_session().get::<String>(OWNER).ok().flatten()?.parse().ok()
}

fn seed(req: &HttpRequest) -> Option<String> {
    req.get_session().get::<String>(SEED).ok().flatten()
}

fn visitor(req: &HttpRequest, site: &Site) -> Option<String> {
    let known = req
        .cookie(&site.cookie_name("visitor"))
        .map(|cookie| cookie.value().to_owned())
        .filter(|value| Secret::parse(value).is_some());
    known.or_else(|| req.extensions().get::<NewVisitor>().map(|new| new.0.clone()))
}

fn greet(req: &HttpRequest) -> String {
    let value = Secret::generate().expose().to_owned();
    req.extensions_mut().insert(NewVisitor(value.clone()));
    value
}

pub(super) fn visitor_cookie(site: &Site, value: String) -> Cookie<'static> {
    super::flash::cookie(site, "visitor", value).finish()
}
