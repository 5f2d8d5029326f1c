//! The catalogue of permissions: everything that a role can hold.

use super::name_lists::{NameListParameters, WholeListPage};
use crate::{
    api::{
        Caller,
        answers::{self, page},
        endpoints::Endpoint,
        parameters::Parameters,
    },
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
    let Parameters(wanted) = parameters;
    let (limit, all) = (answers::limit(wanted.limit)?, caller.read(&db, catalogue).await?);
    let found = WholeListPage::of(all, |one| one.permission.as_str(), wanted.cursor.as_deref(), limit);
    let total = wanted.total.then_some(found.total);
    let page = CataloguePermissionPage { data: found.rows, next_cursor: found.next, total };
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
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
