//! Batches and their items, as the database stores them.

use crate::{
    db::{
        Json, MultiBackend,
        schema::{batch_items, batches},
    },
    kit::{BatchId, MemberId, Timestamp, TokenId},
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::Value;

text_enum! {
    /// The state of a batch.
    pub enum State {
        /// Prepared and shown, not started.
        Draft = "draft",
        Running = "running",
        Done = "done",
        /// Stopped by a member, or because the member who started it lost the permission. Finished items stay done.
        Stopped = "stopped",
    }
}

/// Why a batch ended early: somebody stopped it.
pub(super) fn stopped_by(name: &str) -> String {
    format!("Stopped by {name}.")
}

/// Why a draft never ran: somebody discarded it.
pub(super) fn discarded_by(name: &str) -> String {
    format!("Discarded by {name}.")
}

text_enum! {
    /// The state of a batch item.
    #[derive(Default)]
    pub enum ItemState {
        #[default]
        Waiting = "waiting",
        Done = "done",
        /// The member already was in this state.
        Unchanged = "unchanged",
        Refused = "refused",
    }
}

/// The items that a page asks for: of one state, after a position.
#[derive(Deserialize, Debug, Default)]
pub struct Part {
    state: Option<String>,
    pub(super) after: Option<i64>,
    /// The page that the members were ticked on, if it is not their list.
    #[serde(default)]
    pub(super) back: String,
}

impl Part {
    /// The requested state. An unknown one means all items.
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
    /// The query of the list that the members were selected from.
    pub query: String,
    /// The role, team or policy of the action, by its name at that time.
    pub subject: String,
    /// The API credential that started it.
    pub credential: Option<String>,
    /// The token that started it. If it is revoked, the batch stops.
    pub token_id: Option<TokenId>,
    /// The permissions of the credential that started it, which the batch never exceeds.
    pub ceiling: Option<Json<Vec<String>>>,
}

/// A batch to insert.
#[derive(Clone, Debug)]
pub struct NewBatch {
    pub kind: &'static str,
    pub action: Value,
    pub undoes: Option<BatchId>,
    pub query: String,
    pub subject: String,
    /// The token that starts it, if a program does.
    pub token: Option<TokenId>,
}

impl NewBatch {
    /// A batch that undoes no other, with members that no list query selected.
    pub fn of(kind: &'static str, action: Value) -> Self {
        Self {
            kind,
            action,
            undoes: None,
            query: String::new(),
            subject: String::new(),
            token: None,
        }
    }
}

/// Within this time one click undoes a batch; later, a confirmation page comes first.
const FRESH: TimeDelta = TimeDelta::days(1);

impl Batch {
    /// Whether it is recent enough to be undone without a confirmation page.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now - self.created_at <= FRESH
    }
    pub fn is_running(&self) -> bool {
        self.state == State::Running
    }
    /// The number of items processed so far.
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

/// An item of a batch.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = batch_items, check_for_backend(MultiBackend))]
pub struct Item {
    pub position: i64,
    pub member_id: Option<MemberId>,
    pub name: String,
    pub email: String,
    /// Data that the job needs for this item, or the member's state before.
    pub payload: Option<Json<Value>>,
    pub state: ItemState,
    /// Why it was left out.
    pub note: String,
}

/// A batch item to insert.
#[derive(Clone, Debug, Default)]
pub struct NewItem {
    pub member: Option<MemberId>,
    pub name: String,
    pub email: String,
    pub payload: Option<Value>,
    /// The result, if it is already known; the item is then not processed.
    pub state: ItemState,
    pub note: String,
}

/// The result of one item.
#[derive(Clone, Debug)]
pub struct ItemResult {
    pub state: ItemState,
    pub note: String,
    /// Replaces the payload, if set.
    pub payload: Option<Value>,
    /// The member that the item created, if it had none.
    pub member: Option<MemberId>,
}

impl ItemResult {
    pub fn done() -> Self {
        Self { state: ItemState::Done, note: String::new(), payload: None, member: None }
    }
    pub fn unchanged() -> Self {
        Self { state: ItemState::Unchanged, ..Self::done() }
    }
    pub fn refused(why: impl ToString) -> Self {
        Self { state: ItemState::Refused, note: why.to_string(), ..Self::done() }
    }
}

/// The address of a batch's page with the items in this state, after this position.
pub fn items_address(path: String, state: Option<&ItemState>, after: Option<i64>) -> String {
    let mut pairs = Vec::new();
    pairs.extend(state.map(|state| ("state", state.as_str().to_owned())));
    pairs.extend(after.map(|after| ("after", after.to_string())));
    match serde_html_form::to_string(&pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path,
    }
}
