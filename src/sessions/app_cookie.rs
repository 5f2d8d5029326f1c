//! The cookie that tells an application's proxy which session a browser has (forward-auth). The session cookie itself is
//! bound to Roster's host and never reaches another one; this is a cookie of its own, for the domain that Roster and its
//! applications share.
//!
//! Invariants: it holds a reference to the session with a tag that only Roster can make, and opens neither the console
//! nor the API; it is worth nothing once the session has ended. A reauthentication replaces the session, so the next page
//! of an application sends the browser here for a new cookie.

use crate::{
    kit::{SessionId, secret},
    web::{Applications, Site},
};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite},
};

/// The applications, and the key of the tags.
#[derive(Clone)]
pub struct AppCookies {
    pub applications: Applications,
    key: [u8; 32],
}

impl AppCookies {
    pub fn new(applications: Applications, key: &secret::MasterKey) -> Self {
        Self { applications, key: key.derive("application cookies") }
    }

    fn name(site: &Site) -> &'static str {
        // `__Host-` is not possible for a cookie with a domain.
        if site.is_secure() { "__Secure-roster-apps" } else { "roster-apps" }
    }

    /// The cookie that refers to this session, if there are applications.
    pub(super) fn cookie(&self, site: &Site, session: SessionId) -> Option<Cookie<'static>> {
        let id = session.to_string();
        let value = format!("{id}.{}", secret::hmac_base64(&self.key, id.as_bytes()));
        let cookie = Cookie::build(Self::name(site), value)
            .domain(self.applications.domain()?.to_owned())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(site.is_secure());
        Some(cookie.finish())
    }

    /// The session that the cookie of this request refers to. Two cookies of the name are none: a page of another host of
    /// the domain may have planted one of them.
    pub fn session(&self, req: &HttpRequest, site: &Site) -> Option<SessionId> {
        let cookies = req.cookies().ok()?;
        let mut all = cookies.iter().filter(|cookie| cookie.name() == Self::name(site));
        let only = all.next().filter(|_| all.next().is_none())?;
        let (id, tag) = only.value().split_once('.')?;
        secret::verify_hmac(&self.key, id.as_bytes(), tag).then(|| id.parse().ok())?
    }
}
