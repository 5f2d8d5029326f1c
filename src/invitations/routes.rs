//! Inside the organization: inviting, and what is done with pending invitations.

use super::{
    Sent,
    forms::InviteForm,
    manage,
    pages::{Cancel, CopyLink, Index, New, NewLink},
    send::send,
};
use crate::{
    db::Db,
    kit::{Fault, InvitationId, OrganizationId, Stop},
    links::LinkKind,
    mail::Post,
    members,
    web::{self, Back, Notice, Posted, Shell, created, page, see_other},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};
use std::sync::Arc;

/// Where the answers of the last batch wait for the page that shows them.
const SENT: &str = "invitations.sent";

pub(super) fn mount(app: &mut ServiceConfig) {
    // Whoever proved again who they are comes back by a link.
    app.service(
        resource("/o/{organization}/invitations")
            .route(web::get().to(new))
            .route(web::post().to(create)),
    );
    app.service(resource("/o/{organization}/invitations/new").route(web::get().to(new)));
    app.service(resource("/o/{organization}/invitations/sent").route(web::get().to(index)));
    app.service(resource("/o/{organization}/invitations/{invitation}/renewal").route(web::post().to(renewal)));
    app.service(
        resource("/o/{organization}/invitations/{invitation}/cancellation")
            .route(web::get().to(cancel))
            .route(web::post().to(cancellation)),
    );
    app.service(
        resource("/o/{organization}/invitations/{invitation}/link")
            .route(web::get().to(new_link))
            .route(web::post().to(link)),
    );
}

async fn new(db: Data<Db>, mut shell: Shell) -> web::Result<HttpResponse> {
    let kept = shell.kept();
    form(&db, shell, kept, StatusCode::OK).await
}

/// The form, blank or as it was sent.
async fn form(db: &Db, shell: Shell, sent: Option<InviteForm>, status: StatusCode) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let (offer, seats) = db
        .read(move |conn| {
            scope.demand("user", "invite")?;
            Ok::<_, Fault>((members::offer(conn, &scope)?, members::seats(conn, scope.organization)?))
        })
        .await?;
    let form = sent.unwrap_or_else(|| InviteForm::blank(&offer));
    page(status, &New { shell, form, offer, seats })
}

