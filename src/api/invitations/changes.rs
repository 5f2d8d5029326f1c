//! What can be done with a pending invitation: send it again, hand its link over, cancel it.

use crate::{
    api::{
        Caller, answers,
        endpoints::Endpoint,
        identity_refusals::too_many_letters,
        parameters::{Parameters, WriteParameters},
        refusals::beyond,
    },
    db::Db,
    invitations::{self, RenewRefusal},
    kit::{InvitationId, OperationResult, rights},
    links::LinkKind,
    mail::Outbox,
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A new link of an invitation.
#[derive(Serialize, ToSchema)]
struct InvitationLink {
    /// The link to hand over. It is told here and never again. Null if a letter brings it, and in a dry run.
    #[schema(required = true)]
    link: Option<String>,
    expires_at: DateTime<Utc>,
}

impl InvitationLink {
    fn answer(link: Option<String>, caller: &Caller, how: WriteParameters) -> HttpResponse {
        let expires_at = (caller.scope.now() + LinkKind::Invitation.lifetime()).utc();
        HttpResponse::Ok().json(Self { link: link.filter(|_| !how.dry_run), expires_at })
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let renewed = |endpoint: Endpoint| {
        endpoint
            .needs_over_teams(rights::USER_INVITE)
            .refuses(&["beyond-your-permissions", "too-many-letters"])
    };
    vec![
        Endpoint::new(__path_cancel, cancel)
            .needs_over_teams(rights::USER_INVITE)
            .records(&["invitation.cancelled"]),
        renewed(Endpoint::new(__path_resend, resend)).records(&["invitation.sent_again"]),
        renewed(Endpoint::new(__path_link, link)).records(&["invitation.link_copied"]),
    ]
}

/// Cancel an invitation
///
/// The person leaves the directory, the link is dead, and the address is free again.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", operation_id = "cancelInvitation", tag = "Invitations",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "The invitation is cancelled.")))]
async fn cancel(db: Data<Db>, caller: Caller, id: Path<InvitationId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    caller.write(&db, how.0, move |tx, scope| invitations::cancel(tx, scope, id)).await?;
    Ok(answers::nothing())
}

/// Send an invitation again
///
/// With a new link, which works for seven days; the old one is dead. The caller becomes its sender, so they have to hold
/// what it grants.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/resend", operation_id = "resendInvitation", tag = "Invitations",
    params(("id" = Uuid, Path), WriteParameters),
    responses((status = 200, description = "The letter is on its way, or written to a file.", body = InvitationLink)))]
async fn resend(
    (db, outbox): (Data<Db>, Data<Outbox>),
    caller: Caller,
    id: Path<InvitationId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| invitations::renew(tx, scope, &outbox, id, true));
    let (_, link) = done.await.refused()?.map_err(|refusal| of_renewal(&refusal))?;
    Ok(InvitationLink::answer(link.map(|link| link.expose().to_owned()), &caller, how.0))
}

/// Make a new link of an invitation
///
/// To hand over by other means. The old link is dead, and no letter is sent. The caller becomes its sender, so they have
/// to hold what it grants.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/link", operation_id = "createInvitationLink", tag = "Invitations",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 200, description = "The link.", body = InvitationLink)))]
async fn link(
    (db, outbox): (Data<Db>, Data<Outbox>),
    caller: Caller,
    id: Path<InvitationId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| invitations::copy_link(tx, scope, id));
    let (_, path) = done.await.refused()?.map_err(|refusal| of_renewal(&refusal))?;
    Ok(InvitationLink::answer(Some(outbox.link(&path)), &caller, how.0))
}

/// Why an invitation got no new link.
fn of_renewal(refusal: &RenewRefusal) -> web::Error {
    match refusal {
        RenewRefusal::TooWide(lacking) => beyond(lacking, refusal),
        RenewRefusal::TooMany(minutes) => too_many_letters(*minutes, refusal),
    }
}
