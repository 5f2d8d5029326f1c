//! The Audit Log.

use super::{
    Caller,
    answers::{self, page},
    choice::{self, Choice},
    endpoints::Endpoint,
    parameters::{Parameters, WriteParameters},
    stream,
};
use crate::{
    audit::{AuditQuery, Cursor, EventRow, Export, ExportFormat, How, Search, Who, Window},
    db::{Db, Json, keyset::TimeCursor},
    kit::{BatchId, MemberId, rights},
    web::{self, FieldError, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::Data,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// One line of what happened.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditEvent {
    id: Uuid,
    at: DateTime<Utc>,
    actor: AuditParty,
    /// What was done, such as `member.disabled`.
    #[schema(example = "member.disabled")]
    action: String,
    target: AuditParty,
    /// The network address of the actor.
    address: String,
    /// The Request-Id of the request.
    request_id: String,
    /// The bulk action that it is part of.
    #[schema(required = true)]
    batch_id: Option<Uuid>,
    /// What was changed, before.
    #[schema(required = true, value_type = Option<Object>)]
    before: Option<Value>,
    /// What was changed, after.
    #[schema(required = true, value_type = Option<Object>)]
    after: Option<Value>,
    /// The API credential that the actor used.
    #[schema(required = true)]
    credential: Option<String>,
}

/// Who did something, or what it was done to, by the name at that time.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditParty {
    /// `member`, `system`, `role`, `team` and others.
    #[schema(example = "member")]
    kind: String,
    #[schema(required = true)]
    id: Option<Uuid>,
    name: String,
}

page! {
    /// A page of the Audit Log, newest first.
    AuditEventPage of AuditEvent
}

impl From<EventRow> for AuditEvent {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id.0,
            at: row.at.utc(),
            actor: AuditParty { kind: row.actor_kind, id: row.actor_id.map(|id| id.0), name: row.actor_name },
            action: row.action,
            target: AuditParty { kind: row.target_kind, id: row.target_id.map(|id| id.0), name: row.target_name },
            address: row.address,
            request_id: row.request_id,
            batch_id: row.batch_id.map(|id| id.0),
            before: row.before.map(|Json(value)| value),
            after: row.after.map(|Json(value)| value),
            credential: row.credential,
        }
    }
}

/// The filters of the Audit Log, in its own words.
#[derive(Deserialize, IntoParams, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct AuditEventListParameters {
    /// Who did it: a member's id, or part of a name.
    #[param(max_length = 200)]
    actor: Option<String>,
    /// Whom or what it was done to: an id, or part of a name.
    #[param(max_length = 200)]
    target: Option<String>,
    /// The actor or the target: the history of one member.
    about: Option<Uuid>,
    /// The action.
    #[param(max_length = 200, example = "member.disabled")]
    what: Option<String>,
    /// The first day, in UTC.
    from: Option<NaiveDate>,
    /// The last day, in UTC.
    to: Option<NaiveDate>,
    /// The network address of the actor.
    #[param(max_length = 200)]
    address: Option<String>,
    /// The bulk action that it is part of.
    batch: Option<Uuid>,
    #[param(schema_with = ways)]
    how: Option<Choice<How>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The same filters, for an export.
#[derive(Deserialize, IntoParams, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct AuditExportParameters {
    /// Who did it: a member's id, or part of a name.
    #[param(max_length = 200)]
    actor: Option<String>,
    /// Whom or what it was done to: an id, or part of a name.
    #[param(max_length = 200)]
    target: Option<String>,
    /// The action.
    #[param(max_length = 200, example = "member.disabled")]
    what: Option<String>,
    /// The first day, in UTC.
    from: Option<NaiveDate>,
    /// The last day, in UTC.
    to: Option<NaiveDate>,
    #[param(schema_with = formats)]
    format: Option<Choice<ExportFormat>>,
}

fn ways() -> Object {
    choice::described::<How>("Only events of bulk actions, or only others.")
}
fn formats() -> Object {
    choice::described::<ExportFormat>("One JSON object on each line by default.")
}

