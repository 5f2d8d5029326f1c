//! The lists of the document: sign-ins, audit events and letters, one row each.

use crate::{
    audit::{AuditQuery, EventRow, Search, Window},
    db::{Conn, Json, keyset::Page},
    kit::{Fault, MemberId, Scope},
    mail::Told,
    sessions::SignInRow,
};
use serde_json::{Value, json};

/// A page of the events that a member caused or that were about them, the newest first.
pub(super) fn about(conn: &mut Conn, scope: &Scope, member: MemberId, window: Window, size: i64) -> Result<Page<EventRow>, Fault> {
    let query = AuditQuery { about: Some(member), ..AuditQuery::default() };
    Search::prepare(conn, scope, query)?.part(conn, scope, window, size)
}

/// An audit event. A person who reads about themselves learns who did it, not from where and with what.
pub(super) fn event(row: &EventRow, reader: Option<MemberId>) -> Value {
    let side = |side: &Option<Json<Value>>| side.as_ref().map_or(Value::Null, |Json(value)| value.clone());
    let mut event = json!({
        "id": row.id,
        "at": row.at.iso(),
        "actor": { "kind": row.actor_kind, "id": row.actor_id, "name": row.actor_name },
        "action": row.action,
        "target": { "kind": row.target_kind, "id": row.target_id, "name": row.target_name },
        "batch_id": row.batch_id,
        "before": side(&row.before),
        "after": side(&row.after),
    });
    if reader.is_none_or(|reader| row.actor_id == Some(reader)) {
        event["address"] = json!(row.address);
        event["credential"] = json!(row.credential);
    }
    event
}

pub(super) fn sign_in(row: &SignInRow) -> Value {
    json!({
        "at": row.at.iso(),
        "outcome": row.outcome.as_str(),
        "method": row.method,
        "address": row.address,
        "device": row.device,
    })
}

/// A letter, without what it said.
pub(super) fn letter(row: &Told) -> Value {
    json!({ "kind": row.kind, "about": row.label(), "at": row.created_at.iso(), "to": row.recipient, "state": row.state.as_str() })
}
