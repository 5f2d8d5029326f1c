//! Handlers of `audit`: they read the request, call an operation and return a page.

use super::{export, pages, query::AuditQuery};
use crate::{
    db::Db,
    kit::Fault,
    web::{self, MemberContext, Respond},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/audit").route(web::get().to(index)));
    app.service(web::resource("/o/{organization}/audit/export").route(web::get().to(export::index)));
}

async fn index(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    let list_query = AuditQuery::read(req.query_string());
    let asked = list_query.clone();
    let (trail, chips) = context
        .read(&db, move |conn, scope| {
            Ok::<_, Fault>((pages::trail(conn, scope, &asked)?, pages::chips(conn, scope, &asked)?))
        })
        .await?;
    let is_partly_ignored = !AuditQuery::is_understood(req.query_string());
    pages::Log { context, list_query, trail, chips, is_partly_ignored }.ok()
}
