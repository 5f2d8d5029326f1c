//! Handlers of who may do what.

use super::{WhoQuery, demand, export::AllowedExport, page, pages::WhoPage};
use crate::{
    db::{Conn, Db},
    kit::{Fault, Scope},
    policies, roles,
    web::{self, MemberContext, Reader, Respond, ReturnTo},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, ContentDisposition},
    },
    web::{Data, Query},
};

/// Members on a page.
const PAGE: i64 = 50;

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/access/who").route(web::get().to(show)));
    app.service(web::resource("/o/{organization}/access/who/export").route(web::get().to(export)));
}

async fn show(db: Data<Db>, context: MemberContext, Query(asked): Query<WhoQuery>) -> web::Result<HttpResponse> {
    let (question, after) = (asked.question(), asked.after);
    let load = move |conn: &mut Conn, scope: &Scope| {
        demand(scope)?;
        let found = question.as_ref().map(|question| page(conn, scope, question, after, PAGE)).transpose()?;
        let declared = roles::application_permissions(conn, scope.organization)?;
        Ok::<_, Fault>((found, declared, policies::types(conn, scope.organization)?))
    };
    let (found, declared, types) = context.read(&db, load).await?;
    WhoPage { context, asked, declared, types, found }.ok()
}

async fn export(db: Data<Db>, context: MemberContext, Query(asked): Query<WhoQuery>, req: HttpRequest) -> web::Result<HttpResponse> {
    demand(&context.scope)?;
    let question = asked.question().ok_or_else(web::Error::unreadable_query)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let day = context.scope.now().utc().format("%Y-%m-%d");
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header(ContentDisposition::attachment(format!("who may do it {day}.csv")));
    // HEAD exports nothing, so nothing is recorded.
    if *req.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let reader = Reader::of(&req, &context)?;
    let begun = context.write(&db, move |tx, scope| AllowedExport::begin(tx, scope, &question, &asked)).await?;
    Ok(answer.streaming(reader.parts(&db, begun, AllowedExport::part)))
}
