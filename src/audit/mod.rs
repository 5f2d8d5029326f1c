//! The audit trail, written in the transaction of the change itself. The database refuses to change or delete events,
//! with two exceptions (`exceptions`). Names are copied, because their owners may be deleted later.

mod bulk;
mod erasure;
mod exceptions;
mod export;
mod model;
mod pages;
mod routes;
mod store;
mod query;
pub mod words;

pub use erasure::{Departure, Erasure, KnownNames, count_to_erase, departure, erase, is_name_of_others, names_of};
pub use exceptions::{count_up_to, delete_trail};
pub use export::{Export, ExportFormat};
pub use model::{EventRow, OWN_FIELD, difference};
pub use pages::{Trail, trail};
pub use query::{AuditQuery, Cursor, How, Who, Window};
pub use routes::mount;
pub use store::{Search, name_of};

use crate::{
    db::{Json, Tx, schema::audit_events},
    each,
    kit::{Actor, AuditEventId, Fault, Scope},
};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

/// One audit event: an action such as `module.past_tense`, and its target.
#[derive(Clone, Debug)]
pub struct Event {
    action: &'static str,
    target_kind: &'static str,
    target_id: Option<Uuid>,
    target_name: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Event {
    pub fn new(action: &'static str, target_kind: &'static str, target_id: Uuid, target_name: impl Into<String>) -> Self {
        Self {
            action,
            target_kind,
            target_id: Some(target_id),
            target_name: target_name.into(),
            before: None,
            after: None,
        }
    }
    /// The values before the change; never a secret.
    pub fn before(self, value: Value) -> Self {
        Self { before: Some(value), ..self }
    }
    /// The values after the change; never a secret.
    pub fn after(self, value: Value) -> Self {
        Self { after: Some(value), ..self }
    }
}

/// Rows per INSERT: within SQLite's limit for parameters, and enough for thousands of members at once.
const ROWS: usize = 500;

/// Writes the event. If this fails, the change fails with it.
pub fn record(tx: &mut Tx<'_>, scope: &Scope, event: Event) -> Result<(), Fault> {
    record_all(tx, scope, vec![event])
}

/// [`record`] for several events of one change.
///
/// # Errors
/// [`Fault::ViewOnly`] if somebody looks as the actor: whatever they change, it fails here.
pub fn record_all(tx: &mut Tx<'_>, scope: &Scope, events: Vec<Event>) -> Result<(), Fault> {
    if scope.is_view() {
        return Err(Fault::ViewOnly);
    }
    let kind = match scope.actor {
        Actor::Member { .. } | Actor::Provisioner { .. } => "member",
        Actor::System => "system",
    };
    let row = |event: Event| {
        (
            audit_events::id.eq(AuditEventId::new(scope.now())),
            audit_events::organization_id.eq(scope.organization),
            audit_events::at.eq(scope.now()),
            audit_events::actor_kind.eq(kind),
            audit_events::actor_id.eq(scope.actor.member_id()),
            audit_events::actor_name.eq(scope.actor.name()),
            audit_events::action.eq(event.action),
            audit_events::target_kind.eq(event.target_kind),
            // The column is polymorphic: `target_kind` says which table the id belongs to. Any id type works here.
            audit_events::target_id.eq(event.target_id.map(crate::kit::MemberId)),
            audit_events::target_name.eq(event.target_name),
            audit_events::address.eq(&scope.request_info.address),
            audit_events::request_id.eq(&scope.request_info.request_id),
            audit_events::batch_id.eq(scope.request_info.batch),
            audit_events::before.eq(event.before.map(Json)),
            audit_events::after.eq(event.after.map(Json)),
            audit_events::credential.eq(&scope.request_info.credential),
        )
    };
    let rows: Vec<_> = events.into_iter().map(row).collect();
    for some in rows.chunks(ROWS) {
        each!(tx.conn(), c => diesel::insert_into(audit_events::table).values(some).execute(c))?;
    }
    Ok(())
}
