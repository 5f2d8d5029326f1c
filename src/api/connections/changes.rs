//! Creating and changing connections.

use super::{
    refusals::{OF_CHANGES, of_connection},
    requests::{ConnectionPatch, ConnectionRequest, certificates},
    rows::Connection,
};
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
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::CONNECTION_MANAGE).refuses(OF_CHANGES);
    vec![
        changing(Endpoint::new(__path_create, create)).records(&["connection.created"]),
        changing(Endpoint::new(__path_update, update)).versioned().records(&["connection.edited"]),
    ]
}

/// Create a connection
///
/// As a draft: nobody signs in through it before it is enabled. Tell the provider `callback_url` of the answer (and
/// `own_entity_id` for SAML). A test sign-in needs a browser, so it is done in the console.
#[utoipa::path(post, path = "/api/v1/connections", operation_id = "createConnection", tag = "Connections", params(WriteParameters),
    request_body = ConnectionRequest, responses((status = 201, description = "The connection.", body = Connection,
        headers(("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<ConnectionRequest>,
) -> web::Result<HttpResponse> {
    let (kind, sent, rest) = body.0.split();
    let certificates = certificates(kind, sent.as_deref())?;
    let mut wanted = rest.judged(&caller, &db, &setup, kind, None).await?;
    wanted.certificates = certificates;
    let done = caller.write(&db, how.0, move |tx, scope| {
        let connection = connections::create(tx, scope, &setup, kind, &wanted)?;
        Ok(Connection::find(tx, scope, &setup, connection.id)?)
    });
    let connection = done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(answers::created(&format!("/api/v1/connections/{}", connection.id), connection.version, &connection))
}

/// Change a connection
///
/// Those who manage connections are told by mail. A GitHub server and the entity ID of a SAML provider stay while people are
/// connected through them: another provider can mean other people by the same names. Another issuer disconnects people.
#[utoipa::path(patch, path = "/api/v1/connections/{id}", operation_id = "updateConnection", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters), request_body = ConnectionPatch,
    responses((status = 200, description = "The connection after the change.", body = Connection,
        headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    (db, setup): (Data<Db>, Data<ConnectionSetup>),
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<ConnectionPatch>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let present = caller.read(&db, move |conn, scope| connections::find(conn, scope, id)).await?;
    let version = expected.version(present.version)?;
    let wanted = body.0.judged(&caller, &db, &setup, present.kind, Some(&present)).await?;
    let done = caller.write(&db, how.0, move |tx, scope| {
        connections::update(tx, scope, &setup, id, version, &wanted)?;
        Ok(Connection::find(tx, scope, &setup, id)?)
    });
    let connection = done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(answers::record(connection.version, &connection))
}
