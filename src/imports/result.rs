//! The result of every line, as a file.

use super::{ImportMode, Planned, draft_page::visible, pages};
use crate::{
    bulk::{self, Batch, Item, State},
    db::Db,
    kit::{BatchId, Fault, OrganizationId},
    web::{self, MemberContext, Reader, csv},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentDisposition},
    web::{Bytes, Data, Path},
};
use futures_util::{Stream, stream};

/// Lines read at once.
const PART: i64 = 1_000;

pub(super) async fn result(
    db: Data<Db>,
    context: MemberContext,
    req: HttpRequest,
    place: Path<(OrganizationId, BatchId)>,
) -> web::Result<HttpResponse> {
    let reader = Reader::of(&req, &context)?;
    let (scope, id) = (context.scope, place.1);
    let (batch, import) = db.read(move |conn| visible(conn, &scope, id)).await?;
    let day = batch.created_at.utc().format("%Y-%m-%d");
    let name = ContentDisposition::attachment(format!("import {day} result.csv"));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header(name)
        .streaming(lines((db.get_ref().clone(), reader), batch, import.way)))
}

fn lines((db, reader): (Db, Reader), batch: Batch, way: ImportMode) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::try_unfold(Some(0), move |after| {
        let (db, reader, batch) = (db.clone(), reader.clone(), batch.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            reader.ask_again().await?;
            let state = batch.state;
            let read = db.read(move |conn| bulk::items(conn, &batch, None, after, PART)).await;
            let items = read.map_err(web::Error::from)?;
            let mut text = Vec::new();
            if after == 0 {
                text.extend_from_slice(csv::MARK.as_bytes());
            }
            write(&mut text, &items, after == 0, way, state).map_err(web::Error::from)?;
            let next = items.last().map(|last| last.position);
            Ok::<_, actix_web::Error>(Some((Bytes::from(text), next)))
        }
    })
}

fn write(text: &mut Vec<u8>, items: &[Item], is_first: bool, way: ImportMode, state: State) -> Result<(), Fault> {
    let mut lines = csv::Lines::new(text);
    if is_first {
        lines.line(["line", "email", "name", "outcome", "why"])?;
    }
    items.iter().try_for_each(|item| write_item(&mut lines, item, way, state))
}

fn write_item(lines: &mut csv::Lines<'_>, item: &Item, way: ImportMode, state: State) -> Result<(), Fault> {
    let planned = Planned::of(item);
    let line = planned.as_ref().map_or(0, |planned| planned.line).to_string();
    let edits = planned.and_then(|planned| planned.update).map(|update| update.edits).unwrap_or_default();
    let edits = edits.iter().map(|edit| format!("{}: {} → {}.", edit.label(), edit.old, edit.new));
    let why: Vec<String> = edits.chain([item.note.clone()]).filter(|text| !text.is_empty()).collect();
    let outcome = pages::label(way, state, item.state);
    lines.line([line.as_str(), &item.email, &item.name, outcome, &why.join(" ")])
}
