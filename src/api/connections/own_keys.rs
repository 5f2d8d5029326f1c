//! Roster's own keys at the providers of connections with SAML.

use super::{refusals::of_connection, rows::SamlOwnKey};
use crate::{
    api::{
        Caller, answers,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    connections::{self, ConnectionSetup},
    db::{Conn, Db},
    kit::{ConnectionId, ConnectionKeyId, Fault, OperationResult, Scope, rights},
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The keys of a connection after a change.
#[derive(Serialize, ToSchema)]
struct SamlOwnKeys {
    keys: Vec<SamlOwnKey>,
}

impl SamlOwnKeys {
    fn read(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<Self, Fault> {
        let keys = connections::own_keys(conn, scope, id)?;
        Ok(Self { keys: keys.iter().map(SamlOwnKey::of).collect() })
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::CONNECTION_MANAGE);
    vec![
        changing(Endpoint::new(__path_add, add))
            .refuses(&["key-change-under-way"])
            .records(&["connection.key_added"]),
        changing(Endpoint::new(__path_use_next, use_next)).records(&["connection.key_used"]),
        changing(Endpoint::new(__path_remove, remove))
            .refuses(&["key-change-under-way"])
            .records(&["connection.key_removed"]),
    ]
}

/// Make a key of Roster for a connection
///
/// For providers that ask for signed requests or that encrypt assertions. The first one is used at once. Another one is
/// announced in the metadata of the connection, until it is used.
#[utoipa::path(post, path = "/api/v1/connections/{id}/keys", operation_id = "addKeyToConnection", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 200, description = "The keys.", body = SamlOwnKeys)))]
async fn add(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let now = caller.read(&db, move |conn, scope| connections::find(conn, scope, id).map(|_| scope.now())).await?;
    let pair = connections::make_key_pair(id, now).await?;
    let done = caller.write(&db, how.0, move |tx, scope| {
        connections::add_own_key(tx, scope, &setup, id, &pair)?;
        Ok(SamlOwnKeys::read(tx, scope, id)?)
    });
    let keys = done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(HttpResponse::Ok().json(keys))
}

/// Use the next key of a connection
///
/// Requests are signed with it from now on. The one before only decrypts: remove it once the provider knows the new one.
#[utoipa::path(put, path = "/api/v1/connections/{id}/keys/next/use", operation_id = "useNextKeyOfConnection", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 200, description = "The keys.", body = SamlOwnKeys)))]
async fn use_next(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| {
        connections::use_next_own_key(tx, scope, &setup, id)?;
        Ok(SamlOwnKeys::read(tx, scope, id)?)
    });
    let keys = done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(HttpResponse::Ok().json(keys))
}

/// Remove a key of a connection
///
/// The one in use goes only when there is no other.
#[utoipa::path(delete, path = "/api/v1/connections/{id}/keys/{key_id}", operation_id = "removeKeyFromConnection", tag = "Connections",
    params(("id" = Uuid, Path), ("key_id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It is removed.")))]
async fn remove(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    ids: Path<(ConnectionId, ConnectionKeyId)>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (id, key) = ids.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| connections::remove_own_key(tx, scope, &setup, id, key));
    done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(answers::nothing())
}
