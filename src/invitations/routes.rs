//! Pages inside the organization: inviting people and managing pending invitations.

use super::{
    Sent, Wanted,
    forms::InviteForm,
    manage,
    pages::{Cancel, CopyLink, Index, New, NewLink},
    send::send,
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, InvitationId, OperationResult, OrganizationId, Scope, rights},
    links::LinkKind,
    mail::Outbox,
    members::{self, GrantOptions},
    own_fields,
    web::{self, Back, MemberContext, Notice, Posted, Respond, ReturnTo, WithPickers, see_other},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use std::sync::Arc;

/// The session key for the answers of the last batch, until the next page shows them.
const SENT: &str = "invitations.sent";

pub(super) fn mount(app: &mut web::Routes) {
    // A GET route as well: after reauthentication the caller returns by a link.
    app.service(
        web::resource("/o/{organization}/invitations")
            .route(web::get().to(new))
            .route(web::post().to(create)),
    );
    app.service(web::resource("/o/{organization}/invitations/new").route(web::get().to(new)));
    app.service(web::resource("/o/{organization}/invitations/sent").route(web::get().to(index)));
    app.service(web::resource("/o/{organization}/invitations/{invitation}/renewal").route(web::post().to(renewal)));
    app.service(
        web::resource("/o/{organization}/invitations/{invitation}/cancellation")
            .route(web::get().to(cancel))
            .route(web::post().to(cancellation)),
    );
    app.service(
        web::resource("/o/{organization}/invitations/{invitation}/link")
            .route(web::get().to(new_link))
            .route(web::post().to(link)),
    );
}

async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let kept = context.pending_form();
    form(&db, context, kept, StatusCode::OK).await
}

/// The form, blank or as it was sent.
async fn form(db: &Db, context: MemberContext, sent: Option<InviteForm>, status: StatusCode) -> web::Result<HttpResponse> {
    let load = |conn: &mut Conn, scope: &Scope| {
        let own = own_fields::of_invitation(conn, scope)?;
        Ok::<_, Fault>((members::offer_people(conn, scope, rights::USER_INVITE)?, own))
    };
    let ((offer, seats), mut own) = context.read(db, load).await?;
    let form = sent.unwrap_or_else(|| InviteForm::blank(&offer));
    own_fields::fill(&mut own, &form.own, &form.own_complaints);
    New { context, form, offer, seats, own }.with_status(status)
}

