//! Handlers: a new secret.

use super::{
    attempt::Sender,
    manage,
    pages::{NewSecret, Rotation},
    routes::{Place, find},
};
use crate::{
    db::Db,
    kit::rights,
    web::{self, EmptyForm, MemberContext, Posted, Respond, ReturnTo},
};
use actix_web::{HttpResponse, web::Data};

pub(super) fn mount(app: &mut web::Routes) {
    let place = web::resource("/o/{organization}/settings/webhooks/{webhook}/secret");
    app.service(place.route(web::get().to(confirm)).route(web::post().to(create)));
}

async fn confirm(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    context.scope.demand(rights::WEBHOOK_MANAGE)?;
    let webhook = find(&db, &context, place.1).await?;
    Rotation { context, webhook }.ok()
}

async fn create(
    db: Data<Db>,
    sender: Data<Sender>,
    context: MemberContext,
    place: Place,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::WEBHOOK_MANAGE)?;
    let webhook = find(&db, &context, place.1).await?;
    context.require_reauthentication(ReturnTo::button(context.here.clone()))?;
    let (id, secrets) = (webhook.id, sender.secrets.clone());
    let (webhook, secret) = context.write(&db, move |tx, scope| manage::rotate(tx, scope, &secrets, id)).await?;
    NewSecret { context, webhook, secret, is_new: false }.ok()
}
