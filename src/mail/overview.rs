//! What an organization sees of its letters: how many wait or failed, of which kind, and each letter with its error.

use super::{Letter, LetterState, Outbox, queue, store};
use crate::{
    db::{Conn, Tx, schema::outbox},
    kit::{Fault, LetterId, OrganizationId, Timestamp, email::Email},
};
use diesel::{dsl::count_star, prelude::*};

/// The test letter that an administrator sends to themselves.
const TEST: &str = "mail.test";

/// A letter as lists show it, without its content.
#[derive(Queryable, Clone, Debug)]
pub struct Told {
    pub id: LetterId,
    pub kind: String,
    pub recipient: String,
    pub state: LetterState,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    /// The time of the next attempt.
    pub due_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// See [`Told::columns`].
pub type Columns = (
    outbox::id,
    outbox::kind,
    outbox::recipient,
    outbox::state,
    outbox::attempts,
    outbox::last_error,
    outbox::created_at,
    outbox::due_at,
    outbox::ended_at,
);

const COLUMNS: Columns = (
    outbox::id,
    outbox::kind,
    outbox::recipient,
    outbox::state,
    outbox::attempts,
    outbox::last_error,
    outbox::created_at,
    outbox::due_at,
    outbox::ended_at,
);

impl Told {
    /// The columns of a query for letters, in the order of the fields.
    pub fn columns() -> Columns {
        COLUMNS
    }
    /// The kind of the letter, in words.
    pub fn label(&self) -> &'static str {
        label(&self.kind)
    }
}

/// The label of a kind of letter; `Letter` for an unknown kind.
pub fn label(kind: &str) -> &'static str {
    match kind {
        "access_request.created" => "Access asked for",
        "access_request.decided" => "Decision about access",
        "access_review.opened" => "Access review",
        "access_review.reminded" => "Reminder of an access review",
        "domain.lost" => "Domain no longer verified",
        "invitation.sent" => "Invitation",
        "invitation.added" => "Welcome to a new member",
        "invitation.asked_again" => "Request for a new invitation",
        "password.reset" => "Password reset",
        "password.temporary" => "Temporary password set",
        "token.ending" => "Token ends soon",
        "token.leaked" => "Token reported as leaked",
        "webhook.disabled" => "Webhook disabled",
        "sso.required" | "sso.not_required" => "Single sign-on required or not",
        "break_glass.added" | "break_glass.removed" | "break_glass.used" => "Break-glass administrators",
        TEST => "Test letter",
        kind if kind.starts_with("connection.") => "Change of single sign-on",
        kind if kind.starts_with("email.") => "Email change",
        kind if kind.starts_with("token.") || kind.starts_with("api_") => "Notice about API access",
        _ => "Letter",
    }
}

/// Counts an organization's letters in a state, by kind.
pub fn count_by_kind(conn: &mut Conn, organization: OrganizationId, state: LetterState) -> Result<Vec<(String, i64)>, Fault> {
    Ok(outbox::table
        .filter(outbox::organization_id.eq(Some(organization)))
        .filter(outbox::state.eq(state))
        .group_by(outbox::kind)
        .select((outbox::kind, count_star()))
        .order(outbox::kind)
        .load(conn)?)
}

/// An organization's letters in a state, latest first, from an offset.
pub fn letters(
    conn: &mut Conn,
    organization: OrganizationId,
    state: LetterState,
    before: Option<LetterId>,
    limit: i64,
) -> Result<Vec<Told>, Fault> {
    let latest = LetterId(uuid::Uuid::max());
    Ok(outbox::table
        .filter(outbox::organization_id.eq(Some(organization)))
        .filter(outbox::state.eq(state))
        .filter(outbox::id.lt(before.unwrap_or(latest)))
        .order(outbox::id.desc())
        .limit(limit)
        .select(COLUMNS)
        .load(conn)?)
}

/// The test letter with this id, if this organization sent it to this address.
pub fn find_test(conn: &mut Conn, organization: OrganizationId, id: LetterId, recipient: &str) -> Result<Option<Told>, Fault> {
    Ok(outbox::table
        .find(id)
        .filter(outbox::organization_id.eq(Some(organization)))
        .filter(outbox::kind.eq(TEST))
        .filter(outbox::recipient.eq(recipient))
        .select(COLUMNS)
        .first(conn)
        .optional()?)
}

/// Writes a test letter to the outbox.
pub fn send_test(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    organization: OrganizationId,
    to: &Email,
    letter: &Letter,
    now: Timestamp,
) -> Result<LetterId, Fault> {
    queue(tx, outbox, Some(organization), TEST, to, letter, now)
}

/// Makes an organization's waiting letters due now, regardless of their next attempt. Returns their number.
pub fn try_now(tx: &mut Tx<'_>, organization: OrganizationId, now: Timestamp) -> Result<usize, Fault> {
    store::hurry(tx, organization, now)
}