async fn create(
    db: Data<Db>,
    post: Data<Post>,
    session: Session,
    shell: Shell,
    Posted(mut sent): Posted<InviteForm>,
) -> web::Result<HttpResponse> {
    let scope = shell.scope.clone();
    let known = db
        .read(move |conn| {
            scope.demand("user", "invite")?;
            members::offer(conn, &scope)
        })
        .await?;
    let Some(wanted) = sent.check(&known) else {
        return form(&db, shell, Some(sent), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let (scope, asked) = (shell.scope.clone(), wanted.entries.clone());
    if !shell.is_recently_proved()
        && (known.needs_proof(&wanted.grants) || db.read(move |conn| manage::promises_again(conn, &scope, &asked)).await?)
    {
        shell.demand_proof_for(&shell.path("/invitations/new"))?;
    }
    let (scope, wanted) = (shell.scope.clone(), Arc::new(wanted));
    match db.write(move |tx| send(tx, &scope, &post, &wanted)).await {
        Ok(answers) => {
            session
                .insert(SENT, (shell.scope.organization, &answers))
                .map_err(|why| Fault::broken(why.to_string()))?;
            // Links are shown on the page that answers this form and nowhere else: nothing keeps them.
            if answers.iter().any(|answer| answer.link.is_some()) {
                return page(StatusCode::OK, &Index { shell, sent: answers });
            }
            Ok(see_other(&shell.path("/invitations/sent")))
        }
        Err(Stop::Refused(refusal)) => {
            sent.choice_complaint = Some(refusal.to_string());
            form(&db, shell, Some(sent), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

/// The answers of the last batch.
async fn index(session: Session, shell: Shell) -> web::Result<HttpResponse> {
    shell.scope.demand("user", "invite")?;
    // The session is of a person, who may belong to several organizations; the answers are of one.
    match session.get::<(OrganizationId, Vec<Sent>)>(SENT) {
        Ok(Some((organization, sent))) if organization == shell.scope.organization => page(StatusCode::OK, &Index { shell, sent }),
        _ => Ok(see_other(&shell.path("/users?tab=invited"))),
    }
}

type Place = Path<(OrganizationId, InvitationId)>;

fn go_back(shell: &Shell, back: &Back, notice: Notice) -> HttpResponse {
    created(&shell.front, &list(shell, back), notice)
}

/// Where whoever makes a new link of somebody who will rule here proves who they are.
async fn lacks_proof(db: &Db, shell: &Shell, id: InvitationId, list: &str) -> web::Result<Option<HttpResponse>> {
    let Some(asked) = shell.lacks_recent_proof(list) else {
        return Ok(None);
    };
    let scope = shell.scope.clone();
    let is_grave = db.read(move |conn| manage::needs_proof(conn, &scope, id)).await?;
    Ok(is_grave.then_some(asked))
}

/// The list that whoever did something to an invitation came from.
fn list(shell: &Shell, back: &Back) -> String {
    back.path(&shell.front, shell.path("/users?tab=invited"))
}

async fn renewal(db: Data<Db>, post: Data<Post>, shell: Shell, place: Place, Posted(back): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    if let Some(asked) = lacks_proof(&db, &shell, id, &list(&shell, &back)).await? {
        return Ok(asked);
    }
    let notice = match db.write(move |tx| manage::renew(tx, &scope, &post, id, true)).await {
        Ok((email, Some(link))) => return shown(shell, email, link.expose().to_owned(), back),
        Ok((email, None)) => Notice::success(format!(
            "{} The old link does not work any more.",
            shell.front.mail.written("A new invitation", &email)
        )),
        Err(Stop::Refused(refusal)) => Notice::error(refusal.to_string()),
        Err(Stop::Fault(fault)) => return Err(fault.into()),
    };
    Ok(go_back(&shell, &back, notice))
}

async fn cancel(db: Data<Db>, shell: Shell, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let email = db.read(move |conn| manage::address(conn, &scope, id)).await?;
    let back = list(&shell, &back);
    page(StatusCode::OK, &Cancel { shell, id, email, back })
}

async fn cancellation(db: Data<Db>, shell: Shell, place: Place, Posted(back): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let email = db.write(move |tx| manage::cancel(tx, &scope, id)).await?;
    let notice = Notice::success(format!("The invitation of {email} is cancelled and its link is dead."));
    // The profile of somebody who is gone leads nowhere.
    let back = if back.back.contains("/users?") { back } else { Back::default() };
    Ok(go_back(&shell, &back, notice))
}

/// The page of a link that was made a moment ago.
fn shown(shell: Shell, email: String, link: String, back: Back) -> web::Result<HttpResponse> {
    let expires_at = shell.scope.now() + LinkKind::Invitation.lifetime();
    let back = list(&shell, &back);
    let view = CopyLink {
        shell,
        email,
        link,
        expires_at,
        back,
    };
    page(StatusCode::OK, &view)
}

/// Says what becomes of the old link before there is a new one.
async fn new_link(db: Data<Db>, shell: Shell, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let email = db.read(move |conn| manage::address(conn, &scope, id)).await?;
    let back = list(&shell, &back);
    page(StatusCode::OK, &NewLink { shell, id, email, back })
}

/// Shows a new link, once: it stands on the page that answers this form and nowhere else.
async fn link(db: Data<Db>, post: Data<Post>, shell: Shell, place: Place, Posted(back): Posted<Back>) -> web::Result<HttpResponse> {
    let (scope, id) = (shell.scope.clone(), place.1);
    let list = list(&shell, &back);
    if let Some(asked) = lacks_proof(&db, &shell, id, &list).await? {
        return Ok(asked);
    }
    match db.write(move |tx| manage::copy_link(tx, &scope, id)).await {
        Ok((email, path)) => shown(shell, email, post.link(&path), back),
        Err(Stop::Refused(refusal)) => Ok(go_back(&shell, &back, Notice::error(refusal.to_string()))),
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}
