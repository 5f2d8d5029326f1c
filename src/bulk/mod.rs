//! Bulk actions. A request starts a batch; any process with free capacity works through it in chunks, one transaction
//! each. A batch survives a restart, can be stopped, and stores a result per member. This module makes no decisions:
//! every chunk calls the operation behind the single-member button.
//!
//! Invariants: every chunk reads again whether the member who started the batch would be admitted now, with the credential
//! that started it, and what they may do, so that losing either stops it; an item is processed once, in the transaction
//! that marks it; a batch is undone once, for members whose state has not changed since.

mod action;
mod batches;
mod drafts;
mod erasure;
mod finish;
mod forms;
mod job;
mod links;
mod model;
mod operations;
mod pages;
mod preview;
mod queue;
mod routes;
mod runner;
mod selection;
mod starter;
mod store;
mod undo;
mod words;

pub use action::{BulkAction, MemberActions};
pub use batches::{end, list, visible};
pub use drafts::{Draft, discard};
pub use erasure::erase_names;
pub use job::BatchJob;
pub use model::{Batch, Item, ItemResult, ItemState, NewBatch, NewItem, Part, State, items_address};
pub use operations::{Foreseen, Selection, Verdict, begin, verdicts};
pub use runner::Runner;
pub use store::{find, items, page, start, stop, sweep, undone_by};
pub use undo::{UndoRefusal, begin_undo};

use crate::web::Routes;

pub fn mount(app: &mut Routes) {
    routes::mount(app);
    batches::mount(app);
    undo::mount(app);
    links::mount(app);
}
