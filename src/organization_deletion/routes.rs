//! Handlers of `organization_deletion`.

use super::{Deleted, DeletionRefusal, Holdings, delete, holdings, pages::Confirm, store::other_administrators};
use crate::{
    db::{Conn, Db},
    kit::{Fault, OperationResult, Scope, rights},
    sessions,
    web::{self, Field, MemberContext, Posted, Respond, ReturnTo},
};
use actix_session::Session;
use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;

pub fn mount(app: &mut web::Routes) {
    let deletion = web::resource("/o/{organization}/settings/deletion");
    app.service(deletion.route(web::get().to(new)).route(web::post().to(create)));
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct DeletionForm {
    name: Field,
}

fn load(conn: &mut Conn, scope: &Scope) -> Result<(Holdings, Option<DeletionRefusal>), Fault> {
    scope.demand(rights::EVERYTHING)?;
    let others = other_administrators(conn, scope)?;
    let refusal = (!others.is_empty()).then_some(DeletionRefusal::OthersAdministrate(others));
    Ok((holdings(conn, scope)?, refusal))
}

async fn draw(db: &Db, context: MemberContext, name: Field) -> web::Result<HttpResponse> {
    let (holdings, refusal) = context.read(db, load).await?;
    let is_refused = refusal.is_some() || name.is_refused();
    Confirm { context, holdings, refusal, name }.ok_unless(is_refused)
}

async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    draw(&db, context, name).await
}

async fn create(db: Data<Db>, session: Session, context: MemberContext, Posted(form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::EVERYTHING)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let mut name = form.name;
    if !name.repeats(&context.organization_name) {
        return draw(&db, context, name).await;
    }
    let Ok(deleted) = context.write(&db, delete).await.refused()? else {
        return draw(&db, context, name).await;
    };
    let Deleted { name, .. } = &deleted;
    deleted.log(&context.email);
    sessions::go_on_elsewhere(&db, &session, &context, &format!("{name} is deleted, with everything that was in it.")).await
}
