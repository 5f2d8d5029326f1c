//! People of a connection who were deleted: signing in does not bring them back, until they are readmitted.

use crate::{
    api::{
        Caller,
        answers::{self, page},
        body::Body,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    connections,
    db::Db,
    identities,
    kit::{ConnectionId, rights},
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person who was deleted.
#[derive(Serialize, ToSchema)]
pub(super) struct DeletedIdentity {
    /// What the provider calls the person.
    #[schema(example = "248289761001")]
    subject: String,
    /// The name that they had as a member.
    #[schema(example = "Ada Lovelace")]
    name: String,
    deleted_at: DateTime<Utc>,
}

page! {
    /// The deleted people of a connection, on one page.
    DeletedIdentityPage of DeletedIdentity
}

/// A deleted person who may come again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadmissionRequest {
    /// What the provider calls the person.
    #[schema(max_length = 1000, example = "248289761001")]
    subject: String,
}

impl From<identities::DeletedIdentity> for DeletedIdentity {
    fn from(gone: identities::DeletedIdentity) -> Self {
        Self { subject: gone.subject, name: gone.name, deleted_at: gone.deleted_at.utc() }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs(rights::CONNECTION_MANAGE),
        Endpoint::new(__path_readmit, readmit)
            .needs(rights::CONNECTION_MANAGE)
            .records(&["identity.readmitted"]),
    ]
}

/// List the deleted people of a connection
///
/// The latest hundred. Signing in does not bring them back. The caller needs `user:read:*` too.
#[utoipa::path(get, path = "/api/v1/connections/{id}/deleted_identities", operation_id = "listDeletedIdentities", tag = "Connections",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The deleted people.", body = DeletedIdentityPage)))]
async fn index(db: Data<Db>, caller: Caller, id: Path<ConnectionId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let found = caller.read(&db, move |conn, scope| connections::deleted_people(conn, scope, id)).await?;
    let data = found.into_iter().map(DeletedIdentity::from).collect();
    Ok(HttpResponse::Ok().json(DeletedIdentityPage { data, next_cursor: None, total: None }))
}

/// Readmit a deleted person
///
/// They may come again, like anybody else who may join through the connection.
#[utoipa::path(post, path = "/api/v1/connections/{id}/readmissions", operation_id = "readmitDeletedIdentity", tag = "Connections",
    params(("id" = Uuid, Path), WriteParameters), request_body = ReadmissionRequest,
    responses((status = 204, description = "They may come again.")))]
async fn readmit(
    db: Data<Db>,
    caller: Caller,
    id: Path<ConnectionId>,
    how: Parameters<WriteParameters>,
    body: Body<ReadmissionRequest>,
) -> web::Result<HttpResponse> {
    let (id, subject) = (id.into_inner(), body.0.subject);
    caller.write(&db, how.0, move |tx, scope| connections::readmit(tx, scope, id, &subject)).await?;
    Ok(answers::nothing())
}
