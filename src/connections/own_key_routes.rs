//! Handlers: Roster's own keys at the provider of a connection with SAML.

use super::{
    own_keys::{OwnKeyState, add_own_key, make_key_pair, remove_own_key, use_next_own_key},
    routes::{Place, pressed},
    setup::ConnectionSetup,
};
use crate::{
    db::Db,
    kit::{ConnectionId, ConnectionKeyId, OperationResult, OrganizationId},
    web::{self, EmptyForm, MemberContext, Notice, Posted},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/keys").route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/keys/next/use").route(web::post().to(use_next)));
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/keys/{key}/removal").route(web::post().to(delete)));
}

async fn create(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let home = pressed(&db, &context, id).await?;
    let pair = make_key_pair(id, context.scope.now()).await?;
    let added = context.write(&db, move |tx, scope| add_own_key(tx, scope, &setup, id, &pair)).await;
    let notice = match added.refused()? {
        Ok(OwnKeyState::Next) => Notice::success("The next key is in the metadata. Let the provider read it, then use the key."),
        Ok(_) => Notice::success("The key is made. Requests are signed with it from now on; let the provider read the metadata."),
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&home, notice))
}

async fn use_next(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let home = pressed(&db, &context, id).await?;
    let used = context.write(&db, move |tx, scope| use_next_own_key(tx, scope, &setup, id)).await;
    let notice = match used.refused()? {
        Ok(()) => {
            Notice::success("Requests are signed with the new key now. Remove the former one once the provider encrypts for the new one.")
        }
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&home, notice))
}

async fn delete(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Path<(OrganizationId, ConnectionId, ConnectionKeyId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let (id, key) = (place.1, place.2);
    let home = pressed(&db, &context, id).await?;
    let removed = context.write(&db, move |tx, scope| remove_own_key(tx, scope, &setup, id, key)).await;
    let notice = match removed.refused()? {
        Ok(()) => Notice::success("The key is removed."),
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&home, notice))
}
