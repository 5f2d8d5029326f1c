//! What the metadata of a SAML provider says. Nothing of it is saved.

use crate::{
    api::{
        Caller,
        body::Body,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters},
    },
    connections::{self, ConnectionSetup, Description, MetadataRefusal},
    kit::rights,
    saml::Certificate,
    web::{self, Problem},
};
use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Metadata to read: its text, or its address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MetadataRequest {
    /// The XML. One of this and `url` is sent.
    text: Option<String>,
    /// A public address that is called with https.
    #[schema(max_length = 2000, example = "https://idp.example.com/metadata")]
    url: Option<String>,
}

/// What metadata says of a provider.
#[derive(Serialize, ToSchema)]
struct SamlMetadata {
    #[schema(example = "https://idp.example.com/metadata")]
    entity_id: String,
    #[schema(example = "https://idp.example.com/sso")]
    sso_url: String,
    certificates: Vec<CertificateInMetadata>,
    /// Why other certificates in it do not count, for people.
    left_out: Vec<String>,
    /// Whether the provider wants signed requests.
    wants_signed_requests: bool,
}

/// A certificate that metadata names.
#[derive(Serialize, ToSchema)]
struct CertificateInMetadata {
    /// In PEM, as the operations on certificates take it.
    certificate: String,
    /// SHA-256 of the certificate.
    fingerprint: String,
    #[schema(example = "CN=idp.example.com")]
    subject: String,
    not_after: DateTime<Utc>,
}

impl From<&Certificate> for CertificateInMetadata {
    fn from(certificate: &Certificate) -> Self {
        Self {
            certificate: connections::pem(certificate),
            fingerprint: certificate.fingerprint().to_owned(),
            subject: certificate.subject(),
            not_after: certificate.not_after(),
        }
    }
}

impl From<Description> for SamlMetadata {
    fn from(found: Description) -> Self {
        Self {
            entity_id: found.entity_id,
            sso_url: found.sso_url,
            certificates: found.certificates.iter().map(CertificateInMetadata::from).collect(),
            left_out: found.dropped,
            wants_signed_requests: found.wants_signed_requests,
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(__path_read, read).needs(rights::CONNECTION_MANAGE)]
}

/// Read the metadata of a SAML provider
///
/// From its text, or fetched from its address. Nothing is saved: compare the fingerprints with those of the provider, then
/// send what was found to create or change a connection.
#[utoipa::path(post, path = "/api/v1/connections/metadata", operation_id = "readSamlMetadata", tag = "Connections",
    request_body = MetadataRequest, responses((status = 200, description = "What the metadata says.", body = SamlMetadata)))]
async fn read(
    setup: Data<ConnectionSetup>,
    caller: Caller,
    _: Parameters<NoParameters>,
    body: Body<MetadataRequest>,
) -> web::Result<HttpResponse> {
    caller.scope.demand(rights::CONNECTION_MANAGE)?;
    let (pointer, found) = match body.0 {
        MetadataRequest { text: Some(_), url: Some(_) } => {
            return Err(of_field("/url", "conflict", "Send a text or an address, but not both."));
        }
        MetadataRequest { text: Some(text), url: None } => ("/text", connections::read_metadata(text.into_bytes()).await?),
        MetadataRequest { text: None, url: Some(url) } => ("/url", setup.fetch_metadata(caller.scope.organization, &url).await?),
        MetadataRequest { text: None, url: None } => return Err(of_field("/text", "required", &MetadataRefusal::Nothing.to_string())),
    };
    let found = found.map_err(|refusal| of_field(pointer, "invalid", &refusal.to_string()))?;
    Ok(HttpResponse::Ok().json(SamlMetadata::from(found)))
}

fn of_field(pointer: &str, code: &'static str, text: &str) -> web::Error {
    Problem::field(pointer, code, text).into()
}
