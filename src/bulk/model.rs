//! Batches and their items, as they are written down.

use crate::{
    db::{
        Json, MultiBackend,
        schema::{batch_items, batches},
    },
    kit::{BatchId, MemberId, Timestamp},
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::Value;

text_enum! {
    /// How far a batch is.
    pub enum State {
        /// Looked at before anything is done.
        Draft = "draft",
        Running = "running",
        Done = "done",
        /// By somebody, or because the member who began it may not go on. What is done stays done.
        Stopped = "stopped",
    }
}

text_enum! {
    /// What became of one of many.
    #[derive(Default)]
    pub enum ItemState {
        #[default]
        Waiting = "waiting",
        Done = "done",
        /// It was so already.
        Unchanged = "unchanged",
        Refused = "refused",
    }
}

/// Which items of a batch a page is asked for: those of one state, after a place.
#[derive(Deserialize, Debug, Default)]
pub struct Part {
    state: Option<String>,
    pub(super) after: Option<i64>,
}

impl Part {
    /// What is no state asks for all of them.
    pub fn state(&self) -> Option<ItemState> {
        self.state.as_deref()?.parse().ok()
    }
}

impl ItemState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Done => "Done",
            Self::Unchanged => "Was so already",
            Self::Refused => "Left out",
        }
    }
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = batches, check_for_backend(MultiBackend))]
pub struct Batch {
    pub id: BatchId,
    pub organization_id: crate::kit::OrganizationId,
    pub kind: String,
    pub action: Json<Value>,
    pub started_by: Option<MemberId>,
    pub started_by_name: String,
    pub address: String,
    pub state: State,
    pub stopped_because: String,
    pub total: i64,
    pub done: i64,
    pub unchanged: i64,
    pub refused: i64,
    pub undoes: Option<BatchId>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// The list that its members were chosen from.
    pub query: String,
    /// The role, team or policy it is about, by the name of that day.
    pub subject: String,
}

/// A batch to be written down.
#[derive(Clone, Debug)]
pub struct NewBatch {
    pub kind: &'static str,
    pub action: Value,
    pub undoes: Option<BatchId>,
    pub query: String,
    pub subject: String,
}

impl NewBatch {
    /// One that undoes none, of members who were chosen from no list.
    pub fn of(kind: &'static str, action: Value) -> Self {
        Self {
            kind,
            action,
            undoes: None,
            query: String::new(),
            subject: String::new(),
        }
    }
}

/// For so long a batch is undone by one press; afterwards it is asked first.
const FRESH: TimeDelta = TimeDelta::days(1);

impl Batch {
    /// Whether it was begun so lately that nobody is asked before it is undone.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now - self.created_at <= FRESH
    }
    pub fn is_running(&self) -> bool {
        self.state == State::Running
    }
    /// How many were looked at so far.
    pub fn passed(&self) -> i64 {
        self.done + self.unchanged + self.refused
    }
    pub fn percent(&self) -> i64 {
        100 * self.passed() / self.total.max(1)
    }
    pub fn count(&self, state: ItemState) -> i64 {
        match state {
            ItemState::Waiting => self.total - self.passed(),
            ItemState::Done => self.done,
            ItemState::Unchanged => self.unchanged,
            ItemState::Refused => self.refused,
        }
    }
}

/// One of many.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = batch_items, check_for_backend(MultiBackend))]
pub struct Item {
    pub position: i64,
    pub member_id: Option<MemberId>,
    pub name: String,
    pub email: String,
    /// What the work needs to know of it, or what it was before.
    pub payload: Option<Json<Value>>,
    pub state: ItemState,
    /// Why it was left out.
    pub note: String,
}

/// One of many, before.
#[derive(Clone, Debug, Default)]
pub struct NewItem {
    pub member: Option<MemberId>,
    pub name: String,
    pub email: String,
    pub payload: Option<Value>,
    /// What is known of it before, and why: it is not done then.
    pub state: ItemState,
    pub note: String,
}

/// What the work says of one item.
#[derive(Clone, Debug)]
pub struct ItemResult {
    pub state: ItemState,
    pub note: String,
    /// Replaces the payload, where it says something.
    pub payload: Option<Value>,
    /// Whom the item made, where it was about nobody yet.
    pub member: Option<MemberId>,
}

impl ItemResult {
    pub fn done() -> Self {
        Self {
            state: ItemState::Done,
            note: String::new(),
            payload: None,
            member: None,
        }
    }
    pub fn unchanged() -> Self {
        Self {
            state: ItemState::Unchanged,
            ..Self::done()
        }
    }
    pub fn refused(why: impl ToString) -> Self {
        Self {
            state: ItemState::Refused,
            note: why.to_string(),
            ..Self::done()
        }
    }
}
