//! The two lists as CSV, streamed.

use crate::{
    api::{
        Caller,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
        stream,
    },
    db::Db,
    directory::{self, Export},
    kit::{MemberKind, rights},
    web::{self, FieldError, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::Data,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which members to export.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportParameters {
    /// The query of the list, such as `tab=active&sort=last_sign_in`. Without it, the list as it is without filters.
    #[param(max_length = 8000, example = "tab=active")]
    filter: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_users, users).needs(rights::USER_READ).records(&["members.exported"]),
        Endpoint::new(__path_system_accounts, system_accounts)
            .needs(rights::SYSTEM_ACCOUNT_READ)
            .records(&["members.exported"]),
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

async fn export(db: &Db, caller: Caller, req: &HttpRequest, kind: MemberKind, filter: String) -> web::Result<HttpResponse> {
    directory::demand_export(&caller.scope, kind, &filter).map_err(|error| match error {
        web::Error::Fault(fault) => web::Error::from(fault),
        _ => Problem::fields(vec![FieldError::new("?filter", "invalid", "Some of it is not understood.")]).into(),
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
