//! Handlers of `system_accounts`: they read the request, call an operation and answer with a page.

use super::{create, forms::CreateForm, load, pages};
use crate::{
    db::Db,
    kit::{MemberKind, OperationResult},
    members::Place,
    web::{self, MemberContext, Notice, Respond, ReturnTo, WithPickers},
};
use actix_web::{HttpResponse, web::Data};

pub fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/system-accounts/new").route(web::get().to(new)));
    // The list at the same path belongs to the directory.
    app.service(web::resource("/o/{organization}/system-accounts").route(web::post().to(insert)));
}

/// The form, blank or as it was before the caller had to reauthenticate.
async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let loaded = context.read(&db, load).await?;
    let kept = context.pending_form();
    let form = kept.unwrap_or_else(|| CreateForm::blank(&loaded.offer));
    pages::New::with(context, form, loaded).ok()
}

async fn insert(
    db: Data<Db>,
    context: MemberContext,
    WithPickers { mut form, search }: WithPickers<CreateForm>,
) -> web::Result<HttpResponse> {
    let loaded = context.read(&db, load).await?;
    if form.grants.narrow(search, &loaded.offer, &context.scope) {
        let is_refused = form.grants.complaint.is_some();
        return pages::New::with(context, form, loaded).ok_unless(is_refused);
    }
    context.require_reauthentication(ReturnTo::page(context.path("/system-accounts/new")))?;
    let Some(wanted) = form.check(&loaded.offer) else {
        return pages::New::with(context, form, loaded).unprocessable();
    };
    let asked = wanted.clone();
    match context.write(&db, move |tx, scope| create(tx, scope, &asked)).await.refused()? {
        Ok(id) => {
            let notice = Notice::success(format!("{} is there. It opens nothing yet: give it its first token.", wanted.details.name));
            let tokens = Place { kind: MemberKind::SystemAccount, id }.path(&context) + "/tokens";
            Ok(context.redirect_with_notice(&tokens, notice))
        }
        Err(refusal) => {
            form.refuse(&refusal);
            pages::New::with(context, form, loaded).unprocessable()
        }
    }
}
