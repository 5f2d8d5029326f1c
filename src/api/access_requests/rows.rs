//! Lists of requests, and one of them.

use crate::{
    access_requests::{self, AskedKind, Listed, RequestState},
    api::{
        Caller,
        answers::{self, page},
        choice::{self, Choice},
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters},
    },
    db::{Db, keyset::Window},
    kit::{AccessRequestId, Timestamp},
    web::{self, Site},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema, openapi::schema::Object};
use uuid::Uuid;

fn kinds() -> Object {
    choice::described::<AskedKind>("What is asked for.")
}
fn states() -> Object {
    choice::described::<RequestState>("What became of it.")
}

/// A request for a role or a team.
#[derive(Serialize, ToSchema)]
pub(super) struct AccessRequest {
    pub id: Uuid,
    #[schema(schema_with = states)]
    state: &'static str,
    /// The person who asks.
    member: Uuid,
    member_name: String,
    #[schema(schema_with = kinds)]
    kind: &'static str,
    /// The id of the role or team.
    subject: Uuid,
    /// Its name; the name at that time, if it was deleted since.
    subject_name: String,
    /// The end that is asked for. Null if there is none.
    #[schema(required = true)]
    until: Option<DateTime<Utc>>,
    reason: String,
    /// The ticket that the person named. Empty if there is none.
    ticket: String,
    created_at: DateTime<Utc>,
    /// When it was decided, was withdrawn or lapsed.
    #[schema(required = true)]
    closed_at: Option<DateTime<Utc>>,
    /// Who decided it. Null if it lapsed.
    #[schema(required = true)]
    closed_by: Option<Uuid>,
    /// The end that was granted. Null if there is none.
    #[schema(required = true)]
    granted_until: Option<DateTime<Utc>>,
    /// What the decider wrote, or why it lapsed.
    answer: String,
    /// Its address in the console, for those who decide.
    address: String,
}

page! {
    /// Requests, on one page.
    AccessRequestPage of AccessRequest
}

impl AccessRequest {
    pub fn of(site: &Site, listed: Listed) -> Self {
        let (state, answer) = (listed.state(), listed.answer());
        let request = listed.request;
        Self {
            id: request.id.0,
            state: state.as_str(),
            member: request.member_id.0,
            member_name: listed.member,
            kind: request.kind.as_str(),
            subject: request.subject_id.0,
            subject_name: listed.subject,
            until: request.until_at.map(Timestamp::utc),
            reason: request.reason,
            ticket: request.ticket,
            created_at: request.created_at.utc(),
            closed_at: request.closed_at.map(Timestamp::utc),
            closed_by: request.closed_by.map(|id| id.0),
            granted_until: request.granted_until_at.map(Timestamp::utc),
            answer,
            address: site.link(&format!("/o/{}/access/requests/{}", request.organization_id, request.id)),
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).refuses(&["permission-missing"]),
        Endpoint::new(__path_show, show),
    ]
}

/// Which requests to list.
#[derive(Deserialize, IntoParams, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct AccessRequestListParameters {
    /// Those of the owner of the credential, instead of those that they may decide.
    mine: Option<bool>,
    #[param(schema_with = states)]
    state: Option<Choice<RequestState>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List access requests
///
/// Those that the caller may decide, or with `mine=true` their own, the newest first. Callers with `user:manage:*` see all, team
/// administrators those for their teams. Without `state`, requests in every state.
#[utoipa::path(get, path = "/api/v1/access_requests", operation_id = "listAccessRequests", tag = "Access requests",
    params(AccessRequestListParameters), responses((status = 200, description = "A page of requests.", body = AccessRequestPage)))]
async fn index(
    db: Data<Db>,
    site: Data<Site>,
    caller: Caller,
    req: HttpRequest,
    wanted: Parameters<AccessRequestListParameters>,
) -> web::Result<HttpResponse> {
    let AccessRequestListParameters { mine, state, limit, cursor } = wanted.0;
    let (state, is_mine) = (state.map(|Choice(state)| state), mine == Some(true));
    let (limit, cursor) = (answers::limit(limit)?, answers::cursor::<AccessRequestId>(cursor.as_deref())?);
    let window = Window::read(cursor, None);
    let page = caller.read(&db, move |conn, scope| {
        if is_mine {
            access_requests::list_own(conn, scope, state, &window, limit)
        } else {
            access_requests::list(conn, scope, state, &window, limit)
        }
    });
    let page = page.await?;
    let next_cursor = page.next().map(|last| last.request.id.to_string());
    let data = page.rows.into_iter().map(|listed| AccessRequest::of(&site, listed)).collect();
    let page = AccessRequestPage { data, next_cursor, total: None };
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}

/// Read an access request
///
/// One that the caller may decide, or their own.
#[utoipa::path(get, path = "/api/v1/access_requests/{id}", operation_id = "getAccessRequest", tag = "Access requests",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The request.", body = AccessRequest)))]
async fn show(
    db: Data<Db>,
    site: Data<Site>,
    caller: Caller,
    id: Path<AccessRequestId>,
    _: Parameters<NoParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let listed = caller.read(&db, move |conn, scope| access_requests::find(conn, scope, id)).await?;
    Ok(HttpResponse::Ok().json(AccessRequest::of(&site, listed)))
}
