//! Users: a person's identity, one for the whole deployment. Sign-in names are unique across all people, compared
//! without case. One person's username is never another person's email.
//!
//! `user_names` holds the keys that reserve a name ([`email::likeness`]): a name that looks like an existing one is
//! refused as taken. Similar names never prove that two people are one. Only the stored username and address decide who
//! a name means and whether two addresses are one mailbox ([`User::goes_by`], [`User::has_mailbox`]).

use crate::{
    db::{
        Among, Conn, MultiBackend, Tx,
        schema::{members, passwords, user_names, users},
    },
    kit::{
        Fault, OperationError, Timestamp, UserId,
        email::{self, Email},
    },
};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = users, check_for_backend(MultiBackend))]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub email: String,
    /// Browsers that were recognized before this instant are no longer recognized.
    pub devices_from: Option<Timestamp>,
    /// Since when we know that the person with the credentials also reads the mail of the address: they followed a link
    /// that was mailed there. `None` for an address that an administrator typed, and for a password that an
    /// administrator chose.
    pub address_proven_at: Option<Timestamp>,
}

impl User {
    /// Whether the person signs in with this name: it is their username, or the mailbox of their email.
    pub fn goes_by(&self, name: &str) -> bool {
        email::is_one_name(&self.username, name) || email::is_one_mailbox(&self.email, name)
    }
    /// Whether this is the mailbox of their email. Their username may be a different, earlier address.
    pub fn has_mailbox(&self, address: &Email) -> bool {
        address.is_mailbox(&self.email)
    }
    /// Their stored address. Mail goes only to this one.
    ///
    /// # Errors
    /// [`Fault::Broken`] when the stored text is not an address.
    pub fn address(&self) -> Result<Email, Fault> {
        Email::parse(&self.email).map_err(Fault::broken)
    }
}

/// Another person already signs in with this username or email, or with one that looks like it.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("This name or address belongs to somebody already.")]
pub struct Taken;

/// Why a person whose address looks like another person's is not invited or created.
pub const LOOKS_TAKEN: &str =
    "This address looks like one that belongs to somebody already, and is another mailbox. Use one that is not mistaken for it.";

/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, id: UserId) -> Result<User, Fault> {
    Ok(users::table.find(id).select(User::as_select()).first(conn)?)
}

/// A person, and until when they can sign in with their password if it is temporary.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find_with_temporary_password(conn: &mut Conn, id: UserId) -> Result<(User, Option<Timestamp>), Fault> {
    let row = users::table.left_join(passwords::table).filter(users::id.eq(id));
    Ok(row.select((User::as_select(), passwords::temporary_until.nullable())).first(conn)?)
}

/// Finds the person who signs in with this username or email. A name that only looks like theirs does not match.
pub fn find_by_name(conn: &mut Conn, typed: &str) -> Result<Option<User>, Fault> {
    Ok(find_by_likeness(conn, typed)?.filter(|user| user.goes_by(typed)))
}

/// Finds the person whose names reserve this name: it is theirs, or it looks like one of theirs.
pub fn find_by_likeness(conn: &mut Conn, typed: &str) -> Result<Option<User>, Fault> {
    let named = user_names::table.inner_join(users::table).filter(user_names::name_key.eq(email::likeness(typed)));
    Ok(named.select(User::as_select()).first(conn).optional()?)
}

/// Creates an identity. The database decides whether the name is free, so of two concurrent inserts one is refused.
///
/// # Errors
/// [`Taken`].
pub fn insert(tx: &mut Tx<'_>, username: &str, email: &Email, now: Timestamp) -> Result<UserId, OperationError<Taken>> {
    let id = UserId::new(now);
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::username.eq(username),
            users::email.eq(email.as_str()),
            users::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    let mut keys = vec![email::likeness(username), email.likeness()];
    keys.dedup();
    for key in keys {
        name(tx, id, key)?;
    }
    Ok(id)
}

/// Changes a person's email and returns the old one, which becomes free. A username never changes: if it is the old
/// address, the person keeps it and can still sign in with it. The new address is unproven. The caller must hold the
/// identity with [`lock`].
///
/// # Errors
/// [`Taken`].
pub fn change_email(tx: &mut Tx<'_>, id: UserId, new: &Email) -> Result<String, OperationError<Taken>> {
    let user = find(tx, id)?;
    let (old_key, new_key, username_key) = (email::likeness(&user.email), new.likeness(), email::likeness(&user.username));
    if new_key != old_key && new_key != username_key {
        name(tx, id, new_key.clone())?;
    }
    if new_key != old_key && old_key != username_key {
        let old = user_names::table.filter(user_names::name_key.eq(old_key)).filter(user_names::user_id.eq(id));
        diesel::delete(old).execute(tx.conn())?;
    }
    diesel::update(users::table.find(id))
        .set((users::email.eq(new.as_str()), users::address_proven_at.eq(None::<Timestamp>)))
        .execute(tx.conn())?;
    Ok(user.email)
}

