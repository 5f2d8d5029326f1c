//! Queries of `connections`, one function per statement.

use super::model::{ClaimMapping, Connection, ConnectionKind, ConnectionStatus, Provisioning, Settings};
use crate::{
    db::{
        Among, Conn, Json, Tx,
        schema::{connections, identities, members, passkeys, passwords},
    },
    kit::{ConnectionId, Fault, MemberId, MemberStatus, OrganizationId, Timestamp, fold},
    members::Grants,
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};
use std::collections::HashSet;

/// What a connection is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    pub name: &'a str,
    pub settings: &'a Settings,
    pub provisioning: Provisioning,
    pub links_domains: bool,
    pub grants: &'a Grants,
    pub counts_two_steps: bool,
    pub max_age_minutes: Option<i64>,
}

/// Another connection of the organization has this name.
pub(super) struct NameTaken;

fn named<T>(written: Result<T, DieselError>) -> Result<Result<T, NameTaken>, Fault> {
    match written {
        Ok(done) => Ok(Ok(done)),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(Err(NameTaken)),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Connection>, Fault> {
    let all = connections::table.filter(connections::organization_id.eq(organization)).order(connections::id);
    Ok(all.select(Connection::as_select()).load(conn)?)
}

/// # Errors
/// [`Fault::Missing`].
pub(super) fn find(conn: &mut Conn, organization: OrganizationId, id: ConnectionId) -> Result<Connection, Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(organization))
        .filter(connections::id.eq(id));
    Ok(row.select(Connection::as_select()).first(conn)?)
}

/// A connection of any organization, for visitors who sign in: its id says which organization it is of.
///
/// # Errors
/// [`Fault::Missing`].
pub(super) fn find_anywhere(conn: &mut Conn, id: ConnectionId) -> Result<Connection, Fault> {
    Ok(connections::table.find(id).select(Connection::as_select()).first(conn)?)
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    kind: ConnectionKind,
    fields: &Fields<'_>,
    by: Option<MemberId>,
    now: Timestamp,
) -> Result<Result<ConnectionId, NameTaken>, Fault> {
    let id = ConnectionId::new(now);
    let inserted = diesel::insert_into(connections::table)
        .values((
            connections::id.eq(id),
            connections::organization_id.eq(organization),
            connections::kind.eq(kind),
            connections::name.eq(fields.name),
            connections::name_key.eq(fold::canonical(fields.name)),
            connections::status.eq(ConnectionStatus::Draft),
            connections::settings.eq(Json(fields.settings.clone())),
            connections::provisioning.eq(fields.provisioning),
            connections::links_domains.eq(fields.links_domains),
            connections::grants.eq(Json(fields.grants.clone())),
            connections::granted_by.eq(by),
            connections::counts_two_steps.eq(fields.counts_two_steps),
            connections::max_age_minutes.eq(fields.max_age_minutes),
            connections::created_at.eq(now),
            connections::created_by.eq(by),
        ))
        .execute(tx.conn());
    Ok(named(inserted)?.map(|_| id))
}

/// Writes the fields; `granted_by` is set if the grants were changed.
pub(super) fn update(
    tx: &mut Tx<'_>,
    connection: &Connection,
    fields: &Fields<'_>,
    granted_by: Option<MemberId>,
) -> Result<Result<(), NameTaken>, Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(connection.organization_id))
        .filter(connections::id.eq(connection.id));
    let updated = diesel::update(row)
        .set((
            connections::name.eq(fields.name),
            connections::name_key.eq(fold::canonical(fields.name)),
            connections::settings.eq(Json(fields.settings.clone())),
            connections::provisioning.eq(fields.provisioning),
            connections::links_domains.eq(fields.links_domains),
            connections::grants.eq(Json(fields.grants.clone())),
            connections::granted_by.eq(granted_by),
            connections::counts_two_steps.eq(fields.counts_two_steps),
            connections::max_age_minutes.eq(fields.max_age_minutes),
            connections::version.eq(connections::version + 1),
        ))
        .execute(tx.conn());
    Ok(named(updated)?.map(|_| ()))
}

pub(super) fn set_granted_by(tx: &mut Tx<'_>, connection: &Connection, by: Option<MemberId>) -> Result<(), Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(connection.organization_id))
        .filter(connections::id.eq(connection.id));
    diesel::update(row).set(connections::granted_by.eq(by)).execute(tx.conn())?;
    Ok(())
}

pub(super) fn set_status(tx: &mut Tx<'_>, organization: OrganizationId, id: ConnectionId, status: ConnectionStatus) -> Result<(), Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(organization))
        .filter(connections::id.eq(id));
    diesel::update(row)
        .set((connections::status.eq(status), connections::version.eq(connections::version + 1)))
        .execute(tx.conn())?;
    Ok(())
}

