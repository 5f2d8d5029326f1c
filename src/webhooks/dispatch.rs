//! From events to deliveries. A trigger of the database writes each audit event of an organization with webhooks to the
//! outbox, in the transaction of the change. Here an event becomes one delivery for each webhook that wants it.

use super::{
    body::Published,
    deliveries::{NewDelivery, insert_all},
    events::published,
    model::{DeliveryState, Webhook},
    store,
};
use crate::{
    db::{
        Among, Conn, Db, Json, Tx,
        schema::{audit_events, members, webhook_outbox},
    },
    kit::{AuditEventId, BatchId, DeliveryId, Fault, MemberId, MemberKind, OrganizationId, Timestamp, WebhookId},
};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::HashMap;

/// Events in one transaction.
const CHUNK: i64 = 200;

/// An audit event, as far as it is published.
#[derive(Queryable)]
struct Recorded {
    id: AuditEventId,
    organization: OrganizationId,
    at: Timestamp,
    actor: Option<MemberId>,
    action: String,
    target_kind: String,
    target: Option<MemberId>,
    batch: Option<BatchId>,
    before: Option<Json<Value>>,
    after: Option<Json<Value>>,
}

pub(super) fn is_any(conn: &mut Conn) -> Result<bool, Fault> {
    Ok(webhook_outbox::table.select(webhook_outbox::id).first::<i64>(conn).optional()?.is_some())
}

/// Prepares deliveries for the oldest events. Returns the number of events.
///
/// An event that cannot be read must not hold up the others: the events of its transaction are prepared one by one, and
/// it is left out.
pub(super) fn prepare(db: &Db, now: Timestamp) -> Result<usize, Fault> {
    match db.write_here(|tx| chunk(tx, CHUNK, now)) {
        Err(Fault::Broken(cause)) => tracing::warn!(error = %cause, "events for webhooks are prepared one by one"),
        prepared => return prepared,
    }
    match db.write_here(|tx| chunk(tx, 1, now)) {
        Err(Fault::Broken(cause)) => {
            let left_out = db.write_here(leave_out)?;
            tracing::error!(error = %cause, event = ?left_out, "an event is not sent to webhooks");
            Ok(left_out.len())
        }
        prepared => prepared,
    }
}

/// Removes the oldest event that no other process holds.
fn leave_out(tx: &mut Tx<'_>) -> Result<Vec<AuditEventId>, Fault> {
    let claimed = claim(tx, 1)?;
    remove(tx, &claimed)?;
    Ok(claimed.into_iter().map(|(_, id)| id).collect())
}

fn chunk(tx: &mut Tx<'_>, most: i64, now: Timestamp) -> Result<usize, Fault> {
    let claimed = claim(tx, most)?;
    let events = read(tx, &claimed)?;
    let mut organizations: Vec<OrganizationId> = events.iter().map(|event| event.organization).collect();
    organizations.sort_unstable();
    organizations.dedup();
    let mut listening = store::listening(tx, &organizations)?;
    let rows = deliveries(&events, &mut listening, now);
    insert_all(tx, &rows)?;
    for (webhook, last) in &listening {
        if rows.iter().any(|row| row.webhook_id == webhook.id) {
            store::set_sequence(tx, webhook.id, *last)?;
        }
    }
    remove(tx, &claimed)?;
    Ok(claimed.len())
}

fn remove(tx: &mut Tx<'_>, claimed: &[(i64, AuditEventId)]) -> Result<(), Fault> {
    let done = webhook_outbox::table.filter(webhook_outbox::id.among(claimed.iter().map(|(id, _)| *id)));
    diesel::delete(done).execute(tx.conn())?;
    Ok(())
}

