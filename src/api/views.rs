//! Saved views of the two lists of members.

use super::{
    Caller,
    answers::{self, page, refused},
    body::Body,
    choice::{self, Choice},
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters, WriteParameters},
};
use crate::{
    db::{Conn, Db},
    directory::{self, NewView, SavedView, ViewChange, ViewRefusal},
    kit::{Fault, MemberKind, OperationError, OperationResult, Scope, ViewId, rights},
    text_enum,
    web::{self, Field, FieldError, Problem, Site},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema, openapi::schema::Object};
use uuid::Uuid;

text_enum! {
    /// A list of members.
    pub(super) enum ViewedList {
        Users = "users",
        SystemAccounts = "system_accounts",
    }
}

impl ViewedList {
    fn of(kind: MemberKind) -> Self {
        match kind {
            MemberKind::User => Self::Users,
            MemberKind::SystemAccount => Self::SystemAccounts,
        }
    }
    fn kind(self) -> MemberKind {
        match self {
            Self::Users => MemberKind::User,
            Self::SystemAccounts => MemberKind::SystemAccount,
        }
    }
}

fn list() -> Object {
    choice::described::<ViewedList>("The list that it is a view of.")
}

/// A name for what a list shows.
#[derive(Serialize, ToSchema)]
pub(super) struct View {
    id: Uuid,
    #[schema(schema_with = list)]
    list: &'static str,
    #[schema(example = "Never signed in")]
    name: String,
    /// The query of the list: filters, search, order, tab and columns. `GET /users/export?filter=` takes it too.
    #[schema(example = "seen=never&columns=status.roles.teams")]
    filter: String,
    /// Whether everybody sees it who may read the list. Otherwise it is the caller's own.
    shared: bool,
    /// Whether the list shows it to those who have not chosen another view.
    shown_to_everybody: bool,
    /// Whether the list shows it to the caller without parameters.
    shown_to_you: bool,
    /// Its address in the console.
    address: String,
    created_at: DateTime<Utc>,
    /// The member who made it.
    #[schema(required = true)]
    created_by: Option<Uuid>,
    updated_at: DateTime<Utc>,
}

page! {
    /// The views that the caller sees, on one page.
    ViewPage of View
}

impl View {
    fn of(site: &Site, scope: &Scope, view: &SavedView, shown_to_you: bool) -> Self {
        let path = format!("/o/{}{}/views/{}", scope.organization, view.kind.path(), view.id);
        Self {
            id: view.id.0,
            list: ViewedList::of(view.kind).as_str(),
            name: view.name.clone(),
            filter: view.query.clone(),
            shared: view.is_shared(),
            shown_to_everybody: view.is_default,
            shown_to_you,
            address: site.link(&path),
            created_at: view.created_at.utc(),
            created_by: view.created_by.map(|id| id.0),
            updated_at: view.updated_at.utc(),
        }
    }
    fn find(conn: &mut Conn, site: &Site, scope: &Scope, id: ViewId) -> Result<Self, Fault> {
        let view = directory::find_view(conn, scope, id)?;
        let default = directory::views(conn, scope, view.kind)?.default().map(|view| view.id);
        Ok(Self::of(site, scope, &view, default == Some(id)))
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let needs = [rights::USER_READ.over_all(), rights::SYSTEM_ACCOUNT_READ.over_all()];
    vec![
        Endpoint::new(__path_index, index).needs_one_of(&needs),
        Endpoint::new(__path_create, create)
            .needs_one_of(&needs)
            .refuses(&["limit-reached"])
            .records(&["view.created", "view.edited"]),
        Endpoint::new(__path_show, show).needs_one_of(&needs),
        Endpoint::new(__path_update, update).needs_one_of(&needs).records(&["view.edited"]),
        Endpoint::new(__path_delete, delete).needs_one_of(&needs).records(&["view.deleted"]),
    ]
}

/// Which views to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ViewListParameters {
    /// Those of this list only.
    #[param(schema_with = list)]
    list: Option<Choice<ViewedList>>,
}

/// List views
///
/// The caller's own and the shared ones of the lists that they may read, by name. There are at most 150.
#[utoipa::path(get, path = "/api/v1/views", operation_id = "listViews", tag = "Views", params(ViewListParameters),
    responses((status = 200, description = "The views.", body = ViewPage)))]
async fn index(db: Data<Db>, site: Data<Site>, caller: Caller, parameters: Parameters<ViewListParameters>) -> web::Result<HttpResponse> {
    let wanted = parameters.0.list.map(|Choice(list)| list.kind());
    let data = caller.read(&db, move |conn, scope| {
        let mut all = Vec::new();
        for kind in MemberKind::ALL {
            if wanted.map_or_else(|| scope.may(rights::read(kind)), |wanted| wanted == kind) {
                let views = directory::views(conn, scope, kind)?;
                let default = views.default().map(|view| view.id);
                all.extend(views.all.iter().map(|view| View::of(&site, scope, view, default == Some(view.id))));
            }
        }
        Ok::<_, Fault>(all)
    });
    let data = data.await?;
    Ok(HttpResponse::Ok().json(ViewPage { data, next_cursor: None, total: None }))
}

