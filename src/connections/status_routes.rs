//! Handlers: enabling, disabling and deleting a connection, and letting a deleted person come again.

use super::{
    effects::effects,
    forms::{DeletionForm, ReadmissionForm},
    model::Connection,
    pages::{Deletion, Disablement, LIST, path},
    routes::{Place, pressed},
    setup::ConnectionSetup,
    status::{self, LeftWithout},
};
use crate::{
    db::Db,
    kit::{ConnectionId, OperationResult},
    web::{self, EmptyForm, Field, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{HttpResponse, web::Data};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/enablement").route(web::post().to(enable)));
    let disablement = web::resource("/o/{organization}/settings/connections/{connection}/disablement");
    app.service(disablement.route(web::get().to(confirm_disablement)).route(web::post().to(disable)));
    let deletion = web::resource("/o/{organization}/settings/connections/{connection}/deletion");
    app.service(deletion.route(web::get().to(confirm_deletion)).route(web::post().to(delete)));
    app.service(web::resource("/o/{organization}/settings/connections/{connection}/readmissions").route(web::post().to(readmit)));
}

async fn enable(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let home = pressed(&db, &context, id).await?;
    let notice = match context.write(&db, move |tx, scope| status::enable(tx, scope, &setup, id)).await.refused()? {
        Ok(is_changed) => Notice::saved(is_changed, "The connection is enabled. People can sign in through it now."),
        Err(refusal) => Notice::error(refusal.to_string()),
    };
    Ok(context.redirect_with_notice(&home, notice))
}

/// The connection, how many people it has, and who would be left without a way to sign in.
async fn affected(db: &Db, context: &MemberContext, id: ConnectionId) -> web::Result<(Connection, i64, LeftWithout)> {
    let found = context.read(db, move |conn, scope| effects(conn, scope, id)).await?;
    Ok((found.connection, found.people, found.left_without))
}

async fn confirm_disablement(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let (connection, people, left_without) = affected(&db, &context, place.1).await?;
    Disablement { context, connection, people, left_without, refusal: None }.ok()
}

async fn disable(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let (connection, people, left_without) = affected(&db, &context, place.1).await?;
    let (id, home) = (connection.id, path(&context, &connection));
    context.require_reauthentication(ReturnTo::button(context.here.clone()))?;
    match context.write(&db, move |tx, scope| status::disable(tx, scope, &setup, id)).await.refused()? {
        Ok(is_changed) => {
            let notice = Notice::saved(is_changed, "The connection is disabled. Nobody signs in through it, and its sessions have ended.");
            Ok(context.redirect_with_notice(&home, notice))
        }
        Err(refusal) => Disablement { context, connection, people, left_without, refusal: Some(refusal.to_string()) }.unprocessable(),
    }
}

async fn confirm_deletion(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let affected = affected(&db, &context, place.1).await?;
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    deletion(context, affected, name, None).ok()
}

fn deletion(
    context: MemberContext,
    (connection, people, left_without): (Connection, i64, LeftWithout),
    typed: Field,
    refusal: Option<String>,
) -> Deletion {
    Deletion { context, connection, people, left_without, typed, refusal }
}

async fn delete(
    db: Data<Db>,
    setup: Data<ConnectionSetup>,
    context: MemberContext,
    place: Place,
    Posted(mut form): Posted<DeletionForm>,
) -> web::Result<HttpResponse> {
    let affected = affected(&db, &context, place.1).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    if !form.name.repeats(&affected.0.name) {
        return deletion(context, affected, form.name, None).unprocessable();
    }
    let id = affected.0.id;
    match context.write(&db, move |tx, scope| status::delete(tx, scope, &setup, id)).await.refused()? {
        Ok(gone) => {
            let notice = Notice::success(format!("The connection {} is deleted.", gone.name));
            Ok(context.redirect_with_notice(&context.path(LIST), notice))
        }
        Err(refusal) => deletion(context, affected, form.name, Some(refusal.to_string())).unprocessable(),
    }
}

async fn readmit(db: Data<Db>, context: MemberContext, place: Place, Posted(form): Posted<ReadmissionForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let home = pressed(&db, &context, id).await?;
    let person = context.write(&db, move |tx, scope| status::readmit(tx, scope, id, &form.subject)).await?;
    let notice = Notice::success(format!("{} may come again, like anybody else who may join.", person.name));
    Ok(context.redirect_with_notice(&home, notice))
}