/// Forgets the events of an organization that is deleted in this transaction: no webhook is left to be told of them.
pub fn forget_events(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Fault> {
    let waiting = webhook_outbox::table.filter(webhook_outbox::organization_id.eq(organization));
    diesel::delete(waiting).execute(tx.conn())?;
    Ok(())
}

/// The oldest rows that no other process holds.
fn claim(tx: &mut Tx<'_>, most: i64) -> Result<Vec<(i64, AuditEventId)>, Fault> {
    let oldest = webhook_outbox::table
        .order(webhook_outbox::id)
        .limit(most)
        .select((webhook_outbox::id, webhook_outbox::event_id));
    Ok(match tx.conn() {
        Conn::Sqlite(c) => oldest.load(c)?,
        // Only PostgreSQL has concurrent writers, which would wait for each other here.
        Conn::Pg(c) => oldest.for_update().skip_locked().load(c)?,
    })
}

/// The published ones among these events, in their order.
fn read(conn: &mut Conn, claimed: &[(i64, AuditEventId)]) -> Result<Vec<Published>, Fault> {
    let rows: Vec<Recorded> = audit_events::table
        .filter(audit_events::id.among(claimed.iter().map(|(_, id)| *id)))
        .select((
            audit_events::id,
            audit_events::organization_id,
            audit_events::at,
            audit_events::actor_id,
            audit_events::action,
            audit_events::target_kind,
            audit_events::target_id,
            audit_events::batch_id,
            audit_events::before,
            audit_events::after,
        ))
        .load(conn)?;
    let targets: Vec<MemberId> = rows.iter().filter(|row| row.target_kind == "member").filter_map(|row| row.target).collect();
    let known: Vec<(MemberId, MemberKind)> =
        members::table.filter(members::id.among(targets)).select((members::id, members::kind)).load(conn)?;
    let kinds: HashMap<MemberId, MemberKind> = known.into_iter().collect();
    let mut by_id: HashMap<AuditEventId, Recorded> = rows.into_iter().map(|row| (row.id, row)).collect();
    let in_order = claimed.iter().filter_map(|(_, id)| by_id.remove(id));
    Ok(in_order.filter_map(|row| publish(row, &kinds)).collect())
}

fn publish(row: Recorded, kinds: &HashMap<MemberId, MemberKind>) -> Option<Published> {
    let (before, after) = (row.before.map(|Json(value)| value), row.after.map(|Json(value)| value));
    // Of a deleted member the event itself says which kind it was.
    let deleted = || before.as_ref()?.get("kind")?.as_str()?.parse().ok();
    let member_kind = (row.target_kind == "member").then(|| row.target.and_then(|id| kinds.get(&id).copied()).or_else(deleted));
    let member_kind = member_kind.flatten();
    Some(Published {
        id: row.id,
        organization: row.organization,
        event_type: published(&row.action, member_kind)?,
        at: row.at,
        actor: row.actor,
        target: row.target,
        target_kind: row.target_kind,
        member_kind,
        batch: row.batch,
        before,
        after,
    })
}

/// One delivery for each event and each webhook that wants it. Counts the events of each webhook on.
fn deliveries(events: &[Published], listening: &mut [(Webhook, i64)], now: Timestamp) -> Vec<NewDelivery> {
    let mut rows = Vec::new();
    for event in events {
        for (webhook, last) in listening.iter_mut() {
            if webhook.organization_id != event.organization || !webhook.wants(event.event_type) {
                continue;
            }
            *last += 1;
            let new = delivery(webhook.organization_id, webhook.id, event.id, event.event_type, event.body(*last), now);
            // Listed and sent in the order of the events.
            rows.push(NewDelivery { id: DeliveryId::new(event.at), due_at: event.at, ..new });
        }
    }
    rows
}

/// A delivery that is due now.
pub(super) fn delivery(
    organization_id: OrganizationId,
    webhook_id: WebhookId,
    event_id: AuditEventId,
    event_type: &'static str,
    body: String,
    now: Timestamp,
) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::new(now),
        organization_id,
        webhook_id,
        event_id,
        event_type,
        body,
        state: DeliveryState::Waiting,
        due_at: now,
        created_at: now,
    }
}
