//! Proof that a form came from a page of ours: a tag over what only this browser holds, the session's seed or a
//! visitor cookie. Every page carries another nonce, so that compression tells nothing about it.
//!
//! The token also says for whom the page was drawn and where it stands, under a tag of its own. So when the session ended
//! or was replaced meanwhile, the sender is led back to their page, and what they typed is kept for them and nobody else.

use super::Site;
use crate::kit::{
    UserId,
    secret::{self, Secret},
};
use actix_session::SessionExt;
use actix_web::{HttpMessage, HttpRequest, cookie::Cookie};

/// Key of the seed in a session's state.
pub const SEED: &str = "csrf";
/// Key of the person a session belongs to.
pub const OWNER: &str = "user";
/// The field that every form carries.
pub(super) const FIELD: &str = "csrf";

const NONCE_LENGTH: usize = 16;
/// Of a tag as text.
const TAG_LENGTH: usize = 43;
/// A longer address is remembered without its query.
const LONGEST_PAGE: usize = 400;

/// A visitor cookie made during this request, to be set by its answer.
#[derive(Clone)]
pub(super) struct NewVisitor(pub String);

/// The page that a form stood on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// For whom it was drawn, if somebody was signed in.
    pub user: Option<UserId>,
    /// Path and query.
    pub page: String,
}

impl Origin {
    /// The page that this request draws. A form that is drawn again stands where it stood.
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
    /// What a form's token says, if we wrote it.
    pub fn read(site: &Site, token: &str) -> Option<Self> {
        let parts = Parts::of(token)?;
        if !secret::is_text_tag(&site.origin_key, format!("{}{}", parts.nonce, parts.origin).as_bytes(), parts.seal) {
            return None;
        }
        let (user, page) = parts.origin.split_once('~')?;
        Some(Self {
            user: user.parse().ok(),
            page: page.to_owned(),
        })
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

/// A token for a form on the page that answers this request.
pub(super) fn token(req: &HttpRequest, site: &Site) -> String {
    let binding = seed(req).or_else(|| visitor(req, site)).unwrap_or_else(|| greet(req));
    let nonce = Secret::generate();
    let nonce = &nonce.expose()[..NONCE_LENGTH];
    let Origin { user, page } = Origin::of(req);
    let origin = format!("{}~{page}", user.map(|user| user.to_string()).unwrap_or_default());
    format!(
        "{nonce}{}{}{origin}",
        secret::text_tag(&site.csrf_key, format!("{nonce}{binding}").as_bytes()),
        secret::text_tag(&site.origin_key, format!("{nonce}{origin}").as_bytes())
    )
}

/// Both tags must hold, so that nothing of a token can be changed.
fn is_bound_to(site: &Site, token: &str, binding: Option<String>) -> bool {
    if Origin::read(site, token).is_none() {
        return false;
    }
    let parts = Parts::of(token).zip(binding);
    parts.is_some_and(|(parts, binding)| secret::is_text_tag(&site.csrf_key, format!("{}{binding}", parts.nonce).as_bytes(), parts.tag))
}

/// Whether a form's token was made for this browser and the session that it is in.
pub(super) fn is_ours(req: &HttpRequest, site: &Site, token: &str) -> bool {
    is_bound_to(site, token, seed(req).or_else(|| visitor(req, site)))
}

/// Whether a form's token was made for this browser while nobody was signed in.
pub(super) fn is_of_visitor(req: &HttpRequest, site: &Site, token: &str) -> bool {
    is_bound_to(site, token, visitor(req, site))
}

/// Whether the browser brings a session that is over.
pub(super) fn session_has_ended(req: &HttpRequest, site: &Site) -> bool {
    seed(req).is_none() && req.cookie(&site.cookie_name("session")).is_some()
}

/// Who is signed in, as the session says.
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