/// Read a view
#[utoipa::path(get, path = "/api/v1/views/{id}", operation_id = "getView", tag = "Views", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The view.", body = View)))]
async fn show(db: Data<Db>, site: Data<Site>, caller: Caller, id: Path<ViewId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let view = caller.read(&db, move |conn, scope| View::find(conn, &site, scope, id)).await?;
    Ok(HttpResponse::Ok().json(view))
}

/// A view to save.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ViewRequest {
    #[schema(schema_with = list)]
    list: Choice<ViewedList>,
    /// No other view of the same list has it, among the shared ones or among the caller's own.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// The query of the list. Empty for everybody in the usual order.
    #[serde(default)]
    #[schema(max_length = 8000, example = "seen=never")]
    filter: String,
    /// Whether to share it, which needs `user:manage:*` or `system_account:manage:*`.
    #[serde(default)]
    shared: bool,
    /// Whether the list shows it to those who have not chosen another view. Only for shared ones.
    #[serde(default)]
    shown_to_everybody: bool,
}

/// What to change of a view. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ViewPatch {
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    #[schema(max_length = 8000)]
    filter: Option<String>,
    /// Whether the list shows it to those who have not chosen another view. Only for shared ones.
    shown_to_everybody: Option<bool>,
}

/// The name as the console checks it.
fn checked(name: String) -> web::Result<String> {
    let mut name = Field::new(name);
    name.line("a name", directory::LONGEST_VIEW_NAME).ok_or_else(|| {
        let wrong = FieldError::new("/name", "invalid", name.complaint.unwrap_or_default());
        Problem::fields(vec![wrong]).into()
    })
}

/// Save a view
///
/// An own one for the owner of the credential, or a shared one.
#[utoipa::path(post, path = "/api/v1/views", operation_id = "createView", tag = "Views", params(WriteParameters), request_body = ViewRequest,
    responses((status = 201, description = "The view.", body = View, headers(("Location" = String, description = "Its address.")))))]
async fn create(
    db: Data<Db>,
    site: Data<Site>,
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<ViewRequest>,
) -> web::Result<HttpResponse> {
    let ViewRequest { list: Choice(list), name, filter, shared, shown_to_everybody } = body.0;
    let wanted = NewView { kind: list.kind(), name: checked(name)?, query: filter, is_shared: shared };
    let done = caller.write(&db, how.0, move |tx, scope| {
        let id = directory::create_view(tx, scope, &wanted)?;
        if shown_to_everybody {
            directory::set_default_view_for_all(tx, scope, wanted.kind, Some(id))?;
        }
        Ok::<_, OperationError<ViewRefusal>>(View::find(tx, &site, scope, id)?)
    });
    let view = done.await.refused()?.map_err(|refusal| problem(&refusal))?;
    Ok(answers::created_unversioned(&format!("/api/v1/views/{}", view.id), &view))
}

/// Change a view
#[utoipa::path(patch, path = "/api/v1/views/{id}", operation_id = "updateView", tag = "Views",
    params(("id" = Uuid, Path), WriteParameters), request_body = ViewPatch,
    responses((status = 200, description = "The view after the change.", body = View)))]
async fn update(
    db: Data<Db>,
    site: Data<Site>,
    caller: Caller,
    id: Path<ViewId>,
    how: Parameters<WriteParameters>,
    body: Body<ViewPatch>,
) -> web::Result<HttpResponse> {
    let (id, ViewPatch { name, filter, shown_to_everybody }) = (id.into_inner(), body.0);
    let change = ViewChange { name: name.map(checked).transpose()?, query: filter };
    let done = caller.write(&db, how.0, move |tx, scope| {
        directory::edit_view(tx, scope, id, &change)?;
        let view = directory::find_view(tx, scope, id)?;
        if let Some(is_shown) = shown_to_everybody.filter(|is_shown| *is_shown != view.is_default) {
            directory::set_default_view_for_all(tx, scope, view.kind, is_shown.then_some(id))?;
        }
        Ok::<_, OperationError<ViewRefusal>>(View::find(tx, &site, scope, id)?)
    });
    let view = done.await.refused()?.map_err(|refusal| problem(&refusal))?;
    Ok(HttpResponse::Ok().json(view))
}

/// Delete a view
///
/// Members are not touched.
#[utoipa::path(delete, path = "/api/v1/views/{id}", operation_id = "deleteView", tag = "Views", params(("id" = Uuid, Path), WriteParameters),
    responses((status = 204, description = "It is deleted.")))]
async fn delete(db: Data<Db>, caller: Caller, id: Path<ViewId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    caller.write(&db, how.0, move |tx, scope| directory::delete_view(tx, scope, id).map(drop)).await?;
    Ok(answers::nothing())
}

/// Why a view was not saved.
fn problem(refusal: &ViewRefusal) -> web::Error {
    let field = |pointer: &str, code: &'static str| Problem::field(pointer, code, refusal).into();
    match refusal {
        ViewRefusal::NameTaken => field("/name", "taken"),
        ViewRefusal::NotUnderstood => field("/filter", "invalid"),
        ViewRefusal::NotShared => field("/shown_to_everybody", "invalid"),
        ViewRefusal::TooManyOwn | ViewRefusal::TooManyShared => refused("limit-reached", "There are too many", refusal),
    }
}
