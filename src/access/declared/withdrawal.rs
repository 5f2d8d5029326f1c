//! Withdrawing a declared permission or type: a confirmation that shows what uses it, refused while something does.

use super::{
    DeclareRefusal, Outcome,
    model::{PERMISSIONS, TYPES, Usage},
    permissions, types,
};
use crate::{
    access::deletion_page::{DeletionForm, DeletionPage},
    db::{Conn, Db, Tx},
    kit::{ApplicationPermissionId, Fault, OperationResult, OrganizationId, ResourceTypeId, Scope},
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo, filters},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

/// What differs between permissions and types.
struct Kind<Id: 'static> {
    what: &'static str,
    list: (&'static str, &'static str),
    usage: fn(&mut Conn, &Scope, Id) -> Result<Usage, Fault>,
    withdraw: fn(&mut Tx<'_>, &Scope, Id) -> Outcome<String>,
}

static PERMISSION: Kind<ApplicationPermissionId> = Kind {
    what: "permission",
    list: ("Application permissions", PERMISSIONS),
    usage: permissions::usage,
    withdraw: permissions::withdraw,
};
static TYPE: Kind<ResourceTypeId> = Kind {
    what: "resource type",
    list: ("Resource types", TYPES),
    usage: types::usage,
    withdraw: types::withdraw,
};

/// The confirmation before a withdrawal, naming what uses it.
#[derive(Template)]
#[template(path = "access/declared_deletion.html")]
struct Withdrawal {
    context: MemberContext,
    question: DeletionPage,
    usage: Usage,
    is_permission: bool,
}

type Place<Id> = Path<(OrganizationId, Id)>;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/settings/permissions/{permission}/deletion")
            .route(web::get().to(|db: Data<Db>, context: MemberContext, place: Place<_>| confirm(&PERMISSION, db, context, place)))
            .route(web::post().to(|db: Data<Db>, context: MemberContext, place: Place<_>, form: Posted<_>| {
                remove(&PERMISSION, db, context, place, form)
            })),
    );
    app.service(
        web::resource("/o/{organization}/settings/resource-types/{type}/deletion")
            .route(web::get().to(|db: Data<Db>, context: MemberContext, place: Place<_>| confirm(&TYPE, db, context, place)))
            .route(
                web::post()
                    .to(|db: Data<Db>, context: MemberContext, place: Place<_>, form: Posted<_>| remove(&TYPE, db, context, place, form)),
            ),
    );
}

async fn confirm<Id: Copy + Send + 'static>(
    kind: &'static Kind<Id>,
    db: Data<Db>,
    mut context: MemberContext,
    place: Place<Id>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let usage = context.read(&db, move |conn, scope| (kind.usage)(conn, scope, id)).await?;
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    ask(kind, context, usage, name)
}

fn ask<Id>(kind: &'static Kind<Id>, context: MemberContext, usage: Usage, typed: Field) -> web::Result<HttpResponse> {
    let is_used = !usage.used.is_empty();
    let question = DeletionPage {
        what: kind.what,
        name: usage.name.clone(),
        list: kind.list,
        typed,
        refusal: is_used.then(|| "It is still used. Take it out there first.".into()),
    };
    let view = Withdrawal { context, question, usage, is_permission: kind.what == PERMISSION.what };
    view.with_status(view.question.status())
}

async fn remove<Id: Copy + Send + 'static>(
    kind: &'static Kind<Id>,
    db: Data<Db>,
    context: MemberContext,
    place: Place<Id>,
    Posted(mut form): Posted<DeletionForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let usage = context.read(&db, move |conn, scope| (kind.usage)(conn, scope, id)).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    if !form.repeats(&usage.name) {
        return ask(kind, context, usage, form.name);
    }
    match context.write(&db, move |tx, scope| (kind.withdraw)(tx, scope, id)).await.refused()? {
        Ok(name) => {
            let notice = Notice::success(format!("{name} is deleted, and declared no more."));
            Ok(context.redirect_with_notice(&context.path(kind.list.1), notice))
        }
        Err(DeclareRefusal::Used(_)) => {
            let usage = context.read(&db, move |conn, scope| (kind.usage)(conn, scope, id)).await?;
            ask(kind, context, usage, form.name)
        }
        Err(refusal) => Ok(context.redirect_with_notice(&context.path(kind.list.1), Notice::error(refusal.to_string()))),
    }
}
