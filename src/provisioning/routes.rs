//! Handlers: the list, the forms and the deletion of SCIM clients.

use super::{
    facts,
    forms::{Choices, DeletionForm, ProvisionerForm},
    manage,
    model::Provisioner,
    pages::{AdministratorsOnly, Created, Deletion, FormPage, Index, LIST, path},
    refusal::SetupRefusal,
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, OperationResult, OrganizationId, ProvisionerId, Scope, rights},
    members,
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo, WithPickers},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};

pub(super) fn mount(app: &mut web::Routes) {
    let list = web::resource("/o/{organization}/settings/provisioning");
    app.service(list.route(web::get().to(index)).route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/settings/provisioning/new").route(web::get().to(new)));
    let one = web::resource("/o/{organization}/settings/provisioning/{provisioner}");
    app.service(one.route(web::post().to(update)));
    app.service(web::resource("/o/{organization}/settings/provisioning/{provisioner}/edit").route(web::get().to(edit)));
    let deletion = web::resource("/o/{organization}/settings/provisioning/{provisioner}/deletion");
    app.service(deletion.route(web::get().to(confirm)).route(web::post().to(delete)));
}

pub(super) type Place = Path<(OrganizationId, ProvisionerId)>;

async fn index(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let load = |conn: &mut Conn, scope: &Scope| Ok::<_, Fault>((facts::overview(conn, scope)?, manage::may_set_up(conn, scope)?));
    let (all, may_set_up) = context.read(&db, load).await?;
    Index { context, all, may_set_up }.ok()
}

/// The page that says who can, for a caller who may not set up SCIM clients.
async fn turned_away(db: &Db, context: &MemberContext) -> web::Result<Option<HttpResponse>> {
    context.scope.demand(rights::CONNECTION_MANAGE)?;
    if context.read(db, manage::may_set_up).await? {
        return Ok(None);
    }
    AdministratorsOnly { context: context.clone() }.with_status(StatusCode::FORBIDDEN).map(Some)
}

async fn choices(db: &Db, context: &MemberContext, own: Option<ProvisionerId>) -> web::Result<Choices> {
    let load = move |conn: &mut Conn, scope: &Scope| {
        let (connections, roles) = manage::offer(conn, scope, own)?;
        let grants = members::grant_options(conn, scope)?;
        Ok::<_, Fault>(Choices { connections, roles, grants })
    };
    Ok(context.read(db, load).await?)
}

async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    if let Some(page) = turned_away(&db, &context).await? {
        return Ok(page);
    }
    let choices = choices(&db, &context, None).await?;
    let form = context.pending_form().unwrap_or_else(|| ProvisionerForm::blank(&choices));
    FormPage { context, form, choices, edited: None }.ok()
}

async fn create(
    db: Data<Db>,
    context: MemberContext,
    WithPickers { mut form, search }: WithPickers<ProvisionerForm>,
) -> web::Result<HttpResponse> {
    if let Some(page) = turned_away(&db, &context).await? {
        return Ok(page);
    }
    let choices = choices(&db, &context, None).await?;
    if form.grants.narrow(search, &choices.grants, &context.scope) {
        let is_refused = form.grants.complaint.is_some();
        return FormPage { context, form, choices, edited: None }.ok_unless(is_refused);
    }
    context.require_reauthentication(ReturnTo::page(context.path(format!("{LIST}/new"))))?;
    let Some((name, settings)) = form.check_new(&choices) else {
        return FormPage { context, form, choices, edited: None }.unprocessable();
    };
    let (product, called) = (settings.product, name.clone());
    match context.write(&db, move |tx, scope| manage::create(tx, scope, &called, &settings)).await.refused()? {
        Ok((id, token, text)) => Created { context, id, name, product, ends: token.expires_at, token: text }.ok(),
        Err(refusal) => {
            form.refuse(&refusal);
            FormPage { context, form, choices, edited: None }.unprocessable()
        }
    }
}

async fn find(db: &Db, context: &MemberContext, id: ProvisionerId) -> web::Result<(Provisioner, String)> {
    Ok(context.read(db, move |conn, scope| manage::find(conn, scope, id)).await?)
}

async fn edit(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    if let Some(page) = turned_away(&db, &context).await? {
        return Ok(page);
    }
    let edited = find(&db, &context, place.1).await?;
    let choices = choices(&db, &context, Some(place.1)).await?;
    let form = context.pending_form().unwrap_or_else(|| ProvisionerForm::of(&edited.0));
    FormPage { context, form, choices, edited: Some(edited) }.ok()
}

async fn update(
    db: Data<Db>,
    context: MemberContext,
    place: Place,
    WithPickers { mut form, search }: WithPickers<ProvisionerForm>,
) -> web::Result<HttpResponse> {
    if let Some(page) = turned_away(&db, &context).await? {
        return Ok(page);
    }
    let edited = find(&db, &context, place.1).await?;
    let home = path(&context, place.1);
    let choices = choices(&db, &context, Some(place.1)).await?;
    if form.grants.narrow(search, &choices.grants, &context.scope) {
        let is_refused = form.grants.complaint.is_some();
        return FormPage { context, form, choices, edited: Some(edited) }.ok_unless(is_refused);
    }
    context.require_reauthentication(ReturnTo::page(format!("{home}/edit")))?;
    let Some(settings) = form.check(&choices) else {
        return FormPage { context, form, choices, edited: Some(edited) }.unprocessable();
    };
    let (id, version) = (place.1, form.version);
    match context
        .write(&db, move |tx, scope| manage::update(tx, scope, id, version, &settings))
        .await
        .refused()?
    {
        Ok(is_changed) => Ok(context.redirect_with_notice(&home, Notice::saved(is_changed, "The settings are saved."))),
        Err(refusal) => {
            form.refuse(&refusal);
            // If the person sends the form again, they have seen that it changed.
            form.version = edited.0.version;
            let status = if refusal == SetupRefusal::Meanwhile {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            FormPage { context, form, choices, edited: Some(edited) }.with_status(status)
        }
    }
}

async fn confirm(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    if let Some(page) = turned_away(&db, &context).await? {
        return Ok(page);
    }
    let DeletionForm { name } = context.pending_form().unwrap_or_default();
    ask(&db, context, place.1, name, None).await
}

async fn ask(db: &Db, context: MemberContext, id: ProvisionerId, typed: Field, refusal: Option<String>) -> web::Result<HttpResponse> {
    let load = move |conn: &mut Conn, scope: &Scope| Ok::<_, Fault>((manage::find(conn, scope, id)?, manage::managed(conn, scope, id)?));
    let ((provisioner, name), (people, teams)) = context.read(db, load).await?;
    let is_refused = typed.is_refused() || refusal.is_some();
    Deletion { context, provisioner, name, people, teams, typed, refusal }.ok_unless(is_refused)
}

async fn delete(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    if let Some(page) = turned_away(&db, &context).await? {
        return Ok(page);
    }
    let (id, (_, name)) = (place.1, find(&db, &context, place.1).await?);
    context.require_reauthentication(ReturnTo::form_page())?;
    if !form.name.repeats(&name) {
        return ask(&db, context, id, form.name, None).await;
    }
    match context.write(&db, move |tx, scope| manage::delete(tx, scope, id)).await.refused()? {
        Ok(name) => {
            let notice = Notice::success(format!("{name} is deleted, and its tokens open nothing any more."));
            Ok(context.redirect_with_notice(&context.path(LIST), notice))
        }
        Err(refusal) => ask(&db, context, id, form.name, Some(refusal.to_string())).await,
    }
}
