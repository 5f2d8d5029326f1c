//! Bulk actions. A request starts a batch; any process with free capacity works through it in chunks, one transaction
//! each. A batch survives a restart, can be stopped, and stores a result per member. This module makes no decisions:
//! every chunk calls the operation behind the single-member button.
//!
//! Invariants: every chunk reads the permissions of the member who started the batch again, so that losing them stops
//! it; an item is processed once, in the transaction that marks it; a batch is undone once, for members whose state has
//! not changed since.

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
