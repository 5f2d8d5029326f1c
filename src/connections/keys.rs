//! Stored certificates of providers, one function per statement.

use crate::{
    db::{Among, Conn, MultiBackend, Tx, schema::connection_keys},
    kit::{ConnectionId, ConnectionKeyId, Fault, MemberId, OrganizationId, Scope, Timestamp, rights},
    saml::Certificate,
};
use diesel::prelude::*;
use std::collections::HashMap;

/// The most certificates of a connection: a provider needs two while it changes its own.
pub const MOST_CERTIFICATES: usize = 10;

/// A stored certificate.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = connection_keys, check_for_backend(MultiBackend))]
pub struct ConnectionKey {
    pub id: ConnectionKeyId,
    pub certificate: Vec<u8>,
    pub fingerprint: String,
    pub not_after: Timestamp,
    pub added_at: Timestamp,
}

impl ConnectionKey {
    /// Whom it was made for, for display.
    pub fn subject(&self) -> String {
        Certificate::from_der(&self.certificate)
            .map(|certificate| certificate.subject())
            .unwrap_or_default()
    }
}

/// The certificates of a connection, for pages.
///
/// # Errors
/// [`Fault::Denied`].
pub fn keys(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<Vec<ConnectionKey>, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    stored(conn, scope.organization, id)
}

pub(super) fn stored(conn: &mut Conn, organization: OrganizationId, id: ConnectionId) -> Result<Vec<ConnectionKey>, Fault> {
    let all = connection_keys::table
        .filter(connection_keys::organization_id.eq(organization))
        .filter(connection_keys::connection_id.eq(id))
        .order(connection_keys::id);
    Ok(all.select(ConnectionKey::as_select()).load(conn)?)
}

/// The certificates of these connections.
pub(super) fn of_connections(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[ConnectionId],
) -> Result<HashMap<ConnectionId, Vec<ConnectionKey>>, Fault> {
    let rows: Vec<(ConnectionId, ConnectionKey)> = connection_keys::table
        .filter(connection_keys::organization_id.eq(organization))
        .filter(connection_keys::connection_id.among(ids))
        .order(connection_keys::id)
        .select((connection_keys::connection_id, ConnectionKey::as_select()))
        .load(conn)?;
    Ok(grouped(rows))
}

/// What belongs to each connection, in the order of the rows.
pub(super) fn grouped<T>(rows: Vec<(ConnectionId, T)>) -> HashMap<ConnectionId, Vec<T>> {
    let mut all: HashMap<ConnectionId, Vec<T>> = HashMap::new();
    for (connection, row) in rows {
        all.entry(connection).or_default().push(row);
    }
    all
}

/// The certificates of a connection, for the verification of answers.
pub fn certificates(conn: &mut Conn, organization: OrganizationId, id: ConnectionId) -> Result<Vec<Certificate>, Fault> {
    let read = |key: ConnectionKey| Certificate::from_der(&key.certificate).map_err(Fault::broken);
    stored(conn, organization, id)?.into_iter().map(read).collect()
}

/// More than [`MOST_CERTIFICATES`].
pub(super) struct TooManyCertificates;

/// Adds those that are not there yet. Returns whether there was one. The organization is locked.
pub(super) fn insert_new(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ConnectionId,
    certificates: &[Certificate],
    by: Option<MemberId>,
    now: Timestamp,
) -> Result<Result<bool, TooManyCertificates>, Fault> {
    let mut known: Vec<String> = stored(tx, organization, id)?.into_iter().map(|key| key.fingerprint).collect();
    let before = known.len();
    for certificate in certificates {
        if known.iter().any(|fingerprint| fingerprint == certificate.fingerprint()) {
            continue;
        }
        if known.len() >= MOST_CERTIFICATES {
            return Ok(Err(TooManyCertificates));
        }
        insert(tx, organization, id, certificate, by, now)?;
        known.push(certificate.fingerprint().to_owned());
    }
    Ok(Ok(known.len() > before))
}

fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ConnectionId,
    certificate: &Certificate,
    by: Option<MemberId>,
    now: Timestamp,
) -> Result<(), Fault> {
    diesel::insert_into(connection_keys::table)
        .values((
            connection_keys::id.eq(ConnectionKeyId::new(now)),
            connection_keys::organization_id.eq(organization),
            connection_keys::connection_id.eq(id),
            connection_keys::certificate.eq(certificate.der()),
            connection_keys::fingerprint.eq(certificate.fingerprint()),
            connection_keys::not_after.eq(Timestamp::from(certificate.not_after())),
            connection_keys::added_at.eq(now),
            connection_keys::added_by.eq(by),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, organization: OrganizationId, key: ConnectionKeyId) -> Result<(), Fault> {
    let row = connection_keys::table
        .filter(connection_keys::organization_id.eq(organization))
        .filter(connection_keys::id.eq(key));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
