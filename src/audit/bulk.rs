//! Bulk actions as the log tells them: one line each, with how far it came and what was done first.

use super::{
    model::Line,
    store::Search,
    wish::{AuditQuery, Window},
    words::Sentence,
};
use crate::{
    db::{Conn, schema::batches},
    kit::{BatchId, Fault, Scope},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// What was done to many, as its one line tells it.
#[derive(Debug)]
pub struct Bulk {
    pub tally: DayCount,
    pub first: Vec<(Line, Sentence)>,
}

/// Events of a bulk action that its line unfolds.
const UNFOLDED: usize = 10;

/// How far a bulk action came.
#[derive(Clone, Debug)]
pub struct DayCount {
    pub batch: BatchId,
    pub done: i64,
    /// Those it was not done to, or who had it already.
    pub left_out: i64,
    pub is_running: bool,
}

/// How far these bulk actions came, of those that are kept.
fn tallies(conn: &mut Conn, scope: &Scope, ids: &[BatchId]) -> Result<Vec<DayCount>, Fault> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows: Vec<(BatchId, i64, i64, i64, String)> = batches::table
        .filter(batches::organization_id.eq(scope.organization))
        .filter(batches::id.eq_any(ids))
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

/// What the bulk actions among these lines came to.
pub fn of(conn: &mut Conn, scope: &Scope, lines: &[Line]) -> Result<HashMap<BatchId, Bulk>, Fault> {
    let started = lines.iter().filter(|line| line.is_of_many());
    let ids: Vec<BatchId> = started.filter_map(|line| line.target_id).map(|id| BatchId(id.0)).collect();
    let mut all = HashMap::new();
    for tally in tallies(conn, scope, &ids)? {
        let wish = AuditQuery {
            batch: Some(tally.batch),
            ..AuditQuery::default()
        };
        let (first, _) = Search::prepare(conn, scope, wish)?.part(conn, scope, Window::Newest, UNFOLDED)?;
        let first = first.into_iter().map(|line| (line.clone(), line.sentence())).collect();
        all.insert(tally.batch, Bulk { tally, first });
    }
    Ok(all)
}
