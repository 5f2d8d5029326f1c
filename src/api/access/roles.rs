//! Roles: named sets of permissions, predefined or the organization's own.

use super::{
    deletion::{Deletion, DeletionParameters, deleted},
    member_lists::{MemberOfRole, MemberOfRolePage},
    name_lists::{CountedListParameters, MembersCount, window},
    refusals,
};
use crate::{
    access::{self, roles::RoleForm},
    api::{
        Caller,
        answers::{self, IfMatch, PageParameters, page},
        body::Body,
        choice,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::{Conn, Db},
    kit::{Fault, OperationResult, RoleId, Scope, rights},
    roles::{self, Content, Predefined},
    web::{self, Field},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A named set of permissions.
#[derive(Serialize, ToSchema)]
pub(super) struct Role {
    pub id: Uuid,
    #[schema(example = "Auditor")]
    pub name: String,
    pub description: String,
    /// Which of the predefined roles it is. Null for a role of the organization's own.
    #[schema(required = true, schema_with = choice::nullable::<Predefined>)]
    pub predefined: Option<&'static str>,
    /// Whether it can be changed.
    pub is_editable: bool,
    /// What its holders may do. Each `resource:action:scope`.
    #[schema(example = json!(["user:read:*", "contract_data:read:*"]))]
    pub permissions: Vec<String>,
    /// Counts the changes. The same as the ETag.
    pub version: i64,
    /// How many members hold it now. Lists have it with `expand=members_count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_count: Option<MembersCount>,
}

page! {
    /// A page of roles.
    RolePage of Role
}

/// The schema of `predefined`.
impl Role {
    fn of(role: &roles::Role, members_count: Option<MembersCount>) -> Self {
        Self {
            id: role.id.0,
            name: role.name.clone(),
            description: role.description.clone(),
            predefined: role.predefined.map(Predefined::as_str),
            is_editable: role.is_editable(),
            permissions: role.permissions.iter().map(ToString::to_string).collect(),
            version: role.version,
            members_count,
        }
    }
    /// A role with the number of its holders.
    fn whole(conn: &mut Conn, scope: &Scope, id: RoleId) -> Result<Self, Fault> {
        scope.demand(rights::ROLE_READ)?;
        let role = roles::find(conn, scope.organization, id)?;
        let count = access::roles::count(conn, scope, id)?;
        Ok(Self::of(&role, Some(count.into())))
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::ROLE_MANAGE).refuses(&["beyond-your-permissions"]);
    vec![
        Endpoint::new(__path_index, index).needs(rights::ROLE_READ),
        changing(Endpoint::new(__path_create, create))
            .refuses(&["limit-reached"])
            .records(&["role.created"]),
        Endpoint::new(__path_show, show).needs(rights::ROLE_READ),
        changing(Endpoint::new(__path_update, update))
            .versioned()
            .refuses(&["own-access", "predefined-role"])
            .records(&["role.edited"]),
        changing(Endpoint::new(__path_delete, delete))
            .refuses(&["own-access", "predefined-role", "in-use"])
            .records(&["role.deleted"]),
        changing(Endpoint::new(__path_reset, reset))
            .refuses(&["own-access", "not-predefined"])
            .records(&["role.reset"]),
        Endpoint::new(__path_members, members).needs(rights::ROLE_READ),
    ]
}

/// List roles
///
/// By name.
#[utoipa::path(get, path = "/api/v1/roles", operation_id = "listRoles", tag = "Roles", params(CountedListParameters),
    responses((status = 200, description = "A page of roles.", body = RolePage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<CountedListParameters>) -> web::Result<HttpResponse> {
    let Parameters(wanted) = parameters;
    let (window, limit) = (window::<RoleId>(wanted.cursor.as_deref())?, answers::limit(wanted.limit)?);
    let page = caller.read(&db, move |conn, scope| {
        scope.demand(rights::ROLE_READ)?;
        let found = roles::page(conn, scope.organization, &window, limit)?;
        let ids: Vec<RoleId> = found.rows.iter().map(|role| role.id).collect();
        let counts = (!wanted.expand.is_empty()).then(|| access::roles::counts_of(conn, scope, &ids)).transpose()?;
        let count = |role: &roles::Role| counts.as_ref().map(|counts| counts.get(&role.id).cloned().unwrap_or_default().into());
        Ok::<_, Fault>(RolePage {
            next_cursor: found.next().map(|role| role.cursor().to_string()),
            data: found.rows.iter().map(|role| Role::of(role, count(role))).collect(),
            total: wanted.total.then(|| roles::count(conn, scope.organization)).transpose()?,
        })
    });
    let page = page.await?;
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}

/// Read a role
#[utoipa::path(get, path = "/api/v1/roles/{id}", operation_id = "getRole", tag = "Roles", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The role.", body = Role, headers(("ETag" = String, description = "Its version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<RoleId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let role = caller.read(&db, move |conn, scope| Role::whole(conn, scope, id)).await?;
    Ok(answers::record(role.version, &role))
}

/// A new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRole {
    /// No other role has it, and it looks like no predefined one.
    #[schema(min_length = 1, max_length = 60, example = "Auditor")]
    pub name: String,
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// Permissions of Roster or of the organization's applications, each held by the caller too.
    #[schema(min_items = 1, example = json!(["audit:read:*"]))]
    pub permissions: Vec<String>,
}

/// What to change of a role. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RolePatch {
    #[schema(min_length = 1, max_length = 60)]
    pub name: Option<String>,
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// All permissions that the role has afterwards.
    #[schema(min_items = 1)]
    pub permissions: Option<Vec<String>>,
}

