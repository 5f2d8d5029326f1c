//! Export of the log, streamed in parts, so that a million events need no more memory than a thousand.

use super::{
    Event,
    model::EventRow,
    query::{AuditQuery, Cursor, Window},
    record,
    store::Search,
};
use crate::{
    db::{Db, Json, keyset::TimeCursor},
    kit::{Fault, Scope, rights},
    text_enum,
    web::{self, MemberContext, Reader, ReturnTo, csv},
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{Method, header},
    web::{Bytes, Data},
};
use futures_util::{Stream, stream};
use serde_json::{Value, json};

/// Events read in one query.
const PART: i64 = 1_000;

text_enum! {
    enum Format {
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
    context.scope.demand(rights::AUDIT_READ)?;
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
    let (list_query, organization) = (AuditQuery::read(query).at(Window::First), context.organization_name.clone());
    let search = context.write(&db, move |tx, scope| begin(tx, scope, &organization, &list_query, format)).await?;
    let source = (db.get_ref().clone(), Reader::of(&req, &context)?, context.scope);
    Ok(answer.streaming(parts(source, search, format)))
}

/// The head of an answer with a file, named after the day.
fn file(context: &MemberContext, format: Format) -> HttpResponseBuilder {
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::JsonLines => "application/jsonl; charset=utf-8",
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
fn format(query: &str) -> Option<Format> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).ok()?;
    let chosen = pairs.iter().find(|(name, _)| name == "format");
    chosen.map_or(Some(Format::Csv), |(_, value)| value.parse().ok())
}

/// Resolves the names in the filters, and records the export.
fn begin(tx: &mut crate::db::Tx<'_>, scope: &Scope, organization: &str, list_query: &AuditQuery, format: Format) -> Result<Search, Fault> {
    let search = Search::prepare(tx, scope, list_query.clone())?;
    let mut filters: serde_json::Map<String, Value> =
        list_query.query_pairs().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    filters.insert("format".into(), format.as_str().into());
    let event = Event::new("audit.exported", "organization", scope.organization.0, organization).after(Value::Object(filters));
    record(tx, scope, event)?;
    Ok(search)
}

/// The position of an export.
enum At {
    Begin,
    After(Cursor),
    End,
}

fn parts(source: (Db, Reader, Scope), search: Search, format: Format) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::try_unfold((At::Begin, source, search), move |(at, source, search)| async move {
        let window = match at {
            At::Begin => Window::First,
            At::After(cursor) => Window::After(cursor),
            At::End => return Ok(None),
        };
        let (db, reader, scope) = &source;
        reader.ask_again().await?;
        let (asked, by) = (search.clone(), scope.clone());
        let page = db.read(move |conn| asked.part(conn, &by, window, PART)).await.map_err(web::Error::from)?;
        let mut text = Vec::new();
        if format == Format::Csv && window == Window::First {
            csv::line(&mut text, COLUMNS).map_err(web::Error::from)?;
        }
        for line in &page.rows {
            write(&mut text, line, format).map_err(web::Error::from)?;
        }
        let next = page.next().map_or(At::End, |last| At::After(TimeCursor(last.at, last.id)));
        Ok(Some((Bytes::from(text), (next, source, search))))
    })
}

fn write(text: &mut Vec<u8>, line: &EventRow, format: Format) -> Result<(), Fault> {
    let side = |side: &Option<Json<Value>>| side.as_ref().map_or(Value::Null, |Json(value)| value.clone());
    let (before, after) = (side(&line.before), side(&line.after));
    match format {
        Format::Csv => {
            let json = |value: &Value| if value.is_null() { String::new() } else { value.to_string() };
            let id = |id: Option<String>| id.unwrap_or_default();
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
            csv::line(text, cells.iter().map(String::as_str))
        }
        Format::JsonLines => {
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
    }
}
