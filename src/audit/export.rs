//! Export of the log, streamed in parts, so that a million events need no more memory than a thousand.

use super::{
    Event,
    model::EventRow,
    query::{AuditQuery, Window},
    record,
    store::Search,
};
use crate::{
    db::{Conn, Db, Json, Tx, keyset::TimeCursor},
    kit::{Fault, Scope, rights},
    text_enum,
    web::{self, MemberContext, Reader, ReturnTo, csv},
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{Method, header},
    web::Data,
};
use serde_json::{Value, json};

/// Events read in one query.
const PART: i64 = 1_000;

text_enum! {
    /// The format of an export.
    pub enum ExportFormat {
        Csv = "csv",
        JsonLines = "jsonl",
    }
}

const COLUMNS: [&str; 16] = [
    "at",
    "actor",
    "actor_id",
    "action",
    "what",
    "target_kind",
    "target",
    "target_id",
    "address",
    "before",
    "after",
    "batch_id",
    "request_id",
    "actor_kind",
    "id",
    "credential",
];

pub(super) async fn index(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    context.scope.demand_over_teams(rights::AUDIT_READ)?;
    context.require_reauthentication(ReturnTo::form_page())?;
    let query = req.query_string();
    let format = format(query)
        .filter(|_| AuditQuery::is_understood(query))
        .ok_or_else(web::Error::unreadable_query)?;
    let mut answer = file(&context, format);
    // HEAD exports nothing, so nothing is recorded.
    if *req.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let (list_query, organization) = (AuditQuery::read(query), context.organization_name.clone());
    let export = context
        .write(&db, move |tx, scope| Export::begin(tx, scope, &organization, &list_query, format))
        .await?;
    let reader = Reader::of(&req, &context)?;
    Ok(answer.streaming(reader.parts(&db, export, Export::part)))
}

/// The head of an answer with a file, named after the day.
fn file(context: &MemberContext, format: ExportFormat) -> HttpResponseBuilder {
    let kind = match format {
        ExportFormat::Csv => "text/csv; charset=utf-8",
        ExportFormat::JsonLines => "application/jsonl; charset=utf-8",
    };
    let day = context.scope.now().utc().format("%Y-%m-%d");
    let name = format!("attachment; filename=\"audit-log-{day}.{}\"", format.as_str());
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CONTENT_DISPOSITION, name));
    answer
}

/// The requested format; CSV by default.
fn format(query: &str) -> Option<ExportFormat> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).ok()?;
    let chosen = pairs.iter().find(|(name, _)| name == "format");
    chosen.map_or(Some(ExportFormat::Csv), |(_, value)| value.parse().ok())
}

/// An export in progress: the caller, the query and the position.
#[derive(Clone)]
pub struct Export {
    scope: Scope,
    search: Search,
    format: ExportFormat,
    window: Window,
}

impl Export {
    /// Starts an export from the newest event on: resolves the names in the filters, and records the export.
    ///
    /// # Errors
    /// [`Fault::Denied`] without `audit:read:*`.
    pub fn begin(tx: &mut Tx<'_>, scope: &Scope, organization: &str, list_query: &AuditQuery, format: ExportFormat) -> Result<Self, Fault> {
        let search = Search::prepare(tx, scope, list_query.at(Window::First))?;
        let mut filters: serde_json::Map<String, Value> =
            list_query.query_pairs().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        filters.insert("format".into(), format.as_str().into());
        let event = Event::new("audit.exported", "organization", scope.organization.0, organization).after(Value::Object(filters));
        record(tx, scope, event)?;
        Ok(Self { scope: scope.clone(), search, format, window: Window::First })
    }

    /// The next lines, and the position after them.
    pub fn part(&self, conn: &mut Conn) -> Result<(Vec<u8>, Option<Self>), Fault> {
        let page = self.search.part(conn, &self.scope, self.window, PART)?;
        let mut text = Vec::new();
        match self.format {
            ExportFormat::Csv => write_csv(&mut text, &page.rows, self.window == Window::First)?,
            ExportFormat::JsonLines => page.rows.iter().try_for_each(|event| write_json(&mut text, event))?,
        }
        let after = |last: &EventRow| Self { window: Window::After(TimeCursor(last.at, last.id)), ..self.clone() };
        Ok((text, page.next().map(after)))
    }
}

/// What changed, before and after.
fn sides(event: &EventRow) -> (Value, Value) {
    let side = |side: &Option<Json<Value>>| side.as_ref().map_or(Value::Null, |Json(value)| value.clone());
    (side(&event.before), side(&event.after))
}

fn write_csv(text: &mut Vec<u8>, events: &[EventRow], is_first: bool) -> Result<(), Fault> {
    let mut lines = csv::Lines::new(text);
    if is_first {
        lines.line(COLUMNS)?;
    }
    let json = |value: &Value| if value.is_null() { String::new() } else { value.to_string() };
    let id = |id: Option<String>| id.unwrap_or_default();
    for line in events {
        let (before, after) = sides(line);
        let cells = [
            line.at.iso(),
            line.actor_name.clone(),
            id(line.actor_id.map(|id| id.to_string())),
            line.action.clone(),
            line.label().to_owned(),
            line.target_kind.clone(),
            line.target_name.clone(),
            id(line.target_id.map(|id| id.to_string())),
            line.address.clone(),
            json(&before),
            json(&after),
            id(line.batch_id.map(|id| id.to_string())),
            line.request_id.clone(),
            line.actor_kind.clone(),
            line.id.to_string(),
            line.credential.clone().unwrap_or_default(),
        ];
        lines.line(cells.iter().map(String::as_str))?;
    }
    Ok(())
}

fn write_json(text: &mut Vec<u8>, line: &EventRow) -> Result<(), Fault> {
    let (before, after) = sides(line);
    let object = json!({
        "id": line.id,
        "at": line.at.iso(),
        "actor": { "kind": line.actor_kind, "id": line.actor_id, "name": line.actor_name },
        "action": line.action,
        "target": { "kind": line.target_kind, "id": line.target_id, "name": line.target_name },
        "address": line.address,
        "request_id": line.request_id,
        "batch_id": line.batch_id,
        "before": before,
        "after": after,
        "credential": line.credential,
    });
    serde_json::to_writer(&mut *text, &object).map_err(Fault::broken)?;
    text.push(b'\n');
    Ok(())
}