impl NewRole {
    fn form(self) -> RoleForm {
        RoleForm {
            name: Field::new(self.name),
            description: Field::new(self.description.unwrap_or_default()),
            permissions: self.permissions,
            ..RoleForm::default()
        }
    }
}

impl RolePatch {
    /// The form of the role with these values in it.
    fn form(self, present: &roles::Role) -> RoleForm {
        let form = RoleForm::of(present);
        RoleForm {
            name: self.name.map_or(form.name, Field::new),
            description: self.description.map_or(form.description, Field::new),
            permissions: self.permissions.unwrap_or(form.permissions),
            ..RoleForm::default()
        }
    }
}

/// The content that the form asks for, checked as in the console.
fn checked(mut form: RoleForm) -> web::Result<Content> {
    form.check().ok_or_else(|| refusals::of_form(form.complaints()))
}

/// Create a role
///
/// Nobody holds it yet.
#[utoipa::path(post, path = "/api/v1/roles", operation_id = "createRole", tag = "Roles", params(WriteParameters), request_body = NewRole,
    responses((status = 201, description = "The role.", body = Role, headers(
        ("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(db: Data<Db>, caller: Caller, how: Parameters<WriteParameters>, body: Body<NewRole>) -> web::Result<HttpResponse> {
    let wanted = checked(body.0.form())?;
    let created = caller.write(&db, how.0, move |tx, scope| {
        let id = access::roles::create(tx, scope, &wanted)?;
        Ok(Role::whole(tx, scope, id)?)
    });
    let role = created.await.refused()?.map_err(|refusal| refusals::of_role(&refusal))?;
    Ok(answers::created(&format!("/api/v1/roles/{}", role.id), role.version, &role))
}

/// Change a role
///
/// It holds from the next request of everybody who has the role. A dry run answers with `members_count`: how many that are.
#[utoipa::path(patch, path = "/api/v1/roles/{id}", operation_id = "updateRole", tag = "Roles",
    params(("id" = Uuid, Path), WriteParameters), request_body = RolePatch,
    responses((status = 200, description = "The role after the change.", body = Role, headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<RoleId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<RolePatch>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let find = move |conn: &mut Conn, scope: &Scope| {
        scope.demand(rights::ROLE_MANAGE)?;
        roles::find(conn, scope.organization, id)
    };
    let present = caller.read(&db, find).await?;
    let (version, wanted) = (expected.version(present.version)?, checked(body.0.form(&present))?);
    let changed = caller.write(&db, how.0, move |tx, scope| {
        access::roles::edit(tx, scope, id, version, &wanted)?;
        Ok(Role::whole(tx, scope, id)?)
    });
    let role = changed.await.refused()?.map_err(|refusal| refusals::of_role(&refusal))?;
    Ok(answers::record(role.version, &role))
}

/// Delete a role
///
/// For good, and only one of the organization's own. With `detach=true` it is taken from everybody who holds it.
#[utoipa::path(delete, path = "/api/v1/roles/{id}", operation_id = "deleteRole", tag = "Roles",
    params(("id" = Uuid, Path), DeletionParameters), responses((status = 200, description = "It is deleted.", body = Deletion)))]
async fn delete(db: Data<Db>, caller: Caller, id: Path<RoleId>, how: Parameters<DeletionParameters>) -> web::Result<HttpResponse> {
    let (id, how) = (id.into_inner(), how.0);
    let done = caller.write(&db, how.write(), move |tx, scope| access::roles::delete(tx, scope, id, how.detach));
    let (_, members) = done.await.refused()?.map_err(|refusal| refusals::of_role(&refusal))?;
    Ok(deleted(members))
}

/// Reset a predefined role
///
/// Makes name, description and permissions as Roster ships them.
#[utoipa::path(post, path = "/api/v1/roles/{id}/reset", operation_id = "resetRole", tag = "Roles",
    params(("id" = Uuid, Path), WriteParameters),
    responses((status = 200, description = "The role as Roster ships it.", body = Role, headers(("ETag" = String, description = "Its version.")))))]
async fn reset(db: Data<Db>, caller: Caller, id: Path<RoleId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| {
        access::roles::reset_one(tx, scope, id)?;
        Ok(Role::whole(tx, scope, id)?)
    });
    let role = done.await.refused()?.map_err(|refusal| refusals::of_role(&refusal))?;
    Ok(answers::record(role.version, &role))
}

/// List who holds a role
///
/// People and system accounts, disabled ones too, but not those whose time with the role is over. In the order in which
/// they came to the organization. `GET /users?role=` finds and sorts people.
#[utoipa::path(get, path = "/api/v1/roles/{id}/members", operation_id = "listMembersOfRole", tag = "Roles",
    params(("id" = Uuid, Path), PageParameters),
    responses((status = 200, description = "A page of members.", body = MemberOfRolePage)))]
async fn members(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<RoleId>,
    parameters: Parameters<PageParameters>,
) -> web::Result<HttpResponse> {
    let (id, (after, limit)) = (id.into_inner(), parameters.0.read()?);
    let list = move |conn: &mut Conn, scope: &Scope| {
        scope.demand(rights::ROLE_READ)?;
        roles::find(conn, scope.organization, id)?;
        access::roles::members(conn, scope, id, after, limit)
    };
    let found = caller.read(&db, list).await?;
    let next_cursor = found.next().map(|member| member.id.to_string());
    let data = found.rows.into_iter().map(MemberOfRole::from).collect();
    let page = MemberOfRolePage { data, next_cursor, total: None };
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}
