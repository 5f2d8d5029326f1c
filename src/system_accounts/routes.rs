//! Handlers of `system_accounts`: they read the request, call an operation and answer with a page.

use super::{create, forms::CreateForm, pages};
use crate::{
    db::Db,
    kit::{Fault, MemberKind, OperationResult, rights},
    members::{self, GrantOptions, Place, Seats},
    web::{self, MemberContext, Notice, Posted, ReturnTo, page},
};
use actix_web::{
    HttpResponse, guard,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};

pub fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/system-accounts/new").route(web::get().to(new)));
    // The list at the same path belongs to the directory.
    app.service(resource("/o/{organization}/system-accounts").guard(guard::Post()).route(web::post().to(insert)));
}

/// The options of the form, if the caller may use it.
async fn load(db: &Db, context: &MemberContext) -> Result<(GrantOptions, Seats), Fault> {
    let kind = MemberKind::SystemAccount;
    context
        .read(db, move |conn, scope| {
            scope.demand(rights::manage(kind))?;
            Ok((members::grant_options_for(conn, scope, kind)?, members::seats(conn, scope.organization)?))
        })
        .await
}

/// The form, blank or as it was before the caller had to reauthenticate.
async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let (offer, seats) = load(&db, &context).await?;
    let kept = context.pending_form();
    let form = kept.unwrap_or_else(|| CreateForm::blank(&offer));
    page(StatusCode::OK, &pages::New { context, form, offer, seats })
}

async fn insert(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<CreateForm>) -> web::Result<HttpResponse> {
    let (offer, seats) = load(&db, &context).await?;
    context.require_reauthentication(ReturnTo::page(context.path("/system-accounts/new")))?;
    let checked = form.check(&offer);
    let again = |context, form| {
        let view = pages::New { context, form, offer: offer.clone(), seats };
        page(StatusCode::UNPROCESSABLE_ENTITY, &view)
    };
    let Some(wanted) = checked else {
        return again(context, form);
    };
    let asked = wanted.clone();
    match context.write(&db, move |tx, scope| create(tx, scope, &asked)).await.refused()? {
        Ok(id) => {
            let kind = MemberKind::SystemAccount;
            let notice = Notice::success(format!("{} is there. It opens nothing yet: give it its first token.", wanted.name));
            let tokens = Place { kind, id }.path(&context) + "/tokens";
            Ok(context.redirect_with_notice(&tokens, notice))
        }
        Err(refusal) => {
            form.refuse(&refusal);
            again(context, form)
        }
    }
}
