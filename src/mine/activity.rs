//! One's own login activity: what colleagues see of it, without going through the directory.

use crate::{
    db::Db,
    kit::Fault,
    sessions::{self, Activity, Asked},
    web::{self, Shell, filters, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query, ServiceConfig, resource},
};
use askama::Template;

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/me/activity").route(web::get().to(index)));
}

#[derive(Template)]
#[template(path = "mine/activity.html")]
struct Index {
    shell: Shell,
    activity: Activity,
}

async fn index(db: Data<Db>, shell: Shell, asked: Query<Asked>) -> web::Result<HttpResponse> {
    let me = shell.scope.actor.member_id().ok_or(Fault::Missing)?;
    let (scope, asked) = (shell.scope.clone(), asked.into_inner());
    let activity = db.read(move |conn| sessions::activity(conn, &scope, me, &asked)).await?;
    page(StatusCode::OK, &Index { shell, activity })
}
