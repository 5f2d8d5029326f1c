//! Identities: what a connection to an identity provider calls a person. An identity belongs to one user, is never
//! changed to another, and is only deleted and made anew. Subjects are compared byte for byte.
//!
//! Invariant: a person who was deleted from an organization leaves a row in `deleted_identities`, so that signing in at
//! the provider does not bring them back.

use crate::{
    db::{
        Among, Conn, MultiBackend, Tx,
        schema::{connections, deleted_identities, identities, members},
    },
    kit::{ConnectionId, Fault, IdentityId, MemberId, OperationError, OrganizationId, Timestamp, UserId},
    text_enum,
};
use diesel::{
    dsl::count_star,
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};
use std::collections::{BTreeMap, HashMap, HashSet};

text_enum! {
    /// How an identity came to belong to its user.
    pub enum LinkedHow {
        /// The person became a member by signing in.
        Joined = "joined",
        Invitation = "invitation",
        /// The person connected it themselves.
        Themselves = "self",
        /// The address is of a domain that the organization verified for this connection.
        Domain = "domain",
        Provisioner = "provisioner",
    }
}

/// An identity.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = identities, check_for_backend(MultiBackend))]
pub struct Identity {
    pub id: IdentityId,
    pub organization_id: OrganizationId,
    pub connection_id: ConnectionId,
    pub subject: String,
    pub user_id: UserId,
    /// The address that the provider sent last. It proves nothing here.
    pub email: String,
    pub name: String,
    pub linked_at: Timestamp,
    pub linked_how: LinkedHow,
    pub last_used_at: Option<Timestamp>,
}

/// An identity to insert.
#[derive(Clone, Debug)]
pub struct NewIdentity<'a> {
    pub organization: OrganizationId,
    pub connection: ConnectionId,
    pub subject: &'a str,
    pub user: UserId,
    pub email: &'a str,
    pub name: &'a str,
    pub how: LinkedHow,
}

/// The person has another identity of this connection, or the identity belongs to another person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is connected already.")]
pub struct AlreadyLinked;

/// Who this connection means by a subject.
pub fn find_by_subject(
    conn: &mut Conn,
    organization: OrganizationId,
    connection: ConnectionId,
    subject: &str,
) -> Result<Option<Identity>, Fault> {
    let row = identities::table
        .filter(identities::organization_id.eq(organization))
        .filter(identities::connection_id.eq(connection))
        .filter(identities::subject.eq(subject));
    Ok(row.select(Identity::as_select()).first(conn).optional()?)
}

/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, id: IdentityId) -> Result<Identity, Fault> {
    Ok(identities::table.find(id).select(Identity::as_select()).first(conn)?)
}

/// A person's identities, the oldest first.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<Identity>, Fault> {
    let rows = identities::table.filter(identities::user_id.eq(user)).order(identities::id);
    Ok(rows.select(Identity::as_select()).load(conn)?)
}

