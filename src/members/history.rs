//! The history of one person: every event of the audit trail that they did, or that was done to them.

use super::profile::{Header, header};
use crate::{
    audit::{self, Trail, Window, Wish},
    db::Db,
    kit::{Fault, MemberId, OrganizationId},
    web::{self, Shell, filters, page},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(actix_web::web::resource("/o/{organization}/users/{member}/history").route(web::get().to(index)));
}

#[derive(Template)]
#[template(path = "members/history.html")]
struct History {
    shell: Shell,
    header: Header,
    wish: Wish,
    trail: Trail,
}

impl History {
    fn address(&self, window: Window) -> String {
        let path = self.shell.path(format!("/users/{}/history", self.header.member.id));
        // Nothing but the place stands in this address.
        path + &Wish::default().at(window).query()
    }
    fn newest(&self) -> Option<String> {
        (self.wish.window != Window::Newest).then(|| self.address(Window::Newest))
    }
    fn newer(&self) -> Option<String> {
        self.trail.newer.map(|cursor| self.address(Window::NewerThan(cursor)))
    }
    fn older(&self) -> Option<String> {
        self.trail.older.map(|cursor| self.address(Window::OlderThan(cursor)))
    }
}

async fn index(db: Data<Db>, shell: Shell, place: Path<(OrganizationId, MemberId)>, req: HttpRequest) -> web::Result<HttpResponse> {
    let wish = Wish {
        about: Some(place.1),
        ..Wish::default()
    }
    .at(Wish::read(req.query_string()).window);
    let (scope, id, asked) = (shell.scope.clone(), place.1, wish.clone());
    let (header, trail) = db
        .read(move |conn| {
            scope.demand("audit", "read")?;
            Ok::<_, Fault>((header(conn, &scope, id)?, audit::trail(conn, &scope, &asked)?))
        })
        .await?;
    page(
        StatusCode::OK,
        &History {
            shell,
            header,
            wish,
            trail,
        },
    )
}
