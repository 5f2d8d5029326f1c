//! Handlers of `access::declared`: they read the request, call an operation and answer with a page.

use super::{
    DeclareRefusal,
    model::{PERMISSIONS, TYPES},
    pages::{PermissionForm, Permissions, TypeForm, Types},
    permissions, types,
};
use crate::{
    db::{
        Db,
        schema::{role_permissions, roles as role_rows},
    },
    kit::{ApplicationPermissionId, Fault, OperationResult, OrganizationId, ResourceTypeId, rights},
    policies, roles,
    web::{self, Field, MemberContext, Notice, Posted, page},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, ServiceConfig, resource},
};
use diesel::prelude::*;
use std::collections::HashMap;

pub(in crate::access) fn mount(app: &mut ServiceConfig) {
    app.service(
        resource("/o/{organization}/settings/permissions")
            .route(web::get().to(list))
            .route(web::post().to(declare)),
    );
    app.service(
        resource("/o/{organization}/settings/permissions/{permission}")
            .route(web::get().to(show))
            .route(web::post().to(explain)),
    );
    app.service(
        resource("/o/{organization}/settings/resource-types")
            .route(web::get().to(list_types))
            .route(web::post().to(declare_type)),
    );
    app.service(
        resource("/o/{organization}/settings/resource-types/{type}")
            .route(web::get().to(show_type))
            .route(web::post().to(edit_type)),
    );
}

type Place<T> = Path<(OrganizationId, T)>;

/// Renders the list, with one of its forms as submitted.
async fn draw(
    db: &Db,
    context: MemberContext,
    form: PermissionForm,
    edited: Option<(ApplicationPermissionId, Option<PermissionForm>)>,
    status: StatusCode,
) -> web::Result<HttpResponse> {
    let all = context
        .read(db, move |conn, scope| {
            scope.demand(rights::ORGANIZATION_READ)?;
            let all = roles::application_permissions(conn, scope.organization)?;
            let texts: Vec<&str> = all.iter().map(|one| one.permission.as_str()).collect();
            let rows: Vec<(String, String)> = role_permissions::table
                .inner_join(role_rows::table)
                .filter(role_permissions::organization_id.eq(scope.organization))
                .filter(role_permissions::permission.eq_any(texts))
                .order(role_rows::name_key)
                .select((role_permissions::permission, role_rows::name))
                .load(conn)?;
            let mut held: HashMap<String, Vec<String>> = HashMap::new();
            for (permission, role) in rows {
                held.entry(permission).or_default().push(role);
            }
            let with_roles = |one: roles::ApplicationPermission| {
                let roles = held.remove(&one.permission).unwrap_or_default();
                (one, roles)
            };
            Ok::<_, Fault>(all.into_iter().map(with_roles).collect::<Vec<_>>())
        })
        .await?;
    let edited = match edited {
        None => None,
        Some((id, typed)) => {
            let (one, _) = all.iter().find(|(one, _)| one.id == id).cloned().ok_or(Fault::Missing)?;
            let form = typed.unwrap_or_else(|| PermissionForm {
                permission: Field::new(&one.permission),
                description: Field::new(&one.description),
            });
            Some((one, form))
        }
    };
    let view = Permissions { context, all, form, edited };
    page(status, &view)
}

async fn list(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let form = context.pending_form().unwrap_or_default();
    draw(&db, context, form, None, StatusCode::OK).await
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place<ApplicationPermissionId>) -> web::Result<HttpResponse> {
    let kept = context.pending_form();
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    draw(&db, context, PermissionForm::default(), Some((place.1, kept)), StatusCode::OK).await
}

