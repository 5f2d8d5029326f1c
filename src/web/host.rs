//! Checks of the request target: it must be for our host, and a change must come from our own pages.

use super::{Error, Site};
use crate::kit::ConnectionId;
use actix_web::{
    dev::ServiceRequest,
    http::{Method, StatusCode, header},
};
use url::Url;

/// Health probes use any host name or address.
fn is_probe(path: &str) -> bool {
    matches!(path, "/health" | "/ready")
}

/// # Errors
/// [`Error::WrongHost`] unless the request is for the host of the public URL.
pub(super) fn check_host(req: &ServiceRequest, site: &Site) -> Result<(), Error> {
    if is_probe(req.path()) {
        return Ok(());
    }
    let mut hosts = req.headers().get_all(header::HOST);
    let named = match (req.uri().authority(), hosts.next(), hosts.next()) {
        // Two hosts, or another one in the request line, are an attempt at host confusion.
        (Some(authority), Some(host), None) if host.as_bytes() == authority.as_str().as_bytes() => Some(authority.as_str()),
        (Some(authority), None, None) => Some(authority.as_str()),
        (None, Some(host), None) => host.to_str().ok(),
        _ => None,
    };
    // The value must be a host and a port, and nothing else of a URL.
    let same = named
        .filter(|named| !named.contains(['/', '\\', '?', '#', '@']))
        .and_then(|named| Url::parse(&format!("{}://{named}/", site.public_url.scheme())).ok())
        .is_some_and(|asked| asked.origin() == site.public_url.origin());
    if same { Ok(()) } else { Err(Error::WrongHost) }
}

/// Longer than any URL of ours, even with every filter and a long search in any script.
const LONGEST: usize = 32 * 1024;

/// # Errors
/// [`Error::Status`] when the URL is too long for any page of ours, and for CONNECT.
pub(super) fn check_target(req: &ServiceRequest) -> Result<(), Error> {
    if *req.method() == Method::CONNECT {
        return Err(Error::Status(StatusCode::METHOD_NOT_ALLOWED));
    }
    match req.uri().path_and_query() {
        Some(target) if target.as_str().len() > LONGEST => Err(Error::Status(StatusCode::URI_TOO_LONG)),
        _ => Ok(()),
    }
}

/// Whether the request brings a response of an identity provider (SAML), which its page has the browser post to us. That
/// route reads no cookie and no form token: the signed response is all that counts.
pub(super) fn is_saml_response(req: &ServiceRequest) -> bool {
    let parts: Vec<&str> = req.path().split('/').collect();
    *req.method() == Method::POST && matches!(parts[..], ["", "sso", "saml", id, "acs"] if id.parse::<ConnectionId>().is_ok())
}

/// Checks the origin that the browser names (Fetch Metadata, Origin), before any token is read.
///
/// # Errors
/// [`Error::Forged`] for a request that changes something and comes from another site (CSRF).
pub(super) fn check_origin(req: &ServiceRequest, site: &Site) -> Result<(), Error> {
    if matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS) || is_saml_response(req) {
        return Ok(());
    }
    let value = |name: &str| req.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let from_us = match (value("sec-fetch-site"), value("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => Url::parse(origin).is_ok_and(|origin| origin.origin() == site.public_url.origin()),
        // API clients and old browsers send neither: the form's own token decides.
        (None, None) => true,
    };
    if from_us { Ok(()) } else { Err(Error::Forged) }
}
