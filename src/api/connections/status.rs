//! Whether people can sign in through a connection, and its end.

use super::refusals::of_connection;
use crate::{
    api::{
        Caller, answers,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
    },
    connections::{self, ConnectionRefusal, ConnectionSetup, Effects, LeftWithout},
    db::{Db, Tx},
    kit::{ConnectionId, OperationError, OperationResult, Scope, rights},
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whom the end of a connection affects.
#[derive(Serialize, ToSchema)]
struct ConnectionEffects {
    /// How many people are connected through it.
    connected_people: i64,
    left_without: PeopleLeftWithout,
}

/// People who have no other way to sign in. Nobody, if nobody could sign in through the connection before.
#[derive(Serialize, ToSchema)]
struct PeopleLeftWithout {
    total: i64,
    /// The first twenty by name. Empty for callers without `user:read:*`.
    first: Vec<PersonLeftWithout>,
}

/// A person who has no other way to sign in.
#[derive(Serialize, ToSchema)]
struct PersonLeftWithout {
    id: Uuid,
    name: String,
}

impl From<Effects> for ConnectionEffects {
    fn from(effects: Effects) -> Self {
        let LeftWithout { named, total } = effects.left_without;
        let first = named.into_iter().map(|(id, name)| PersonLeftWithout { id: id.0, name }).collect();
        Self {
            connected_people: effects.people,
            left_without: PeopleLeftWithout { total, first },
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::CONNECTION_MANAGE);
    vec![
        changing(Endpoint::new(__path_disable, disable))
            .refuses(&["last-administrator", "last-connection"])
            .records(&["connection.disabled"]),
        changing(Endpoint::new(__path_enable, enable))
            .refuses(&["connection-incomplete"])
            .records(&["connection.enabled"]),
        changing(Endpoint::new(__path_delete, delete))
            .refuses(&["last-administrator", "last-connection"])
            .records(&["connection.deleted"]),
    ]
}

/// Ends a connection, for a while or for good, and tells whom that affects.
async fn end<T: 'static>(
    db: &Db,
    caller: &Caller,
    id: ConnectionId,
    how: WriteParameters,
    end: impl Fn(&mut Tx<'_>, &Scope) -> Result<T, OperationError<ConnectionRefusal>> + Send + 'static,
) -> web::Result<HttpResponse> {
    let done = caller.write(db, how, move |tx, scope| {
        let effects = connections::effects(tx, scope, id)?;
        end(tx, scope)?;
        Ok(effects)
    });
    let effects = done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(HttpResponse::Ok().json(ConnectionEffects::from(effects)))
}

/// Disable a connection
///
/// Nobody signs in through it, and the sessions that began through it have ended. Its people stay members. A dry run tells
/// whom that leaves without a way to sign in.
#[utoipa::path(put, path = "/api/v1/connections/{id}/disablement", operation_id = "disableConnection", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters),
    responses((status = 200, description = "It is disabled. Whom it affects.", body = ConnectionEffects)))]
async fn disable(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    end(&db, &caller, id, how.0, move |tx, scope| connections::disable(tx, scope, &setup, id)).await
}

/// Enable a connection
///
/// People can sign in through it from now on. It needs what `is_complete` tells.
#[utoipa::path(delete, path = "/api/v1/connections/{id}/disablement", operation_id = "enableConnection", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It is enabled.")))]
async fn enable(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| connections::enable(tx, scope, &setup, id));
    done.await.refused()?.map_err(|refusal| of_connection(&refusal))?;
    Ok(answers::nothing())
}

/// Delete a connection
///
/// For good, with the sign-ins of its people, whose sessions through it end. They stay members. A dry run tells whom that
/// leaves without a way to sign in.
#[utoipa::path(delete, path = "/api/v1/connections/{id}", operation_id = "deleteConnection", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters),
    responses((status = 200, description = "It is deleted. Whom it affects.", body = ConnectionEffects)))]
async fn delete(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    end(&db, &caller, id, how.0, move |tx, scope| connections::delete(tx, scope, &setup, id)).await
}