/// Who decided for whom the connection vouches.
pub(super) fn set_vouched_by(tx: &mut Tx<'_>, connection: &Connection, by: Option<MemberId>) -> Result<(), Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(connection.organization_id))
        .filter(connections::id.eq(connection.id));
    diesel::update(row).set(connections::vouched_by.eq(by)).execute(tx.conn())?;
    Ok(())
}

/// Replaces the mappings. What kept the earlier ones from being applied is forgotten.
pub(super) fn set_mappings(tx: &mut Tx<'_>, present: &Connection, mappings: &[ClaimMapping], by: Option<MemberId>) -> Result<(), Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(present.organization_id))
        .filter(connections::id.eq(present.id));
    diesel::update(row)
        .set((
            connections::mappings.eq(Json(mappings.to_vec())),
            connections::mapped_by.eq(by),
            connections::mapping_trouble.eq(None::<String>),
            connections::mapping_trouble_at.eq(None::<Timestamp>),
            connections::version.eq(connections::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Records what kept a mapping from being applied, or that all were.
pub(super) fn set_mapping_trouble(tx: &mut Tx<'_>, id: ConnectionId, trouble: Option<&str>, now: Timestamp) -> Result<(), Fault> {
    diesel::update(connections::table.find(id))
        .set((connections::mapping_trouble.eq(trouble), connections::mapping_trouble_at.eq(trouble.map(|_| now))))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn set_secret(tx: &mut Tx<'_>, organization: OrganizationId, id: ConnectionId, sealed: &[u8]) -> Result<(), Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(organization))
        .filter(connections::id.eq(id));
    diesel::update(row).set(connections::secret.eq(Some(sealed))).execute(tx.conn())?;
    Ok(())
}

pub(super) fn secret(conn: &mut Conn, organization: OrganizationId, id: ConnectionId) -> Result<Option<Vec<u8>>, Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(organization))
        .filter(connections::id.eq(id));
    Ok(row.select(connections::secret).first(conn)?)
}

pub(super) fn has_secret(conn: &mut Conn, organization: OrganizationId, id: ConnectionId) -> Result<bool, Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(organization))
        .filter(connections::id.eq(id));
    Ok(row.select(connections::secret.is_not_null()).first(conn)?)
}

/// Which of these connections have a client secret.
pub(super) fn with_secret(conn: &mut Conn, organization: OrganizationId, ids: &[ConnectionId]) -> Result<HashSet<ConnectionId>, Fault> {
    let rows = connections::table
        .filter(connections::organization_id.eq(organization))
        .filter(connections::id.among(ids))
        .filter(connections::secret.is_not_null());
    Ok(rows.select(connections::id).load(conn)?.into_iter().collect())
}

pub(super) fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: ConnectionId) -> Result<(), Fault> {
    let row = connections::table
        .filter(connections::organization_id.eq(organization))
        .filter(connections::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}

/// Records that an answer of the provider was accepted.
pub(super) fn set_success(tx: &mut Tx<'_>, id: ConnectionId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(connections::table.find(id))
        .set(connections::last_success_at.eq(Some(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// Records that an answer was refused, and why.
pub(super) fn set_failure(tx: &mut Tx<'_>, id: ConnectionId, why: &str, now: Timestamp) -> Result<(), Fault> {
    diesel::update(connections::table.find(id))
        .set((connections::last_failure_at.eq(Some(now)), connections::last_failure.eq(Some(why))))
        .execute(tx.conn())?;
    Ok(())
}

/// Active members who sign in through this connection only: they have no password, no passkey and no other identity here
/// that works. The first ones by name, at most `most`, and how many there are.
pub(super) fn only_through(
    conn: &mut Conn,
    organization: OrganizationId,
    id: ConnectionId,
    most: i64,
) -> Result<(Vec<(MemberId, String)>, i64), Fault> {
    let (others, elsewhere) = diesel::alias!(identities as other_identities, connections as other_connections);
    let has_other = others
        .inner_join(elsewhere.on(elsewhere.field(connections::id).eq(others.field(identities::connection_id))))
        .filter(others.field(identities::organization_id).eq(organization))
        .filter(others.field(identities::user_id).eq(identities::user_id))
        .filter(others.field(identities::connection_id).ne(id))
        .filter(elsewhere.field(connections::status).eq(ConnectionStatus::Enabled));
    let rows = identities::table
        .inner_join(members::table.on(members::user_id.eq(identities::user_id.nullable())))
        .filter(identities::organization_id.eq(organization))
        .filter(identities::connection_id.eq(id))
        .filter(members::organization_id.eq(organization))
        .filter(members::status.eq(MemberStatus::Active))
        .filter(not(exists(passwords::table.filter(passwords::user_id.eq(identities::user_id)))))
        .filter(not(exists(passkeys::table.filter(passkeys::user_id.eq(identities::user_id)))))
        .filter(not(exists(has_other)));
    let total = rows.count().get_result(conn)?;
    let named = rows.order((members::name_key, members::id)).select((members::id, members::name)).limit(most);
    Ok((named.load(conn)?, total))
}
