//! Queries about SCIM clients, one function per statement.

use super::model::{Provisioner, ProvisionerSettings};
use crate::{
    db::{
        Conn, Json, Tx,
        schema::{members, provisioned_groups, provisioned_users, provisioners},
    },
    kit::{ConnectionId, Fault, MemberId, MemberStatus, OrganizationId, ProvisionerId, Scope, Timestamp},
};
use diesel::{
    dsl::count_star,
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};
use std::collections::{HashMap, HashSet};

/// Another SCIM client is bound to the same connection.
pub(super) struct ConnectionTaken;

fn unique<T>(written: Result<T, DieselError>) -> Result<Result<T, ConnectionTaken>, Fault> {
    match written {
        Ok(done) => Ok(Ok(done)),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(Err(ConnectionTaken)),
        Err(error) => Err(error.into()),
    }
}

/// Which rows are this client's: its own one.
macro_rules! is {
    ($organization:expr, $id:expr) => {
        provisioners::organization_id.eq($organization).and(provisioners::id.eq($id))
    };
}

/// What is written of settings.
macro_rules! settings_of {
    ($settings:expr) => {
        (
            provisioners::connection_id.eq($settings.connection),
            provisioners::product.eq($settings.product),
            provisioners::deletes.eq($settings.deletes),
            provisioners::adopts.eq($settings.adopts),
            provisioners::reaches_administrators.eq($settings.reaches_administrators),
            provisioners::gives.eq(Json($settings.gives.clone())),
            provisioners::allowed_roles.eq(Json($settings.allowed_roles.clone())),
        )
    };
}

/// Each with the name of its system account, the oldest first.
pub(super) fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<(Provisioner, String)>, Fault> {
    let all = provisioners::table
        .inner_join(members::table)
        .filter(provisioners::organization_id.eq(organization))
        .order(provisioners::id);
    Ok(all.select((Provisioner::as_select(), members::name)).load(conn)?)
}

/// Every client of every organization.
pub(super) fn everywhere(conn: &mut Conn) -> Result<Vec<(OrganizationId, ProvisionerId)>, Fault> {
    Ok(provisioners::table.select((provisioners::organization_id, provisioners::id)).load(conn)?)
}

/// # Errors
/// [`Fault::Missing`].
pub(super) fn find(conn: &mut Conn, organization: OrganizationId, id: ProvisionerId) -> Result<(Provisioner, String), Fault> {
    let row = provisioners::table.inner_join(members::table).filter(is!(organization, id));
    Ok(row.select((Provisioner::as_select(), members::name)).first(conn)?)
}

/// The SCIM client whose system account this is.
pub fn find_by_account(conn: &mut Conn, organization: OrganizationId, member: MemberId) -> Result<Option<Provisioner>, Fault> {
    let row = provisioners::table
        .filter(provisioners::organization_id.eq(organization))
        .filter(provisioners::member_id.eq(member));
    Ok(row.select(Provisioner::as_select()).first(conn).optional()?)
}

