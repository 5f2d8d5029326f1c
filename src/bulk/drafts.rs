//! Drafts: batches that are written in parts before somebody starts them. A draft can be rewritten until then, or
//! discarded.

use super::{
    model::{ItemState, NewBatch, NewItem, State, discarded_by},
    store,
};
use crate::{
    audit::{self, Event},
    db::{
        Json, Tx,
        schema::{batch_items, batches},
    },
    kit::{BatchId, Fault, Scope},
};
use diesel::prelude::*;
use serde_json::Value;

/// The number of items with each result that is already known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    total: i64,
    unchanged: i64,
    refused: i64,
}

impl Counts {
    fn count(&mut self, items: &[NewItem]) {
        for item in items {
            self.total += 1;
            match item.state {
                ItemState::Unchanged => self.unchanged += 1,
                ItemState::Refused => self.refused += 1,
                ItemState::Waiting | ItemState::Done => {}
            }
        }
    }
}

/// A draft that is being written.
#[derive(Debug)]
pub struct Draft {
    pub id: BatchId,
    counts: Counts,
}

impl Draft {
    /// Creates a draft without items.
    pub fn open(tx: &mut Tx<'_>, scope: &Scope, new: &NewBatch) -> Result<Self, Fault> {
        let id = store::insert(tx, scope, new, &[])?;
        let counts = Counts::default();
        Ok(Self { id, counts })
    }

    /// Empties an existing draft, to write it again.
    ///
    /// # Errors
    /// [`Fault::Missing`] if it is not a draft any more.
    pub fn reopen(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<Self, Fault> {
        let row = batches::table
            .filter(batches::organization_id.eq(scope.organization))
            .filter(batches::id.eq(id))
            .filter(batches::state.eq(State::Draft));
        // Locks the row, so that nobody starts it meanwhile.
        if diesel::update(row).set(batches::total.eq(0)).execute(tx.conn())? != 1 {
            return Err(Fault::Missing);
        }
        empty(tx, scope, id)?;
        let counts = Counts::default();
        Ok(Self { id, counts })
    }

    /// Adds items.
    pub fn add(&mut self, tx: &mut Tx<'_>, scope: &Scope, items: &[NewItem]) -> Result<(), Fault> {
        store::add_items(tx, scope, self.id, self.counts.total, items)?;
        self.counts.count(items);
        Ok(())
    }

    /// Sets the action and returns the number of items.
    pub fn close(self, tx: &mut Tx<'_>, scope: &Scope, action: &Value) -> Result<i64, Fault> {
        let set = (
            batches::action.eq(Json(action.clone())),
            batches::total.eq(self.counts.total),
            batches::unchanged.eq(self.counts.unchanged),
            batches::refused.eq(self.counts.refused),
        );
        let row = batches::table
            .filter(batches::organization_id.eq(scope.organization))
            .filter(batches::id.eq(self.id));
        diesel::update(row).set(set).execute(tx.conn())?;
        Ok(self.counts.total)
    }
}

fn empty(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<(), Fault> {
    let items = batch_items::table
        .filter(batch_items::organization_id.eq(scope.organization))
        .filter(batch_items::batch_id.eq(id));
    diesel::delete(items).execute(tx.conn())?;
    Ok(())
}

/// Discards a draft. The batch row stays, so that its address still works; its items are deleted.
///
/// # Errors
/// [`Fault::Missing`] when there is none.
pub fn discard(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<(), Fault> {
    let draft = batches::table
        .filter(batches::organization_id.eq(scope.organization))
        .filter(batches::id.eq(id))
        .filter(batches::state.eq(State::Draft));
    let set = (
        batches::state.eq(State::Stopped),
        batches::stopped_because.eq(discarded_by(scope.actor.name())),
        batches::ended_at.eq(Some(scope.now())),
        batches::total.eq(0),
        batches::unchanged.eq(0),
        batches::refused.eq(0),
    );
    if diesel::update(draft).set(set).execute(tx.conn())? != 1 {
        return Err(Fault::Missing);
    }
    empty(tx, scope, id)?;
    audit::record(tx, scope, Event::new("batch.discarded", "batch", id.0, "batch"))
}
