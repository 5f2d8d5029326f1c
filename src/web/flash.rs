//! Notices that survive a redirect, in a signed cookie. They need no session, so visitors get them too.

use super::Site;
use crate::kit::{MailRoute, secret};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, CookieBuilder, SameSite, time::Duration},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// A notice that a page shows once about what just happened.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub is_error: bool,
    /// Neither success nor error.
    #[serde(default)]
    pub is_neutral: bool,
    pub undo: Option<Undo>,
}

/// The form that undoes the change.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Undo {
    pub action: String,
    /// Where the undo leads afterwards.
    pub back: String,
}

impl Notice {
    pub fn success(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false, is_neutral: false, undo: None }
    }
    /// A neutral notice: nothing was done, because nothing had to be.
    pub fn neutral(text: impl Into<String>) -> Self {
        Self { is_neutral: true, ..Self::success(text) }
    }
    /// A notice about a queued email. It is a success only if a mail server is configured.
    pub fn letter(route: &MailRoute, text: impl Into<String>) -> Self {
        if route.is_server() {
            Self::success(text)
        } else {
            Self::neutral(text)
        }
    }
    pub fn error(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: true, is_neutral: false, undo: None }
    }
    /// What was done, or why it was refused.
    pub fn of(outcome: Result<impl Into<String>, impl Display>) -> Self {
        match outcome {
            Ok(text) => Self::success(text),
            Err(refusal) => Self::error(refusal.to_string()),
        }
    }
    /// That a form was saved, or that it held what is stored already.
    pub fn saved(is_changed: bool, text: &str) -> Self {
        Self::success(if is_changed { text } else { "Nothing was different." })
    }
    /// Adds an undo button that posts to `action` and then leads to `back`.
    pub fn with_undo(self, action: String, back: String) -> Self {
        Self { undo: Some(Undo { action, back }), ..self }
    }
    /// The cookie that carries the notice to the next page.
    pub fn cookie(&self, site: &Site) -> Cookie<'static> {
        // Notices are short: long names in them are shortened.
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let value = format!("{body}.{}", secret::hmac_base64(&site.flash_key, body.as_bytes()));
        cookie(site, "notice", value).max_age(Duration::minutes(5)).finish()
    }
}

/// The notice of this request, if we wrote it.
pub(super) fn read(req: &HttpRequest, site: &Site) -> Option<Notice> {
    let cookie = req.cookie(&site.cookie_name("notice"))?;
    let (body, tag) = cookie.value().split_once('.')?;
    if !secret::verify_hmac(&site.flash_key, body.as_bytes(), tag) {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}

/// A cookie with our usual attributes: only for this host, hidden from scripts (`HttpOnly`), not sent with cross-site
/// forms (`SameSite`).
pub fn cookie(site: &Site, name: &str, value: String) -> CookieBuilder<'static> {
    Cookie::build(site.cookie_name(name), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
}

/// The cookie that deletes another one.
pub fn expired(site: &Site, name: &str) -> Cookie<'static> {
    let mut cookie = cookie(site, name, String::new()).finish();
    cookie.make_removal();
    cookie
}
