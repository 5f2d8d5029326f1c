//! Requests to sign a person in (SAML Core section 3.4.1), sent by HTTP-Redirect (SAML Bindings section 3.4).

use super::{
    PrivateKey,
    metadata::{AddressError, check_address},
    names::{ASSERTION, HTTP_POST, PROTOCOL, RSA_SHA256},
    xml::escaped,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use flate2::{Compression, write::DeflateEncoder};
use std::io::Write;
use url::{Url, form_urlencoded};

/// A request to sign a person in.
#[derive(Debug, Clone, Copy)]
pub struct AuthnRequest<'a> {
    /// Random, and an XML name: it begins with a letter or `_`.
    pub id: &'a str,
    /// The entity ID of this connection.
    pub issuer: &'a str,
    /// The provider's address for requests by HTTP-Redirect.
    pub destination: &'a str,
    pub acs_url: &'a str,
    pub instant: DateTime<Utc>,
    /// Whether the person has to sign in again, even with a session at the provider.
    pub force_authn: bool,
    /// The opaque name of the sign-in; at most 80 octets.
    pub relay_state: &'a str,
    pub signing_key: Option<&'a PrivateKey>,
}

/// Why no request is made.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
pub enum RequestError {
    #[error("{0}")]
    Destination(#[from] AddressError),
    #[error("the ID of the request is not an XML name of letters, digits, '_', '-' and '.'")]
    Id,
    #[error("RelayState is longer than 80 octets")]
    RelayState,
    #[error("the request cannot be compressed or signed")]
    Encoding,
}

/// The address to which the browser is sent. A signature covers the octets of the query, in this order.
pub fn redirect(request: &AuthnRequest) -> Result<Url, RequestError> {
    let mut url = check_address(request.destination)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let begins_well = request.id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins_well || !request.id.bytes().all(is_name) {
        return Err(RequestError::Id);
    }
    if request.relay_state.len() > 80 {
        return Err(RequestError::RelayState);
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("SAMLRequest", &compressed(&xml(request))?);
    query.append_pair("RelayState", request.relay_state);
    if let Some(key) = request.signing_key {
        query.append_pair("SigAlg", RSA_SHA256);
        let signed = query.finish();
        let signature = key.sign(signed.as_bytes()).map_err(|_| RequestError::Encoding)?;
        query = form_urlencoded::Serializer::new(signed);
        query.append_pair("Signature", &STANDARD.encode(signature));
    }
    let own = url.query().filter(|own| !own.is_empty()).map(|own| format!("{own}&")).unwrap_or_default();
    url.set_query(Some(&format!("{own}{}", query.finish())));
    Ok(url)
}

fn xml(request: &AuthnRequest) -> String {
    format!(
        concat!(
            "<samlp:AuthnRequest xmlns:samlp=\"{protocol}\" xmlns:saml=\"{assertion}\" ID=\"{id}\" Version=\"2.0\"",
            " IssueInstant=\"{instant}\" Destination=\"{destination}\"{force}",
            " AssertionConsumerServiceURL=\"{acs_url}\" ProtocolBinding=\"{binding}\">",
            "<saml:Issuer>{issuer}</saml:Issuer><samlp:NameIDPolicy AllowCreate=\"true\"/></samlp:AuthnRequest>",
        ),
        protocol = PROTOCOL,
        assertion = ASSERTION,
        id = request.id,
        instant = request.instant.format("%Y-%m-%dT%H:%M:%SZ"),
        destination = escaped(request.destination),
        force = if request.force_authn { " ForceAuthn=\"true\"" } else { "" },
        acs_url = escaped(request.acs_url),
        binding = HTTP_POST,
        issuer = escaped(request.issuer),
    )
}

/// The DEFLATE encoding of SAML Bindings section 3.4.4.1.
fn compressed(xml: &str) -> Result<String, RequestError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(xml.as_bytes()).and_then(|()| encoder.finish());
    Ok(STANDARD.encode(written.map_err(|_| RequestError::Encoding)?))
}
