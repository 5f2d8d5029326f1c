//! The outbox: all statements that write or claim letters.

use crate::{
    db::{Among, Conn, Tx, schema::outbox},
    kit::{Fault, LetterId, OrganizationId, Pseudonym, Timestamp},
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;

text_enum! {
    /// The state of a letter.
    pub enum LetterState {
        /// In the outbox, waiting for its first or next attempt.
        Waiting = "waiting",
        /// Accepted by the mail server.
        Sent = "sent",
        /// Written to a file, because no mail server is configured.
        Filed = "filed",
        /// Given up after the last attempt, or permanently refused.
        Failed = "failed",
        /// Withdrawn before it was sent.
        Withdrawn = "withdrawn",
    }
}

/// A letter that a worker has claimed.
#[derive(Queryable, Debug)]
pub(super) struct Claimed {
    pub id: LetterId,
    pub recipient: String,
    pub body: Option<Vec<u8>>,
    pub attempts: i64,
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    id: LetterId,
    organization: Option<OrganizationId>,
    kind: &str,
    recipient: &str,
    body: Vec<u8>,
    now: Timestamp,
) -> Result<(), Fault> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id),
            outbox::organization_id.eq(organization),
            outbox::kind.eq(kind),
            outbox::recipient.eq(recipient),
            outbox::body.eq(Some(body)),
            outbox::state.eq(LetterState::Waiting),
            outbox::attempts.eq(0),
            outbox::created_at.eq(now),
            outbox::due_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn withdraw(tx: &mut Tx<'_>, id: LetterId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(outbox::table.filter(outbox::id.eq(id)).filter(outbox::state.eq(LetterState::Waiting)))
        .set((
            outbox::state.eq(LetterState::Withdrawn),
            outbox::body.eq(None::<Vec<u8>>),
            outbox::ended_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Writes the pseudonym of a deleted person in the place of their addresses. Letters that still wait for them are withdrawn.
pub fn erase_recipient(tx: &mut Tx<'_>, organization: OrganizationId, names: &Pseudonym, now: Timestamp) -> Result<(), Fault> {
    let addresses: Vec<&String> = names.names().collect();
    let waiting = outbox::table
        .filter(outbox::organization_id.eq(Some(organization)))
        .filter(outbox::recipient.among(&addresses))
        .filter(outbox::state.eq(LetterState::Waiting));
    diesel::update(waiting)
        .set((
            outbox::state.eq(LetterState::Withdrawn),
            outbox::body.eq(None::<Vec<u8>>),
            outbox::ended_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    let all = outbox::table
        .filter(outbox::organization_id.eq(Some(organization)))
        .filter(outbox::recipient.among(&addresses));
    diesel::update(all).set(outbox::recipient.eq(names.text())).execute(tx.conn())?;
    Ok(())
}

pub(super) fn is_any_due(conn: &mut Conn, now: Timestamp) -> Result<bool, Fault> {
    let due = outbox::table
        .filter(outbox::state.eq(LetterState::Waiting))
        .filter(outbox::due_at.le(now))
        .select(outbox::id)
        .first::<LetterId>(conn);
    Ok(due.optional()?.is_some())
}

/// Claims the letter that has been due longest. No other worker takes it until the lease ends. If this worker dies, the
/// letter is sent again then.
pub(super) fn claim(tx: &mut Tx<'_>, now: Timestamp, lease: TimeDelta) -> Result<Option<Claimed>, Fault> {
    let due = outbox::table
        .filter(outbox::state.eq(LetterState::Waiting))
        .filter(outbox::due_at.le(now))
        .order(outbox::due_at)
        .limit(1)
        .select(outbox::id);
    let id: Option<LetterId> = match tx.conn() {
        Conn::Sqlite(c) => due.first(c).optional()?,
        // Only PostgreSQL has several concurrent writers, who would otherwise wait for each other here.
        Conn::Pg(c) => due.for_update().skip_locked().first(c).optional()?,
    };
    let Some(id) = id else { return Ok(None) };
    diesel::update(outbox::table.find(id))
        .set((
            outbox::due_at.eq(now + lease),
            outbox::leased_until.eq(Some(now + lease)),
            outbox::attempts.eq(outbox::attempts + 1),
        ))
        .execute(tx.conn())?;
    let claimed = outbox::table
        .find(id)
        .select((outbox::id, outbox::recipient, outbox::body, outbox::attempts))
        .first(tx.conn())?;
    Ok(Some(claimed))
}

/// Ends a letter that was delivered, given up or refused, and deletes its body.
pub(super) fn end(tx: &mut Tx<'_>, id: LetterId, state: LetterState, error: Option<&str>, now: Timestamp) -> Result<(), Fault> {
    diesel::update(outbox::table.filter(outbox::id.eq(id)).filter(outbox::state.eq(LetterState::Waiting)))
        .set((
            outbox::state.eq(state),
            outbox::body.eq(None::<Vec<u8>>),
            outbox::last_error.eq(error),
            outbox::ended_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Makes an organization's waiting letters due now, except those that a worker is sending. Returns their number.
pub(super) fn hurry(tx: &mut Tx<'_>, organization: OrganizationId, now: Timestamp) -> Result<usize, Fault> {
    let is_free = outbox::leased_until.is_null().or(outbox::leased_until.le(Some(now))).assume_not_null();
    let waiting = outbox::table
        .filter(outbox::organization_id.eq(Some(organization)))
        .filter(outbox::state.eq(LetterState::Waiting))
        .filter(outbox::due_at.gt(now))
        .filter(outbox::body.is_not_null())
        .filter(is_free);
    Ok(diesel::update(waiting).set(outbox::due_at.eq(now)).execute(tx.conn())?)
}

pub(super) fn postpone(tx: &mut Tx<'_>, id: LetterId, until: Timestamp, error: &str) -> Result<(), Fault> {
    diesel::update(outbox::table.filter(outbox::id.eq(id)).filter(outbox::state.eq(LetterState::Waiting)))
        .set((
            outbox::due_at.eq(until),
            outbox::leased_until.eq(None::<Timestamp>),
            outbox::last_error.eq(Some(error)),
        ))
        .execute(tx.conn())?;
    Ok(())
}
