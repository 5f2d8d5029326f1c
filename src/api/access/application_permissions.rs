//! Application permissions: what the organization declares for its own applications, so that roles can hold it.

use super::{
    name_lists::{NameListParameters, whole_list},
    refusals,
};
use crate::{
    access::declared::{PermissionForm, permissions},
    api::{
        Caller,
        answers::{self, page},
        body::Body,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::{Conn, Db},
    kit::{ApplicationPermissionId, Fault, OperationResult, RoleId, Scope, rights},
    roles,
    web::{self, Field},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A permission of one of the organization's applications.
#[derive(Serialize, ToSchema)]
pub(super) struct ApplicationPermission {
    pub id: Uuid,
    #[schema(example = "contract_data:read:*")]
    pub permission: String,
    /// A sentence for anyone who makes roles.
    pub description: String,
    /// The roles that hold it, by name.
    pub roles: Vec<HoldingRole>,
}

/// A role that holds the permission.
#[derive(Serialize, ToSchema)]
pub(super) struct HoldingRole {
    pub id: Uuid,
    pub name: String,
}

page! {
    /// A page of application permissions.
    ApplicationPermissionPage of ApplicationPermission
}

impl ApplicationPermission {
    fn of((one, roles): (roles::ApplicationPermission, Vec<(RoleId, String)>)) -> Self {
        Self {
            id: one.id.0,
            permission: one.permission,
            description: one.description,
            roles: roles.into_iter().map(|(id, name)| HoldingRole { id: id.0, name }).collect(),
        }
    }
    fn find(conn: &mut Conn, scope: &Scope, id: ApplicationPermissionId) -> Result<Self, Fault> {
        let all = permissions::list(conn, scope)?;
        all.into_iter().find(|(one, _)| one.id == id).map(Self::of).ok_or(Fault::Missing)
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::ORGANIZATION_MANAGE);
    vec![
        Endpoint::new(__path_index, index).needs(rights::ORGANIZATION_READ),
        changing(Endpoint::new(__path_create, create))
            .refuses(&["limit-reached"])
            .records(&["permission.declared"]),
        Endpoint::new(__path_show, show).needs(rights::ORGANIZATION_READ),
        changing(Endpoint::new(__path_update, update)).records(&["permission.explained"]),
        changing(Endpoint::new(__path_delete, delete))
            .refuses(&["still-used"])
            .records(&["permission.withdrawn"]),
    ]
}

/// List application permissions
///
/// By their text.
#[utoipa::path(get, path = "/api/v1/application_permissions", operation_id = "listApplicationPermissions", tag = "Application permissions",
    params(NameListParameters), responses((status = 200, description = "A page of application permissions.", body = ApplicationPermissionPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<NameListParameters>) -> web::Result<HttpResponse> {
    let all = caller.read(&db, permissions::list).await?;
    whole_list(
        &req,
        &parameters.0,
        all,
        |(one, _)| one.permission.as_str(),
        |rows, next_cursor, total| ApplicationPermissionPage {
            data: rows.into_iter().map(ApplicationPermission::of).collect(),
            next_cursor,
            total,
        },
    )
}

/// Read an application permission
#[utoipa::path(get, path = "/api/v1/application_permissions/{id}", operation_id = "getApplicationPermission", tag = "Application permissions",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The permission.", body = ApplicationPermission)))]
async fn show(db: Data<Db>, caller: Caller, id: Path<ApplicationPermissionId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let permission = caller.read(&db, move |conn, scope| ApplicationPermission::find(conn, scope, id)).await?;
    Ok(HttpResponse::Ok().json(permission))
}

/// A permission to declare.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApplicationPermission {
    /// `resource:action:scope`, with a resource that is none of Roster's own. The scope is `*`, `team` or `own`.
    #[schema(
        max_length = 106,
        pattern = "^[a-z0-9_]{1,50}:[a-z0-9_]{1,50}:(\\*|team|own)$",
        example = "contract_data:read:*"
    )]
    pub permission: String,
    /// A sentence for anyone who makes roles.
    #[schema(min_length = 1, max_length = 300)]
    pub description: String,
}

/// What to change of an application permission. The permission itself stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplicationPermissionPatch {
    #[schema(min_length = 1, max_length = 300)]
    pub description: Option<String>,
}

/// Declare an application permission
///
/// From then on roles can hold it, and Roster answers whether somebody has it.
#[utoipa::path(post, path = "/api/v1/application_permissions", operation_id = "createApplicationPermission", tag = "Application permissions",
    params(WriteParameters), request_body = NewApplicationPermission,
    responses((status = 201, description = "The permission.", body = ApplicationPermission, headers(("Location" = String, description = "Its address.")))))]
async fn create(
    db: Data<Db>,
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<NewApplicationPermission>,
) -> web::Result<HttpResponse> {
    let mut form = PermissionForm {
        permission: Field::new(body.0.permission),
        description: Field::new(body.0.description),
    };
    let (permission, description) = form.check().ok_or_else(|| refusals::of_form(form.complaints()))?;
    let declared = caller.write(&db, how.0, move |tx, scope| {
        let id = permissions::declare(tx, scope, &permission, &description)?;
        Ok(ApplicationPermission::find(tx, scope, id)?)
    });
    let declared = declared.await.refused()?;
    let declared = declared.map_err(|refusal| refusals::of_declaration(&refusal, "/permission"))?;
    let location = format!("/api/v1/application_permissions/{}", declared.id);
    Ok(answers::created_unversioned(&location, &declared))
}

/// Explain an application permission
#[utoipa::path(patch, path = "/api/v1/application_permissions/{id}", operation_id = "updateApplicationPermission", tag = "Application permissions",
    params(("id" = Uuid, Path), WriteParameters), request_body = ApplicationPermissionPatch,
    responses((status = 200, description = "The permission after the change.", body = ApplicationPermission)))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<ApplicationPermissionId>,
    how: Parameters<WriteParameters>,
    body: Body<ApplicationPermissionPatch>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let present = caller.read(&db, move |conn, scope| ApplicationPermission::find(conn, scope, id)).await?;
    let mut form = PermissionForm {
        permission: Field::new(present.permission),
        description: Field::new(body.0.description.unwrap_or(present.description)),
    };
    let description = form.explained().ok_or_else(|| refusals::of_form(form.complaints()))?;
    let changed = caller.write(&db, how.0, move |tx, scope| {
        permissions::describe(tx, scope, id, &description)?;
        ApplicationPermission::find(tx, scope, id)
    });
    Ok(HttpResponse::Ok().json(changed.await?))
}

/// Withdraw an application permission
///
/// Only one that no role holds: `roles` names them.
#[utoipa::path(delete, path = "/api/v1/application_permissions/{id}", operation_id = "deleteApplicationPermission", tag = "Application permissions",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It is withdrawn.")))]
async fn delete(
    db: Data<Db>,
    caller: Caller,
    id: Path<ApplicationPermissionId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| permissions::withdraw(tx, scope, id));
    let done = done.await.refused()?;
    done.map_err(|refusal| refusals::of_declaration(&refusal, "/permission"))?;
    Ok(answers::nothing())
}
