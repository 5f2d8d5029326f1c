//! How a person signs in, as far as administrators decide about it: email, password, API access.

use super::{
    Caller, answers,
    body::Body,
    endpoints::Endpoint,
    identity_refusals::{OF_ACCESS, OF_EMAIL, OF_PASSWORD, of_access, of_email, of_password},
    parameters::{Parameters, WriteParameters},
};
use crate::{
    api_access::{self, AccessRefusal},
    db::Db,
    kit::{MemberId, OperationError, OperationResult, email::Email, rights, secret::SecretString},
    mail::Outbox,
    members::{self, EmailRefusal, Member},
    passwords::{self, Hasher},
    web::{self, FieldError, Problem},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmailChange {
    #[schema(max_length = 254, example = "ada@example.org")]
    email: String,
}

/// The result of a password reset.
#[derive(Serialize, ToSchema)]
struct PasswordReset {
    /// The link to choose a new password, to hand over, where no mail server delivers letters and the caller could set a
    /// temporary password. It is told here and never again.
    #[schema(required = true)]
    link: Option<String>,
}

/// How the API password is chosen: typed, or generated.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ApiPasswordChoice {
    #[schema(value_type = Option<String>, format = Password, max_length = 256)]
    password: Option<SecretString>,
    /// Makes one, which the answer tells.
    generate_password: Option<bool>,
}

/// The API password that was set.
#[derive(Serialize, ToSchema)]
struct ApiPassword {
    /// The generated password. It is told here and never again. Null if it was typed, and in a dry run.
    #[schema(required = true)]
    password: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let managed = |endpoint: Endpoint| endpoint.needs_over_teams(rights::USER_MANAGE);
    vec![
        managed(Endpoint::new(__path_set_email, set_email)).refuses(OF_EMAIL).records(&["email.changed"]),
        managed(Endpoint::new(__path_reset_password, reset_password))
            .refuses(OF_PASSWORD)
            .records(&["password.reset_sent", "password.reset_link_shown"]),
        managed(Endpoint::new(__path_enable, enable)).refuses(OF_ACCESS).records(&["api_access.enabled"]),
        managed(Endpoint::new(__path_disable, disable)).refuses(OF_ACCESS).records(&["api_access.disabled"]),
        managed(Endpoint::new(__path_set_password, set_password))
            .refuses(OF_ACCESS)
            .records(&["api_password.set"]),
        managed(Endpoint::new(__path_remove_password, remove_password))
            .refuses(OF_ACCESS)
            .records(&["api_password.removed"]),
    ]
}

/// Change the email
///
/// At once, for a person who belongs to no other organization. Both addresses are told.
#[utoipa::path(put, path = "/api/v1/users/{id}/email", operation_id = "changeEmailOfUser", tag = "Users",
    params(("id" = Uuid, Path), WriteParameters), request_body = EmailChange,
    responses((status = 204, description = "The person has this email.")))]
async fn set_email(
    (db, outbox): (Data<Db>, Data<Outbox>),
    caller: Caller,
    id: Path<MemberId>,
    how: Parameters<WriteParameters>,
    body: Body<EmailChange>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let new = Email::parse(&body.0.email).map_err(|why| Problem::field("/email", "invalid", why))?;
    let done = caller.write(&db, how.0, move |tx, scope| members::set_email(tx, scope, &outbox, id, &new));
    match done.await.refused()? {
        Ok(()) | Err(EmailRefusal::Unchanged) => Ok(answers::nothing()),
        Err(refusal) => Err(of_email(&refusal)),
    }
}

/// Send a link to choose a new password
///
/// The present password works until they have chosen another. The link works for an hour.
#[utoipa::path(post, path = "/api/v1/users/{id}/password_reset", operation_id = "resetPasswordOfUser", tag = "Users",
    params(("id" = Uuid, Path), WriteParameters),
    responses((status = 200, description = "The letter is on its way, or written to a file.", body = PasswordReset)))]
async fn reset_password(
    (db, outbox): (Data<Db>, Data<Outbox>),
    caller: Caller,
    id: Path<MemberId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| passwords::hand_over_reset(tx, scope, &outbox, id));
    let link = done.await.refused()?.map_err(|refusal| of_password(&refusal))?;
    let link = link.filter(|_| !how.0.dry_run).map(|link| link.expose().to_owned());
    Ok(HttpResponse::Ok().json(PasswordReset { link }))
}

