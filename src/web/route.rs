//! Helpers for routes, and for paths that come from requests.

use super::{Error, Site};
use crate::kit::Fault;
use actix_web::{Route, guard, web};

/// A route for a page: answers GET, and HEAD without a body.
pub fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A route for forms.
pub fn post() -> Route {
    web::post()
}

/// A malformed id in a path gets 404, like an unknown id.
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _| Error::Fault(Fault::Missing).into())
}

/// The path if a browser would resolve it to this site; otherwise `/`. Prevents open redirects.
pub fn safe_path(site: &Site, asked: &str) -> String {
    let plain = asked.len() <= 2000 && asked.starts_with('/') && !asked.chars().any(|c| c.is_control() || c == '\\');
    let joined = site.public_url.join(asked).ok().filter(|url| plain && url.origin() == site.public_url.origin());
    match joined {
        Some(url) if !url.path().starts_with("//") && !asked.starts_with("//") => match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        _ => "/".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Clock, MailRoute, secret::MasterKey};

    #[test]
    fn redirects_never_leave_the_site() {
        let key = MasterKey::from_text(&"k".repeat(32)).unwrap();
        let mail = MailRoute::Files { folder: "mail".into(), from: "roster@roster.example".into() };
        let url = "https://roster.example".parse().unwrap();
        let site = Site::new(url, Default::default(), Clock::system(), mail, &key);
        for bad in [
            "//evil",
            "/\\evil",
            "\\/evil",
            "https:evil",
            "https://evil/",
            "javascript:alert(1)",
            "data:x",
            "http://good@evil",
            "/\t/evil",
            "",
            "evil",
            "/a\r\nX: y",
        ] {
            assert_eq!(safe_path(&site, bad), "/", "{bad:?}");
        }
        assert_eq!(safe_path(&site, &format!("/{}", "a".repeat(9000))), "/");
        assert_eq!(safe_path(&site, "/o/1/users?q=a%20b"), "/o/1/users?q=a%20b");
        assert_eq!(safe_path(&site, "/%5cevil"), "/%5cevil");
    }
}
