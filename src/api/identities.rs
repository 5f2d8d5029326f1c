//! The sign-ins of people at identity providers, as far as administrators decide about them.

use super::{
    Caller,
    answers::{self, page, refused},
    choice,
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters, WriteParameters},
    refusals::beyond,
};
use crate::{
    db::Db,
    identities::{self, LinkedHow},
    kit::{IdentityId, MemberId, OperationResult, Timestamp, rights},
    mail::Outbox,
    sso::{self, UnlinkRefusal},
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// What a connection calls a person.
#[derive(Serialize, ToSchema)]
pub(super) struct Identity {
    id: Uuid,
    connection_id: Uuid,
    #[schema(example = "Example Ltd")]
    connection_name: String,
    /// What the provider calls the person. It never changes.
    #[schema(example = "248289761001")]
    subject: String,
    /// The address that the provider sent last. It proves nothing in Roster.
    #[schema(example = "ada@example.org")]
    email: String,
    /// The name that the provider sent last.
    name: String,
    linked_at: DateTime<Utc>,
    #[schema(schema_with = ways)]
    linked_how: &'static str,
    #[schema(required = true)]
    last_used_at: Option<DateTime<Utc>>,
}

page! {
    /// All identities of a person in the organization, on one page.
    IdentityPage of Identity
}

fn ways() -> Object {
    choice::described::<LinkedHow>(
        "`joined`: the person became a member by signing in. `invitation`: they accepted an invitation by it. `self`: they connected \
            it themselves. `domain`: their address is of a verified domain. `provisioner`: a provisioner connected it.",
    )
}

impl Identity {
    fn of((identity, connection_name): (identities::Identity, String)) -> Self {
        Self {
            id: identity.id.0,
            connection_id: identity.connection_id.0,
            connection_name,
            subject: identity.subject,
            email: identity.email,
            name: identity.name,
            linked_at: identity.linked_at.utc(),
            linked_how: identity.linked_how.as_str(),
            last_used_at: identity.last_used_at.map(Timestamp::utc),
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs_over_teams(rights::USER_MANAGE),
        Endpoint::new(__path_delete, delete)
            .needs_over_teams(rights::USER_MANAGE)
            .refuses(&["beyond-your-permissions", "last-administrator"])
            .records(&["identity.unlinked"]),
    ]
}

/// Why an identity is not disconnected.
fn of_unlinking(refusal: &UnlinkRefusal) -> web::Error {
    match refusal {
        UnlinkRefusal::AboveYou(lacking) => beyond(lacking, refusal),
        UnlinkRefusal::LastAdministrator | UnlinkRefusal::OnlyWay => refused("last-administrator", "The last administrator stays", refusal),
    }
}

/// List the identities of a person
///
/// At the connections of this organization, the oldest first.
#[utoipa::path(get, path = "/api/v1/users/{id}/identities", operation_id = "listIdentitiesOfUser", tag = "Users",
    params(("id" = Uuid, Path)), responses((status = 200, description = "Their identities.", body = IdentityPage)))]
async fn index(db: Data<Db>, caller: Caller, id: Path<MemberId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let found = caller.read(&db, move |conn, scope| sso::identities_of_member(conn, scope, id)).await?;
    let data = found.into_iter().map(Identity::of).collect();
    Ok(HttpResponse::Ok().json(IdentityPage { data, next_cursor: None, total: None }))
}

/// Disconnect an identity of a person
///
/// The sessions that began with it end, and a letter tells the person. They can connect it again, or sign in with it if the
/// connection lets them in.
#[utoipa::path(delete, path = "/api/v1/users/{id}/identities/{identity_id}", operation_id = "disconnectIdentityOfUser", tag = "Users",
    params(("id" = Uuid, Path), ("identity_id" = Uuid, Path), WriteParameters),
    responses((status = 204, description = "It is disconnected.")))]
async fn delete(
    (db, outbox): (Data<Db>, Data<Outbox>),
    caller: Caller,
    ids: Path<(MemberId, IdentityId)>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (member, id) = ids.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| sso::unlink_of_member(tx, scope, &outbox, member, id));
    done.await.refused()?.map_err(|refusal| of_unlinking(&refusal))?;
    Ok(answers::nothing())
}
