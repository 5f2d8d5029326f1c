//! One's own sessions, on every device and in every organization.

use crate::{
    db::Db,
    kit::{Fault, OrganizationId, SessionId, UserId},
    sessions::{self, Listed},
    web::{self, Notice, Posted, Shell, created, filters, page},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig, resource},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/me/sessions").route(web::get().to(index)));
    app.service(resource("/o/{organization}/me/sessions/deletion").route(web::post().to(clear)));
    app.service(resource("/o/{organization}/me/sessions/{session}/deletion").route(web::post().to(delete)));
}

#[derive(Template)]
#[template(path = "mine/sessions.html")]
struct Index {
    shell: Shell,
    sessions: Vec<Listed>,
}

/// Whose own page this is.
pub(super) fn me(shell: &Shell) -> Result<UserId, Fault> {
    shell.scope.actor.user_id().ok_or(Fault::Missing)
}

async fn index(db: Data<Db>, session: Session, shell: Shell) -> web::Result<HttpResponse> {
    let (user, this, now) = (me(&shell)?, sessions::current(&session), shell.scope.now());
    let sessions = db.read(move |conn| sessions::list_own(conn, user, this, now)).await?;
    page(StatusCode::OK, &Index { shell, sessions })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Ends all others.
async fn clear(db: Data<Db>, session: Session, shell: Shell, Posted(Nothing {}): Posted<Nothing>) -> web::Result<HttpResponse> {
    let (user, occasion) = (me(&shell)?, shell.scope.occasion.clone());
    let this = sessions::current(&session).ok_or(Fault::Missing)?;
    let ended = db.write(move |tx| sessions::end_others(tx, user, this, &occasion)).await?;
    let notice = match ended {
        0 => Notice::error("This was the only session you have."),
        1 => Notice::success("The other session has ended."),
        many => Notice::success(format!("{many} other sessions have ended.")),
    };
    Ok(created(&shell.front, &shell.path("/me/sessions"), notice))
}

async fn delete(
    db: Data<Db>,
    session: Session,
    shell: Shell,
    place: Path<(OrganizationId, SessionId)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> web::Result<HttpResponse> {
    let (user, id, occasion) = (me(&shell)?, place.1, shell.scope.occasion.clone());
    let ended = db.write(move |tx| sessions::end_own(tx, user, id, &occasion)).await?;
    if sessions::current(&session) == Some(id) {
        session.purge();
        return Ok(created(&shell.front, "/sign-in", Notice::success("You are signed out.")));
    }
    let notice = Notice::success(format!("The session on {} has ended.", ended.device));
    Ok(created(&shell.front, &shell.path("/me/sessions"), notice))
}
