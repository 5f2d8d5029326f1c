//! Resets the second factors of a member who has lost them. The member then signs in with the password and sets them up
//! again.

use super::{forms::ResetForm, model::ResetRefusal, pages::Reset, store};
use crate::{
    audit::{self, Event},
    authorization,
    db::{Conn, Db, Tx},
    kit::{Fault, MemberId, MemberStatus, OperationError, OperationResult, OrganizationId, RequestInfo, Scope, Timestamp, rights},
    mail::Outbox,
    members::{self, ChangedBy, Header, Member},
    second_factors,
    users::{self, User},
    web::{self, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde_json::json;

pub(super) fn mount(app: &mut web::Routes) {
    let place = web::resource("/o/{organization}/users/{member}/two-step");
    app.service(place.route(web::get().to(new)).route(web::post().to(create)));
}

/// Checks whether this actor may reset this member's factors, and returns their identity.
fn may_reset(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<User, OperationError<ResetRefusal>> {
    let refuse = |refusal| Err(OperationError::Refused(refusal));
    if scope.is_me(member.id) {
        return refuse(ResetRefusal::Yourself);
    }
    if member.status == MemberStatus::Invited {
        return refuse(ResetRefusal::Invited);
    }
    if let Some(permission) = authorization::above(conn, scope, member.id)? {
        return refuse(ResetRefusal::AboveYou(permission));
    }
    let user = member.user_id.ok_or(Fault::Missing)?;
    // The identity belongs to the person; an organization may reset it only if it is their only one.
    if !members::is_only_here(conn, scope, user)? {
        return refuse(ResetRefusal::NotYours);
    }
    if !second_factors::has_any(conn, user)? {
        return refuse(ResetRefusal::Nothing);
    }
    if members::is_last_break_glass(conn, scope, member.id)? {
        return refuse(ResetRefusal::LastBreakGlass);
    }
    Ok(users::find(conn, user)?)
}

/// Removes every second factor of a member, ends their sessions, and tells them.
///
/// # Errors
/// A [`ResetRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn reset_second_factors(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    id: MemberId,
    reason: &str,
) -> Result<(), OperationError<ResetRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let scope = &members::towards(tx, scope, id)?;
    scope.demand(rights::USER_MANAGE)?;
    let member = members::find(tx, scope, id)?;
    // Another organization may be adding the same person at this moment.
    users::lock(tx, member.user_id.ok_or(Fault::Missing)?)?;
    let user = may_reset(tx, scope, &member)?;
    second_factors::remove_all(tx, user.id)?;
    store::end_all(tx, user.id)?;
    let event = Event::new("second_factor.reset", "member", id.0, &member.name).after(json!({ "reason": reason }));
    audit::record(tx, scope, event)?;
    let notice = second_factors::Notice::Reset { by: scope.actor.name().to_owned() };
    Ok(notice.send(tx, outbox, &user, &scope.request_info)?)
}

/// The same from the command line, for any person.
///
/// # Errors
/// [`Fault::Missing`] when nobody signs in with this name. `Ok` says whether there was anything to reset.
pub fn reset_by_operator(tx: &mut Tx<'_>, outbox: &Outbox, typed: &str, now: Timestamp) -> Result<bool, Fault> {
    let user = users::find_by_name(tx, typed)?.ok_or(Fault::Missing)?;
    if !second_factors::remove_all(tx, user.id)? {
        return Ok(false);
    }
    store::end_all(tx, user.id)?;
    let why = json!({ "reason": "by the operator" });
    members::record_everywhere(tx, user.id, ChangedBy::Operator(now), "second_factor.reset", |event| event.after(why.clone()))?;
    let notice = second_factors::Notice::Reset { by: "The operator of Roster".into() };
    notice.send(tx, outbox, &user, &RequestInfo::system(now))?;
    Ok(true)
}

type Place = Path<(OrganizationId, MemberId)>;

async fn confirm(db: &Db, context: MemberContext, id: MemberId, form: ResetForm) -> web::Result<HttpResponse> {
    let (header, refusal) = context.read(db, move |conn, scope| before_reset(conn, scope, id)).await?;
    let is_refused = refusal.is_some() || form.reason.is_refused();
    Reset { context, header, form, refusal }.ok_unless(is_refused)
}

/// The member, and why their factors cannot be reset.
fn before_reset(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<(Header, Option<ResetRefusal>), Fault> {
    let scope = &members::towards(conn, scope, id)?;
    scope.demand(rights::USER_MANAGE)?;
    let header = members::header(conn, scope, id)?;
    let refusal = may_reset(conn, scope, &header.member).refused()?.err();
    Ok((header, refusal))
}

async fn new(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let form = context.pending_form().unwrap_or_default();
    confirm(&db, context, place.1, form).await
}

async fn create(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Place,
    Posted(mut form): Posted<ResetForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    // A member who does not exist is reported as missing first.
    let name = context.read(&db, move |conn, scope| before_reset(conn, scope, id)).await?.0.member.name;
    context.require_reauthentication(ReturnTo::form_page())?;
    let Some(reason) = form.reason.line("the reason, so that others can understand it later", 300) else {
        return confirm(&db, context, id, form).await;
    };
    match context
        .write(&db, move |tx, scope| reset_second_factors(tx, scope, &outbox, id, &reason))
        .await
        .refused()?
    {
        Ok(()) => {
            let notice = Notice::success(format!(
                "{name} can sign in with the password alone now. {}",
                context.site.mail.words("They were told by mail.", "Tell them: no mail server is set up.")
            ));
            Ok(context.redirect_with_notice(&context.path(format!("/users/{id}")), notice))
        }
        Err(_) => confirm(&db, context, id, form).await,
    }
}
