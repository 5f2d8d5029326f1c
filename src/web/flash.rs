//! Notices that outlive a redirect, in a signed cookie: they need no session, so signed-out pages have them too.

use super::Site;
use crate::kit::{MailRoute, secret};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, CookieBuilder, SameSite, time::Duration},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// What a page says once about what just happened.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub is_error: bool,
    /// Nothing came of it, good or bad.
    #[serde(default)]
    pub is_neutral: bool,
    pub undo: Option<Undo>,
}

/// The form that takes the change back.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Undo {
    pub action: String,
    /// Where that leads afterwards.
    pub back: String,
}

impl Notice {
    pub fn success(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_error: false,
            is_neutral: false,
            undo: None,
        }
    }
    /// That nothing was done, since nothing had to be.
    pub fn neutral(text: impl Into<String>) -> Self {
        Self {
            is_neutral: true,
            ..Self::success(text)
        }
    }
    /// About a letter that was written: a success only where it goes out.
    pub fn letter(route: &MailRoute, text: impl Into<String>) -> Self {
        if route.is_server() {
            Self::success(text)
        } else {
            Self::neutral(text)
        }
    }
    pub fn error(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_error: true,
            is_neutral: false,
            undo: None,
        }
    }
    /// With a button that posts to this path of ours and leads back.
    pub fn with_undo(self, action: String, back: String) -> Self {
        Self {
            undo: Some(Undo { action, back }),
            ..self
        }
    }
    /// The cookie that carries it to the next page.
    pub fn cookie(&self, site: &Site) -> Cookie<'static> {
        // A notice is short; names in it are shortened where they are not.
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let value = format!("{body}.{}", secret::text_tag(&site.flash_key, body.as_bytes()));
        cookie(site, "notice", value).max_age(Duration::minutes(5)).finish()
    }
}

/// The notice this request brings, if we wrote it.
pub(super) fn read(req: &HttpRequest, site: &Site) -> Option<Notice> {
    let cookie = req.cookie(&site.cookie_name("notice"))?;
    let (body, tag) = cookie.value().split_once('.')?;
    if !secret::is_text_tag(&site.flash_key, body.as_bytes(), tag) {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}

/// A cookie as all of ours are: for us alone, out of scripts' reach, not sent along by other sites' forms.
pub fn cookie(site: &Site, name: &str, value: String) -> CookieBuilder<'static> {
    Cookie::build(site.cookie_name(name), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
}

/// The cookie that takes another one away.
pub fn gone(site: &Site, name: &str) -> Cookie<'static> {
    let mut cookie = cookie(site, name, String::new()).finish();
    cookie.make_removal();
    cookie
}
