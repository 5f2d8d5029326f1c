//! The addresses that browsers come to without being signed in: where a sign-in begins, and where a provider answers.

use super::{
    attempts::Purpose,
    callback::callback,
    pages,
    start::{SingleSignOn, begun},
};
use crate::{
    connections,
    kit::ConnectionId,
    throttle::{self, Bucket},
    web::{self, VisitorContext, safe_path, subscriber_prefix},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sso/{connection}/start").route(web::get().to(start)));
    app.service(web::resource("/sso/{connection}/callback").route(web::get().to(callback)));
}

#[derive(Deserialize)]
struct StartQuery {
    /// The path to open afterwards.
    #[serde(default)]
    next: String,
    /// The address that was typed on the sign-in page, for the provider.
    #[serde(default)]
    login_hint: String,
}

async fn start(
    req: HttpRequest,
    sso: Data<SingleSignOn>,
    visitor: VisitorContext,
    place: Path<ConnectionId>,
    query: Query<StartQuery>,
) -> web::Result<HttpResponse> {
    let info = &visitor.request_info;
    throttle::count_or_refuse(&sso.db, Bucket::SignInAddress, subscriber_prefix(&info.address), throttle::ADDRESS, info.now).await?;
    let (id, query) = (place.into_inner(), query.into_inner());
    let next = match safe_path(&visitor.site, &query.next) {
        home if home == "/" => String::new(),
        path => path,
    };
    match begun(sso.begin(&req, &visitor, id, (Purpose::SignIn, next, query.login_hint)).await)? {
        Ok(begun) => begun.lead(&visitor),
        Err(refusal) => {
            let connection = sso.db.read(move |conn| connections::find_for_sign_in(conn, id)).await?;
            pages::refused(visitor, &connection, refusal)
        }
    }
}
