//! Queries of `domains`, one function per statement.

use super::model::{Domain, Method};
use crate::{
    connections::ConnectionStatus,
    db::{
        Conn, Tx,
        schema::{connections, domains, organizations},
    },
    kit::{ConnectionId, DomainId, Fault, MemberId, OrganizationId, Timestamp},
};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};

/// The organization has this domain already, or another one has verified it.
pub(super) struct Taken;

fn unique<T>(written: Result<T, DieselError>) -> Result<Result<T, Taken>, Fault> {
    match written {
        Ok(done) => Ok(Ok(done)),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(Err(Taken)),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Domain>, Fault> {
    let all = domains::table.filter(domains::organization_id.eq(organization)).order(domains::name);
    Ok(all.select(Domain::as_select()).load(conn)?)
}

/// The domains of every organization with its name, for the operator.
pub(super) fn all(conn: &mut Conn) -> Result<Vec<(String, Domain)>, Fault> {
    let all = domains::table
        .inner_join(organizations::table)
        .order((organizations::name, organizations::id, domains::name));
    Ok(all.select((organizations::name, Domain::as_select())).load(conn)?)
}

/// # Errors
/// [`Fault::Missing`].
pub(super) fn find(conn: &mut Conn, organization: OrganizationId, id: DomainId) -> Result<Domain, Fault> {
    let row = domains::table.filter(domains::organization_id.eq(organization)).filter(domains::id.eq(id));
    Ok(row.select(Domain::as_select()).first(conn)?)
}

pub(super) fn find_by_name(conn: &mut Conn, organization: OrganizationId, name: &str) -> Result<Option<Domain>, Fault> {
    let row = domains::table.filter(domains::organization_id.eq(organization)).filter(domains::name.eq(name));
    Ok(row.select(Domain::as_select()).first(conn).optional()?)
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    name: &str,
    challenge: &str,
    by: Option<MemberId>,
    now: Timestamp,
) -> Result<Result<DomainId, Taken>, Fault> {
    let id = DomainId::new(now);
    let inserted = diesel::insert_into(domains::table)
        .values((
            domains::id.eq(id),
            domains::organization_id.eq(organization),
            domains::name.eq(name),
            domains::challenge.eq(challenge),
            domains::created_at.eq(now),
            domains::created_by.eq(by),
        ))
        .execute(tx.conn());
    Ok(unique(inserted)?.map(|_| id))
}

/// Makes a domain verified. Of several organizations that do so at once, one succeeds.
pub(super) fn verify(
    tx: &mut Tx<'_>,
    domain: &Domain,
    method: Method,
    next_check: Option<Timestamp>,
    now: Timestamp,
) -> Result<Result<(), Taken>, Fault> {
    let row = domains::table
        .filter(domains::organization_id.eq(domain.organization_id))
        .filter(domains::id.eq(domain.id));
    let updated = diesel::update(row)
        .set((
            domains::method.eq(Some(method)),
            domains::verified_at.eq(Some(domain.verified_at.unwrap_or(now))),
            domains::lost_at.eq(None::<Timestamp>),
            domains::checked_at.eq(Some(now)),
            domains::finding.eq(None::<String>),
            domains::misses.eq(0),
            domains::next_check_at.eq(next_check),
            domains::version.eq(domains::version + 1),
        ))
        .execute(tx.conn());
    Ok(unique(updated)?.map(|_| ()))
}

/// Keeps what a check of a person found instead of the proof.
pub(super) fn set_finding(tx: &mut Tx<'_>, domain: &Domain, finding: &str, now: Timestamp) -> Result<(), Fault> {
    let row = domains::table
        .filter(domains::organization_id.eq(domain.organization_id))
        .filter(domains::id.eq(domain.id));
    diesel::update(row)
        .set((domains::checked_at.eq(Some(now)), domains::finding.eq(Some(finding))))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn bind(tx: &mut Tx<'_>, organization: OrganizationId, id: DomainId, connection: Option<ConnectionId>) -> Result<(), Fault> {
    let row = domains::table.filter(domains::organization_id.eq(organization)).filter(domains::id.eq(id));
    diesel::update(row)
        .set((domains::connection_id.eq(connection), domains::version.eq(domains::version + 1)))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: DomainId) -> Result<(), Fault> {
    let row = domains::table.filter(domains::organization_id.eq(organization)).filter(domains::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}

/// The enabled connection that a verified domain is bound to.
pub(super) fn bound_connection(conn: &mut Conn, name: &str) -> Result<Option<(OrganizationId, ConnectionId)>, Fault> {
    let row = domains::table
        .inner_join(connections::table)
        .filter(domains::name.eq(name))
        .filter(domains::verified_at.is_not_null())
        .filter(connections::organization_id.eq(domains::organization_id))
        .filter(connections::status.eq(ConnectionStatus::Enabled));
    Ok(row.select((domains::organization_id, connections::id)).first(conn).optional()?)
}

/// Whether a verified domain is bound to this connection, which is of the same organization.
pub(super) fn is_bound(conn: &mut Conn, name: &str, connection: ConnectionId) -> Result<bool, Fault> {
    let row = domains::table
        .inner_join(connections::table)
        .filter(domains::name.eq(name))
        .filter(domains::verified_at.is_not_null())
        .filter(connections::organization_id.eq(domains::organization_id))
        .filter(connections::id.eq(connection));
    Ok(row.select(domains::id).first::<DomainId>(conn).optional()?.is_some())
}

/// A domain whose proof is due to be looked for again.
pub(super) fn due(conn: &mut Conn, now: Timestamp) -> Result<Option<Domain>, Fault> {
    let row = domains::table
        .filter(domains::next_check_at.is_not_null())
        .filter(domains::next_check_at.le(now))
        .order(domains::next_check_at);
    Ok(row.select(Domain::as_select()).first(conn).optional()?)
}

/// Takes a due domain for one process, until the lease ends. Returns whether no other process was faster.
pub(super) fn lease(tx: &mut Tx<'_>, domain: &Domain, until: Timestamp) -> Result<bool, Fault> {
    let row = domains::table
        .filter(domains::id.eq(domain.id))
        .filter(domains::next_check_at.eq(domain.next_check_at));
    let count = diesel::update(row).set(domains::next_check_at.eq(Some(until))).execute(tx.conn())?;
    Ok(count == 1)
}

/// Writes the result of a check of the worker: the proof is there, or it was missing so many times. Returns whether the
/// domain is still as it was when the check began.
pub(super) fn end_check(
    tx: &mut Tx<'_>,
    domain: &Domain,
    misses: i64,
    finding: Option<&str>,
    next_check: Timestamp,
    now: Timestamp,
) -> Result<bool, Fault> {
    let row = domains::table
        .filter(domains::id.eq(domain.id))
        .filter(domains::next_check_at.eq(domain.next_check_at));
    let count = diesel::update(row)
        .set((
            domains::misses.eq(misses),
            domains::checked_at.eq(Some(now)),
            domains::finding.eq(finding),
            domains::next_check_at.eq(Some(next_check)),
        ))
        .execute(tx.conn())?;
    Ok(count == 1)
}

/// Takes the proof away from a domain, if it is still as it was when the check began.
pub(super) fn lose(tx: &mut Tx<'_>, domain: &Domain, finding: &str, now: Timestamp) -> Result<bool, Fault> {
    let row = domains::table
        .filter(domains::id.eq(domain.id))
        .filter(domains::next_check_at.eq(domain.next_check_at));
    let count = diesel::update(row)
        .set((
            domains::method.eq(None::<Method>),
            domains::verified_at.eq(None::<Timestamp>),
            domains::lost_at.eq(Some(now)),
            domains::checked_at.eq(Some(now)),
            domains::finding.eq(Some(finding)),
            domains::misses.eq(0),
            domains::next_check_at.eq(None::<Timestamp>),
            domains::version.eq(domains::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(count == 1)
}