/// An identity as the profile of its person lists it.
#[derive(Queryable, Clone, Debug)]
pub struct NamedIdentity {
    pub id: IdentityId,
    /// The name of its connection.
    pub connection: String,
    pub email: String,
    pub linked_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// A person's identities in this organization, the oldest first.
pub fn named_of(conn: &mut Conn, organization: OrganizationId, user: UserId) -> Result<Vec<NamedIdentity>, Fault> {
    let rows = identities::table
        .inner_join(connections::table)
        .filter(identities::organization_id.eq(organization))
        .filter(identities::user_id.eq(user))
        .order(identities::id)
        .select((
            identities::id,
            connections::name,
            identities::email,
            identities::linked_at,
            identities::last_used_at,
        ));
    Ok(rows.load(conn)?)
}

/// A person's identities in this organization, each with the name of its connection, the oldest first.
pub fn whole_of(conn: &mut Conn, organization: OrganizationId, user: UserId) -> Result<Vec<(Identity, String)>, Fault> {
    let rows = identities::table
        .inner_join(connections::table)
        .filter(identities::organization_id.eq(organization))
        .filter(identities::user_id.eq(user))
        .order(identities::id)
        .select((Identity::as_select(), connections::name));
    Ok(rows.load(conn)?)
}

/// Which of these people can sign in through an enabled connection of this organization.
pub fn of_enabled_connections(conn: &mut Conn, organization: OrganizationId, users: &[UserId]) -> Result<HashSet<UserId>, Fault> {
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let found = identities::table
        .inner_join(connections::table)
        .filter(identities::organization_id.eq(organization))
        .filter(identities::user_id.among(users))
        .filter(connections::status.eq("enabled"))
        .select(identities::user_id)
        .distinct();
    Ok(found.load(conn)?.into_iter().collect())
}

/// Connects an identity with a user. The database decides whether either is connected already.
///
/// # Errors
/// [`AlreadyLinked`].
pub fn link(tx: &mut Tx<'_>, new: &NewIdentity<'_>, now: Timestamp) -> Result<IdentityId, OperationError<AlreadyLinked>> {
    let id = IdentityId::new(now);
    let inserted = diesel::insert_into(identities::table)
        .values((
            identities::id.eq(id),
            identities::organization_id.eq(new.organization),
            identities::connection_id.eq(new.connection),
            identities::subject.eq(new.subject),
            identities::user_id.eq(new.user),
            identities::email.eq(new.email),
            identities::name.eq(new.name),
            identities::linked_at.eq(now),
            identities::linked_how.eq(new.how),
        ))
        .execute(tx.conn());
    match inserted {
        Ok(_) => Ok(id),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(OperationError::Refused(AlreadyLinked)),
        Err(error) => Err(error.into()),
    }
}

/// Records a sign-in, with what the provider calls the person now.
pub fn touch(tx: &mut Tx<'_>, id: IdentityId, email: &str, name: &str, now: Timestamp) -> Result<(), Fault> {
    diesel::update(identities::table.find(id))
        .set((identities::email.eq(email), identities::name.eq(name), identities::last_used_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(())
}

/// Removes an identity. Its sessions end with it.
///
/// # Errors
/// [`Fault::Missing`] when the person has no such identity.
pub fn unlink(tx: &mut Tx<'_>, user: UserId, id: IdentityId) -> Result<(), Fault> {
    let row = identities::table.filter(identities::id.eq(id)).filter(identities::user_id.eq(user));
    match diesel::delete(row).execute(tx.conn())? {
        1 => Ok(()),
        _ => Err(Fault::Missing),
    }
}

/// Members of this organization are deleted: their identities go, and are remembered under the member's name.
pub fn forget(tx: &mut Tx<'_>, organization: OrganizationId, gone: &BTreeMap<UserId, String>, now: Timestamp) -> Result<(), Fault> {
    let users: Vec<UserId> = gone.keys().copied().collect();
    let theirs = identities::table
        .filter(identities::organization_id.eq(organization))
        .filter(identities::user_id.among(&users));
    let found: Vec<Identity> = theirs.clone().select(Identity::as_select()).load(tx.conn())?;
    for identity in &found {
        let name = gone.get(&identity.user_id).map_or("", String::as_str);
        let row = (
            deleted_identities::organization_id.eq(organization),
            deleted_identities::connection_id.eq(identity.connection_id),
            deleted_identities::subject.eq(&identity.subject),
            deleted_identities::name.eq(name),
            deleted_identities::deleted_at.eq(now),
        );
        diesel::insert_into(deleted_identities::table).values(row).execute(tx.conn())?;
    }
    if !found.is_empty() {
        diesel::delete(theirs).execute(tx.conn())?;
    }
    Ok(())
}

/// Writes the pseudonym of a person who was deleted at that instant in the place of their name. The subject stays, so that
/// signing in at the provider does not bring them back.
pub fn erase_name(tx: &mut Tx<'_>, organization: OrganizationId, at: Timestamp, names: &[String], pseudonym: &str) -> Result<(), Fault> {
    let theirs = deleted_identities::table
        .filter(deleted_identities::organization_id.eq(organization))
        .filter(deleted_identities::deleted_at.eq(at))
        .filter(deleted_identities::name.among(names));
    diesel::update(theirs).set(deleted_identities::name.eq(pseudonym)).execute(tx.conn())?;
    Ok(())
}

/// When the person with this subject was deleted here, if they were.
pub fn deleted_at(
    conn: &mut Conn,
    organization: OrganizationId,
    connection: ConnectionId,
    subject: &str,
) -> Result<Option<Timestamp>, Fault> {
    let row = deleted_identities::table.find((organization, connection, subject));
    Ok(row.select(deleted_identities::deleted_at).first(conn).optional()?)
}

/// A person who was deleted, as the page of the connection lists them.
#[derive(Queryable, Clone, Debug)]
pub struct DeletedIdentity {
    pub subject: String,
    pub name: String,
    pub deleted_at: Timestamp,
}

/// The latest people of a connection who were deleted.
pub fn deleted(conn: &mut Conn, organization: OrganizationId, connection: ConnectionId, most: i64) -> Result<Vec<DeletedIdentity>, Fault> {
    let rows = deleted_identities::table
        .filter(deleted_identities::organization_id.eq(organization))
        .filter(deleted_identities::connection_id.eq(connection))
        .order((deleted_identities::deleted_at.desc(), deleted_identities::subject))
        .select((deleted_identities::subject, deleted_identities::name, deleted_identities::deleted_at))
        .limit(most);
    Ok(rows.load(conn)?)
}

/// The person with this subject may come again. Returns whether they had been deleted.
pub fn readmit(tx: &mut Tx<'_>, organization: OrganizationId, connection: ConnectionId, subject: &str) -> Result<bool, Fault> {
    let row = deleted_identities::table.find((organization, connection, subject));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}

/// A deleted person of a connection.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find_deleted(
    conn: &mut Conn,
    organization: OrganizationId,
    connection: ConnectionId,
    subject: &str,
) -> Result<DeletedIdentity, Fault> {
    let row = deleted_identities::table.find((organization, connection, subject));
    Ok(row
        .select((deleted_identities::subject, deleted_identities::name, deleted_identities::deleted_at))
        .first(conn)?)
}

/// The members who are connected through a connection.
pub fn members_of(conn: &mut Conn, organization: OrganizationId, connection: ConnectionId) -> Result<Vec<MemberId>, Fault> {
    let rows = identities::table
        .inner_join(members::table.on(members::user_id.eq(identities::user_id.nullable())))
        .filter(identities::organization_id.eq(organization))
        .filter(identities::connection_id.eq(connection))
        .filter(members::organization_id.eq(organization));
    Ok(rows.select(members::id).load(conn)?)
}

/// How many people of a connection there are.
pub fn count(conn: &mut Conn, organization: OrganizationId, connection: ConnectionId) -> Result<i64, Fault> {
    let rows = identities::table
        .filter(identities::organization_id.eq(organization))
        .filter(identities::connection_id.eq(connection));
    Ok(rows.count().get_result(conn)?)
}

/// How many people each of these connections has. One without any is left out.
pub fn counts(conn: &mut Conn, organization: OrganizationId, ids: &[ConnectionId]) -> Result<HashMap<ConnectionId, i64>, Fault> {
    let rows = identities::table
        .filter(identities::organization_id.eq(organization))
        .filter(identities::connection_id.among(ids))
        .group_by(identities::connection_id)
        .select((identities::connection_id, count_star()));
    Ok(rows.load::<(ConnectionId, i64)>(conn)?.into_iter().collect())
}
