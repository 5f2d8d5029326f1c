//! Queries of deliveries: prepared once for each webhook, claimed with a lease, ended or postponed.
//!
//! The instant at which a lease ends tells one attempt from another: a process whose lease ran out changes nothing any
//! more.

use super::model::{Delivery, DeliveryState, Status};
use crate::{
    db::{
        Among, Conn, Tx,
        schema::{webhook_deliveries, webhooks},
    },
    each,
    kit::{AuditEventId, DeliveryId, Fault, OrganizationId, Timestamp, WebhookId},
};
use chrono::TimeDelta;
use diesel::{
    dsl::{exists, sql},
    expression::SqlLiteral,
    prelude::*,
    sql_types::Bool,
};

/// How long deliveries are kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// How long a claimed delivery is reserved for its process: longer than a request and the writing of its result.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Rows per INSERT, within SQLite's limit for parameters.
const ROWS: usize = 500;

/// A delivery to be written.
#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = webhook_deliveries)]
pub(super) struct NewDelivery {
    pub id: DeliveryId,
    pub organization_id: OrganizationId,
    pub webhook_id: WebhookId,
    pub event_id: AuditEventId,
    pub event_type: &'static str,
    pub body: String,
    pub state: DeliveryState,
    pub due_at: Timestamp,
    pub created_at: Timestamp,
}

/// A delivery that this process may send until the lease ends.
#[derive(Queryable, Clone, Debug)]
pub struct Claimed {
    pub id: DeliveryId,
    pub organization_id: OrganizationId,
    pub webhook_id: WebhookId,
    pub event_id: AuditEventId,
    pub event_type: String,
    pub body: String,
    /// With this one.
    pub attempts: i64,
    pub leased_until: Option<Timestamp>,
    pub url: String,
}

/// A webhook with something to send, or with something under way.
#[derive(Queryable, Selectable, Clone, Copy, Debug)]
#[diesel(table_name = webhooks)]
pub(super) struct Due {
    #[diesel(column_name = organization_id)]
    pub organization: OrganizationId,
    #[diesel(column_name = id)]
    pub webhook: WebhookId,
    pub status: Status,
}

impl Due {
    pub fn is_failing(&self) -> bool {
        self.status == Status::Failing
    }
}

pub(super) fn insert_all(tx: &mut Tx<'_>, rows: &[NewDelivery]) -> Result<(), Fault> {
    for some in rows.chunks(ROWS) {
        each!(tx.conn(), c => diesel::insert_into(webhook_deliveries::table).values(some).execute(c))?;
    }
    Ok(())
}

/// The condition of the partial indexes, as text: a planner does not see through a parameter.
fn is_waiting() -> SqlLiteral<Bool> {
    sql("webhook_deliveries.state = 'waiting'")
}

pub(super) fn is_any_due(conn: &mut Conn, now: Timestamp) -> Result<bool, Fault> {
    let due = webhook_deliveries::table
        .filter(is_waiting())
        .filter(webhook_deliveries::due_at.le(now))
        .select(webhook_deliveries::id);
    Ok(due.first::<DeliveryId>(conn).optional()?.is_some())
}

/// Every webhook with something that is due, by id.
pub(super) fn due(conn: &mut Conn, now: Timestamp) -> Result<Vec<Due>, Fault> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::organization_id.eq(webhooks::organization_id))
        .filter(webhook_deliveries::webhook_id.eq(webhooks::id))
        .filter(is_waiting())
        .filter(webhook_deliveries::due_at.le(now));
    let all = webhooks::table.filter(exists(waiting)).order(webhooks::id);
    Ok(all.select(Due::as_select()).load(conn)?)
}

/// The webhook of every delivery that some process is sending now.
pub(super) fn under_way(conn: &mut Conn, now: Timestamp) -> Result<Vec<Due>, Fault> {
    // A lease ends when the delivery is due again, so the index on `due_at` finds it.
    let leased = webhook_deliveries::table
        .inner_join(webhooks::table)
        .filter(is_waiting())
        .filter(webhook_deliveries::due_at.gt(now))
        .filter(webhook_deliveries::due_at.le(now + LEASE))
        .filter(webhook_deliveries::leased_until.gt(Some(now)).assume_not_null());
    Ok(leased.select(Due::as_select()).load(conn)?)
}

/// Claims what has been due longest for one webhook, at most `most`. No other process takes it until the lease ends. If
/// this process dies, it is sent again then. Of a disabled webhook nothing is sent: what a process left behind when it
/// died is given up.
pub(super) fn claim(tx: &mut Tx<'_>, of: &Due, most: i64, now: Timestamp) -> Result<Vec<Claimed>, Fault> {
    if of.status == Status::Disabled {
        give_up(tx, of.organization, of.webhook, now)?;
        return Ok(vec![]);
    }
    let due = webhook_deliveries::table
        .filter(webhook_deliveries::organization_id.eq(of.organization))
        .filter(webhook_deliveries::webhook_id.eq(of.webhook))
        .filter(is_waiting())
        .filter(webhook_deliveries::due_at.le(now))
        .order((webhook_deliveries::due_at, webhook_deliveries::id))
        .limit(most)
        .select(webhook_deliveries::id);
    let ids: Vec<DeliveryId> = match tx.conn() {
        Conn::Sqlite(c) => due.load(c)?,
        // Only PostgreSQL has several concurrent writers, who would otherwise wait for each other here.
        Conn::Pg(c) => due.for_update().skip_locked().load(c)?,
    };
    lease(tx, &ids, now)
}

