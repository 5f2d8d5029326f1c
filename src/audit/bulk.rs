//! Bulk actions in the log: one row each, with its progress and some of its events.

use super::{
    model::EventRow,
    query::{AuditQuery, Window},
    store::Search,
    words::Sentence,
};
use crate::{
    db::{Among, Conn, schema::batches},
    kit::{BatchId, Fault, Scope},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// A bulk action as its row shows it.
#[derive(Debug)]
pub struct Bulk {
    pub tally: DayCount,
    pub first: Vec<(EventRow, Sentence)>,
}

/// Number of events that the row of a bulk action lists.
const UNFOLDED: i64 = 10;

/// The progress of a bulk action.
#[derive(Clone, Debug)]
pub struct DayCount {
    pub batch: BatchId,
    pub done: i64,
    /// Members to whom it was not applied, or who already had the result.
    pub left_out: i64,
    pub is_running: bool,
}

/// The progress of these bulk actions, as far as they are still stored.
fn tallies(conn: &mut Conn, scope: &Scope, ids: &[BatchId]) -> Result<Vec<DayCount>, Fault> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows: Vec<(BatchId, i64, i64, i64, String)> = batches::table
        .filter(batches::organization_id.eq(scope.organization))
        .filter(batches::id.among(ids))
        .select((batches::id, batches::done, batches::unchanged, batches::refused, batches::state))
        .load(conn)?;
    let tally = |(batch, done, unchanged, refused, state): (_, _, i64, i64, String)| DayCount {
        batch,
        done,
        left_out: unchanged + refused,
        is_running: state == "running",
    };
    Ok(rows.into_iter().map(tally).collect())
}

/// The bulk actions that begin in these rows.
pub fn of(conn: &mut Conn, scope: &Scope, lines: &[EventRow]) -> Result<HashMap<BatchId, Bulk>, Fault> {
    let started = lines.iter().filter(|line| line.is_of_many());
    let ids: Vec<BatchId> = started.filter_map(|line| line.target_id).map(|id| BatchId(id.0)).collect();
    let mut all = HashMap::new();
    for tally in tallies(conn, scope, &ids)? {
        let list_query = AuditQuery { batch: Some(tally.batch), ..AuditQuery::default() };
        let page = Search::prepare(conn, scope, list_query)?.part(conn, scope, Window::First, UNFOLDED)?;
        let first = page.rows.into_iter().map(|line| (line.clone(), line.sentence())).collect();
        all.insert(tally.batch, Bulk { tally, first });
    }
    Ok(all)
}
