//! The public URL: its default, and which values are refused.

use url::Url;

/// The local URL of this listen address: with `localhost` only if the listener is reachable from this machine alone.
pub(super) fn local_url(listen: &str) -> Result<Url, String> {
    let (host, port) = listen.rsplit_once(':').unwrap_or((listen, "8080"));
    let host = if is_this_machine(host) { host } else { "localhost" };
    format!("http://{host}:{port}")
        .parse()
        .map_err(|why| format!("ROSTER_LISTEN: {listen:?} makes no address to open ({why}); set ROSTER_PUBLIC_URL"))
}

pub(super) fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Refuses a URL that would send passwords unencrypted over the network, and one that is more than a host.
pub(super) fn check_public_url(url: &Url) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("ROSTER_PUBLIC_URL: {url} {why}"));
    let is_here = url.host_str().is_some_and(is_this_machine);
    match url.scheme() {
        "https" => {}
        "http" if is_here => {}
        "http" => {
            return wrong(
                "is http for a host that is not this machine: passwords would cross the network in the open. Put a proxy with TLS in front and write https://",
            );
        }
        _ => return wrong("is neither https:// nor http://"),
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return wrong("must be a host alone, such as https://roster.example.org, without a path");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_public_address_links_lead_where_is_listened() {
        for (listen, expected) in [
            ("localhost:8080", "http://localhost:8080/"),
            ("127.0.0.1:9000", "http://127.0.0.1:9000/"),
            ("[::1]:9000", "http://[::1]:9000/"),
            ("0.0.0.0:9000", "http://localhost:9000/"),
            ("[::]:80", "http://localhost/"),
            ("roster.internal:9000", "http://localhost:9000/"),
        ] {
            assert_eq!(local_url(listen).unwrap().as_str(), expected, "{listen}");
        }
    }

    #[test]
    fn a_public_address_in_the_open_is_refused() {
        let check = |text: &str| check_public_url(&text.parse().unwrap());
        assert!(check("https://roster.example").is_ok());
        assert!(check("http://localhost:8080").is_ok());
        for (bad, says) in [
            ("http://roster.example", "in the open"),
            ("ftp://x", "neither"),
            ("https://x/y", "without a path"),
            ("https://u@x", "without a path"),
        ] {
            assert!(check(bad).unwrap_err().contains(says), "{bad}");
        }
    }
}