/// Claims one delivery, for a test that its sender waits for.
pub(super) fn claim_one(tx: &mut Tx<'_>, id: DeliveryId, now: Timestamp) -> Result<Claimed, Fault> {
    lease(tx, &[id], now)?.pop().ok_or(Fault::Missing)
}

fn lease(tx: &mut Tx<'_>, ids: &[DeliveryId], now: Timestamp) -> Result<Vec<Claimed>, Fault> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    diesel::update(webhook_deliveries::table.filter(webhook_deliveries::id.among(ids)))
        .set((
            webhook_deliveries::due_at.eq(now + LEASE),
            webhook_deliveries::leased_until.eq(Some(now + LEASE)),
            webhook_deliveries::attempts.eq(webhook_deliveries::attempts + 1),
        ))
        .execute(tx.conn())?;
    let claimed = webhook_deliveries::table
        .inner_join(webhooks::table)
        .filter(webhook_deliveries::id.among(ids))
        .order(webhook_deliveries::id)
        .select((
            webhook_deliveries::id,
            webhook_deliveries::organization_id,
            webhook_deliveries::webhook_id,
            webhook_deliveries::event_id,
            webhook_deliveries::event_type,
            webhook_deliveries::body,
            webhook_deliveries::attempts,
            webhook_deliveries::leased_until,
            webhooks::url,
        ));
    Ok(claimed.load(tx.conn())?)
}

/// What an attempt leaves behind.
#[derive(Clone, Debug)]
pub(super) struct Attempted<'a> {
    pub state: DeliveryState,
    /// When it is tried again, if it waits.
    pub due_at: Timestamp,
    pub status: Option<i64>,
    pub milliseconds: i64,
    pub error: Option<&'a str>,
}

/// Writes the result of an attempt, if its lease is still the latest one. Returns whether it is.
pub(super) fn end_attempt(tx: &mut Tx<'_>, claimed: &Claimed, result: &Attempted<'_>, now: Timestamp) -> Result<bool, Fault> {
    let mine = webhook_deliveries::table
        .filter(webhook_deliveries::id.eq(claimed.id))
        .filter(webhook_deliveries::leased_until.eq(claimed.leased_until).assume_not_null());
    let ended_at = (result.state != DeliveryState::Waiting).then_some(now);
    let changed = diesel::update(mine)
        .set((
            webhook_deliveries::state.eq(result.state),
            webhook_deliveries::due_at.eq(result.due_at),
            webhook_deliveries::leased_until.eq(None::<Timestamp>),
            webhook_deliveries::last_status.eq(result.status),
            webhook_deliveries::last_ms.eq(Some(result.milliseconds)),
            webhook_deliveries::last_error.eq(result.error),
            webhook_deliveries::ended_at.eq(ended_at),
        ))
        .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Gives up everything that waits for a webhook, because it is disabled. What is being sent at this moment ends by
/// itself.
pub(super) fn give_up(tx: &mut Tx<'_>, organization: OrganizationId, webhook: WebhookId, now: Timestamp) -> Result<(), Fault> {
    let is_free = webhook_deliveries::leased_until
        .is_null()
        .or(webhook_deliveries::leased_until.le(Some(now)))
        .assume_not_null();
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::organization_id.eq(organization))
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .filter(is_waiting())
        .filter(is_free);
    diesel::update(waiting)
        .set((
            webhook_deliveries::state.eq(DeliveryState::GivenUp),
            webhook_deliveries::leased_until.eq(None::<Timestamp>),
            webhook_deliveries::ended_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Makes an ended delivery due again, with all its attempts. Returns whether it had ended.
pub(super) fn restart(tx: &mut Tx<'_>, organization: OrganizationId, id: DeliveryId, now: Timestamp) -> Result<bool, Fault> {
    let ended = webhook_deliveries::table
        .filter(webhook_deliveries::organization_id.eq(organization))
        .filter(webhook_deliveries::id.eq(id))
        .filter(webhook_deliveries::state.ne(DeliveryState::Waiting));
    let changed = diesel::update(ended)
        .set((
            webhook_deliveries::state.eq(DeliveryState::Waiting),
            webhook_deliveries::attempts.eq(0),
            webhook_deliveries::due_at.eq(now),
            webhook_deliveries::ended_at.eq(None::<Timestamp>),
        ))
        .execute(tx.conn())?;
    Ok(changed == 1)
}

/// The latest deliveries of a webhook, or those before one of them.
pub(super) fn latest(
    conn: &mut Conn,
    organization: OrganizationId,
    webhook: WebhookId,
    before: Option<DeliveryId>,
    most: i64,
) -> Result<Vec<Delivery>, Fault> {
    let rows = webhook_deliveries::table
        .filter(webhook_deliveries::organization_id.eq(organization))
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .filter(webhook_deliveries::id.lt(before.unwrap_or(DeliveryId(uuid::Uuid::max()))))
        .order(webhook_deliveries::id.desc())
        .limit(most);
    Ok(rows.select(Delivery::as_select()).load(conn)?)
}

/// One delivery with its body.
///
/// # Errors
/// [`Fault::Missing`].
pub(super) fn find(conn: &mut Conn, organization: OrganizationId, webhook: WebhookId, id: DeliveryId) -> Result<(Delivery, String), Fault> {
    let row = webhook_deliveries::table
        .filter(webhook_deliveries::organization_id.eq(organization))
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .filter(webhook_deliveries::id.eq(id));
    Ok(row.select((Delivery::as_select(), webhook_deliveries::body)).first(conn)?)
}

/// Deletes old deliveries.
pub(super) fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    let old = webhook_deliveries::table.filter(webhook_deliveries::created_at.lt(now - KEPT));
    diesel::delete(old).execute(tx.conn())?;
    Ok(())
}
