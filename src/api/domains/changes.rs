//! Adding, verifying, binding and removing domains.

use super::rows::Domain;
use crate::{
    api::{
        Caller,
        answers::{self, IfMatch, refused},
        body::Body,
        connections::refusals::of_connection,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    connections,
    db::Db,
    domains::{self, Checker, DomainRefusal},
    kit::{ConnectionId, DomainId, Fault, OperationResult, rights},
    web::{self, FieldError, Problem},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A domain to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DomainRequest {
    /// The part of addresses after @. It belongs to the organization alone, so mail services that are open to everybody
    /// are refused.
    #[schema(max_length = 253, example = "example.org")]
    name: String,
}

/// Where people of a domain sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DomainPatch {
    /// A connection of the organization. Null for none.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    connection_id: Option<Uuid>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::CONNECTION_MANAGE);
    vec![
        changing(Endpoint::new(__path_create, create))
            .refuses(&["limit-reached"])
            .records(&["domain.added"]),
        changing(Endpoint::new(__path_update, update))
            .versioned()
            .refuses(&["beyond-your-permissions", "not-your-team"])
            .records(&["domain.bound"]),
        changing(Endpoint::new(__path_delete, delete)).records(&["domain.removed"]),
        changing(Endpoint::new(__path_verify, verify))
            .refuses(&["domain-taken", "too-many-checks"])
            .records(&["domain.verified", "domain.checked"]),
    ]
}

/// Why an operation on a domain is refused.
fn of_domain(refusal: &DomainRefusal) -> web::Error {
    let name = |code: &'static str| Problem::field("/name", code, refusal).into();
    match refusal {
        DomainRefusal::Name(_) => name("invalid"),
        DomainRefusal::Known => name("taken"),
        DomainRefusal::TooMany => refused("limit-reached", "There are too many", refusal),
        DomainRefusal::Elsewhere => refused("domain-taken", "Another organization has verified it", refusal),
        DomainRefusal::Connection(refusal) => of_connection(refusal),
        DomainRefusal::Meanwhile => IfMatch::failed().into(),
        DomainRefusal::TooManyChecks(wait) => Problem {
            retry_after: Some(wait.0),
            ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-checks", "Too many checks", refusal.to_string())
        }
        .into(),
    }
}

/// Add a domain
///
/// It means nothing before it is verified. Create the DNS record that the answer names.
#[utoipa::path(post, path = "/api/v1/domains", operation_id = "addDomain", tag = "Domains", params(WriteParameters),
    request_body = DomainRequest, responses((status = 201, description = "The domain.", body = Domain,
        headers(("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(db: Data<Db>, caller: Caller, how: Parameters<WriteParameters>, body: Body<DomainRequest>) -> web::Result<HttpResponse> {
    let typed = body.0.name;
    let done = caller.write(&db, how.0, move |tx, scope| domains::add(tx, scope, &typed));
    let domain = Domain::from(done.await.refused()?.map_err(|refusal| of_domain(&refusal))?);
    Ok(answers::created(&format!("/api/v1/domains/{}", domain.id), domain.version, &domain))
}

/// Bind a domain to a connection
///
/// People with its addresses are led to this connection once the domain is verified, and may join through it as the
/// connection says.
#[utoipa::path(patch, path = "/api/v1/domains/{id}", operation_id = "updateDomain", tag = "Domains",
    params(("id" = Uuid, Path), WriteParameters), request_body = DomainPatch,
    responses((status = 200, description = "The domain after the change.", body = Domain,
        headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<DomainId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<DomainPatch>,
) -> web::Result<HttpResponse> {
    let (id, connection) = (id.into_inner(), body.0.connection_id.map(ConnectionId));
    let present = caller.read(&db, move |conn, scope| domains::find(conn, scope, id)).await?;
    let version = expected.version(present.version)?;
    if let Some(connection) = connection {
        find_connection(&db, &caller, connection).await?;
    }
    let done = caller.write(&db, how.0, move |tx, scope| {
        domains::bind(tx, scope, id, version, connection)?;
        Ok(domains::find(tx, scope, id)?)
    });
    let domain = Domain::from(done.await.refused()?.map_err(|refusal| of_domain(&refusal))?);
    Ok(answers::record(domain.version, &domain))
}

/// Names the field if the connection is not there: a 404 would seem to be about the domain.
async fn find_connection(db: &Db, caller: &Caller, id: ConnectionId) -> web::Result<()> {
    match caller.read(db, move |conn, scope| connections::find(conn, scope, id)).await {
        Ok(_) => Ok(()),
        Err(Fault::Missing) => {
            let error = FieldError::new("/connection_id", "unknown", "No connection of the organization has this id.");
            Err(Problem::fields(vec![error]).into())
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Remove a domain
///
/// Its people stay members, but are led to no connection any more. Another organization can verify it then.
#[utoipa::path(delete, path = "/api/v1/domains/{id}", operation_id = "removeDomain", tag = "Domains",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It is removed.")))]
async fn delete(db: Data<Db>, caller: Caller, id: Path<DomainId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    caller.write(&db, how.0, move |tx, scope| domains::remove(tx, scope, id)).await?;
    Ok(answers::nothing())
}

/// Verify a domain
///
/// Looks for the record in the DNS, and waits for the result. `state` of the answer tells whether the domain is verified,
/// `finding` what was found instead. A check never takes the proof away. It cannot be a dry run.
#[utoipa::path(post, path = "/api/v1/domains/{id}/verification", operation_id = "verifyDomain", tag = "Domains",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The domain after the check.", body = Domain,
        headers(("ETag" = String, description = "Its version.")))))]
async fn verify(
    db: Data<Db>,
    checker: Data<Checker>,
    caller: Caller,
    id: Path<DomainId>,
    _: Parameters<NoParameters>,
) -> web::Result<HttpResponse> {
    let (id, how) = (id.into_inner(), WriteParameters::default());
    let begun = caller.write(&db, how, move |tx, scope| domains::begin_check(tx, scope, id));
    let domain = begun.await.refused()?.map_err(|refusal| of_domain(&refusal))?;
    let finding = checker.check(caller.scope.organization, &domain).await?;
    let ended = caller.write(&db, how, move |tx, scope| domains::end_check(tx, scope, id, &finding));
    let domain = Domain::from(ended.await.refused()?.map_err(|refusal| of_domain(&refusal))?);
    Ok(answers::record(domain.version, &domain))
}
