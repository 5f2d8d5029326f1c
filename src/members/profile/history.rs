//! The history of one member: every audit event that they caused or that was about them.

use super::header::{Header, header_of};
use crate::{
    audit::{self, AuditQuery, Trail, Window},
    db::Db,
    kit::{Fault, rights},
    members::{place::Place, reach::towards},
    web::{self, MemberContext, Respond, filters},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

pub(super) fn mount(app: &mut web::Routes) {
    let history = web::resource([
        "/o/{organization}/users/{member}/history",
        "/o/{organization}/system-accounts/{member}/history",
    ]);
    app.service(history.route(web::get().to(index)));
}

#[derive(Template)]
#[template(path = "members/history.html")]
struct History {
    context: MemberContext,
    header: Header,
    list_query: AuditQuery,
    trail: Trail,
}

impl History {
    fn address(&self, window: Window) -> String {
        let path = self.header.path(&self.context) + "/history";
        // This address carries only the page position.
        path + &AuditQuery::default().at(window).query()
    }
    fn newest(&self) -> Option<String> {
        (self.list_query.window != Window::First).then(|| self.address(Window::First))
    }
    fn newer(&self) -> Option<String> {
        self.trail.newer.map(|cursor| self.address(Window::Before(cursor)))
    }
    fn older(&self) -> Option<String> {
        self.trail.older.map(|cursor| self.address(Window::After(cursor)))
    }
}

async fn index(db: Data<Db>, context: MemberContext, place: Place, req: HttpRequest) -> web::Result<HttpResponse> {
    let list_query = AuditQuery { about: Some(place.id), ..AuditQuery::default() }.at(AuditQuery::read(req.query_string()).window);
    let asked = list_query.clone();
    let (header, trail) = context
        .read(&db, move |conn, scope| {
            let scope = &towards(conn, scope, place.id)?;
            scope.demand(rights::AUDIT_READ)?;
            Ok::<_, Fault>((header_of(conn, scope, place.kind, place.id)?, audit::trail(conn, scope, &asked)?))
        })
        .await?;
    History { context, header, list_query, trail }.ok()
}
