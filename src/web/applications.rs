//! Applications whose proxy asks Roster who their visitor is (forward-auth), and may send people to sign in: their hosts,
//! and the domain that they share with Roster.

use super::Site;
use actix_web::{HttpRequest, http::header::HeaderMap};
use url::{Host, Origin, Url};

/// The applications of this deployment. None by default: then proxies are answered for tokens and API passwords only.
#[derive(Clone, Debug, Default)]
pub struct Applications {
    origins: Vec<Origin>,
    domain: Option<String>,
}

/// Longer than any address that people are sent back to.
const LONGEST: usize = 2_000;

impl Applications {
    /// The applications at these hosts, with a port where it is not the usual one. All of them, and Roster, are beneath
    /// the domain.
    ///
    /// # Errors
    /// A sentence that names the setting and says what is wrong with it.
    pub fn new(public_url: &Url, hosts: &[String], domain: Option<&str>) -> Result<Self, String> {
        // A variable of the environment that is set to nothing is not set.
        let hosts: Vec<&str> = hosts.iter().map(|host| host.trim()).filter(|host| !host.is_empty()).collect();
        let domain = match (hosts.is_empty(), domain.filter(|domain| !domain.is_empty())) {
            (true, None) => return Ok(Self::default()),
            (false, Some(domain)) => domain.to_ascii_lowercase(),
            _ => return Err("ROSTER_FORWARD_AUTH_HOSTS and ROSTER_FORWARD_AUTH_DOMAIN are set together or not at all".into()),
        };
        let is_name = matches!(Host::parse(&domain), Ok(Host::Domain(name)) if name == domain && name.trim_matches('.').contains('.'));
        if !is_name || domain.starts_with('.') || domain.ends_with('.') {
            return Err(format!("ROSTER_FORWARD_AUTH_DOMAIN: {domain:?} is not a domain such as example.org"));
        }
        let is_beneath = |url: &Url| {
            let host = url.domain().unwrap_or_default();
            host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
        };
        if !is_beneath(public_url) {
            return Err(format!("ROSTER_FORWARD_AUTH_DOMAIN: {public_url} is not beneath {domain}"));
        }
        let origin = |host: &&str| match Url::parse(&format!("{}://{host}/", public_url.scheme())) {
            Ok(url) if is_beneath(&url) && url.path() == "/" && !host.contains(['/', '\\', '?', '#', '@']) => Ok(url.origin()),
            _ => Err(format!("ROSTER_FORWARD_AUTH_HOSTS: {host:?} is not a host beneath {domain}")),
        };
        let origins = hosts.iter().map(origin).collect::<Result<_, _>>()?;
        Ok(Self { origins, domain: Some(domain) })
    }

    /// The domain of the cookie that tells these applications apart from all others.
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// The address, if it is of one of these applications.
    pub fn find(&self, address: &str) -> Option<Url> {
        let is_plain = address.len() <= LONGEST && !address.chars().any(|c| c.is_control() || c == '\\' || c == '@');
        let url = Url::parse(address).ok().filter(|_| is_plain)?;
        self.origins.contains(&url.origin()).then_some(url)
    }

    /// The address that a trusted proxy is asked for, if it is of one of these applications. A proxy that is not trusted
    /// says nothing (`X-Forwarded-*` can be forged).
    pub fn asked_for(&self, req: &HttpRequest, site: &Site) -> Option<Url> {
        if !site.trusted_proxies.is_trusted(req.peer_addr()?.ip()) {
            return None;
        }
        let scheme = only(req.headers(), "x-forwarded-proto").filter(|scheme| *scheme == site.public_url.scheme())?;
        let host = only(req.headers(), "x-forwarded-host").filter(|host| !host.contains([',', '/', '?', '#']))?;
        let path = only(req.headers(), "x-forwarded-uri").filter(|path| path.starts_with('/'));
        let whole = path.and_then(|path| self.find(&format!("{scheme}://{host}{path}")));
        whole.or_else(|| self.find(&format!("{scheme}://{host}/")))
    }
}

/// The value of a header that is sent once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name);
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(hosts: &[&str], domain: Option<&str>) -> Result<Applications, String> {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        Applications::new(&"https://roster.example.org".parse().unwrap(), &hosts, domain)
    }

    #[test]
    fn hosts_and_roster_share_a_domain() {
        for (hosts, domain) in [(&[][..], None), (&[""], Some("")), (&[" "], None)] {
            assert!(made(hosts, domain).unwrap().domain().is_none());
        }
        assert!(made(&["app.example.org", "example.org:8443"], Some("Example.org")).is_ok());
        for (hosts, domain, says) in [
            (&["app.example.org"][..], None, "together"),
            (&[], Some("example.org"), "together"),
            (&["app.example.org"], Some("org"), "not a domain"),
            (&["app.example.org"], Some(".example.org"), "not a domain"),
            (&["app.example.org"], Some("127.0.0.1"), "not a domain"),
            (&["app.example.org"], Some("other.org"), "not beneath"),
            (&["app.example.org"], Some("ample.org"), "not beneath"),
            (&["app.other.org"], Some("example.org"), "HOSTS"),
            (&["app.badexample.org"], Some("example.org"), "HOSTS"),
            (&["https://app.example.org"], Some("example.org"), "HOSTS"),
            (&["app.example.org/x"], Some("example.org"), "HOSTS"),
            (&["a@app.example.org"], Some("example.org"), "HOSTS"),
            (&["app.example.org:x"], Some("example.org"), "HOSTS"),
        ] {
            let why = made(hosts, domain).unwrap_err();
            assert!(why.contains(says), "{hosts:?} {domain:?}: {why}");
        }
    }

    #[test]
    fn only_addresses_of_these_hosts_are_found() {
        let all = made(&["app.example.org", "wiki.example.org:8443"], Some("example.org")).unwrap();
        for good in [
            "https://app.example.org",
            "https://APP.example.org/a?b=c#d",
            "https://app.example.org:443/",
            "https://wiki.example.org:8443/",
        ] {
            assert!(all.find(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "/",
            "//app.example.org",
            "app.example.org",
            "http://app.example.org/",
            "https://app.example.org:8443/",
            "https://wiki.example.org/",
            "https://evil.example.org/",
            "https://app.example.org.evil/",
            "https://evil/?https://app.example.org",
            "https://app.example.org@evil/",
            "https://x@app.example.org/",
            "https:\\\\app.example.org\\",
            "https://app.example.org/\r\nX: y",
            "javascript:alert(1)//https://app.example.org",
            "data:text/html,x",
        ] {
            assert!(all.find(bad).is_none(), "{bad}");
        }
        assert!(all.find(&format!("https://app.example.org/{}", "a".repeat(3_000))).is_none());
    }
}
