//! The certificates of SAML providers. Several count at once, so that a provider can change its certificate without an
//! outage.

use super::{refusals::of_connection, rows::SamlCertificate};
use crate::{
    api::{
        Caller, answers,
        body::Body,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    connections::{self, ConnectionSetup},
    db::Db,
    kit::{ConnectionId, ConnectionKeyId, Fault, OperationResult, rights},
    web::{self, Problem},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A certificate to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CertificateRequest {
    /// In PEM or its Base64.
    #[schema(example = "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----")]
    certificate: String,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::CONNECTION_MANAGE);
    vec![
        changing(Endpoint::new(__path_add, add))
            .refuses(&["beyond-your-permissions", "limit-reached", "not-your-team"])
            .records(&["connection.certificate_added"]),
        changing(Endpoint::new(__path_remove, remove))
            .refuses(&["last-certificate"])
            .records(&["connection.certificate_removed"]),
    ]
}

/// Add a certificate to a connection
///
/// Answers that are signed with it are accepted from now on. Compare its fingerprint with that of the provider. One that is
/// there already stays as it is.
#[utoipa::path(post, path = "/api/v1/connections/{id}/certificates", operation_id = "addCertificateToConnection", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters), request_body = CertificateRequest,
    responses((status = 200, description = "The certificate.", body = SamlCertificate)))]
async fn add(
    (db, setup): (Data<Db>, Data<ConnectionSetup>),
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
    body: Body<CertificateRequest>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let read = connections::one_certificate(&body.0.certificate);
    let certificate = read.map_err(|why| Problem::field("/certificate", "invalid", why))?;
    let done = caller.write(&db, how.0, move |tx, scope| {
        connections::add_certificate(tx, scope, &setup, id, &certificate)?;
        let all = connections::stored_certificates(tx, scope, id)?;
        let added = all.iter().find(|key| key.fingerprint == certificate.fingerprint());
        Ok(added.map(SamlCertificate::of).ok_or(Fault::Missing)?)
    });
    let added = done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(HttpResponse::Ok().json(added))
}

/// Remove a certificate from a connection
///
/// Answers that are signed with it are refused from now on. The last one stays.
#[utoipa::path(delete, path = "/api/v1/connections/{id}/certificates/{certificate_id}", operation_id = "removeCertificateFromConnection",
    tag = "Connections", params(("id" = Uuid, Path), ("certificate_id" = Uuid, Path), WriteParameters),
    responses((status = 204, description = "It is removed.")))]
async fn remove(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    ids: Path<(ConnectionId, ConnectionKeyId)>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (id, key) = ids.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| connections::remove_certificate(tx, scope, &setup, id, key));
    done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(answers::nothing())
}
