//! What a User-Agent header says about a device, the cookie that recognizes a device, and the start of a session on one.

use super::state::begin;
use crate::{
    kit::{Fault, Timestamp, secret},
    users::User,
    web::{self, Site, VisitorContext, cookie},
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, time::Duration},
};
use woothee::parser::Parser;

/// `Firefox on Linux`, as far as the header says.
pub fn describe(agent: &str) -> String {
    // Programs are better described by their own name.
    let known = |text: &str| !text.is_empty() && text != "UNKNOWN" && text != "HTTP Library";
    match Parser::new().parse(agent) {
        Some(parsed) if known(parsed.name) && known(parsed.os) => format!("{} on {}", parsed.name, system(parsed.os)),
        Some(parsed) if known(parsed.name) => parsed.name.to_owned(),
        _ if agent.is_empty() => "Unknown device".into(),
        _ => agent.split(['/', ' ']).next().unwrap_or("Unknown device").chars().take(40).collect(),
    }
}

/// The name of an operating system. Browsers stopped reporting the version of Windows at 10.
fn system(name: &str) -> &str {
    match name {
        "Mac OSX" => "macOS",
        _ if name.starts_with("Windows ") => "Windows",
        _ => name,
    }
}

/// Key for the cookies of devices that a person signed in on before. Known devices have their own throttle, so that an
/// attacker who guesses passwords from elsewhere cannot lock the owner out.
#[derive(Clone)]
pub struct DeviceCookies([u8; 32]);

impl DeviceCookies {
    pub fn new(key: &secret::MasterKey) -> Self {
        Self(key.derive("device"))
    }
    /// The cookie that recognizes this browser as one of this user's from now on.
    pub fn cookie(&self, site: &Site, user: &User) -> Cookie<'static> {
        let value = secret::hmac_base64(&self.0, &Self::message(user));
        cookie(site, "device", value).max_age(Duration::days(400)).finish()
    }
    /// The browser that sent the request.
    pub(super) fn browser(&self, req: &HttpRequest, site: &Site) -> Browser {
        let cookie = req.cookie(&site.cookie_name("device"));
        Browser { devices: self.clone(), brought: cookie.map(|cookie| cookie.value().to_owned()) }
    }
    /// The user, and since when their browsers are recognized.
    fn message(user: &User) -> Vec<u8> {
        let since = user.devices_from.map_or(0, Timestamp::micros);
        [user.id.0.as_bytes().as_slice(), &since.to_be_bytes()].concat()
    }
}

/// Begins a session of a person who signed in, and marks the browser as a device of theirs. `password` is when the
/// proven password was set, and `response` is what the browser gets.
///
/// # Errors
/// As [`begin`].
pub fn begin_on_device(
    session: &Session,
    devices: &DeviceCookies,
    visitor: &VisitorContext,
    (user, password): (&User, Option<Timestamp>),
    mut response: HttpResponse,
) -> web::Result<HttpResponse> {
    begin(session, user.id, password, &visitor.request_info)?;
    response.add_cookie(&devices.cookie(&visitor.site, user)).map_err(Fault::broken)?;
    Ok(response)
}

/// A browser and its cookie, to be checked once the claimed identity is known.
#[derive(Clone)]
pub struct Browser {
    devices: DeviceCookies,
    brought: Option<String>,
}

impl Browser {
    pub fn is_known_to(&self, user: &User) -> bool {
        let is_tag = |text: &String| secret::verify_hmac(&self.devices.0, &DeviceCookies::message(user), text);
        self.brought.as_ref().is_some_and(is_tag)
    }
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn devices_are_described_as_people_know_them() {
        assert_eq!(
            describe("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"),
            "Firefox on Linux"
        );
        let chrome = |system| format!("Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36");
        assert_eq!(describe(&chrome("Windows NT 10.0; Win64; x64")), "Chrome on Windows");
        assert_eq!(describe(&chrome("Macintosh; Intel Mac OS X 10_15_7")), "Chrome on macOS");
        assert_eq!(describe("curl/8.5.0"), "curl");
        assert_eq!(describe(""), "Unknown device");
        assert_eq!(describe("<script>alert(1)</script>").len(), "<script>alert(1)<".len());
    }
}
