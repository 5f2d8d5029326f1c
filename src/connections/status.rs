//! Enabling, disabling and deleting connections, and letting deleted people come again.

use super::{
    facts::facts,
    mail::{self, Change},
    manage::{begin, list, record},
    model::{Connection, ConnectionKind, ConnectionStatus},
    parts::ConnectionParts,
    refusal::{ConnectionRefusal, Outcome, refuse},
    setup::ConnectionSetup,
    store,
};
use crate::{
    db::{Conn, Tx},
    identities::{self, DeletedIdentity},
    kit::{ConnectionId, Fault, MemberId, Scope, rights},
    members, organizations,
};
use serde_json::json;

/// The most people whom a confirmation names.
const NAMED: i64 = 20;
/// The most deleted people whom the page of a connection lists.
const MOST_DELETED: i64 = 100;

/// Lets people sign in through it. Returns whether they could not before.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn enable(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId) -> Outcome<bool> {
    let (scope, connection) = begin(tx, scope, id)?;
    if connection.is_enabled() {
        return Ok(false);
    }
    if !ConnectionParts::load(tx.conn(), &scope, &[id])?.is_complete(&connection) {
        return refuse(match connection.kind {
            ConnectionKind::Saml => ConnectionRefusal::NoProvider,
            ConnectionKind::Oidc | ConnectionKind::Google | ConnectionKind::GitHub => ConnectionRefusal::Incomplete,
        });
    }
    store::set_status(tx, scope.organization, id, ConnectionStatus::Enabled)?;
    record(tx, &scope, "connection.enabled", &connection, |event| event)?;
    mail::tell(tx, &setup.outbox, &scope, &connection, &Change::Enabled)?;
    Ok(true)
}

/// Ends every session that was begun through it, and lets nobody sign in through it any more. Returns whether they could
/// before.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn disable(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId) -> Outcome<bool> {
    let (scope, connection) = begin(tx, scope, id)?;
    if !connection.is_enabled() {
        return Ok(false);
    }
    store::set_status(tx, scope.organization, id, ConnectionStatus::Disabled)?;
    keeps_a_way_in(tx, &scope)?;
    record(tx, &scope, "connection.disabled", &connection, |event| event)?;
    mail::tell(tx, &setup.outbox, &scope, &connection, &Change::Disabled)?;
    Ok(true)
}

/// Deletes it with the identities of its people, who stay members.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId) -> Outcome<Connection> {
    let (scope, connection) = begin(tx, scope, id)?;
    members::forget_connection(tx, scope.organization, id)?;
    store::delete(tx, scope.organization, id)?;
    if connection.is_enabled() {
        keeps_a_way_in(tx, &scope)?;
    }
    record(tx, &scope, "connection.deleted", &connection, |event| event.before(facts(&connection)))?;
    mail::tell(tx, &setup.outbox, &scope, &connection, &Change::Deleted)?;
    Ok(connection)
}

/// Refuses what has left the organization without an administrator who can sign in, or without any connection while it
/// requires single sign-on. The operator may do the second: it is how a broken provider is left behind.
fn keeps_a_way_in(tx: &mut Tx<'_>, scope: &Scope) -> Outcome<()> {
    let is_required = organizations::find(tx, scope.organization)?.sso_from.is_some();
    if is_required && scope.actor.member_id().is_some() && !list(tx, scope)?.iter().any(Connection::is_enabled) {
        return refuse(ConnectionRefusal::Required);
    }
    if members::usable_administrators(tx, scope)? == 0 {
        return refuse(ConnectionRefusal::LastAdministrator);
    }
    Ok(())
}

/// Who would be left without a way to sign in.
#[derive(Clone, Debug, Default)]
pub struct LeftWithout {
    /// The first ones by name. Empty for a caller who does not see people.
    pub named: Vec<(MemberId, String)>,
    pub total: i64,
}

impl LeftWithout {
    /// How many are not named.
    pub fn more(&self) -> i64 {
        self.total - i64::try_from(self.named.len()).unwrap_or(self.total)
    }
}

/// People who could no longer sign in without this connection.
///
/// # Errors
/// [`Fault::Denied`].
pub fn only_through(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<LeftWithout, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    let (named, total) = store::only_through(conn, scope.organization, id, NAMED)?;
    let named = if scope.may(rights::USER_READ) { named } else { vec![] };
    Ok(LeftWithout { named, total })
}

/// The latest deleted people of a connection: signing in does not bring them back.
///
/// # Errors
/// [`Fault::Denied`].
pub(super) fn deleted(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<Vec<DeletedIdentity>, Fault> {
    scope.demand(rights::CONNECTION_MANAGE)?;
    identities::deleted(conn, scope.organization, id, MOST_DELETED)
}

/// Lets a deleted person come again, as anybody else who may join. Returns who it is.
///
/// # Errors
/// [`Fault::Denied`], or [`Fault::Missing`] for one who was not deleted.
pub fn readmit(tx: &mut Tx<'_>, scope: &Scope, id: ConnectionId, subject: &str) -> Result<DeletedIdentity, Fault> {
    let (scope, connection) = begin(tx, scope, id)?;
    let person = identities::find_deleted(tx, scope.organization, id, subject)?;
    identities::readmit(tx, scope.organization, id, subject)?;
    let after = json!({ "person": person.name, "subject": person.subject });
    record(tx, &scope, "identity.readmitted", &connection, |event| event.after(after))?;
    Ok(person)
}
