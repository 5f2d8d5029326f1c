//! Handlers: tests, one delivery, and sending it again.

use super::{
    attempt::Sender,
    history,
    pages::{DeliveryPage, LIST},
    routes::{Place, find},
};
use crate::{
    db::Db,
    kit::{DeliveryId, OperationResult, OrganizationId, WebhookId},
    web::{self, EmptyForm, MemberContext, Notice, Posted, Respond, see_other},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/settings/webhooks/{webhook}/tests").route(web::post().to(test)));
    app.service(web::resource("/o/{organization}/settings/webhooks/{webhook}/deliveries/{delivery}").route(web::get().to(show)));
    // The path is a noun: a POST creates an attempt, which sends the delivery again.
    app.service(
        web::resource("/o/{organization}/settings/webhooks/{webhook}/deliveries/{delivery}/attempts").route(web::post().to(replay)),
    );
}

/// Sends a test and waits for its result.
async fn test(db: Data<Db>, sender: Data<Sender>, context: MemberContext, place: Place, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let home = context.path(format!("{LIST}/{id}"));
    match context.write(&db, move |tx, scope| history::test(tx, scope, id)).await.refused()? {
        Ok(claimed) => {
            let test = claimed.id;
            sender.send_now(claimed).await?;
            Ok(see_other(&format!("{home}?test={test}")))
        }
        Err(refusal) => Ok(context.redirect_with_notice(&home, Notice::error(refusal.to_string()))),
    }
}

type DeliveryPlace = Path<(OrganizationId, WebhookId, DeliveryId)>;

async fn show(db: Data<Db>, context: MemberContext, place: DeliveryPlace) -> web::Result<HttpResponse> {
    let (_, id, delivery) = place.into_inner();
    let webhook = find(&db, &context, id).await?;
    let (delivery, body) = context.read(&db, move |conn, scope| history::find_delivery(conn, scope, id, delivery)).await?;
    DeliveryPage { context, webhook, delivery, body }.ok()
}

async fn replay(db: Data<Db>, context: MemberContext, place: DeliveryPlace, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let (_, id, delivery) = place.into_inner();
    let outcome = context.write(&db, move |tx, scope| history::replay(tx, scope, id, delivery)).await.refused()?;
    let notice = Notice::of(outcome.map(|()| "It is sent again now."));
    Ok(context.redirect_with_notice(&context.path(format!("{LIST}/{id}/deliveries/{delivery}")), notice))
}
