//! The sessions of another member: a tab of their profile.

use super::{
    list::{self, EndRefusal, Here},
    pages::{Confirm, Profile},
};
use crate::{
    db::Db,
    kit::{Fault, MemberId, OperationError, OperationResult, OrganizationId, SessionId, count},
    members,
    web::{self, Back, MemberContext, Notice, Posted, page, see_other},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig, resource},
};

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/users/{member}/sessions").route(web::get().to(index)));
    app.service(
        resource("/o/{organization}/users/{member}/sessions/deletion")
            .route(web::get().to(confirm))
            .route(web::post().to(clear)),
    );
    app.service(resource("/o/{organization}/users/{member}/sessions/{session}/deletion").route(web::post().to(delete)));
}

type Place = Path<(OrganizationId, MemberId)>;

fn tab(context: &MemberContext, member: MemberId) -> String {
    context.path(format!("/users/{member}/sessions"))
}

async fn index(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let (scope, id) = (context.scope.clone(), place.1);
    if scope.is_me(id) {
        return Ok(see_other(&context.path("/me/sessions")));
    }
    let (header, Here { sessions, is_shared }, refusal) = db
        .read(move |conn| {
            let here = list::list_here(conn, &scope, id)?;
            Ok::<_, Fault>((members::header(conn, &scope, id)?, here, list::may_end(conn, &scope, id)?))
        })
        .await?;
    let view = Profile { context, header, sessions, is_shared, refusal };
    page(StatusCode::OK, &view)
}

async fn confirm(db: Data<Db>, context: MemberContext, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let back = back.path(&context.site, tab(&context, place.1));
    ask(&db, context, place.1, back).await
}

async fn ask(db: &Db, context: MemberContext, id: MemberId, back: String) -> web::Result<HttpResponse> {
    let (header, here, refusal) = context
        .read(db, move |conn, scope| {
            let here = list::list_here(conn, scope, id)?;
            Ok::<_, Fault>((members::header(conn, scope, id)?, here, list::may_end(conn, scope, id)?))
        })
        .await?;
    let status = if refusal.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = Confirm {
        context,
        header,
        count: here.sessions.len(),
        is_shared: here.is_shared,
        refusal,
        back,
    };
    page(status, &view)
}

/// Ends all of them.
async fn clear(db: Data<Db>, context: MemberContext, place: Place, Posted(back): Posted<Back>) -> web::Result<HttpResponse> {
    let id = place.1;
    let back = back.path(&context.site, tab(&context, id));
    let ended = context
        .write(&db, move |tx, scope| {
            let ended = list::end_here(tx, scope, id)?;
            Ok::<_, OperationError<EndRefusal>>((ended, members::find(tx, scope, id)?.name))
        })
        .await;
    match ended.refused()? {
        Ok((ended, name)) => {
            let how_many = match ended {
                0 => "Nothing was open".to_owned(),
                some => count(some, "session has ended", "sessions have ended"),
            };
            let notice = Notice::success(format!("{how_many}. {name} has to sign in again."));
            Ok(context.redirect_with_notice(&back, notice))
        }
        Err(_) => ask(&db, context, id, back).await,
    }
}

async fn delete(
    db: Data<Db>,
    context: MemberContext,
    place: Path<(OrganizationId, MemberId, SessionId)>,
    Posted(back): Posted<Back>,
) -> web::Result<HttpResponse> {
    let (id, session) = (place.1, place.2);
    let notice = match context.write(&db, move |tx, scope| list::end_one_here(tx, scope, id, session)).await.refused()? {
        Ok(ended) => Notice::success(format!("The session on {} has ended.", ended.device)),
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&back.path(&context.site, tab(&context, id)), notice))
}
