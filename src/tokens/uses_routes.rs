//! The page with the uses of one token by day, for all who see the token.

use super::{days::Days, pages::UsesOfToken, revocation_routes::find};
use crate::{
    db::Db,
    web::{self, MemberContext, Respond},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/me/tokens/{token}/uses").route(web::get().to(show)));
    app.service(web::resource("/o/{organization}/system-accounts/{member}/tokens/{token}/uses").route(web::get().to(show)));
    app.service(web::resource("/o/{organization}/users/{member}/tokens/{token}/uses").route(web::get().to(show)));
}

async fn show(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let (owner, token) = find(&db, &context, &req).await?;
    let member = owner.member.id;
    let days = context.read(&db, move |conn, scope| Days::of(conn, scope, member)).await?;
    let chart = days.chart(Some(token.id), context.scope.now());
    UsesOfToken { context, owner, token, chart }.ok()
}
