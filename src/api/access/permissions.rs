//! The catalogue of permissions: everything that a role can hold.

use super::name_lists::{NameListParameters, whole_list};
use crate::{
    api::{Caller, answers::page, endpoints::Endpoint, parameters::Parameters},
    db::{Conn, Db},
    kit::{Fault, Scope, rights},
    roles::{self, ApplicationPermission, CATALOGUE},
    web,
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

/// A permission that roles can hold.
#[derive(Serialize, ToSchema)]
pub(super) struct CataloguePermission {
    /// `resource:action:scope`. `manage` includes `read`.
    #[schema(example = "user:read:*")]
    pub permission: String,
    /// What it allows.
    pub description: String,
    /// Whether one of the organization's applications knows it, and not Roster itself.
    pub is_of_application: bool,
}

page! {
    /// A page of permissions.
    CataloguePermissionPage of CataloguePermission
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(__path_index, index).needs(rights::ROLE_READ)]
}

/// List permissions
///
/// Those of Roster and those that the organization declared for its applications.
#[utoipa::path(get, path = "/api/v1/permissions", operation_id = "listPermissions", tag = "Permissions", params(NameListParameters),
    responses((status = 200, description = "A page of permissions.", body = CataloguePermissionPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<NameListParameters>) -> web::Result<HttpResponse> {
    let all = caller.read(&db, catalogue).await?;
    whole_list(
        &req,
        &parameters.0,
        all,
        |one| one.permission.as_str(),
        |data, next_cursor, total| CataloguePermissionPage { data, next_cursor, total },
    )
}

fn catalogue(conn: &mut Conn, scope: &Scope) -> Result<Vec<CataloguePermission>, Fault> {
    scope.demand(rights::ROLE_READ)?;
    let own = CATALOGUE.iter().flat_map(|resource| resource.permissions).map(|one| CataloguePermission {
        permission: one.permission.into(),
        description: one.sentence.into(),
        is_of_application: false,
    });
    let declared = |one: ApplicationPermission| CataloguePermission {
        permission: one.permission,
        description: one.description,
        is_of_application: true,
    };
    let applications = roles::application_permissions(conn, scope.organization)?;
    Ok(own.chain(applications.into_iter().map(declared)).collect())
}
