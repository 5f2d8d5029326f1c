//! Invitations as they are listed and read.

use crate::{
    api::{
        Caller,
        answers::{self, page},
        choice,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters},
    },
    db::{Db, keyset::Window},
    invitations::{self, InvitationState, Listed},
    kit::{InvitationId, Timestamp, rights},
    mail::LetterState,
    web,
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// An offer to join.
#[derive(Serialize, ToSchema)]
pub(super) struct Invitation {
    id: Uuid,
    /// The person in the directory. They have been a member with the status `invited` from the start.
    member_id: Uuid,
    #[schema(example = "ada@example.org")]
    email: String,
    name: String,
    #[schema(schema_with = state)]
    state: &'static str,
    /// Why it is void. Empty if it is not.
    void_reason: String,
    /// The name of the member who sent it last, if they still exist.
    #[schema(required = true)]
    invited_by: Option<String>,
    message: String,
    sent_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// What has become of the letter: `waiting`, `sent`, `filed` (written to a file), `failed` or `withdrawn`. Null if the
    /// link was handed over.
    #[schema(required = true, example = "sent")]
    letter: Option<&'static str>,
}

/// The schema of a state.
fn state() -> Object {
    let mut schema = choice::schema::<InvitationState>();
    let description = "`open`: its link works. `expired`: it is too old. `void`: who sent it may not do so any more. `accepted`: they \
        have joined.";
    schema.description = Some(description.into());
    schema
}

page! {
    /// A page of invitations.
    InvitationPage of Invitation
}

impl Invitation {
    fn of(listed: Listed, now: Timestamp) -> Self {
        Self {
            id: listed.id.0,
            member_id: listed.member.0,
            state: listed.state(now).as_str(),
            email: listed.email,
            name: listed.name,
            void_reason: listed.void_reason.unwrap_or_default(),
            invited_by: listed.invited_by,
            message: listed.message,
            sent_at: listed.sent_at.utc(),
            expires_at: listed.expires_at.utc(),
            letter: listed.letter.map(LetterState::as_str),
        }
    }
}

/// Which page of the invitations.
#[derive(Deserialize, IntoParams, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct InvitationListParameters {
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs_over_teams(rights::USER_INVITE),
        Endpoint::new(__path_show, show).needs_over_teams(rights::USER_INVITE),
    ]
}

/// List invitations
///
/// Those that nobody has accepted yet, the newest first.
#[utoipa::path(get, path = "/api/v1/invitations", operation_id = "listInvitations", tag = "Invitations",
    params(InvitationListParameters), responses((status = 200, description = "A page of invitations.", body = InvitationPage)))]
async fn index(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    parameters: Parameters<InvitationListParameters>,
) -> web::Result<HttpResponse> {
    let Parameters(wanted) = parameters;
    let size = answers::limit(wanted.limit)?;
    let cursor = answers::cursor::<InvitationId>(wanted.cursor.as_deref())?;
    let window = Window::read(cursor, None);
    let page = caller.read(&db, move |conn, scope| invitations::page(conn, scope, window, size)).await?;
    let next = page.next().map(|last| last.id);
    let now = caller.scope.now();
    let data = page.rows.into_iter().map(|listed| Invitation::of(listed, now)).collect();
    let next_cursor = next.as_ref().map(ToString::to_string);
    Ok(answers::listed(&req, &InvitationPage { data, next_cursor, total: None }, next.as_ref()))
}

/// Read an invitation
///
/// Whatever has become of it, as long as the person is a member.
#[utoipa::path(get, path = "/api/v1/invitations/{id}", operation_id = "getInvitation", tag = "Invitations", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The invitation.", body = Invitation)))]
async fn show(db: Data<Db>, caller: Caller, id: Path<InvitationId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let found = caller.read(&db, move |conn, scope| invitations::find(conn, scope, id)).await?;
    Ok(HttpResponse::Ok().json(Invitation::of(found, caller.scope.now())))
}
