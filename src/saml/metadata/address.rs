//! The address of a provider to which browsers are sent.

use serde::Serialize;
use url::Url;

/// Why an address is not taken.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressError {
    #[error("The sign-in address is not a URL.")]
    Unreadable,
    #[error("The sign-in address does not begin with https://.")]
    NotHttps,
    #[error("The sign-in address has a fragment (#), which browsers do not send.")]
    Fragment,
    #[error("The sign-in address contains a username or password.")]
    Credentials,
    #[error("The sign-in address is too long.")]
    TooLong,
}

const LONGEST: usize = 2048;

/// Reads the address of a provider's sign-in: `https` only, so that no `javascript:` runs on our page (CVE-2023-45683), and
/// without a fragment, behind which a request would not be sent.
pub fn check_address(text: &str) -> Result<Url, AddressError> {
    if text.len() > LONGEST {
        return Err(AddressError::TooLong);
    }
    let url = Url::parse(text).map_err(|_| AddressError::Unreadable)?;
    let is_exact = text.chars().all(|c| c.is_ascii_graphic()) && !text.contains('\\');
    if url.scheme() != "https" {
        return Err(AddressError::NotHttps);
    }
    if url.fragment().is_some() {
        return Err(AddressError::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Credentials);
    }
    if !is_exact || !url.has_host() {
        return Err(AddressError::Unreadable);
    }
    Ok(url)
}
