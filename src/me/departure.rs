//! Leaving the organization: the page that says what ends, and the end of the caller's own membership.

use super::profile::me;
use crate::{
    api_access,
    db::{Conn, Db},
    kit::{Fault, OperationResult, Scope},
    members::{self, Header, LeaveRefusal, header, leave, refuse_leaving},
    sessions, tokens,
    web::{self, EmptyForm, MemberContext, Posted, Respond, ReturnTo, filters},
};
use actix_session::Session;
use actix_web::{HttpResponse, web::Data};
use askama::Template;

pub(super) fn mount(app: &mut web::Routes) {
    let departure = web::resource("/o/{organization}/me/departure");
    app.service(departure.route(web::get().to(new)).route(web::post().to(create)));
}

/// What ends, and what does not.
struct Ending {
    header: Header,
    tokens: usize,
    has_api_password: bool,
    /// The person's other organizations, whether they are open to them or not.
    others: Vec<String>,
    refusal: Option<LeaveRefusal>,
}

#[derive(Template)]
#[template(path = "me/departure.html")]
struct Departure {
    context: MemberContext,
    ending: Ending,
}

fn load(conn: &mut Conn, scope: &Scope) -> Result<Ending, Fault> {
    let (id, user) = me(scope)?;
    let memberships = members::memberships(conn, user)?;
    let others = memberships.into_iter().filter(|membership| membership.organization != scope.organization);
    Ok(Ending {
        header: header(conn, scope, id)?,
        tokens: tokens::live_names(conn, scope, id)?.len(),
        has_api_password: api_access::find(conn, scope, id)?.is_some_and(|access| access.changed_at.is_some()),
        others: others.map(|membership| membership.organization_name).collect(),
        refusal: refuse_leaving(conn, scope)?,
    })
}

async fn draw(db: &Db, context: MemberContext) -> web::Result<HttpResponse> {
    let ending = context.read(db, load).await?;
    let is_refused = ending.refusal.is_some();
    Departure { context, ending }.ok_unless(is_refused)
}

async fn new(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    draw(&db, context).await
}

async fn create(db: Data<Db>, session: Session, context: MemberContext, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    context.require_reauthentication(ReturnTo::form_page())?;
    if context.write(&db, leave).await.refused()?.is_err() {
        return draw(&db, context).await;
    }
    sessions::go_on_elsewhere(&db, &session, &context, &format!("You have left {}.", context.organization_name)).await
}