impl AuditEventListParameters {
    fn query(&self) -> web::Result<AuditQuery> {
        Ok(AuditQuery {
            about: self.about.map(MemberId),
            address: text("?address", self.address.as_deref())?,
            batch: self.batch.map(BatchId),
            how: self.how.map(|Choice(how)| how),
            window: answers::cursor::<Cursor>(self.cursor.as_deref())?.map_or(Window::First, Window::After),
            ..filters(self.actor.as_deref(), self.target.as_deref(), self.what.as_deref(), self.from, self.to)?
        })
    }
}

/// The filters that lists and exports share.
fn filters(
    actor: Option<&str>,
    target: Option<&str>,
    what: Option<&str>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> web::Result<AuditQuery> {
    Ok(AuditQuery {
        actor: text("?actor", actor)?.and_then(|text| Who::read(&text)),
        target: text("?target", target)?.and_then(|text| Who::read(&text)),
        action: text("?what", what)?,
        from: day("?from", from)?,
        to: day("?to", to)?,
        ..AuditQuery::default()
    })
}

fn text(field: &str, sent: Option<&str>) -> web::Result<Option<String>> {
    match sent.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) if text.chars().count() > 200 => Err(Problem::field(field, "too-long", "At most 200 characters.").into()),
        sent => Ok(sent.map(str::to_owned)),
    }
}

/// Only days that both engines know.
fn day(field: &str, sent: Option<NaiveDate>) -> web::Result<Option<NaiveDate>> {
    let is_known = |day: &NaiveDate| AuditQuery::is_day(*day);
    match sent {
        Some(day) if !is_known(&day) => {
            let error = FieldError::new(field, "out-of-range", "A day between 1970-01-01 and 9998-12-31.");
            Err(Problem::fields(vec![error]).into())
        }
        sent => Ok(sent),
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(__path_index, index).needs_over_teams(rights::AUDIT_READ),
        Endpoint::new(__path_export, export)
            .needs_over_teams(rights::AUDIT_READ)
            .records(&["audit.exported"]),
    ]
}

/// List audit events
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/audit_events", operation_id = "listAuditEvents", tag = "Audit log",
    params(AuditEventListParameters), responses((status = 200, description = "A page of events.", body = AuditEventPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, wanted: Parameters<AuditEventListParameters>) -> web::Result<HttpResponse> {
    let (list_query, limit) = (wanted.0.query()?, answers::limit(wanted.0.limit)?);
    let found = caller
        .read(&db, move |conn, scope| {
            let window = list_query.window;
            Search::prepare(conn, scope, list_query.clone())?.part(conn, scope, window, limit)
        })
        .await?;
    let next = found.next().map(|last| TimeCursor(last.at, last.id));
    let page = AuditEventPage {
        data: found.rows.into_iter().map(AuditEvent::from).collect(),
        next_cursor: next.as_ref().map(ToString::to_string),
        total: None,
    };
    Ok(answers::listed(&req, &page, next.as_ref()))
}

/// Export audit events
///
/// Streamed, newest first. The export is itself an event.
#[utoipa::path(get, path = "/api/v1/audit_events/export", operation_id = "exportAuditEvents", tag = "Audit log",
    params(AuditExportParameters),
    responses((status = 200, description = "The events.", content((String = "application/jsonl"), (String = "text/csv")))))]
async fn export(db: Data<Db>, caller: Caller, req: HttpRequest, wanted: Parameters<AuditExportParameters>) -> web::Result<HttpResponse> {
    let Parameters(wanted) = wanted;
    let list_query = filters(wanted.actor.as_deref(), wanted.target.as_deref(), wanted.what.as_deref(), wanted.from, wanted.to)?;
    let format = wanted.format.map_or(ExportFormat::JsonLines, |Choice(format)| format);
    let kind = match format {
        ExportFormat::JsonLines => "application/jsonl",
        ExportFormat::Csv => "text/csv",
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, kind));
    // HEAD exports nothing, so nothing is recorded.
    if *req.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let organization = caller.organization_name.clone();
    let begun = caller.write(&db, WriteParameters::default(), move |tx, scope| {
        Export::begin(tx, scope, &organization, &list_query, format)
    });
    let export = begun.await?;
    Ok(answer.streaming(stream::parts(&req, &db, &caller, export, Export::part)))
}
