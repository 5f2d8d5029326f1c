//! Asking, withdrawing and deciding.

use super::{
    refusals::{demand_person, of_decision, of_request},
    rows::AccessRequest,
};
use crate::{
    access_requests::{self, Asked, Decision, LONGEST_REASON, LONGEST_TICKET, NewRequest, Verdict},
    api::{
        Caller, answers,
        body::Body,
        choice::{self, Choice},
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
        refusals::OF_CHANGES,
    },
    db::Db,
    kit::{AccessRequestId, OperationError, OperationResult, RoleId, TeamId, Timestamp},
    mail::Outbox,
    text_enum,
    web::{self, Field, Problem, Site},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;
use std::fmt::Display;
use utoipa::{ToSchema, openapi::schema::Object};
use uuid::Uuid;

text_enum! {
    /// What can be decided about a request.
    pub(super) enum DecidedAs {
        Granted = "granted",
        Refused = "refused",
    }
}

fn decisions() -> Object {
    choice::described::<DecidedAs>(
        "Granting it is the usual change: it needs the same permissions as giving the role or adding to the team by hand.",
    )
}

/// What to ask for: a role or a team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccessRequestRequest {
    role_id: Option<Uuid>,
    team_id: Option<Uuid>,
    /// When it ends. Without it there is no end.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
    /// Why. Those who decide read it, and the audit log keeps it.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// The number or address of a ticket.
    #[serde(default)]
    #[schema(max_length = 100)]
    ticket: String,
}

/// A decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccessRequestDecision {
    #[schema(schema_with = decisions)]
    decision: Choice<DecidedAs>,
    /// Another end than the one that was asked for. Only for granting.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
    /// Grants it without an end, whatever was asked for.
    #[serde(default)]
    without_end: bool,
    /// What the member is told. A refusal needs it.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: String,
}

fn invalid(pointer: &'static str, code: &'static str, detail: impl Display) -> web::Error {
    Problem::field(pointer, code, detail).into()
}

/// An end that both engines can write.
fn end(until: Option<DateTime<Utc>>, now: Timestamp) -> web::Result<Option<Timestamp>> {
    let until = until.map(Timestamp::from);
    if until.as_ref().is_some_and(|until| *until <= now || until.utc().year() > 9998) {
        return Err(invalid("/until", "out-of-range", "The end is in the future, before the year 9999."));
    }
    Ok(until)
}

/// A text of several lines, as the console checks it.
fn lines(pointer: &'static str, text: String, is_required: bool) -> web::Result<String> {
    let mut field = Field::new(text);
    let text = field.lines(LONGEST_REASON);
    match text {
        Some(text) if text.is_empty() && is_required => Err(invalid(pointer, "required", "Say why.")),
        Some(text) => Ok(text),
        None => Err(invalid(pointer, "invalid", field.complaint.unwrap_or_default())),
    }
}

impl AccessRequestRequest {
    fn read(self, now: Timestamp) -> web::Result<NewRequest> {
        let asked = match (self.role_id, self.team_id) {
            (Some(role), None) => Asked::Role(RoleId(role)),
            (None, Some(team)) => Asked::Team(TeamId(team)),
            _ => return Err(invalid("/role_id", "required", "Send role_id or team_id, and not both.")),
        };
        let mut ticket = Field::new(self.ticket);
        let ticket = ticket
            .optional_line(LONGEST_TICKET)
            .ok_or_else(|| invalid("/ticket", "invalid", ticket.complaint.unwrap_or_default()))?;
        let (until, reason) = (end(self.until, now)?, lines("/reason", self.reason, true)?);
        Ok(NewRequest { asked, until, reason, ticket })
    }
}

