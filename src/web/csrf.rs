//! Proof that a form came from a page of ours: a tag over what only this browser holds, the session's seed or a
//! visitor cookie. Every page carries another nonce, so that compression tells nothing about it.

use super::Front;
use crate::kit::secret::{self, Secret};
use actix_session::SessionExt;
use actix_web::{HttpMessage, HttpRequest, cookie::Cookie};

/// Key of the seed in a session's state.
pub const SEED: &str = "csrf";
/// The field that every form carries.
pub(super) const FIELD: &str = "csrf";

/// A visitor cookie made during this request, to be set by its answer.
#[derive(Clone)]
pub(super) struct NewVisitor(pub String);

/// A token for a form on the page that answers this request.
pub(super) fn token(req: &HttpRequest, front: &Front) -> String {
    let binding = binding(req, front).unwrap_or_else(|| greet(req));
    let nonce = Secret::generate();
    let nonce = &nonce.expose()[..16];
    format!(
        "{nonce}{}",
        secret::text_tag(&front.csrf_key, format!("{nonce}{binding}").as_bytes())
    )
}

/// Whether a form's token was made for this browser.
pub(super) fn is_ours(req: &HttpRequest, front: &Front, token: &str) -> bool {
    let parts = token.is_char_boundary(16).then(|| token.split_at_checked(16)).flatten();
    match (parts, binding(req, front)) {
        (Some((nonce, tag)), Some(binding)) => secret::is_text_tag(&front.csrf_key, format!("{nonce}{binding}").as_bytes(), tag),
        _ => false,
    }
}

/// Whether the browser brings a session that is over.
pub(super) fn session_has_ended(req: &HttpRequest, front: &Front) -> bool {
    let is_live = req.get_session().get::<String>(SEED).is_ok_and(|seed| seed.is_some());
    !is_live && req.cookie(&front.cookie_name("session")).is_some()
}

fn binding(req: &HttpRequest, front: &Front) -> Option<String> {
    let seed = req.get_session().get::<String>(SEED).ok().flatten();
    seed.or_else(|| {
        req.cookie(&front.cookie_name("visitor"))
            .map(|cookie| cookie.value().to_owned())
            .filter(|value| Secret::parse(value).is_some())
    })
    .or_else(|| req.extensions().get::<NewVisitor>().map(|new| new.0.clone()))
}

fn greet(req: &HttpRequest) -> String {
    let value = Secret::generate().expose().to_owned();
    req.extensions_mut().insert(NewVisitor(value.clone()));
    value
}

pub(super) fn visitor_cookie(front: &Front, value: String) -> Cookie<'static> {
    super::flash::cookie(front, "visitor", value).finish()
}
