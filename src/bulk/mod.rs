//! What is done to many at once. A batch is begun in one request and worked through in chunks, each a transaction of its
//! own, by whichever process has time: it survives a restart, can be stopped, and says of each member what became of
//! them. Nothing is decided here: every chunk is done by the operation that a single button calls.
//!
//! Invariants: anyone who began a batch is asked for again at every chunk, so that rights lost meanwhile end it; an item is
//! done once, in the transaction that marks it; a batch is undone once, as far as everybody still stands as it left them.

mod act;
mod batches;
mod action;
mod drafts;
mod forms;
mod preview;
mod links;
mod model;
mod pages;
mod routes;
mod runner;
mod store;
mod queue;
mod undo;
mod words;

pub use act::BulkActionKind;
pub use action::{BulkAction, MemberActions};
pub use drafts::{Draft, discard};
pub use model::{Batch, Item, ItemResult, ItemState, NewBatch, NewItem, Part, State};
pub use routes::mount;
pub use runner::{BatchJob, Runner};
pub use store::{find, items, page, start, stop, sweep};
