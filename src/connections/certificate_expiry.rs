//! Warns of certificates of providers that end soon: on the pages of connections, and by mail, once at each threshold. A
//! certificate that has ended counts on, but by then the provider usually signs with another, and nobody comes in.

use super::{mail, model::Connection};
use crate::{
    db::{
        Conn, Db, Tx,
        schema::{connection_keys, connections},
    },
    kit::{ConnectionId, ConnectionKeyId, Fault, OrganizationId, Timestamp},
    mail::Outbox,
};
use chrono::TimeDelta;
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use std::collections::HashMap;

/// How many days before the end people are warned, the latest last.
const WARNINGS: [i64; 3] = [30, 7, 1];
/// The most warnings of one transaction.
const CHUNK: i64 = 100;

/// Connections whose latest certificate ends within thirty days or has ended, with its end.
pub(super) fn ending(conn: &mut Conn, organization: OrganizationId, now: Timestamp) -> Result<HashMap<ConnectionId, Timestamp>, Fault> {
    let ends = connection_keys::table
        .filter(connection_keys::organization_id.eq(organization))
        .order(connection_keys::not_after)
        .select((connection_keys::connection_id, connection_keys::not_after));
    let ends: Vec<(ConnectionId, Timestamp)> = ends.load(conn)?;
    // The latest end of each connection comes last.
    let latest: HashMap<ConnectionId, Timestamp> = ends.into_iter().collect();
    let until = now + TimeDelta::days(WARNINGS[0]);
    Ok(latest.into_iter().filter(|(_, end)| *end <= until).collect())
}

/// Sends every warning that is due.
///
/// # Errors
/// A [`Fault`].
pub fn warn(db: &Db, outbox: &Outbox, now: Timestamp) -> Result<(), Fault> {
    // The nearest end first: one that ends within a day gets no warning of a month in the same minute.
    for (at, days) in WARNINGS.into_iter().enumerate().rev() {
        let nearer = WARNINGS.get(at + 1).copied();
        let step = Step {
            days,
            after: nearer.map_or(now, |days| now + TimeDelta::days(days)),
            until: now + TimeDelta::days(days),
        };
        while !db.read_here(|conn| due(conn, &step, 1))?.is_empty() {
            db.write_here(|tx| chunk(tx, outbox, &step, now))?;
        }
    }
    Ok(())
}

/// Certificates that end in this window and of which nobody was warned at this stage.
struct Step {
    days: i64,
    after: Timestamp,
    until: Timestamp,
}

type Due = (ConnectionKeyId, Timestamp, Connection);

/// Without those of connections that have a certificate for later: there the provider can change.
fn due(conn: &mut Conn, step: &Step, most: i64) -> Result<Vec<Due>, Fault> {
    let others = diesel::alias!(connection_keys as other_keys);
    let later = others
        .filter(others.field(connection_keys::organization_id).eq(connection_keys::organization_id))
        .filter(others.field(connection_keys::connection_id).eq(connection_keys::connection_id))
        .filter(others.field(connection_keys::not_after).gt(step.until));
    let due = connection_keys::table
        .inner_join(connections::table)
        .filter(connection_keys::not_after.gt(step.after))
        .filter(connection_keys::not_after.le(step.until))
        .filter(
            connection_keys::warned_days
                .is_null()
                .or(connection_keys::warned_days.gt(Some(step.days)))
                .assume_not_null(),
        )
        .filter(not(exists(later)))
        .order((connection_keys::not_after, connection_keys::id))
        .limit(most)
        .select((connection_keys::id, connection_keys::not_after, Connection::as_select()));
    Ok(due.load(conn)?)
}

fn chunk(tx: &mut Tx<'_>, outbox: &Outbox, step: &Step, now: Timestamp) -> Result<(), Fault> {
    for (id, end, connection) in due(tx, step, CHUNK)? {
        if claim(tx, id, step)? {
            mail::tell_of_end(tx, outbox, &connection, step.days, end, now)?;
        }
    }
    Ok(())
}

/// Claims the warning for this process. A second process finds it claimed.
fn claim(tx: &mut Tx<'_>, id: ConnectionKeyId, step: &Step) -> Result<bool, Fault> {
    let open = connection_keys::table.filter(connection_keys::id.eq(id)).filter(
        connection_keys::warned_days
            .is_null()
            .or(connection_keys::warned_days.gt(Some(step.days)))
            .assume_not_null(),
    );
    let claimed = diesel::update(open).set(connection_keys::warned_days.eq(Some(step.days))).execute(tx.conn())?;
    Ok(claimed == 1)
}
