//! Site-wide HTTP settings: public URL, signing keys, trusted proxies.

use super::TrustedProxies;
use crate::kit::{Clock, MailRoute, secret::MasterKey};
use url::Url;

/// HTTP settings, shared by all workers.
#[derive(Clone, Debug)]
pub struct Site {
    /// Every link is built from this, never from a request (Host header injection).
    pub public_url: Url,
    pub trusted_proxies: TrustedProxies,
    pub clock: Clock,
    /// How email is delivered. Pages say different things for different routes.
    pub mail: MailRoute,
    pub(super) csrf_key: [u8; 32],
    /// Key for the part of a form token that names the form's page.
    pub(super) origin_key: [u8; 32],
    pub(super) flash_key: [u8; 32],
}

impl Site {
    pub fn new(public_url: Url, trusted_proxies: TrustedProxies, clock: Clock, mail: MailRoute, key: &MasterKey) -> Self {
        Self {
            public_url,
            trusted_proxies,
            clock,
            mail,
            csrf_key: key.derive("csrf"),
            origin_key: key.derive("form origin"),
            flash_key: key.derive("flash"),
        }
    }
    /// Whether browsers use https: cookies are then `Secure` and bound to this host.
    pub fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
    /// Whether the public URL has a host name and not only an IP address. Passkeys need a name.
    pub fn has_name(&self) -> bool {
        self.public_url.domain().is_some()
    }
    /// The name of a cookie, with the `__Host-` prefix (RFC 6265bis) if the public URL is https.
    pub fn cookie_name(&self, name: &str) -> String {
        if self.is_secure() {
            format!("__Host-roster-{name}")
        } else {
            format!("roster-{name}")
        }
    }
    /// The full URL of a path, for emails.
    pub fn link(&self, path: &str) -> String {
        let base = self.public_url.as_str().trim_end_matches('/');
        format!("{base}{path}")
    }
}
