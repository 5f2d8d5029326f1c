//! Ending identities: a person their own on My profile, an administrator those of others on the profile.

use super::mail::{Change, tell};
use crate::{
    audit::{self, Event},
    authorization, connections,
    db::{Conn, Db, Tx},
    identities::{self, Identity},
    kit::{Fault, IdentityId, MemberId, OperationError, OperationResult, OrganizationId, Permission, Scope, UserId, rights},
    mail::Outbox,
    members, passwords, second_factors, users,
    web::{self, EmptyForm, MemberContext, Notice, Posted, ReturnTo},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde_json::json;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/me/identities/{identity}/deletion").route(web::post().to(delete_own)));
    app.service(web::resource("/o/{organization}/users/{member}/identities/{identity}/deletion").route(web::post().to(delete)));
}

/// Why an identity is not ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlinkRefusal {
    #[error("This is your only way to sign in. Set a password first: ask for it by “Forgot your password?” on the sign-in page.")]
    OnlyWay,
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
    #[error("Without it no administrator could sign in. Give one a password first.")]
    LastAdministrator,
}

type Outcome = Result<Identity, OperationError<UnlinkRefusal>>;

/// Ends an identity of this person in this organization.
fn unlink(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, (member, user): (MemberId, UserId), id: IdentityId) -> Outcome {
    let identity = identities::find(tx, id)?;
    if identity.organization_id != scope.organization || identity.user_id != user {
        return Err(Fault::Missing.into());
    }
    let connection = connections::find_for_sign_in(tx, identity.connection_id)?;
    identities::unlink(tx, user, id)?;
    if members::usable_administrators(tx, scope)? == 0 {
        return Err(OperationError::Refused(UnlinkRefusal::LastAdministrator));
    }
    let name = members::find(tx, scope, member)?.name;
    let event = Event::new("identity.unlinked", "member", member.0, &name);
    let facts = json!({ "connection": connection.name, "email": identity.email });
    audit::record(tx, scope, event.before(facts))?;
    let person = users::find(tx, user)?;
    tell(tx, outbox, &person, &connection, Change::Unlinked { email: &identity.email }, &scope.request_info)?;
    Ok(identity)
}

/// Whether the person can still sign in without this identity.
fn has_other_way(conn: &mut Conn, user: UserId, id: IdentityId) -> Result<bool, Fault> {
    let has_password = passwords::find(conn, user)?.is_some();
    let has_passkey = !second_factors::held(conn, user)?.passkeys.is_empty();
    let has_identity = identities::of_user(conn, user)?.iter().any(|other| other.id != id);
    Ok(has_password || has_passkey || has_identity)
}

fn unlink_own(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, id: IdentityId) -> Outcome {
    let scope = &members::reauthorize(tx, scope)?;
    let me = scope.actor.member_id().zip(scope.actor.user_id()).ok_or(Fault::Missing)?;
    if !has_other_way(tx, me.1, id)? {
        return Err(OperationError::Refused(UnlinkRefusal::OnlyWay));
    }
    unlink(tx, scope, outbox, me, id)
}

/// The identities of a person in this organization, each with the name of its connection.
///
/// # Errors
/// [`Fault::Denied`], or [`Fault::Missing`] for who is no person here.
pub fn identities_of_member(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Vec<(Identity, String)>, Fault> {
    let scope = &members::towards(conn, scope, member)?;
    scope.demand(rights::USER_MANAGE)?;
    let user = members::find(conn, scope, member)?.user_id.ok_or(Fault::Missing)?;
    identities::whole_of(conn, scope.organization, user)
}

/// Ends an identity of another person, for administrators.
///
/// # Errors
/// An [`UnlinkRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn unlink_of_member(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, member: MemberId, id: IdentityId) -> Outcome {
    let scope = &members::reauthorize(tx, scope)?;
    let scope = &members::towards(tx, scope, member)?;
    scope.demand(rights::USER_MANAGE)?;
    let user = members::find(tx, scope, member)?.user_id.ok_or(Fault::Missing)?;
    if let Some(permission) = authorization::above(tx, scope, member)? {
        return Err(OperationError::Refused(UnlinkRefusal::AboveYou(permission)));
    }
    unlink(tx, scope, outbox, (member, user), id)
}

async fn delete_own(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Path<(OrganizationId, IdentityId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    context.require_reauthentication(ReturnTo::page(context.path("/me")))?;
    let id = place.1;
    let ended = context.write(&db, move |tx, scope| unlink_own(tx, scope, &outbox, id)).await.refused()?;
    let notice = Notice::of(ended.map(|_| "It is not connected with your account any more, and its sessions have ended."));
    Ok(context.redirect_with_notice(&context.path("/me"), notice))
}

async fn delete(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Path<(OrganizationId, MemberId, IdentityId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand_over_teams(rights::USER_MANAGE)?;
    let (_, member, id) = place.into_inner();
    let back = context.path(format!("/users/{member}"));
    context.require_reauthentication(ReturnTo::page(back.clone()))?;
    let ended = context
        .write(&db, move |tx, scope| unlink_of_member(tx, scope, &outbox, member, id))
        .await
        .refused()?;
    let notice = Notice::of(ended.map(|_| "The connection is ended, and so are its sessions."));
    Ok(context.redirect_with_notice(&back, notice))
}