/// The SCIM client that provisions the people of a connection.
pub(super) fn find_by_connection(
    conn: &mut Conn,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<Option<Provisioner>, Fault> {
    let row = provisioners::table
        .filter(provisioners::organization_id.eq(organization))
        .filter(provisioners::connection_id.eq(Some(connection)));
    Ok(row.select(Provisioner::as_select()).first(conn).optional()?)
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    account: MemberId,
    settings: &ProvisionerSettings,
) -> Result<Result<ProvisionerId, ConnectionTaken>, Fault> {
    let id = ProvisionerId::new(scope.now());
    let inserted = diesel::insert_into(provisioners::table)
        .values((
            provisioners::id.eq(id),
            provisioners::organization_id.eq(scope.organization),
            provisioners::member_id.eq(account),
            settings_of!(settings),
            provisioners::created_at.eq(scope.now()),
            provisioners::created_by.eq(scope.actor.member_id()),
        ))
        .execute(tx.conn());
    Ok(unique(inserted)?.map(|_| id))
}

pub(super) fn update(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ProvisionerId,
    settings: &ProvisionerSettings,
) -> Result<Result<(), ConnectionTaken>, Fault> {
    let row = provisioners::table.filter(is!(organization, id));
    let updated = diesel::update(row)
        .set((settings_of!(settings), provisioners::version.eq(provisioners::version + 1)))
        .execute(tx.conn());
    Ok(unique(updated)?.map(|_| ()))
}

pub(super) fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: ProvisionerId) -> Result<(), Fault> {
    let row = provisioners::table.filter(is!(organization, id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}

/// Records the latest call. Returns whether the client is still there.
pub(super) fn touch(tx: &mut Tx<'_>, organization: OrganizationId, id: ProvisionerId, at: Timestamp) -> Result<bool, Fault> {
    let row = provisioners::table.filter(is!(organization, id));
    let known: Option<Option<Timestamp>> = row.select(provisioners::last_call_at).first(tx.conn()).optional()?;
    let Some(known) = known else { return Ok(false) };
    // Another process may have written a later one.
    if known.is_none_or(|known| known < at) {
        diesel::update(row).set(provisioners::last_call_at.eq(Some(at))).execute(tx.conn())?;
    }
    Ok(true)
}

/// Records why the latest refused call was refused.
pub(super) fn set_failure(tx: &mut Tx<'_>, organization: OrganizationId, id: ProvisionerId, at: Timestamp, why: &str) -> Result<(), Fault> {
    let earlier = provisioners::table
        .filter(is!(organization, id))
        .filter(provisioners::last_failure_at.is_null().or(provisioners::last_failure_at.lt(Some(at))));
    let set = (provisioners::last_failure_at.eq(Some(at)), provisioners::last_failure.eq(Some(why)));
    diesel::update(earlier).set(set).execute(tx.conn())?;
    Ok(())
}

/// How many people and teams it manages.
pub(super) fn managed(conn: &mut Conn, organization: OrganizationId, id: ProvisionerId) -> Result<(i64, i64), Fault> {
    let people = provisioned_users::table
        .filter(provisioned_users::organization_id.eq(organization))
        .filter(provisioned_users::provisioner_id.eq(id));
    let teams = provisioned_groups::table
        .filter(provisioned_groups::organization_id.eq(organization))
        .filter(provisioned_groups::provisioner_id.eq(id));
    Ok((people.count().get_result(conn)?, teams.count().get_result(conn)?))
}

/// How many people and teams each manages.
pub(super) fn managed_by_each(conn: &mut Conn, organization: OrganizationId) -> Result<HashMap<ProvisionerId, (i64, i64)>, Fault> {
    let people = provisioned_users::table
        .filter(provisioned_users::organization_id.eq(organization))
        .group_by(provisioned_users::provisioner_id)
        .select((provisioned_users::provisioner_id, count_star()));
    let teams = provisioned_groups::table
        .filter(provisioned_groups::organization_id.eq(organization))
        .group_by(provisioned_groups::provisioner_id)
        .select((provisioned_groups::provisioner_id, count_star()));
    let mut all: HashMap<ProvisionerId, (i64, i64)> = HashMap::new();
    for (id, count) in people.load::<(ProvisionerId, i64)>(conn)? {
        all.entry(id).or_default().0 = count;
    }
    for (id, count) in teams.load::<(ProvisionerId, i64)>(conn)? {
        all.entry(id).or_default().1 = count;
    }
    Ok(all)
}

/// Those whose system account is disabled.
pub(super) fn disabled(conn: &mut Conn, organization: OrganizationId) -> Result<HashSet<ProvisionerId>, Fault> {
    let rows = provisioners::table
        .inner_join(members::table)
        .filter(provisioners::organization_id.eq(organization))
        .filter(members::status.eq(MemberStatus::Disabled));
    Ok(rows.select(provisioners::id).load(conn)?.into_iter().collect())
}
