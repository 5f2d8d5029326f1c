//! Handlers of `personal_data`: the document as a file.

use super::{Audience, Export};
use crate::{
    db::Db,
    kit::{Fault, MemberId, MemberKind, OrganizationId, rights},
    members, sessions,
    web::{self, MemberContext, Reader, ReturnTo},
};
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, ContentDisposition},
    },
    web::{Data, Path},
};

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/me/personal-data").route(web::get().to(own)));
    app.service(web::resource("/o/{organization}/users/{member}/personal-data").route(web::get().to(show)));
}

async fn own(db: Data<Db>, session: Session, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let me = context.scope.actor.member_id().ok_or(Fault::Missing)?;
    let audience = Audience::Themselves { session: sessions::current(&session) };
    file(&db, context, &req, me, audience).await
}

async fn show(
    db: Data<Db>,
    context: MemberContext,
    place: Path<(OrganizationId, MemberId)>,
    req: HttpRequest,
) -> web::Result<HttpResponse> {
    let id = place.1;
    context
        .read(&db, move |conn, scope| {
            scope.demand(rights::USER_MANAGE)?;
            members::find_of(conn, scope, MemberKind::User, id).map(drop)
        })
        .await?;
    file(&db, context, &req, id, Audience::Organization).await
}

async fn file(db: &Db, context: MemberContext, req: &HttpRequest, id: MemberId, audience: Audience) -> web::Result<HttpResponse> {
    context.require_reauthentication(ReturnTo::form_page())?;
    let day = context.scope.now().utc().format("%Y-%m-%d");
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "application/json; charset=utf-8"))
        .insert_header(ContentDisposition::attachment(format!("personal data {day}.json")));
    // HEAD exports nothing, so nothing is recorded.
    if *req.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let reader = Reader::of(req, &context)?;
    let export = context.write(db, move |tx, scope| Export::begin(tx, scope, id, audience)).await?;
    Ok(answer.streaming(reader.parts(db, export, Export::part)))
}
