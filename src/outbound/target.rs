//! Addresses that people type, and their check before one is saved. The check reads the text only; [`super::Outbound`]
//! also resolves the host.

use std::str::FromStr;
use url::Url;

/// The longest address that is taken.
const LONGEST: usize = 2_000;

/// An address that may be saved and called: https (or http in an opened network), without credentials and fragment.
/// Only [`super::Outbound::judge`] makes one, so an operation that takes it need not check again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(pub(super) Url);

impl Target {
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefusal {
    #[error("Write a whole address, such as https://hooks.example.com/roster.")]
    Unreadable,
    #[error("At most {LONGEST} characters fit here.")]
    TooLong,
    #[error("Only https:// is called.")]
    NotHttps,
    #[error("Leave out the user name and the password.")]
    Credentials,
    #[error("Leave out the part from # on.")]
    Fragment,
    /// The same for a name that is unknown and for one with a private address. Otherwise the answer would tell which
    /// names the operator's own network knows.
    #[error("Roster cannot call this: it is no name with a public address.")]
    NotPublic,
    #[error("Too many addresses are being checked at this moment. Try again.")]
    Busy,
}

/// Reads an address without resolving its host.
pub(super) fn read(text: &str) -> Result<Url, TargetRefusal> {
    if text.len() > LONGEST {
        return Err(TargetRefusal::TooLong);
    }
    let url = Url::from_str(text).map_err(|_| TargetRefusal::Unreadable)?;
    // Beyond this check everything relies on the normal form of the host, in which 2130706433 is 127.0.0.1.
    if !matches!(url.scheme(), "https" | "http") {
        return Err(TargetRefusal::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetRefusal::Credentials);
    }
    if url.fragment().is_some() {
        return Err(TargetRefusal::Fragment);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_and_nothing_else_is_in_it() {
        for (text, refusal) in [
            ("", TargetRefusal::Unreadable),
            ("hooks.example.com", TargetRefusal::Unreadable),
            ("https://", TargetRefusal::Unreadable),
            ("file:///etc/passwd", TargetRefusal::NotHttps),
            ("gopher://example.com/", TargetRefusal::NotHttps),
            ("ftp://example.com/", TargetRefusal::NotHttps),
            ("https://user@example.com/", TargetRefusal::Credentials),
            ("https://:pw@example.com/", TargetRefusal::Credentials),
            ("https://example.com/#part", TargetRefusal::Fragment),
        ] {
            assert_eq!(read(text), Err(refusal), "{text}");
        }
        assert_eq!(read(&format!("https://example.com/{}", "a".repeat(LONGEST))), Err(TargetRefusal::TooLong));
        assert_eq!(read("https://EXAMPLE.com:443/a?b=c").unwrap().as_str(), "https://example.com/a?b=c");
    }
}
