//! The page for people whose session does not open an organization that requires single sign-on.

use crate::{
    connections::{self, Connection},
    db::Db,
    kit::{Fault, OrganizationId},
    sessions::SignedIn,
    web::{self, Respond, VisitorContext, filters, safe_path, see_other},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sso/required/{organization}").route(web::get().to(show)));
}

#[derive(Template)]
#[template(path = "sso/required.html")]
struct Required {
    visitor: VisitorContext,
    organization: String,
    connections: Vec<Connection>,
    /// The page to open afterwards.
    next: String,
}

impl Required {
    /// The sign-in page, for break-glass administrators.
    fn other_way(&self) -> String {
        let query = serde_html_form::to_string([("next", &self.next)]).unwrap_or_default();
        format!("/sign-in?{query}")
    }
}

#[derive(Deserialize)]
struct RequiredQuery {
    #[serde(default)]
    next: String,
}

async fn show(
    db: Data<Db>,
    visitor: VisitorContext,
    signed_in: SignedIn,
    place: Path<OrganizationId>,
    asked: Query<RequiredQuery>,
) -> web::Result<HttpResponse> {
    let id = place.into_inner();
    let next = match safe_path(&visitor.site, &asked.next) {
        home if home == "/" => format!("/o/{id}/users"),
        path => path,
    };
    // Only its members learn what it is called and how it lets people in.
    let membership = signed_in.open().find(|membership| membership.organization == id).ok_or(Fault::Missing)?;
    if !signed_in.is_kept_out(membership, visitor.request_info.now) {
        return Ok(see_other(&next));
    }
    let organization = membership.organization_name.clone();
    let connections = db.read(move |conn| connections::enabled(conn, id)).await?;
    Required { visitor, organization, connections, next }.ok()
}
