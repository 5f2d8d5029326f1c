//! Reads the metadata of an identity provider, which an administrator entered or had fetched.
//!
//! Its signature and `validUntil` are not checked: the administrator decides whether to trust it, and is shown the
//! fingerprints first.

use super::{AddressError, check_address};
use crate::saml::{
    Certificate, CertificateError, XmlError,
    names::{HTTP_REDIRECT, METADATA, PROTOCOL, XMLDSIG},
    scan::{self, DESCRIPTION},
    xml::{decoded, is, named, only_text, plain_attribute, tree, trimmed},
};
use roxmltree::Node;
use serde::Serialize;

/// Why metadata is not taken.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MetadataError {
    #[error("{0}")]
    Xml(#[from] XmlError),
    #[error("This is not SAML metadata.")]
    NotMetadata,
    #[error("The metadata describes no identity provider of SAML 2.0.")]
    NoProvider,
    #[error("The metadata describes more than one identity provider. Enter that of one.")]
    SeveralProviders,
    #[error("The provider's entity ID is missing, too long, or contains blanks or invisible characters.")]
    EntityId,
    #[error("The provider offers no sign-in by HTTP-Redirect.")]
    NoRedirect,
    #[error("{0}")]
    Address(#[from] AddressError),
}

/// An identity provider, as its metadata describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub entity_id: String,
    /// The address for requests by HTTP-Redirect, as `check_address` accepts it.
    pub sso_redirect_url: String,
    /// The certificates for signatures, each once. Can be empty: then `dropped` says why.
    pub signing_certificates: Vec<Certificate>,
    pub dropped: Vec<DroppedCertificate>,
    pub wants_signed_requests: bool,
    pub name_id_formats: Vec<String>,
}

/// Why a certificate of the metadata does not count.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DroppedCertificate {
    #[error("{0}")]
    Refused(CertificateError),
    #[error("A certificate follows another one and is taken for its issuer. Only the first of each list signs.")]
    Issuer,
}

/// SAML Core section 8.3.6.
const LONGEST_ENTITY_ID: usize = 1024;

pub fn read(xml: &[u8]) -> Result<Provider, MetadataError> {
    // Files of Windows begin with a byte order mark.
    let text = scan::text(xml.strip_prefix("\u{feff}".as_bytes()).unwrap_or(xml), &DESCRIPTION)?;
    let tree = tree(text, &DESCRIPTION)?;
    let (entity, descriptor) = provider(tree.root_element())?;
    let (signing_certificates, dropped) = certificates(descriptor);
    Ok(Provider {
        entity_id: entity_id(entity)?,
        sso_redirect_url: sso_redirect_url(descriptor)?,
        signing_certificates,
        dropped,
        wants_signed_requests: matches!(plain_attribute(descriptor, "WantAuthnRequestsSigned"), Some("true" | "1")),
        name_id_formats: named(descriptor, METADATA, "NameIDFormat")
            .into_iter()
            .filter_map(trimmed)
            .map(str::to_owned)
            .collect(),
    })
}

/// The entity and its description as an identity provider of SAML 2.0.
fn provider<'a>(root: Node<'a, 'a>) -> Result<(Node<'a, 'a>, Node<'a, 'a>), MetadataError> {
    let entities = if is(root, METADATA, "EntityDescriptor") {
        vec![root]
    } else if is(root, METADATA, "EntitiesDescriptor") {
        named(root, METADATA, "EntityDescriptor")
    } else {
        return Err(MetadataError::NotMetadata);
    };
    let is_saml2 = |descriptor: &Node| {
        let protocols = plain_attribute(*descriptor, "protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
    };
    let described = |entity| named(entity, METADATA, "IDPSSODescriptor").into_iter().map(move |descriptor| (entity, descriptor));
    let mut providers = entities.into_iter().flat_map(described).filter(|(_, descriptor)| is_saml2(descriptor));
    match (providers.next(), providers.next()) {
        (Some(provider), None) => Ok(provider),
        (None, _) => Err(MetadataError::NoProvider),
        _ => Err(MetadataError::SeveralProviders),
    }
}

fn entity_id(entity: Node) -> Result<String, MetadataError> {
    let is_odd = |c: char| c.is_whitespace() || crate::saml::fields::is_hidden(c);
    let id = plain_attribute(entity, "entityID").filter(|id| (1..=LONGEST_ENTITY_ID).contains(&id.len()) && !id.contains(is_odd));
    id.map(str::to_owned).ok_or(MetadataError::EntityId)
}

fn sso_redirect_url(descriptor: Node) -> Result<String, MetadataError> {
    let services = named(descriptor, METADATA, "SingleSignOnService");
    let service = services.into_iter().find(|service| plain_attribute(*service, "Binding") == Some(HTTP_REDIRECT));
    let location = service.and_then(|service| plain_attribute(service, "Location")).ok_or(MetadataError::NoRedirect)?;
    check_address(location)?;
    Ok(location.to_owned())
}

/// The first certificate of each list. A certificate behind it is its issuer's, which must not be able to sign.
fn certificates(descriptor: Node) -> (Vec<Certificate>, Vec<DroppedCertificate>) {
    let (mut taken, mut dropped) = (Vec::new(), Vec::new());
    let keys = named(descriptor, METADATA, "KeyDescriptor")
        .into_iter()
        .filter(|key| matches!(plain_attribute(*key, "use"), None | Some("signing")));
    let infos = keys.flat_map(|key| named(key, XMLDSIG, "KeyInfo"));
    for list in infos.flat_map(|info| named(info, XMLDSIG, "X509Data")) {
        let listed = named(list, XMLDSIG, "X509Certificate");
        dropped.extend(listed.iter().skip(1).map(|_| DroppedCertificate::Issuer));
        let Some(first) = listed.first() else { continue };
        let der = only_text(*first).and_then(decoded).ok_or(CertificateError::Unreadable);
        match der.and_then(|der| Certificate::from_der(&der)) {
            Ok(certificate) if taken.contains(&certificate) => {}
            Ok(certificate) => taken.push(certificate),
            Err(why) => dropped.push(DroppedCertificate::Refused(why)),
        }
    }
    (taken, dropped)
}
