//! The queue of running batches: which one is next, and the results of its items.

use super::model::{Batch, ItemResult, ItemState, State};
use crate::{
    db::{
        Among, Conn, Json, Tx,
        schema::{batch_items, batches},
    },
    kit::{BatchId, Fault, Timestamp},
};
use diesel::{dsl::max, prelude::*};

/// Whether any batch has items left. A very cheap query.
pub(super) fn is_any_running(conn: &mut Conn) -> Result<bool, Fault> {
    let running = batches::table.filter(batches::state.eq(State::Running)).select(batches::id);
    Ok(running.first::<BatchId>(conn).optional()?.is_some())
}

/// Claims the next running batch, or a given one, so that no other process works on it until this transaction ends.
/// Batches take turns, so a large one delays others by at most one chunk.
pub(super) fn claim(tx: &mut Tx<'_>, id: Option<BatchId>) -> Result<Option<Batch>, Fault> {
    let running = batches::table
        .filter(batches::state.eq(State::Running))
        .order((batches::turn, batches::created_at, batches::id))
        .limit(1);
    let preview: Option<BatchId> = match (tx.conn(), id) {
        (Conn::Sqlite(c), None) => running.select(batches::id).first(c).optional()?,
        (Conn::Sqlite(c), Some(id)) => running.select(batches::id).filter(batches::id.eq(id)).first(c).optional()?,
        // Skips rows locked by another process, which works on them.
        (Conn::Pg(c), None) => running.select(batches::id).for_update().skip_locked().first(c).optional()?,
        (Conn::Pg(c), Some(id)) => {
            let one = running.select(batches::id).filter(batches::id.eq(id));
            one.for_update().skip_locked().first(c).optional()?
        }
    };
    let Some(id) = preview else { return Ok(None) };
    let last: Option<i64> = batches::table
        .filter(batches::state.eq(State::Running))
        .select(max(batches::turn))
        .first(tx.conn())?;
    diesel::update(batches::table.find(id))
        .set(batches::turn.eq(last.unwrap_or(0) + 1))
        .execute(tx.conn())?;
    Ok(Some(batches::table.find(id).select(Batch::as_select()).first(tx.conn())?))
}

/// Stores the results of items; items with the same result share a statement.
pub(super) fn settle(tx: &mut Tx<'_>, batch: &Batch, settled: &[(i64, ItemResult)]) -> Result<(), Fault> {
    let mut groups: Vec<(&ItemResult, Vec<i64>)> = Vec::new();
    for (position, result) in settled {
        let same = |other: &ItemResult| {
            other.state == result.state && other.note == result.note && other.payload == result.payload && other.member == result.member
        };
        match groups.iter_mut().find(|(other, _)| same(other)) {
            Some((_, positions)) => positions.push(*position),
            None => groups.push((result, vec![*position])),
        }
    }
    for (result, positions) in groups {
        let some = batch_items::table
            .filter(batch_items::organization_id.eq(batch.organization_id))
            .filter(batch_items::batch_id.eq(batch.id))
            .filter(batch_items::position.among(positions));
        let set = (batch_items::state.eq(result.state), batch_items::note.eq(&result.note));
        match (&result.payload, result.member) {
            (None, None) => diesel::update(some).set(set).execute(tx.conn())?,
            (payload, member) => diesel::update(some)
                .set((
                    set,
                    payload.clone().map(|payload| batch_items::payload.eq(Some(Json(payload)))),
                    member.map(|member| batch_items::member_id.eq(Some(member))),
                ))
                .execute(tx.conn())?,
        };
    }
    let count = |state: ItemState| i64::try_from(settled.iter().filter(|(_, result)| result.state == state).count()).unwrap_or(0);
    let row = batches::table
        .filter(batches::organization_id.eq(batch.organization_id))
        .filter(batches::id.eq(batch.id));
    diesel::update(row)
        .set((
            batches::done.eq(batches::done + count(ItemState::Done)),
            batches::unchanged.eq(batches::unchanged + count(ItemState::Unchanged)),
            batches::refused.eq(batches::refused + count(ItemState::Refused)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Marks a batch as finished.
pub(super) fn end(tx: &mut Tx<'_>, batch: &Batch, now: Timestamp) -> Result<(), Fault> {
    let row = batches::table
        .filter(batches::organization_id.eq(batch.organization_id))
        .filter(batches::id.eq(batch.id));
    let set = (batches::state.eq(State::Done), batches::ended_at.eq(Some(now)));
    diesel::update(row).set(set).execute(tx.conn())?;
    Ok(())
}
