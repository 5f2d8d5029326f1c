//! From an address to the connection of its domain, for people who do not know what their organization set up. The answer
//! depends on the domain alone: the same for everybody there, whether there is an account or not.

use super::pages::{Discovery, Leaving};
use crate::{
    connections::{self, Connection},
    db::{Conn, Db},
    domains,
    kit::Fault,
    throttle::{self, Bucket},
    web::{self, Field, OpenForm, Respond, VisitorContext, safe_path, subscriber_prefix},
};
use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/sso").route(web::get().to(new)).route(web::post().to(create)));
}

#[derive(Deserialize)]
struct NextQuery {
    #[serde(default)]
    next: String,
}

async fn new(visitor: VisitorContext, asked: Query<NextQuery>) -> web::Result<HttpResponse> {
    Discovery { visitor, email: Field::default(), next: asked.into_inner().next }.ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiscoveryForm {
    email: Field,
    #[serde(default)]
    next: String,
}

async fn create(db: Data<Db>, visitor: VisitorContext, OpenForm(form): OpenForm<DiscoveryForm>) -> web::Result<HttpResponse> {
    let info = &visitor.request_info;
    throttle::count_or_refuse(&db, Bucket::SignInAddress, subscriber_prefix(&info.address), throttle::ADDRESS, info.now).await?;
    let DiscoveryForm { mut email, next } = form;
    let typed = email.trimmed().to_owned();
    if let Some(connection) = db.read(move |conn| find(conn, &typed)).await? {
        let query = serde_html_form::to_string([("next", safe_path(&visitor.site, &next).as_str()), ("login_hint", email.trimmed())]);
        let url = format!("{}?{}", connection.start_path(), query.unwrap_or_default());
        return Leaving { url, name: connection.name }.ok();
    }
    email
        .refuse("No organization lets people of this domain in through a provider. Sign in with your password, or ask your administrator.");
    Discovery { visitor, email, next }.unprocessable()
}

fn find(conn: &mut Conn, typed: &str) -> Result<Option<Connection>, Fault> {
    match domains::connection_for(conn, typed)? {
        Some((_, connection)) => connections::find_for_sign_in(conn, connection).map(Some),
        None => Ok(None),
    }
}
