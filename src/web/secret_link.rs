//! Single-use links in the browser: the secret moves from the address into a short-lived cookie at once, so that it
//! stands in no history, log, referrer or screen (ASVS 5.0, 14.2.1).

use super::{Front, cookie, gone, see_other};
use crate::kit::secret::Secret;
use actix_web::{HttpRequest, HttpResponse, cookie::time::Duration};

/// How long a form behind a link may stay open.
const OPEN_FOR: Duration = Duration::minutes(60);

/// Keeps the secret and leads on to the page that uses it. Nothing is looked up yet: opening a link changes nothing.
pub fn keep(front: &Front, secret: &str, page: &str) -> HttpResponse {
    let mut response = see_other(page);
    let kept = match Secret::parse(secret) {
        Some(secret) => cookie(front, "link", secret.expose().to_owned()).max_age(OPEN_FOR).finish(),
        None => gone(front, "link"),
    };
    let _ = response.add_cookie(&kept);
    response
}

/// The secret this browser keeps.
pub fn read(req: &HttpRequest, front: &Front) -> Option<Secret> {
    req.cookie(&front.cookie_name("link"))
        .and_then(|cookie| Secret::parse(cookie.value()))
}

/// Takes the secret away: it was spent.
pub fn forget(mut response: HttpResponse, front: &Front) -> HttpResponse {
    let _ = response.add_cookie(&gone(front, "link"));
    response
}