impl AccessRequestDecision {
    fn read(self, now: Timestamp) -> web::Result<Decision> {
        let Choice(decided_as) = self.decision;
        let until = end(self.until, now)?;
        let has_end = until.is_some() || self.without_end;
        let verdict = match decided_as {
            _ if until.is_some() && self.without_end => {
                return Err(invalid("/until", "invalid", "Send until or without_end, and not both."));
            }
            DecidedAs::Refused if has_end => return Err(invalid("/until", "invalid", "A refusal has no end.")),
            DecidedAs::Refused => Verdict::Refuse,
            DecidedAs::Granted if has_end => Verdict::GrantUntil(until),
            DecidedAs::Granted => Verdict::Grant,
        };
        let answer = lines("/reason", self.reason, verdict == Verdict::Refuse)?;
        Ok(Decision { verdict, answer })
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_create, create)
            .refuses(&[
                "limit-reached",
                "narrowed-credential",
                "not-for-system-accounts",
                "too-many-letters",
            ])
            .records(&["access_request.created"]),
        Endpoint::new(__path_withdraw, withdraw)
            .refuses(&["narrowed-credential", "not-for-system-accounts", "request-closed"])
            .records(&["access_request.withdrawn"]),
        Endpoint::new(__path_decide, decide)
            .refuses(&["permission-missing", "request-closed"])
            .refuses(OF_CHANGES)
            .records(&[
                "access_request.granted",
                "access_request.refused",
                "member.role_added",
                "member.role_end_changed",
                "member.joined_team",
            ]),
    ]
}

/// Ask for a role or a team
///
/// For the owner of the credential, a person. Those who may decide get a letter. The role or team is one whose name the person may
/// read, and that they do not have. A person has at most ten open requests.
#[utoipa::path(post, path = "/api/v1/access_requests", operation_id = "createAccessRequest", tag = "Access requests", params(WriteParameters),
    request_body = AccessRequestRequest, responses((status = 201, description = "The request.", body = AccessRequest,
        headers(("Location" = String, description = "Its address.")))))]
async fn create(
    db: Data<Db>,
    site: Data<Site>,
    outbox: Data<Outbox>,
    caller: Caller,
    how: Parameters<WriteParameters>,
    body: Body<AccessRequestRequest>,
) -> web::Result<HttpResponse> {
    demand_person(&caller)?;
    let wanted = body.0.read(caller.scope.now())?;
    let asked = wanted.asked;
    let done = caller.write(&db, how.0, move |tx, scope| {
        let id = access_requests::ask(tx, scope, &outbox, &wanted)?;
        Ok::<_, OperationError<_>>(AccessRequest::of(&site, access_requests::find(tx, scope, id)?))
    });
    let request = done.await.refused()?.map_err(|refusal| of_request(asked, &refusal))?;
    Ok(answers::created_unversioned(&format!("/api/v1/access_requests/{}", request.id), &request))
}

/// Withdraw an access request
///
/// An open one of the owner of the credential.
#[utoipa::path(post, path = "/api/v1/access_requests/{id}/withdrawal", operation_id = "withdrawAccessRequest", tag = "Access requests",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 200, description = "The request after that.", body = AccessRequest)))]
async fn withdraw(
    db: Data<Db>,
    site: Data<Site>,
    caller: Caller,
    id: Path<AccessRequestId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    demand_person(&caller)?;
    let id = id.into_inner();
    let done = caller.write(&db, how.0, move |tx, scope| {
        access_requests::withdraw(tx, scope, id)?;
        Ok::<_, OperationError<_>>(AccessRequest::of(&site, access_requests::find(tx, scope, id)?))
    });
    let request = done.await.refused()?.map_err(|refusal| of_decision(&refusal))?;
    Ok(HttpResponse::Ok().json(request))
}

/// Decide an access request
///
/// Grants or refuses it, as a person or a system account. Granting it needs what giving the role or adding to the team needs:
/// `user:manage:*` and at least the permissions of the role, or for a team the right to add people to it. Nobody decides their own
/// request. The person gets a letter. A team that is granted with an end is left again when that day is over.
#[utoipa::path(post, path = "/api/v1/access_requests/{id}/decision", operation_id = "decideAccessRequest", tag = "Access requests",
    params(("id" = Uuid, Path), WriteParameters), request_body = AccessRequestDecision,
    responses((status = 200, description = "The request after that.", body = AccessRequest)))]
async fn decide(
    db: Data<Db>,
    site: Data<Site>,
    outbox: Data<Outbox>,
    caller: Caller,
    id: Path<AccessRequestId>,
    how: Parameters<WriteParameters>,
    body: Body<AccessRequestDecision>,
) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let decision = body.0.read(caller.scope.now())?;
    let done = caller.write(&db, how.0, move |tx, scope| {
        access_requests::decide(tx, scope, &outbox, id, &decision)?;
        Ok::<_, OperationError<_>>(AccessRequest::of(&site, access_requests::find(tx, scope, id)?))
    });
    let request = done.await.refused()?.map_err(|refusal| of_decision(&refusal))?;
    Ok(HttpResponse::Ok().json(request))
}
