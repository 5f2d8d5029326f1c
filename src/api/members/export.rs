//! The two lists as CSV, and everything about one person as JSON, streamed.

use crate::{
    api::{
        Caller,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
        stream,
    },
    db::Db,
    directory::{self, Export},
    kit::{MemberId, MemberKind, rights},
    members,
    personal_data::{self, Audience},
    web::{self, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Which members to export.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportParameters {
    /// The query of the list, such as `tab=active&sort=last_sign_in`, or the `filter` of a view. Without it, the list as it is
    /// without filters. With `columns=`, the file has the name and only these columns.
    #[param(max_length = 8000, example = "tab=active")]
    filter: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_users, users)
            .needs_over_teams(rights::USER_READ)
            .records(&["members.exported"]),
        Endpoint::new(__path_system_accounts, system_accounts)
            .needs(rights::SYSTEM_ACCOUNT_READ)
            .records(&["members.exported"]),
        Endpoint::new(__path_personal_data, personal_data)
            .needs(rights::USER_MANAGE)
            .records(&["member.exported"]),
    ]
}

/// Export people
///
/// As CSV, with the columns of the console's export. The export is recorded.
#[utoipa::path(get, path = "/api/v1/users/export", operation_id = "exportUsers", tag = "Users", params(ExportParameters),
    responses((status = 200, description = "The people.", body = String, content_type = "text/csv")))]
async fn users(db: Data<Db>, caller: Caller, req: HttpRequest, wanted: Parameters<ExportParameters>) -> web::Result<HttpResponse> {
    export(&db, caller, &req, MemberKind::User, wanted.0.filter.unwrap_or_default()).await
}

/// Export system accounts
///
/// As CSV, with the columns of the console's export. The export is recorded.
#[utoipa::path(get, path = "/api/v1/system_accounts/export", operation_id = "exportSystemAccounts", tag = "System accounts",
    params(ExportParameters), responses((status = 200, description = "The system accounts.", body = String, content_type = "text/csv")))]
async fn system_accounts(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    wanted: Parameters<ExportParameters>,
) -> web::Result<HttpResponse> {
    export(&db, caller, &req, MemberKind::SystemAccount, wanted.0.filter.unwrap_or_default()).await
}

/// Everything that the organization holds about a person, apart from secrets.
#[derive(Serialize, ToSchema)]
struct PersonalData {
    exported_at: DateTime<Utc>,
    /// Id and name.
    #[schema(value_type = Object)]
    organization: Value,
    /// Id, username, email, names and contact details.
    #[schema(value_type = Object)]
    person: Value,
    /// The values of the organization's own fields.
    #[schema(value_type = Vec<Object>)]
    fields: Vec<Value>,
    /// The present status, who set it and why, and the events that set it before.
    #[schema(value_type = Object)]
    status: Value,
    has_second_factor: bool,
    /// What a provisioner sent about them.
    #[schema(required = true, value_type = Option<Object>)]
    managed_by: Option<Value>,
    /// The roles given to them, each with who gave it, when and until when.
    #[schema(value_type = Vec<Object>)]
    roles: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    policies: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    teams: Vec<Value>,
    /// How they set up their lists: own views, the views shown to them first, and columns.
    #[schema(value_type = Object)]
    lists: Value,
    /// What was decided about them in access reviews, and the reviews that they were chosen for.
    #[schema(value_type = Object)]
    access_reviews: Value,
    #[schema(required = true, value_type = Option<Object>)]
    invitation: Option<Value>,
    /// What connections call them.
    #[schema(value_type = Vec<Object>)]
    linked_identities: Vec<Value>,
    /// Their tokens, without values.
    #[schema(value_type = Vec<Object>)]
    tokens: Vec<Value>,
    #[schema(required = true, value_type = Option<Object>)]
    api_access: Option<Value>,
    /// The sessions that open the organization.
    #[schema(value_type = Vec<Object>)]
    sessions: Vec<Value>,
    /// The latest first.
    #[schema(value_type = Vec<Object>)]
    sign_ins: Vec<Value>,
    /// The events that they caused or that were about them, the latest first. Empty without `audit:read:*`; then `left_out` says so.
    #[schema(value_type = Vec<Object>)]
    audit_events: Vec<Value>,
    /// Letters to their present address, by kind and time.
    #[schema(value_type = Vec<Object>)]
    letters: Vec<Value>,
    /// Sections that need a permission that the credential lacks.
    #[schema(value_type = Option<Vec<Object>>)]
    left_out: Option<Vec<Value>>,
}

/// Export everything about a person
///
/// One document with all that the organization holds about them. How they sign in elsewhere, and their own sign-in data, only they
/// get themselves, on the page *My profile*. The export is recorded.
#[utoipa::path(get, path = "/api/v1/users/{id}/personal_data", operation_id = "exportPersonalData", tag = "Users", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The document.", body = PersonalData)))]
async fn personal_data(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<MemberId>,
    _: Parameters<NoParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    caller
        .read(&db, move |conn, scope| members::find_of(conn, scope, MemberKind::User, id).map(drop))
        .await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, "application/json"));
    // HEAD exports nothing, so nothing is recorded.
    if *req.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let begun = caller.write(&db, WriteParameters::default(), move |tx, scope| {
        personal_data::Export::begin(tx, scope, id, Audience::Organization)
    });
    let export = begun.await?;
    Ok(answer.streaming(stream::parts(&req, &db, &caller, export, personal_data::Export::part)))
}

async fn export(db: &Db, caller: Caller, req: &HttpRequest, kind: MemberKind, filter: String) -> web::Result<HttpResponse> {
    directory::demand_export(&caller.scope, kind, &filter).map_err(|error| match error {
        web::Error::Fault(fault) => web::Error::from(fault),
        _ => Problem::field("?filter", "invalid", "Some of it is not understood.").into(),
    })?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, "text/csv"));
    // HEAD exports nothing, so nothing is recorded.
    if *req.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let begun = caller.write(db, WriteParameters::default(), move |tx, scope| Export::begin(tx, scope, kind, &filter));
    let export = begun.await?;
    Ok(answer.streaming(stream::parts(req, db, &caller, export, Export::part)))
}
