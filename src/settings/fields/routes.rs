//! Handlers of `settings::fields`: they read the request, call an operation and answer with a page.

use super::{
    FIELDS,
    forms::FieldForm,
    operations::{declare, edit, list, loss, remove, reorder},
    pages::{Deletion, Edit, Index},
};
use crate::{
    db::Db,
    kit::{Fault, OperationResult, OrganizationId, OwnFieldId, noun, rights},
    own_fields::OwnField,
    web::{self, Field, MemberContext, Notice, Posted, Respond, ReturnTo, Unread},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::Deserialize;

pub(in crate::settings) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/settings/fields")
            .route(web::get().to(index))
            .route(web::post().to(create)),
    );
    app.service(
        web::resource("/o/{organization}/settings/fields/{field}")
            .route(web::get().to(show))
            .route(web::post().to(update)),
    );
    app.service(web::resource("/o/{organization}/settings/fields/{field}/position").route(web::post().to(position)));
    app.service(
        web::resource("/o/{organization}/settings/fields/{field}/deletion")
            .route(web::get().to(confirm))
            .route(web::post().to(delete)),
    );
}

type Place = Path<(OrganizationId, OwnFieldId)>;

async fn index(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    draw(&db, context, FieldForm::blank(), StatusCode::OK).await
}

async fn draw(db: &Db, context: MemberContext, form: FieldForm, status: StatusCode) -> web::Result<HttpResponse> {
    let fields = context.read(db, list).await?;
    Index { context, fields, form }.with_status(status)
}

async fn create(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<FieldForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let Some((identity, new)) = form.check_new() else {
        return draw(&db, context, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let name = new.name.clone();
    match context.write(&db, move |tx, scope| declare(tx, scope, &identity, &new)).await.refused()? {
        Ok(_) => Ok(context.redirect_with_notice(&context.path(FIELDS), Notice::success(format!("The field {name} is declared.")))),
        Err(refusal) => {
            form.refuse(&refusal);
            draw(&db, context, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn find(db: &Db, context: &MemberContext, id: OwnFieldId) -> web::Result<OwnField> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let fields = context.read(db, list).await?;
    Ok(fields.into_iter().find(|field| field.id == id).ok_or(Fault::Missing)?)
}

async fn show(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let field = find(&db, &context, place.1).await?;
    let form = FieldForm::of(&field);
    Edit { context, field, form }.ok()
}

async fn update(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<FieldForm>) -> web::Result<HttpResponse> {
    let (id, version) = (place.1, form.version);
    let field = find(&db, &context, id).await?;
    let Some(new) = form.check(field.kind, field.bearers) else {
        return Edit { context, field, form }.unprocessable();
    };
    match context.write(&db, move |tx, scope| edit(tx, scope, id, version, &new)).await.refused()? {
        Ok(is_changed) => Ok(context.redirect_with_notice(&context.path(FIELDS), Notice::saved(is_changed, "The field is saved."))),
        Err(refusal) => {
            form.refuse(&refusal);
            let field = find(&db, &context, id).await?;
            form.version = field.version;
            Edit { context, field, form }.unprocessable()
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
struct Direction {
    direction: Towards,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Towards {
    Up,
    Down,
}

async fn position(db: Data<Db>, context: MemberContext, place: Place, Posted(sent): Posted<Unread>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let (id, form) = (place.1, sent.read::<Direction>()?);
    let is_moved = context.write(&db, move |tx, scope| reorder(tx, scope, id, form.direction == Towards::Up)).await?;
    Ok(context.redirect_with_notice(&context.path(FIELDS), Notice::saved(is_moved, "The order is saved.")))
}

/// The submitted confirmation.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct DeletionForm {
    name: Field,
}

async fn confirm(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let id = place.1;
    let loss = context.read(&db, move |conn, scope| loss(conn, scope, id)).await?;
    let DeletionForm { name: typed } = context.pending_form().unwrap_or_default();
    Deletion { context, loss, typed }.ok()
}

async fn delete(db: Data<Db>, context: MemberContext, place: Place, Posted(mut form): Posted<DeletionForm>) -> web::Result<HttpResponse> {
    let id = place.1;
    let loss = context.read(&db, move |conn, scope| loss(conn, scope, id)).await?;
    context.require_reauthentication(ReturnTo::form_page())?;
    if !form.name.repeats(&loss.field.name) {
        return Deletion { context, loss, typed: form.name }.unprocessable();
    }
    let loss = context.write(&db, move |tx, scope| remove(tx, scope, id)).await?;
    let lost = match loss.members {
        0 => "No member had a value.".to_owned(),
        many => format!("{many} {} lost {}.", noun(many, "member", "members"), noun(many, "its value", "their values")),
    };
    let notice = Notice::success(format!("The field {} is removed. {lost}", loss.field.name));
    Ok(context.redirect_with_notice(&context.path(FIELDS), notice))
}