async fn create(
    db: Data<Db>,
    outbox: Data<Outbox>,
    session: Session,
    context: MemberContext,
    WithPickers { form: mut sent, search }: WithPickers<InviteForm>,
) -> web::Result<HttpResponse> {
    let known = context.read(&db, manage::offer).await?;
    if sent.grants.narrow(search, &known, &context.scope) {
        let status = if sent.grants.complaint.is_some() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        return form(&db, context, Some(sent), status).await;
    }
    let Some(wanted) = sent.check(&known) else {
        return form(&db, context, Some(sent), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let details = wanted.details.clone();
    if let Err(complaints) = context
        .read(&db, move |conn, scope| manage::check_own(conn, scope, details.as_ref()))
        .await
        .refused()?
    {
        sent.own_complaints = complaints;
        return form(&db, context, Some(sent), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    require_reauthentication_to_invite(&db, &context, &known, &wanted).await?;
    let wanted = Arc::new(wanted);
    match context.write(&db, move |tx, scope| send(tx, scope, &outbox, &wanted)).await.refused()? {
        Ok(answers) => answer(&session, context, answers),
        Err(refusal) => {
            sent.grants.complaint = Some(refusal.to_string());
            form(&db, context, Some(sent), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// Asks for reauthentication if somebody becomes an administrator by these invitations, or by one that is sent again.
async fn require_reauthentication_to_invite(db: &Db, context: &MemberContext, known: &GrantOptions, wanted: &Wanted) -> web::Result<()> {
    if context.is_reauthenticated() {
        return Ok(());
    }
    let entries = wanted.entries.clone();
    let is_due = known.needs_reauthentication(&wanted.grants)
        || context.read(db, move |conn, scope| manage::promises_again(conn, scope, &entries)).await?;
    if is_due {
        context.require_reauthentication(ReturnTo::page(context.path("/invitations/new")))?;
    }
    Ok(())
}

/// Leads to the page of the answers. Links are shown on the page that answers the form and nowhere else; they are never
/// stored.
fn answer(session: &Session, context: MemberContext, sent: Vec<Sent>) -> web::Result<HttpResponse> {
    let kept = session.insert(SENT, (context.scope.organization, &sent));
    kept.map_err(|why| Fault::broken(why.to_string()))?;
    if sent.iter().any(|answer| answer.link.is_some()) {
        return Index { context, sent }.ok();
    }
    Ok(see_other(&context.path("/invitations/sent")))
}

/// Shows the answers of the last batch.
async fn index(session: Session, context: MemberContext) -> web::Result<HttpResponse> {
    context.scope.demand_over_teams(rights::USER_INVITE)?;
    // A person may belong to several organizations, but these answers belong to one.
    match session.get::<(OrganizationId, Vec<Sent>)>(SENT) {
        Ok(Some((organization, sent))) if organization == context.scope.organization => Index { context, sent }.ok(),
        _ => Ok(see_other(&context.path("/users?tab=invited"))),
    }
}

type Place = Path<(OrganizationId, InvitationId)>;

fn go_back(context: &MemberContext, back: &Back, notice: Notice) -> HttpResponse {
    context.redirect_with_notice(&list(context, back), notice)
}

/// Asks for reauthentication before a new link is made for somebody who will be an administrator.
async fn require_reauthentication(db: &Db, context: &MemberContext, id: InvitationId, list: &str) -> web::Result<()> {
    let recent = context.require_reauthentication(ReturnTo::button(list));
    let is_due = recent.is_err() && context.read(db, move |conn, scope| manage::needs_reauthentication(conn, scope, id)).await?;
    if is_due { recent } else { Ok(()) }
}

/// The list from which the caller acted on an invitation.
fn list(context: &MemberContext, back: &Back) -> String {
    back.path(&context.site, context.path("/users?tab=invited"))
}

async fn renewal(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Place,
    Posted(back): Posted<Back>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    require_reauthentication(&db, &context, id, &list(&context, &back)).await?;
    let notice = match context.write(&db, move |tx, scope| manage::renew(tx, scope, &outbox, id, true)).await.refused()? {
        Ok((email, Some(link))) => return shown(context, email, link.expose().to_owned(), back),
        Ok((email, None)) => Notice::success(format!(
            "{} The old link does not work any more.",
            context.site.mail.written("A new invitation", &email)
        )),
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(go_back(&context, &back, notice))
}

async fn cancel(db: Data<Db>, context: MemberContext, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let id = place.1;
    let email = context.read(&db, move |conn, scope| manage::address(conn, scope, id)).await?;
    let back = list(&context, &back);
    Cancel { context, id, email, back }.ok()
}

async fn cancellation(db: Data<Db>, context: MemberContext, place: Place, Posted(back): Posted<Back>) -> web::Result<HttpResponse> {
    let id = place.1;
    let email = context.write(&db, move |tx, scope| manage::cancel(tx, scope, id)).await?;
    let notice = Notice::success(format!("The invitation of {email} is cancelled and its link is dead."));
    // The profile of a deleted member cannot be the page to return to.
    let back = if back.back.contains("/users?") { back } else { Back::default() };
    Ok(go_back(&context, &back, notice))
}

/// The page that shows a link just made.
fn shown(context: MemberContext, email: String, link: String, back: Back) -> web::Result<HttpResponse> {
    let expires_at = context.scope.now() + LinkKind::Invitation.lifetime();
    let back = list(&context, &back);
    CopyLink { context, email, link, expires_at, back }.ok()
}

/// The confirmation page: says what happens to the old link.
async fn new_link(db: Data<Db>, context: MemberContext, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let id = place.1;
    let email = context.read(&db, move |conn, scope| manage::address(conn, scope, id)).await?;
    let back = list(&context, &back);
    NewLink { context, id, email, back }.ok()
}

/// Shows a new link, once: on the page that answers this form and nowhere else.
async fn link(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Place,
    Posted(back): Posted<Back>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let list = list(&context, &back);
    require_reauthentication(&db, &context, id, &list).await?;
    match context.write(&db, move |tx, scope| manage::copy_link(tx, scope, id)).await.refused()? {
        Ok((email, path)) => shown(context, email, outbox.link(&path), back),
        Err(refusal) => Ok(go_back(&context, &back, Notice::error(refusal.to_string()))),
    }
}
