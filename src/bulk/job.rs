//! What a kind of batch does, item by item.

use super::model::{Batch, Item, ItemResult};
use crate::{
    db::Tx,
    kit::{Fault, Scope},
};

/// A module that runs batches of one kind.
pub trait BatchJob: Send + Sync {
    /// Processes these items in order and returns a result for each. Judges each item again, because the preview may be
    /// out of date.
    ///
    /// # Errors
    /// [`Fault::Denied`] if the member who started the batch lost the permission; this stops the batch.
    fn run(&self, tx: &mut Tx<'_>, scope: &Scope, batch: &Batch, items: &[Item]) -> Result<Vec<ItemResult>, Fault>;
}
