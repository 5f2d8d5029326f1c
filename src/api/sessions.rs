//! Where people are signed in, and their attempts to sign in.

use super::{
    Caller,
    answers::{self, PageParameters, page},
    choice,
    endpoints::Endpoint,
    identity_refusals::{OF_SESSIONS, of_end},
    parameters::{NoParameters, Parameters, WriteParameters},
};
use crate::{
    db::{Db, keyset::TimeCursor},
    kit::{MemberId, OperationResult, SessionId, rights},
    sessions::{self, AttemptWindow, Here, Listed, Outcome, SignInRow},
    web,
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A live session of a person.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    id: Uuid,
    /// Browser and system.
    #[schema(example = "Firefox on Linux")]
    device: String,
    /// Null in a shared session.
    #[schema(required = true)]
    address: Option<String>,
    signed_in_at: DateTime<Utc>,
    /// Null in a shared session.
    #[schema(required = true)]
    last_seen_at: Option<DateTime<Utc>>,
    /// The person belongs to other organizations too, which share the session: only all of them can be ended, for this
    /// organization.
    is_shared: bool,
}

page! {
    /// All live sessions of a person, on one page.
    SessionPage of Session
}

/// An attempt to sign in.
#[derive(Serialize, ToSchema)]
pub(super) struct SignIn {
    id: Uuid,
    at: DateTime<Utc>,
    #[schema(schema_with = choice::schema::<Outcome>)]
    outcome: &'static str,
    #[schema(example = "password+totp")]
    method: String,
    address: String,
    device: String,
}

page! {
    /// A page of attempts to sign in, the newest first.
    SignInPage of SignIn
}

impl Session {
    fn of(listed: Listed, is_shared: bool) -> Self {
        Self {
            id: listed.id.0,
            device: listed.device,
            address: Some(listed.address).filter(|_| !is_shared),
            signed_in_at: listed.signed_in_at.utc(),
            last_seen_at: Some(listed.last_seen_at.utc()).filter(|_| !is_shared),
            is_shared,
        }
    }
}

impl SignIn {
    fn of(row: SignInRow) -> Self {
        Self {
            id: row.id.0,
            at: row.at.utc(),
            outcome: row.outcome.as_str(),
            method: row.method,
            address: row.address,
            device: row.device,
        }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs_over_teams(rights::USER_MANAGE),
        Endpoint::new(__path_end_all, end_all)
            .needs_over_teams(rights::USER_MANAGE)
            .refuses(OF_SESSIONS)
            .records(&["session.all_ended"]),
        Endpoint::new(__path_end, end)
            .needs_over_teams(rights::USER_MANAGE)
            .refuses(OF_SESSIONS)
            .records(&["session.ended"]),
        Endpoint::new(__path_attempts, attempts).needs_over_teams(rights::USER_READ),
    ]
}

/// List the sessions of a person
///
/// Those that open this organization.
#[utoipa::path(get, path = "/api/v1/users/{id}/sessions", operation_id = "listSessionsOfUser", tag = "Users",
    params(("id" = Uuid, Path)), responses((status = 200, description = "Their live sessions.", body = SessionPage)))]
async fn index(db: Data<Db>, caller: Caller, id: Path<MemberId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let Here { sessions, is_shared } = caller.read(&db, move |conn, scope| sessions::list_here(conn, scope, id)).await?;
    let data = sessions.into_iter().map(|listed| Session::of(listed, is_shared)).collect();
    Ok(HttpResponse::Ok().json(SessionPage { data, next_cursor: None, total: None }))
}

/// End all sessions of a person
///
/// For this organization: with the next request they have to sign in again.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions", operation_id = "endSessionsOfUser", tag = "Users",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "They are signed out.")))]
async fn end_all(db: Data<Db>, caller: Caller, id: Path<MemberId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| sessions::end_here(tx, scope, id));
    done.await.refused()?.map_err(|refusal| of_end(&refusal))?;
    Ok(answers::nothing())
}

/// End a session of a person
///
/// Of a person who belongs to no other organization.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions/{session_id}", operation_id = "endSessionOfUser", tag = "Users",
    params(("id" = Uuid, Path), ("session_id" = Uuid, Path), WriteParameters),
    responses((status = 204, description = "The session has ended.")))]
async fn end(
    db: Data<Db>,
    caller: Caller,
    ids: Path<(MemberId, SessionId)>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (id, session) = ids.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| sessions::end_one_here(tx, scope, id, session));
    done.await.refused()?.map_err(|refusal| of_end(&refusal))?;
    Ok(answers::nothing())
}

/// List the attempts of a person to sign in
///
/// Good and bad ones, the newest first.
#[utoipa::path(get, path = "/api/v1/users/{id}/sign_ins", operation_id = "listSignInsOfUser", tag = "Users",
    params(("id" = Uuid, Path), PageParameters), responses((status = 200, description = "A page of attempts.", body = SignInPage)))]
async fn attempts(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<MemberId>,
    parameters: Parameters<PageParameters>,
) -> web::Result<HttpResponse> {
    let (id, (cursor, size)) = (id.into_inner(), parameters.0.read()?);
    let window = cursor.map_or(AttemptWindow::First, AttemptWindow::After);
    let page = caller.read(&db, move |conn, scope| sessions::attempts(conn, scope, id, window, size)).await?;
    let next = page.next().map(|last| TimeCursor(last.at, last.id));
    let data = page.rows.into_iter().map(SignIn::of).collect();
    let next_cursor = next.as_ref().map(ToString::to_string);
    Ok(answers::listed(&req, &SignInPage { data, next_cursor, total: None }, next.as_ref()))
}
