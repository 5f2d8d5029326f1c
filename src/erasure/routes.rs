//! Handlers of `erasure`.

use super::{erase, pages::Confirm, preview};
use crate::{
    db::Db,
    kit::{MemberId, OperationResult, OrganizationId, Pseudonym, count, rights},
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

pub fn mount(app: &mut web::Routes) {
    let erasure = web::resource("/o/{organization}/audit/people/{member}/erasure");
    app.service(erasure.route(web::get().to(new)).route(web::post().to(create)));
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ErasureForm {
    name: Field,
}

async fn load(db: &Db, context: MemberContext, id: MemberId, name: Field) -> web::Result<Confirm> {
    let preview = context.read(db, move |conn, scope| preview(conn, scope, id)).await?;
    Ok(Confirm { context, preview, name })
}

async fn new(db: Data<Db>, mut context: MemberContext, place: Path<(OrganizationId, MemberId)>) -> web::Result<HttpResponse> {
    let ErasureForm { name } = context.pending_form().unwrap_or_default();
    let view = load(&db, context, place.1, name).await?;
    view.ok_unless(view.preview.refusal.is_some())
}

async fn create(
    db: Data<Db>,
    context: MemberContext,
    place: Path<(OrganizationId, MemberId)>,
    Posted(form): Posted<ErasureForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    context.scope.demand(rights::EVERYTHING)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let mut view = load(&db, context, id, form.name).await?;
    if view.preview.refusal.is_some() || !view.name.repeats(&view.preview.name) {
        return view.unprocessable();
    }
    match view.context.write(&db, move |tx, scope| erase(tx, scope, id)).await.refused()? {
        Ok(events) => {
            let text = format!("{} of the audit log name {} now.", count(events, "event", "events"), Pseudonym::text_for(id));
            let back = view.context.path(format!("/audit?target={id}"));
            Ok(view.context.redirect_with_notice(&back, Notice::success(text)))
        }
        Err(refusal) => {
            view.preview.refusal = Some(refusal);
            view.unprocessable()
        }
    }
}