/// The answer to a change of API access. What is so already is no refusal.
fn answer(done: Result<Member, OperationError<AccessRefusal>>) -> web::Result<HttpResponse> {
    match done.refused()? {
        Ok(_) => Ok(answers::nothing()),
        Err(refusal) => Err(of_access(&refusal)),
    }
}

/// Turn API access on
///
/// They may make tokens, and can be given an API password. A letter tells them.
#[utoipa::path(put, path = "/api/v1/users/{id}/api_access", operation_id = "enableApiAccess", tag = "Users",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "API access is on.")))]
async fn enable(
    (db, outbox): (Data<Db>, Data<Outbox>),
    caller: Caller,
    id: Path<MemberId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    match caller.write(&db, how.0, move |tx, scope| api_access::enable(tx, scope, &outbox, id)).await {
        Err(OperationError::Refused(AccessRefusal::On)) => Ok(answers::nothing()),
        done => answer(done),
    }
}

/// Turn API access off
///
/// Deletes the API password. Tokens stop working until it is on again.
#[utoipa::path(delete, path = "/api/v1/users/{id}/api_access", operation_id = "disableApiAccess", tag = "Users",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "API access is off.")))]
async fn disable(db: Data<Db>, caller: Caller, id: Path<MemberId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    match caller.write(&db, how.0, move |tx, scope| api_access::disable(tx, scope, id)).await {
        Err(OperationError::Refused(AccessRefusal::Off)) => Ok(answers::nothing()),
        done => answer(done),
    }
}

/// Set the API password
///
/// Typed or generated. It replaces the one before. A letter tells the person that it was set, but not what it is.
#[utoipa::path(put, path = "/api/v1/users/{id}/api_password", operation_id = "setApiPassword", tag = "Users",
    params(("id" = Uuid, Path), WriteParameters), request_body = ApiPasswordChoice,
    responses((status = 200, description = "The API password is set.", body = ApiPassword)))]
async fn set_password(
    (db, outbox, hasher): (Data<Db>, Data<Outbox>, Data<Hasher>),
    caller: Caller,
    id: Path<MemberId>,
    how: Parameters<WriteParameters>,
    body: Body<ApiPasswordChoice>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let typed = body.0.typed().map_err(|error| Problem::fields(vec![error]))?;
    let header = caller.read(&db, move |conn, scope| members::header(conn, scope, id)).await?;
    let words = api_access::words(&header, &caller.organization_name);
    let password = api_access::password(typed.as_ref(), &words).map_err(|why| Problem::field("/password", "weak", why))?;
    let hash = hash(&hasher, how.0, &password).await?;
    let done = caller.write(&db, how.0, move |tx, scope| api_access::set_password(tx, scope, &outbox, id, &hash));
    done.await.refused()?.map_err(|refusal| of_access(&refusal))?;
    let is_told = typed.is_none() && !how.0.dry_run;
    Ok(HttpResponse::Ok().json(ApiPassword { password: is_told.then(|| password.expose().to_owned()) }))
}

/// Remove the API password
///
/// Clients that send it are refused with the next request. Tokens keep working.
#[utoipa::path(delete, path = "/api/v1/users/{id}/api_password", operation_id = "removeApiPassword", tag = "Users",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "There is no API password.")))]
async fn remove_password(db: Data<Db>, caller: Caller, id: Path<MemberId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    match caller.write(&db, how.0, move |tx, scope| api_access::remove_password(tx, scope, id)).await {
        Err(OperationError::Refused(AccessRefusal::Off | AccessRefusal::NoPassword)) => Ok(answers::nothing()),
        done => answer(done),
    }
}

impl ApiPasswordChoice {
    /// The typed password; `None` if one is to be generated.
    fn typed(self) -> Result<Option<SecretString>, FieldError> {
        match (self.password, self.generate_password.unwrap_or_default()) {
            (Some(_), true) => Err(both()),
            (None, false) => Err(FieldError::new("/password", "required", "Send a password, or generate_password as true.")),
            (typed, _) => Ok(typed),
        }
    }
}

/// A password cannot be both typed and generated.
pub(super) fn both() -> FieldError {
    FieldError::new("/generate_password", "conflict", "Send a password, or generate_password as true, but not both.")
}

/// The hash of a password. A dry run keeps none, so it makes none.
pub(super) async fn hash(hasher: &Hasher, how: WriteParameters, password: &SecretString) -> web::Result<String> {
    if how.dry_run {
        return Ok(String::new());
    }
    Ok(hasher.hash(password).await?)
}
