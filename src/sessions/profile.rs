//! The sessions of another member: a tab of their profile.

use super::{
    list::{self, EndRefusal, Here},
    pages::{Confirm, Profile},
};
use crate::{
    db::{Conn, Db, Tx},
    kit::{Fault, MemberId, OperationError, OperationResult, OrganizationId, Scope, SessionId, count},
    members::{self, Header},
    web::{self, Back, MemberContext, Notice, Posted, Respond, see_other},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/users/{member}/sessions").route(web::get().to(index)));
    app.service(
        web::resource("/o/{organization}/users/{member}/sessions/deletion")
            .route(web::get().to(confirm))
            .route(web::post().to(clear)),
    );
    app.service(web::resource("/o/{organization}/users/{member}/sessions/{session}/deletion").route(web::post().to(delete)));
}

type Place = Path<(OrganizationId, MemberId)>;

fn tab(context: &MemberContext, member: MemberId) -> String {
    context.path(format!("/users/{member}/sessions"))
}

async fn index(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    if context.scope.is_me(place.1) {
        return Ok(see_other(&context.path("/me/sessions")));
    }
    let (header, Here { sessions, is_shared }, refusal) = load(&db, &context, place.1).await?;
    Profile { context, header, sessions, is_shared, refusal }.ok()
}

/// The member, their sessions, and why the caller cannot end them.
async fn load(db: &Db, context: &MemberContext, id: MemberId) -> Result<(Header, Here, Option<EndRefusal>), Fault> {
    let load = move |conn: &mut Conn, scope: &Scope| {
        let here = list::list_here(conn, scope, id)?;
        Ok((members::header(conn, scope, id)?, here, list::may_end(conn, scope, id)?))
    };
    context.read(db, load).await
}

async fn confirm(db: Data<Db>, context: MemberContext, place: Place, back: Query<Back>) -> web::Result<HttpResponse> {
    let back = back.path(&context.site, tab(&context, place.1));
    ask(&db, context, place.1, back).await
}

async fn ask(db: &Db, context: MemberContext, id: MemberId, back: String) -> web::Result<HttpResponse> {
    let (header, Here { sessions, is_shared }, refusal) = load(db, &context, id).await?;
    let (count, is_refused) = (sessions.len(), refusal.is_some());
    Confirm { context, header, count, is_shared, refusal, back }.ok_unless(is_refused)
}

/// Ends all of them.
async fn clear(db: Data<Db>, context: MemberContext, place: Place, Posted(back): Posted<Back>) -> web::Result<HttpResponse> {
    let id = place.1;
    let back = back.path(&context.site, tab(&context, id));
    let Ok((ended, name)) = context.write(&db, move |tx, scope| end_all(tx, scope, id)).await.refused()? else {
        return ask(&db, context, id, back).await;
    };
    let how_many = match ended {
        0 => "Nothing was open".to_owned(),
        some => count(some, "session has ended", "sessions have ended"),
    };
    let notice = Notice::success(format!("{how_many}. {name} has to sign in again."));
    Ok(context.redirect_with_notice(&back, notice))
}

/// Ends all sessions of a member. Returns how many there were, and the member's name.
fn end_all(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<(usize, String), OperationError<EndRefusal>> {
    let ended = list::end_here(tx, scope, id)?;
    Ok((ended, members::find(tx, scope, id)?.name))
}

async fn delete(
    db: Data<Db>,
    context: MemberContext,
    place: Path<(OrganizationId, MemberId, SessionId)>,
    Posted(back): Posted<Back>,
) -> web::Result<HttpResponse> {
    let (id, session) = (place.1, place.2);
    let ended = context.write(&db, move |tx, scope| list::end_one_here(tx, scope, id, session)).await.refused()?;
    let notice = Notice::of(ended.map(|ended| format!("The session on {} has ended.", ended.device)));
    Ok(context.redirect_with_notice(&back.path(&context.site, tab(&context, id)), notice))
}
