//! Handlers of `access::declared`: they read the request, call an operation and answer with a page.

use super::{
    DeclareRefusal,
    model::{PERMISSIONS, TYPES},
    pages::{PermissionForm, Permissions, TypeForm, Types},
    permissions, types,
};
use crate::{
    db::Db,
    kit::{ApplicationPermissionId, Fault, OperationResult, OrganizationId, ResourceTypeId, rights},
    web::{self, MemberContext, Notice, Posted, Respond},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};

pub(in crate::access) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/settings/permissions")
            .route(web::get().to(list))
            .route(web::post().to(declare)),
    );
    app.service(
        web::resource("/o/{organization}/settings/permissions/{permission}")
            .route(web::get().to(show))
            .route(web::post().to(describe)),
    );
    app.service(
        web::resource("/o/{organization}/settings/resource-types")
            .route(web::get().to(list_types))
            .route(web::post().to(declare_type)),
    );
    app.service(
        web::resource("/o/{organization}/settings/resource-types/{type}")
            .route(web::get().to(show_type))
            .route(web::post().to(edit_type)),
    );
}

type Place<T> = Path<(OrganizationId, T)>;

/// Renders the list, with the form for a new permission.
async fn draw(db: &Db, context: MemberContext, form: PermissionForm, status: StatusCode) -> web::Result<HttpResponse> {
    let all = context.read(db, permissions::list).await?;
    Permissions { context, all, form, edited: None }.with_status(status)
}

/// Renders the list, with the form of one permission as it was typed or is stored.
async fn draw_edited(
    db: &Db,
    context: MemberContext,
    id: ApplicationPermissionId,
    typed: Option<PermissionForm>,
    status: StatusCode,
) -> web::Result<HttpResponse> {
    let all = context.read(db, permissions::list).await?;
    let (edited, _) = all.iter().find(|(one, _)| one.id == id).cloned().ok_or(Fault::Missing)?;
    let typed = typed.unwrap_or_else(|| PermissionForm::of(&edited));
    let (form, edited) = (PermissionForm::default(), Some((edited, typed)));
    Permissions { context, all, form, edited }.with_status(status)
}

async fn list(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let form = context.pending_form().unwrap_or_default();
    draw(&db, context, form, StatusCode::OK).await
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place<ApplicationPermissionId>) -> web::Result<HttpResponse> {
    let kept = context.pending_form();
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    draw_edited(&db, context, place.1, kept, StatusCode::OK).await
}

async fn declare(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<PermissionForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let Some((permission, description)) = form.check() else {
        return draw(&db, context, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let text = permission.to_string();
    match context
        .write(&db, move |tx, scope| permissions::declare(tx, scope, &permission, &description))
        .await
        .refused()?
    {
        Ok(_) => {
            let notice = Notice::success(format!("{text} is declared, and roles can hold it."));
            Ok(context.redirect_with_notice(&context.path(PERMISSIONS), notice))
        }
        Err(refusal) => {
            form.permission.refuse(refusal.to_string());
            draw(&db, context, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn describe(
    db: Data<Db>,
    context: MemberContext,
    place: Place<ApplicationPermissionId>,
    Posted(mut form): Posted<PermissionForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let id = place.1;
    let Some(description) = form.explained() else {
        return draw_edited(&db, context, id, Some(form), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let is_changed = context.write(&db, move |tx, scope| permissions::describe(tx, scope, id, &description)).await?;
    Ok(context.redirect_with_notice(&context.path(PERMISSIONS), Notice::saved(is_changed, "The explanation is saved.")))
}

async fn draw_types(db: &Db, context: MemberContext, form: TypeForm, status: StatusCode) -> web::Result<HttpResponse> {
    let all = context.read(db, types::list).await?;
    Types { context, all, form, edited: None }.with_status(status)
}

/// Renders the list, with the form of one type as it was typed or is stored.
async fn draw_edited_type(
    db: &Db,
    context: MemberContext,
    id: ResourceTypeId,
    typed: Option<TypeForm>,
    status: StatusCode,
) -> web::Result<HttpResponse> {
    let all = context.read(db, types::list).await?;
    let edited = all.iter().find(|one| one.id == id).cloned().ok_or(Fault::Missing)?;
    let mut typed = typed.unwrap_or_else(|| TypeForm::of(&edited));
    // The next submission is based on the version shown now.
    typed.version = edited.version;
    let (form, edited) = (TypeForm::default(), Some((edited, typed)));
    Types { context, all, form, edited }.with_status(status)
}

async fn list_types(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let form = context.pending_form().unwrap_or_default();
    draw_types(&db, context, form, StatusCode::OK).await
}

async fn show_type(db: Data<Db>, mut context: MemberContext, place: Place<ResourceTypeId>) -> web::Result<HttpResponse> {
    let kept = context.pending_form();
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    draw_edited_type(&db, context, place.1, kept, StatusCode::OK).await
}

async fn declare_type(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<TypeForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let Some(wanted) = form.check(true) else {
        return draw_types(&db, context, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let name = wanted.name.clone();
    match context.write(&db, move |tx, scope| types::declare(tx, scope, &wanted)).await.refused()? {
        Ok(_) => {
            let notice = Notice::success(format!("{name} is declared, and policies can be about it."));
            Ok(context.redirect_with_notice(&context.path(TYPES), notice))
        }
        Err(refusal) => {
            form.name.refuse(refusal.to_string());
            draw_types(&db, context, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn edit_type(
    db: Data<Db>,
    context: MemberContext,
    place: Place<ResourceTypeId>,
    Posted(mut form): Posted<TypeForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let id = place.1;
    let Some(wanted) = form.check(false) else {
        return draw_edited_type(&db, context, id, Some(form), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let version = form.version;
    match context.write(&db, move |tx, scope| types::edit(tx, scope, id, version, &wanted)).await.refused()? {
        Ok(is_changed) => Ok(context.redirect_with_notice(&context.path(TYPES), Notice::saved(is_changed, "The resource type is saved."))),
        Err(refusal) => {
            let status = match refusal {
                DeclareRefusal::Meanwhile => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            form.actions.refuse(refusal.to_string());
            draw_edited_type(&db, context, id, Some(form), status).await
        }
    }
}
