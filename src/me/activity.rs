//! The signed-in member's own login activity: the list that colleagues see, reached without the directory.

use crate::{
    db::Db,
    kit::Fault,
    sessions::{self, Activity, ActivityQuery},
    web::{self, MemberContext, Respond, filters},
};
use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use askama::Template;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/me/activity").route(web::get().to(index)));
}

#[derive(Template)]
#[template(path = "me/activity.html")]
struct ActivityIndex {
    context: MemberContext,
    activity: Activity,
}

async fn index(db: Data<Db>, context: MemberContext, asked: Query<ActivityQuery>) -> web::Result<HttpResponse> {
    let me = context.scope.actor.member_id().ok_or(Fault::Missing)?;
    let asked = asked.into_inner();
    let activity = context.read(&db, move |conn, scope| sessions::activity(conn, scope, me, &asked)).await?;
    ActivityIndex { context, activity }.ok()
}
