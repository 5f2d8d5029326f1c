//! How tokens and previous values are ended, from every page that lists them. Administrators may also end those of
//! people.

use super::{
    limits::TokenRefusal,
    model::Token,
    pages::{End, TokenOwner},
    place::Place,
    revoke::{retire, revoke},
    store,
};
use crate::{
    db::Db,
    kit::{Fault, OperationError, OperationResult},
    mail::Outbox,
    web::{self, EmptyForm, MemberContext, Notice, Posted, Respond},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};

pub(super) fn mount(app: &mut web::Routes) {
    let place = web::resource("/o/{organization}/me/tokens/{token}/retirement");
    app.service(place.route(web::get().to(before_retirement)).route(web::post().to(retire_old)));
    let place = web::resource("/o/{organization}/me/tokens/{token}/revocation");
    app.service(place.route(web::get().to(before_revocation)).route(web::post().to(end)));
    let place = web::resource("/o/{organization}/system-accounts/{member}/tokens/{token}/retirement");
    app.service(place.route(web::get().to(before_retirement)).route(web::post().to(retire_old)));
    let place = web::resource("/o/{organization}/system-accounts/{member}/tokens/{token}/revocation");
    app.service(place.route(web::get().to(before_revocation)).route(web::post().to(end)));
    let place = web::resource("/o/{organization}/users/{member}/tokens/{token}/retirement");
    app.service(place.route(web::get().to(before_retirement)).route(web::post().to(retire_old)));
    let place = web::resource("/o/{organization}/users/{member}/tokens/{token}/revocation");
    app.service(place.route(web::get().to(before_revocation)).route(web::post().to(end)));
}

/// One token that the caller may see.
pub(super) async fn find(db: &Db, context: &MemberContext, req: &HttpRequest) -> web::Result<(TokenOwner, Token)> {
    let place = Place::of(req, context)?;
    let read = context.read(db, move |conn, scope| {
        let owner = place.see(conn, scope)?;
        let token = store::find(conn, scope, owner.member.id, place.token()?)?;
        Ok::<_, Fault>((owner, token))
    });
    Ok(read.await?)
}

async fn ask(db: &Db, context: MemberContext, req: &HttpRequest, is_old: bool) -> web::Result<HttpResponse> {
    let (owner, token) = find(db, &context, req).await?;
    let now = context.scope.now();
    let refusal = match is_old {
        true if token.overlap(now).is_none() => Some(TokenRefusal::NoOverlap),
        false if !token.is_live(now) => Some(TokenRefusal::Ended),
        _ => None,
    };
    End { context, owner, token, is_old, refusal: refusal.map(|why| why.to_string()) }.ok()
}

async fn before_retirement(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    ask(&db, context, &req, true).await
}

async fn before_revocation(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    ask(&db, context, &req, false).await
}

/// Redirects to the list, with a notice of the result.
fn told(context: &MemberContext, owner: &TokenOwner, done: Result<String, OperationError<TokenRefusal>>) -> web::Result<HttpResponse> {
    Ok(context.redirect_with_notice(&owner.home(context), Notice::of(done.refused()?)))
}

async fn retire_old(db: Data<Db>, context: MemberContext, req: HttpRequest, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let (owner, token) = find(&db, &context, &req).await?;
    let member = owner.member.id;
    let done = context.write(&db, move |tx, scope| retire(tx, scope, member, token.id)).await;
    told(
        &context,
        &owner,
        done.map(|token| format!("The old value of “{}” does not work any more.", token.name)),
    )
}

async fn end(
    (db, outbox): (Data<Db>, Data<Outbox>),
    context: MemberContext,
    req: HttpRequest,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let (owner, token) = find(&db, &context, &req).await?;
    let member = owner.member.id;
    let done = context.write(&db, move |tx, scope| revoke(tx, scope, &outbox, member, token.id)).await;
    told(
        &context,
        &owner,
        done.map(|token| format!("The token “{}” is revoked and does not work any more.", token.name)),
    )
}
