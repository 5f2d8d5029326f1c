//! Pages for a person's own sessions, on every device and in every organization.

use crate::{
    db::Db,
    kit::{Fault, OrganizationId, SessionId, UserId},
    sessions::{self, Listed},
    web::{self, EmptyForm, MemberContext, Notice, Posted, Respond, filters},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/me/sessions").route(web::get().to(index)));
    app.service(web::resource("/o/{organization}/me/sessions/deletion").route(web::post().to(clear)));
    app.service(web::resource("/o/{organization}/me/sessions/{session}/deletion").route(web::post().to(delete)));
}

#[derive(Template)]
#[template(path = "me/sessions.html")]
struct SessionIndex {
    context: MemberContext,
    sessions: Vec<Listed>,
}

/// The user whose page this is.
pub(super) fn me(context: &MemberContext) -> Result<UserId, Fault> {
    context.scope.actor.user_id().ok_or(Fault::Missing)
}

async fn index(db: Data<Db>, session: Session, context: MemberContext) -> web::Result<HttpResponse> {
    let (user, this, now) = (me(&context)?, sessions::current(&session), context.scope.now());
    let sessions = db.read(move |conn| sessions::list_own(conn, user, this, now)).await?;
    SessionIndex { context, sessions }.ok()
}

/// Ends all other sessions.
async fn clear(db: Data<Db>, session: Session, context: MemberContext, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let (user, request_info) = (me(&context)?, context.scope.request_info.clone());
    let this = sessions::current(&session).ok_or(Fault::Missing)?;
    let ended = db.write(move |tx| sessions::end_others(tx, user, this, &request_info)).await?;
    let notice = match ended {
        0 => Notice::error("This was the only session you have."),
        1 => Notice::success("The other session has ended."),
        many => Notice::success(format!("{many} other sessions have ended.")),
    };
    Ok(context.redirect_with_notice(&context.path("/me/sessions"), notice))
}

async fn delete(
    db: Data<Db>,
    session: Session,
    context: MemberContext,
    place: Path<(OrganizationId, SessionId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let (user, id, request_info) = (me(&context)?, place.1, context.scope.request_info.clone());
    let ended = db.write(move |tx| sessions::end_own(tx, user, id, &request_info)).await?;
    if sessions::current(&session) == Some(id) {
        session.purge();
        return Ok(context.redirect_with_notice("/sign-in", Notice::success("You are signed out.")));
    }
    let notice = Notice::success(format!("The session on {} has ended.", ended.device));
    Ok(context.redirect_with_notice(&context.path("/me/sessions"), notice))
}