/// Adds a sign-in name. The database decides whether it is free.
fn name(tx: &mut Tx<'_>, id: UserId, key: String) -> Result<(), OperationError<Taken>> {
    let row = (user_names::name_key.eq(key), user_names::user_id.eq(id));
    match diesel::insert_into(user_names::table).values(row).execute(tx.conn()) {
        Ok(_) => Ok(()),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(OperationError::Refused(Taken)),
        Err(error) => Err(error.into()),
    }
}

/// Prevents removal of an identity until this transaction ends; returns whether it still exists. SQLite has only one
/// writer, so it needs no lock here or in [`lock`].
pub fn keep(tx: &mut Tx<'_>, id: UserId) -> Result<bool, Fault> {
    let row = users::table.find(id).select(users::id);
    let found: Option<UserId> = match tx.conn() {
        Conn::Sqlite(c) => row.first(c).optional()?,
        Conn::Pg(c) => row.for_key_share().first(c).optional()?,
    };
    Ok(found.is_some())
}

/// Whether a request that began at that instant is too late: since then the sender was removed, their password was
/// replaced, or an alarm ended every session. So nothing is created after such a change. Waits for a transaction that
/// makes such a change, and blocks new ones.
pub fn is_too_late(tx: &mut Tx<'_>, id: UserId, began: Timestamp) -> Result<bool, Fault> {
    if !keep(tx, id)? {
        return Ok(true);
    }
    let replaced: Option<Timestamp> = passwords::table.find(id).select(passwords::changed_at).first(tx.conn()).optional()?;
    let ended = [replaced, find(tx, id)?.devices_from];
    Ok(ended.into_iter().flatten().any(|at| at >= began))
}

/// Waits for every transaction that holds the identity with [`keep`], before the caller checks whether it can be
/// removed.
pub fn lock(tx: &mut Tx<'_>, id: UserId) -> Result<(), Fault> {
    if let Conn::Pg(c) = tx.conn() {
        users::table.find(id).select(users::id).for_update().first::<UserId>(c).optional()?;
    }
    Ok(())
}

/// Removes those of these identities that no longer belong to any organization, with their credentials and sessions.
/// Their names become free.
pub fn delete_unused(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<(), Fault> {
    // A transaction that adds one of them to another organization finishes first, or finds no identity.
    if let Conn::Pg(c) = tx.conn() {
        let rows = users::table.filter(users::id.among(ids)).order(users::id).select(users::id);
        rows.for_update().load::<UserId>(c)?;
    }
    let used = members::table.filter(members::user_id.among(ids)).select(members::user_id.assume_not_null());
    let used: Vec<UserId> = used.distinct().load(tx.conn())?;
    let unused: Vec<UserId> = ids.iter().filter(|id| !used.contains(id)).copied().collect();
    diesel::delete(users::table.filter(users::id.among(unused))).execute(tx.conn())?;
    Ok(())
}

/// From now on no earlier browser of this person is recognized, and their earlier passkeys count only as a second step.
pub fn forget_devices(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(users::table.find(id)).set(users::devices_from.eq(Some(now))).execute(tx.conn())?;
    Ok(())
}

/// Records that the person with the credentials reads the mail of the address. Returns whether that was unknown before.
pub fn prove(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<bool, Fault> {
    let unproven = users::table.filter(users::id.eq(id)).filter(users::address_proven_at.is_null());
    let proven = diesel::update(unproven).set(users::address_proven_at.eq(Some(now))).execute(tx.conn())?;
    Ok(proven == 1)
}

/// [`prove`] for an identity whose credentials another person may have had until now. If the proof is new, earlier
/// browsers are no longer recognized, and earlier passkeys count only as a second step, after the password.
pub fn prove_anew(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<bool, Fault> {
    let is_news = prove(tx, id, now)?;
    if is_news {
        forget_devices(tx, id, now)?;
    }
    Ok(is_news)
}

/// Records that the credentials now belong to a person who may not read the mail of the address.
pub fn disprove(tx: &mut Tx<'_>, id: UserId) -> Result<(), Fault> {
    diesel::update(users::table.find(id))
        .set(users::address_proven_at.eq(None::<Timestamp>))
        .execute(tx.conn())?;
    Ok(())
}

/// Removes an identity that was never used. Its names become free.
///
/// # Errors
/// A database error, for example when memberships of it remain.
pub fn delete(tx: &mut Tx<'_>, id: UserId) -> Result<(), Fault> {
    diesel::delete(users::table.find(id)).execute(tx.conn())?;
    Ok(())
}
