//! Mappings of a connection: which roles and teams follow from what the provider says of a person.

use super::{claim_mapping::Mapping, refusals::of_connection, rows::Connection};
use crate::{
    api::{
        Caller,
        answers::{self, IfMatch},
        body::Body,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    connections::{self, ConnectionSetup},
    db::Db,
    kit::{ConnectionId, OperationResult, rights},
    web::{self, Problem},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// All mappings of a connection.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MappingsRequest {
    #[schema(max_items = 100)]
    mappings: Vec<Mapping>,
    /// Has to be true if one of them gives the Administrator role.
    #[serde(default)]
    may_make_administrators: bool,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_set, set)
            .needs(rights::CONNECTION_MANAGE)
            .versioned()
            .refuses(&["beyond-your-permissions", "limit-reached", "not-your-team"])
            .records(&["connection.edited"]),
    ]
}

/// Set the mappings of a connection
///
/// They replace the present ones, and count from the next sign-in of each person. What a mapping gave is taken back once the
/// provider does not say it any more; what was given by hand stays. They give what the member who saved them last may give.
#[utoipa::path(put, path = "/api/v1/connections/{id}/mappings", operation_id = "setMappingsOfConnection", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters), request_body = MappingsRequest,
    responses((status = 200, description = "The connection after the change.", body = Connection,
        headers(("ETag" = String, description = "Its new version.")))))]
async fn set(
    (db, setup): (Data<Db>, Data<ConnectionSetup>),
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<MappingsRequest>,
) -> web::Result<HttpResponse> {
    let (id, request) = (id.into_inner(), body.0);
    let (mut wanted, mut errors) = (Vec::new(), Vec::new());
    for (at, mapping) in request.mappings.into_iter().enumerate() {
        match mapping.read(at) {
            Ok(mapping) => wanted.push(mapping),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::fields(errors).into());
    }
    let present = caller.read(&db, move |conn, scope| connections::find_mappable(conn, scope, id)).await?;
    let version = expected.version(present.version)?;
    let done = caller.write(&db, how.0, move |tx, scope| {
        connections::set_mappings(tx, scope, &setup, id, version, (&wanted, request.may_make_administrators))?;
        Ok(Connection::find(tx, scope, &setup, id)?)
    });
    let connection = done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(answers::record(connection.version, &connection))
}
