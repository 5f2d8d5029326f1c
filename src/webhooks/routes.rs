//! Handlers: the list, the forms, one webhook, disabling and deleting.

use super::{
    attempt::Sender,
    forms::{DeletionForm, WebhookForm},
    history,
    manage::{self, WebhookRefusal},
    model::Webhook,
    pages::{Deletion, FormPage, Index, LIST, NewSecret, Show, path},
};
use crate::{
    db::{Conn, Db},
    kit::{DeliveryId, Fault, OperationResult, OrganizationId, Scope, WebhookId, rights},
    members,
    web::{self, EmptyForm, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use serde::Deserialize;

/// Deliveries on the page of a webhook.
const SHOWN: i64 = 100;

pub(super) fn mount(app: &mut web::Routes) {
    let list = web::resource("/o/{organization}/settings/webhooks");
    app.service(list.route(web::get().to(index)).route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/settings/webhooks/new").route(web::get().to(new)));
    let one = web::resource("/o/{organization}/settings/webhooks/{webhook}");
    app.service(one.route(web::get().to(show)).route(web::post().to(update)));
    app.service(web::resource("/o/{organization}/settings/webhooks/{webhook}/edit").route(web::get().to(edit)));
    app.service(web::resource("/o/{organization}/settings/webhooks/{webhook}/disablement").route(web::post().to(disable)));
    app.service(web::resource("/o/{organization}/settings/webhooks/{webhook}/enablement").route(web::post().to(enable)));
    let deletion = web::resource("/o/{organization}/settings/webhooks/{webhook}/deletion");
    app.service(deletion.route(web::get().to(confirm)).route(web::post().to(delete)));
}

pub(super) type Place = Path<(OrganizationId, WebhookId)>;

async fn index(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let all = context.read(&db, manage::list).await?;
    Index { context, all }.ok()
}

async fn new(mut context: MemberContext) -> web::Result<HttpResponse> {
    context.scope.demand(rights::WEBHOOK_MANAGE)?;
    let form = context.pending_form().unwrap_or_else(WebhookForm::blank);
    FormPage { context, form, edited: None }.ok()
}

async fn create(
    db: Data<Db>,
    sender: Data<Sender>,
    context: MemberContext,
    Posted(mut form): Posted<WebhookForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::WEBHOOK_MANAGE)?;
    context.require_reauthentication(ReturnTo::page(context.path(format!("{LIST}/new"))))?;
    let Some(wanted) = form.judged(&sender, context.scope.organization).await? else {
        return FormPage { context, form, edited: None }.unprocessable();
    };
    let secrets = sender.secrets.clone();
    match context.write(&db, move |tx, scope| manage::create(tx, scope, &secrets, &wanted)).await.refused()? {
        Ok((webhook, secret)) => NewSecret { context, webhook, secret, is_new: true }.ok(),
        Err(refusal) => {
            refuse(&mut form, &refusal);
            FormPage { context, form, edited: None }.unprocessable()
        }
    }
}

/// Puts a refusal beside the field that it is about.
fn refuse(form: &mut WebhookForm, refusal: &WebhookRefusal) {
    let field = match refusal {
        WebhookRefusal::NoType | WebhookRefusal::UnknownType(_) => &mut form.events,
        _ => &mut form.url,
    };
    field.refuse(refusal.to_string());
}

pub(super) async fn find(db: &Db, context: &MemberContext, id: WebhookId) -> web::Result<Webhook> {
    Ok(context.read(db, move |conn, scope| manage::find(conn, scope, id)).await?)
}

async fn edit(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    context.scope.demand(rights::WEBHOOK_MANAGE)?;
    let webhook = find(&db, &context, place.1).await?;
    let form = context.pending_form().unwrap_or_else(|| WebhookForm::of(&webhook));
    FormPage { context, form, edited: Some(webhook) }.ok()
}

async fn update(
    db: Data<Db>,
    sender: Data<Sender>,
    context: MemberContext,
    place: Place,
    Posted(mut form): Posted<WebhookForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::WEBHOOK_MANAGE)?;
    let webhook = find(&db, &context, place.1).await?;
    let home = path(&context, &webhook);
    context.require_reauthentication(ReturnTo::page(format!("{home}/edit")))?;
    let Some(wanted) = form.judged(&sender, context.scope.organization).await? else {
        return FormPage { context, form, edited: Some(webhook) }.unprocessable();
    };
    let (id, version) = (webhook.id, form.version);
    match context
        .write(&db, move |tx, scope| manage::update(tx, scope, id, version, &wanted))
        .await
        .refused()?
    {
        Ok(is_changed) => Ok(context.redirect_with_notice(&home, Notice::saved(is_changed, "The webhook is saved."))),
        Err(refusal) => {
            let is_conflict = refusal == WebhookRefusal::Meanwhile;
            refuse(&mut form, &refusal);
            // If the person sends the form again, they have seen that it changed.
            form.version = webhook.version;
            let status = if is_conflict {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            FormPage { context, form, edited: Some(webhook) }.with_status(status)
        }
    }
}

/// The query of the page of a webhook.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
struct Asked {
    /// The test whose result is shown.
    test: Option<DeliveryId>,
}

async fn show(db: Data<Db>, context: MemberContext, place: Place, Query(asked): Query<Asked>) -> web::Result<HttpResponse> {
    let (id, shown) = (place.1, context.clone());
    context.read(&db, move |conn, scope| load(conn, scope, &shown, id, asked)).await?.ok()
}

fn load(conn: &mut Conn, scope: &Scope, context: &MemberContext, id: WebhookId, asked: Asked) -> Result<Show, Fault> {
    let webhook = manage::find(conn, scope, id)?;
    let creator = webhook.created_by.filter(|_| scope.may(rights::USER_READ));
    let created_by = match creator.map(|member| members::find(conn, scope, member)) {
        Some(Ok(member)) => Some(member.name),
        // Deleted since.
        Some(Err(Fault::Missing)) | None => None,
        Some(Err(fault)) => return Err(fault),
    };
    let latest = history::latest(conn, scope, id, None, SHOWN)?;
    let test = asked.test.and_then(|test| latest.iter().find(|one| one.id == test).cloned());
    Ok(Show {
        overlap: manage::overlap(conn, scope, id)?,
        context: context.clone(),
        webhook,
        created_by,
        latest,
        test,
    })
}

async fn disable(db: Data<Db>, context: MemberContext, place: Place, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let is_changed = context.write(&db, move |tx, scope| manage::disable(tx, scope, id)).await?;
    let notice = Notice::saved(is_changed, "The webhook is disabled. It gets no more events.");
    Ok(context.redirect_with_notice(&context.path(format!("{LIST}/{id}")), notice))
}

async fn enable(db: Data<Db>, context: MemberContext, place: Place, _: Posted<EmptyForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let is_changed = context.write(&db, move |tx, scope| manage::enable(tx, scope, id)).await?;
    let notice = Notice::saved(is_changed, "The webhook is enabled. It gets events from now on.");
    Ok(context.redirect_with_notice(&context.path(format!("{LIST}/{id}")), notice))
}

async fn confirm(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    context.scope.demand(rights::WEBHOOK_MANAGE)?;
    let webhook = find(&db, &context, place.1).await?;
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    Deletion { context, webhook, typed: name }.ok()
}

async fn delete(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::WEBHOOK_MANAGE)?;
    let webhook = find(&db, &context, place.1).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    if !form.name.repeats(&webhook.name()) {
        return Deletion { context, webhook, typed: form.name }.unprocessable();
    }
    let id = webhook.id;
    let gone = context.write(&db, move |tx, scope| manage::delete(tx, scope, id)).await?;
    let notice = Notice::success(format!("The webhook {} is deleted.", gone.name()));
    Ok(context.redirect_with_notice(&context.path(LIST), notice))
}
