//! Resource types: the kinds of resources that the organization's policies are about, and the actions on them.

use super::{
    name_lists::{NameListParameters, whole_list},
    refusals,
};
use crate::{
    access::declared::{TypeForm, Wanted, types},
    api::{
        Caller,
        answers::{self, IfMatch, page},
        body::Body,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::{Conn, Db},
    kit::{Fault, OperationResult, ResourceTypeId, Scope, permission::is_word, rights},
    policies,
    web::{self, Field, FieldError, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A kind of resource of the organization's applications.
#[derive(Serialize, ToSchema)]
pub(super) struct ResourceType {
    pub id: Uuid,
    #[schema(example = "contract")]
    pub name: String,
    /// A sentence for anyone who makes policies.
    pub description: String,
    /// What can be done to such a resource.
    #[schema(example = json!(["read", "sign"]))]
    pub actions: Vec<String>,
    /// Counts the changes. The same as the ETag.
    pub version: i64,
}

page! {
    /// A page of resource types.
    ResourceTypePage of ResourceType
}

impl ResourceType {
    fn of(one: policies::ResourceType) -> Self {
        Self {
            id: one.id.0,
            name: one.name,
            description: one.description,
            actions: one.actions,
            version: one.version,
        }
    }
    fn find(conn: &mut Conn, scope: &Scope, id: ResourceTypeId) -> Result<Self, Fault> {
        let all = types::list(conn, scope)?;
        all.into_iter().find(|one| one.id == id).map(Self::of).ok_or(Fault::Missing)
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::ORGANIZATION_MANAGE);
    vec![
        Endpoint::new(__path_index, index).needs(rights::ORGANIZATION_READ),
        changing(Endpoint::new(__path_create, create))
            .refuses(&["limit-reached"])
            .records(&["resource_type.declared"]),
        Endpoint::new(__path_show, show).needs(rights::ORGANIZATION_READ),
        changing(Endpoint::new(__path_update, update))
            .versioned()
            .refuses(&["still-used"])
            .records(&["resource_type.edited"]),
        changing(Endpoint::new(__path_delete, delete))
            .refuses(&["still-used"])
            .records(&["resource_type.withdrawn"]),
    ]
}

/// List resource types
///
/// By name.
#[utoipa::path(get, path = "/api/v1/resource_types", operation_id = "listResourceTypes", tag = "Resource types",
    params(NameListParameters), responses((status = 200, description = "A page of resource types.", body = ResourceTypePage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<NameListParameters>) -> web::Result<HttpResponse> {
    let all = caller.read(&db, types::list).await?;
    whole_list(
        &req,
        &parameters.0,
        all,
        |one| one.name.as_str(),
        |rows, next_cursor, total| ResourceTypePage { data: rows.into_iter().map(ResourceType::of).collect(), next_cursor, total },
    )
}

/// Read a resource type
#[utoipa::path(get, path = "/api/v1/resource_types/{id}", operation_id = "getResourceType", tag = "Resource types", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The resource type.", body = ResourceType, headers(("ETag" = String, description = "Its version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<ResourceTypeId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let one = caller.read(&db, move |conn, scope| ResourceType::find(conn, scope, id)).await?;
    Ok(answers::record(one.version, &one))
}

/// A resource type to declare.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewResourceType {
    /// One word, which is no resource of Roster's own.
    #[schema(pattern = "^[a-z0-9_]{1,50}$", example = "contract")]
    pub name: String,
    /// A sentence for anyone who makes policies.
    #[schema(min_length = 1, max_length = 300)]
    pub description: String,
    /// Words of small letters, digits and underscores, each of at most 50 characters.
    #[schema(min_items = 1, max_items = 50, example = json!(["read", "sign"]))]
    pub actions: Vec<String>,
}

/// What to change of a resource type. Its name stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceTypePatch {
    #[schema(min_length = 1, max_length = 300)]
    pub description: Option<String>,
    /// All actions that it has afterwards. An action that a policy names cannot be left out.
    #[schema(min_items = 1, max_items = 50)]
    pub actions: Option<Vec<String>>,
}

/// Checks the values as in the console.
fn checked(name: String, description: String, actions: &[String], is_new: bool) -> web::Result<Wanted> {
    // The form of the console reads actions from one text, so words are told apart here.
    let is_wrong = |(at, action): (usize, &String)| (!is_word(action)).then_some(at);
    let wrong = actions.iter().enumerate().filter_map(is_wrong);
    let detail = "An action is a word of small letters, digits and underscores.";
    let errors: Vec<FieldError> = wrong.map(|at| FieldError::new(format!("/actions/{at}"), "invalid", detail)).collect();
    if !errors.is_empty() {
        return Err(Problem::fields(errors).into());
    }
    let mut form = TypeForm {
        version: 0,
        name: Field::new(name),
        description: Field::new(description),
        actions: Field::new(actions.join(" ")),
    };
    form.check(is_new).ok_or_else(|| refusals::of_form(form.complaints()))
}

/// Declare a resource type
///
/// From then on policies can be about it.
#[utoipa::path(post, path = "/api/v1/resource_types", operation_id = "createResourceType", tag = "Resource types",
    params(WriteParameters), request_body = NewResourceType,
    responses((status = 201, description = "The resource type.", body = ResourceType, headers(
        ("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(db: Data<Db>, caller: Caller, how: Parameters<WriteParameters>, body: Body<NewResourceType>) -> web::Result<HttpResponse> {
    let NewResourceType { name, description, actions } = body.0;
    let wanted = checked(name, description, &actions, true)?;
    let declared = caller.write(&db, how.0, move |tx, scope| {
        let id = types::declare(tx, scope, &wanted)?;
        Ok(ResourceType::find(tx, scope, id)?)
    });
    let declared = declared.await.refused()?;
    let one = declared.map_err(|refusal| refusals::of_declaration(&refusal, "/name"))?;
    Ok(answers::created(&format!("/api/v1/resource_types/{}", one.id), one.version, &one))
}

/// Change a resource type
#[utoipa::path(patch, path = "/api/v1/resource_types/{id}", operation_id = "updateResourceType", tag = "Resource types",
    params(("id" = Uuid, Path), WriteParameters), request_body = ResourceTypePatch,
    responses((status = 200, description = "The resource type after the change.", body = ResourceType, headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<ResourceTypeId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<ResourceTypePatch>,
) -> web::Result<HttpResponse> {
    let (id, ResourceTypePatch { description, actions }) = (id.into_inner(), body.0);
    let present = caller.read(&db, move |conn, scope| ResourceType::find(conn, scope, id)).await?;
    let version = expected.version(present.version)?;
    let (description, actions) = (description.unwrap_or(present.description), actions.unwrap_or(present.actions));
    let wanted = checked(present.name, description, &actions, false)?;
    let changed = caller.write(&db, how.0, move |tx, scope| {
        types::edit(tx, scope, id, version, &wanted)?;
        Ok(ResourceType::find(tx, scope, id)?)
    });
    let changed = changed.await.refused()?;
    let one = changed.map_err(|refusal| refusals::of_declaration(&refusal, "/name"))?;
    Ok(answers::record(one.version, &one))
}

/// Withdraw a resource type
///
/// Only one that no policy names.
#[utoipa::path(delete, path = "/api/v1/resource_types/{id}", operation_id = "deleteResourceType", tag = "Resource types",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It is withdrawn.")))]
async fn delete(db: Data<Db>, caller: Caller, id: Path<ResourceTypeId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| types::withdraw(tx, scope, id));
    let done = done.await.refused()?;
    done.map_err(|refusal| refusals::of_declaration(&refusal, "/name"))?;
    Ok(answers::nothing())
}