async fn declare(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<PermissionForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let Some((permission, description)) = form.check() else {
        return draw(&db, context, form, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let text = permission.to_string();
    match context
        .write(&db, move |tx, scope| permissions::declare(tx, scope, &permission, &description))
        .await
        .refused()?
    {
        Ok(()) => {
            let notice = Notice::success(format!("{text} is declared, and roles can hold it."));
            Ok(context.redirect_with_notice(&context.path(PERMISSIONS), notice))
        }
        Err(refusal) => {
            form.permission.refuse(refusal.to_string());
            draw(&db, context, form, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn explain(
    db: Data<Db>,
    context: MemberContext,
    place: Place<ApplicationPermissionId>,
    Posted(mut form): Posted<PermissionForm>,
) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let id = place.1;
    let Some(description) = form.explained() else {
        return draw(&db, context, PermissionForm::default(), Some((id, Some(form))), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let is_changed = context.write(&db, move |tx, scope| permissions::explain(tx, scope, id, &description)).await?;
    let notice = if is_changed {
        "The explanation is saved."
    } else {
        "Nothing was different."
    };
    Ok(context.redirect_with_notice(&context.path(PERMISSIONS), Notice::success(notice)))
}

async fn draw_types(
    db: &Db,
    context: MemberContext,
    form: TypeForm,
    edited: Option<(ResourceTypeId, Option<TypeForm>)>,
    status: StatusCode,
) -> web::Result<HttpResponse> {
    let all = context
        .read(db, move |conn, scope| {
            scope.demand(rights::ORGANIZATION_READ)?;
            policies::types(conn, scope.organization)
        })
        .await?;
    let edited = match edited {
        None => None,
        Some((id, typed)) => {
            let one = all.iter().find(|one| one.id == id).cloned().ok_or(Fault::Missing)?;
            let mut form = typed.unwrap_or_else(|| TypeForm {
                version: one.version,
                name: Field::new(&one.name),
                description: Field::new(&one.description),
                actions: Field::new(one.actions.join(", ")),
            });
            // The next submission is based on the version shown now.
            form.version = one.version;
            Some((one, form))
        }
    };
    let view = Types { context, all, form, edited };
    page(status, &view)
}

async fn list_types(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let form = context.pending_form().unwrap_or_default();
    draw_types(&db, context, form, None, StatusCode::OK).await
}

async fn show_type(db: Data<Db>, mut context: MemberContext, place: Place<ResourceTypeId>) -> web::Result<HttpResponse> {
    let kept = context.pending_form();
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    draw_types(&db, context, TypeForm::default(), Some((place.1, kept)), StatusCode::OK).await
}

async fn declare_type(db: Data<Db>, context: MemberContext, Posted(mut form): Posted<TypeForm>) -> web::Result<HttpResponse> {
    context.scope.demand(rights::ORGANIZATION_MANAGE)?;
    let Some(wanted) = form.check(true) else {
        return draw_types(&db, context, form, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let name = wanted.name.clone();
    match context.write(&db, move |tx, scope| types::declare(tx, scope, &wanted)).await.refused()? {
        Ok(()) => {
            let notice = Notice::success(format!("{name} is declared, and policies can be about it."));
            Ok(context.redirect_with_notice(&context.path(TYPES), notice))
        }
        Err(refusal) => {
            form.name.refuse(refusal.to_string());
            draw_types(&db, context, form, None, StatusCode::UNPROCESSABLE_ENTITY).await
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
        return draw_types(&db, context, TypeForm::default(), Some((id, Some(form))), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let edition = form.version;
    match context.write(&db, move |tx, scope| types::edit(tx, scope, id, edition, &wanted)).await.refused()? {
        Ok(is_changed) => {
            let notice = if is_changed {
                "The resource type is saved."
            } else {
                "Nothing was different."
            };
            Ok(context.redirect_with_notice(&context.path(TYPES), Notice::success(notice)))
        }
        Err(refusal) => {
            let status = match refusal {
                DeclareRefusal::Meanwhile => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            form.actions.refuse(refusal.to_string());
            draw_types(&db, context, TypeForm::default(), Some((id, Some(form))), status).await
        }
    }
}
