//! Users: a person's identity, one for the whole deployment. Their names to sign in with are unique across all people,
//! whatever the case, and a username of one is never the email of another.
//!
//! `user_names` holds what reserves a name ([`email::likeness`]): a name that looks like somebody's is refused as taken.
//! That two names look alike never says that they are one person's. Who is meant by a name, and whether two addresses are
//! one mailbox, is decided by the stored username and address alone ([`User::goes_by`], [`User::has_mailbox`]).

use crate::{
    db::{
        Conn, MultiBackend, Tx,
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
    /// Browsers that were known before this are known no more.
    pub devices_from: Option<Timestamp>,
    /// Since when the credentials are known to be those of anyone who reads the mail of the address: they followed a link
    /// that was mailed there. Nobody knows that of an address that an administrator typed, nor of a password that one
    /// chose.
    pub address_proven_at: Option<Timestamp>,
}

impl User {
    /// Whether they sign in with this name: it is their username, or the mailbox of their email.
    pub fn goes_by(&self, name: &str) -> bool {
        email::is_one_name(&self.username, name) || email::is_one_mailbox(&self.email, name)
    }
    /// Whether this is the mailbox of their email. Their username may be another address, of before.
    pub fn has_mailbox(&self, address: &Email) -> bool {
        address.is_mailbox(&self.email)
    }
    /// Their stored address, which alone is written to.
    ///
    /// # Errors
    /// [`Fault::Broken`], where it is none.
    pub fn address(&self) -> Result<Email, Fault> {
        Email::parse(&self.email).map_err(Fault::broken)
    }
}

/// Somebody signs in with this username or email already, or with one that looks like it.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("This name or address belongs to somebody already.")]
pub struct Taken;

/// Why somebody is not invited or created whose address looks like another's.
pub const LOOKS_TAKEN: &str =
    "This address looks like one that belongs to somebody already, and is another mailbox. Use one that is not mistaken for it.";

/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn find(conn: &mut Conn, id: UserId) -> Result<User, Fault> {
    Ok(users::table.find(id).select(User::as_select()).first(conn)?)
}

/// Who signs in with this username or email. Nobody is found by a name that merely looks like theirs.
///
/// # Errors
/// What the database says.
pub fn find_by_name(conn: &mut Conn, typed: &str) -> Result<Option<User>, Fault> {
    Ok(find_by_likeness(conn, typed)?.filter(|user| user.goes_by(typed)))
}

/// Who keeps this name from others: it is theirs, or looks like one of theirs.
///
/// # Errors
/// What the database says.
pub fn find_by_likeness(conn: &mut Conn, typed: &str) -> Result<Option<User>, Fault> {
    let named = user_names::table
        .inner_join(users::table)
        .filter(user_names::name_key.eq(email::likeness(typed)));
    Ok(named.select(User::as_select()).first(conn).optional()?)
}

/// A new identity. The database decides whether the name is free, so that of two at once one is refused.
///
/// # Errors
/// [`Taken`], or what the database says.
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

/// Gives somebody another email, and returns the old one, which is free then. A username never changes: where it is the
/// old address, it goes on signing in and stays theirs. Nothing is proven of the new one. Anyone who calls holds the
/// identity by [`lock`].
///
/// # Errors
/// [`Taken`], or what the database says.
pub fn change_email(tx: &mut Tx<'_>, id: UserId, new: &Email) -> Result<String, OperationError<Taken>> {
    let user = find(tx, id)?;
    let (old_key, new_key, username_key) = (email::likeness(&user.email), new.likeness(), email::likeness(&user.username));
    if new_key != old_key && new_key != username_key {
        name(tx, id, new_key.clone())?;
    }
    if new_key != old_key && old_key != username_key {
        let old = user_names::table
            .filter(user_names::name_key.eq(old_key))
            .filter(user_names::user_id.eq(id));
        diesel::delete(old).execute(tx.conn())?;
    }
    diesel::update(users::table.find(id))
        .set((users::email.eq(new.as_str()), users::address_proven_at.eq(None::<Timestamp>)))
        .execute(tx.conn())?;
    Ok(user.email)
}

/// One more name to sign in with. The database decides whether it is free.
fn name(tx: &mut Tx<'_>, id: UserId, key: String) -> Result<(), OperationError<Taken>> {
    let row = (user_names::name_key.eq(key), user_names::user_id.eq(id));
    match diesel::insert_into(user_names::table).values(row).execute(tx.conn()) {
        Ok(_) => Ok(()),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(OperationError::Refused(Taken)),
        Err(error) => Err(error.into()),
    }
}

/// Keeps an identity from being removed until this transaction ends; says whether it is there still. SQLite has one
/// writer anyway, as for [`lock`].
///
/// # Errors
/// What the database says.
pub fn keep(tx: &mut Tx<'_>, id: UserId) -> Result<bool, Fault> {
    let row = users::table.find(id).select(users::id);
    let found: Option<UserId> = match tx.conn() {
        Conn::Sqlite(c) => row.first(c).optional()?,
        Conn::Pg(c) => row.for_key_share().first(c).optional()?,
    };
    Ok(found.is_some())
}

/// Whether a request that began at that instant comes too late: since then its sender is gone, their password was
/// replaced, or an alarm ended every session, so that nothing comes to be behind its back. Waits for anyone who is doing
/// that, and makes them wait.
///
/// # Errors
/// What the database says.
pub fn is_too_late(tx: &mut Tx<'_>, id: UserId, began: Timestamp) -> Result<bool, Fault> {
    if !keep(tx, id)? {
        return Ok(true);
    }
    let replaced: Option<Timestamp> = passwords::table
        .find(id)
        .select(passwords::changed_at)
        .first(tx.conn())
        .optional()?;
    let ended = [replaced, find(tx, id)?.devices_from];
    Ok(ended.into_iter().flatten().any(|at| at >= began))
}

/// Waits for everybody who [`keep`]s the identity, before asking whether it can be removed.
///
/// # Errors
/// What the database says.
pub fn lock(tx: &mut Tx<'_>, id: UserId) -> Result<(), Fault> {
    if let Conn::Pg(c) = tx.conn() {
        users::table.find(id).select(users::id).for_update().first::<UserId>(c).optional()?;
    }
    Ok(())
}

/// Removes those of these identities that belong nowhere any more, with their credentials and sessions; their names are
/// free again.
///
/// # Errors
/// What the database says.
pub fn delete_unused(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<(), Fault> {
    // Anyone who is adding one of them to another organization comes first, or finds nobody.
    if let Conn::Pg(c) = tx.conn() {
        let rows = users::table.filter(users::id.eq_any(ids)).order(users::id).select(users::id);
        rows.for_update().load::<UserId>(c)?;
    }
    let used = members::table
        .filter(members::user_id.eq_any(ids))
        .select(members::user_id.assume_not_null());
    let used: Vec<UserId> = used.distinct().load(tx.conn())?;
    let unused: Vec<UserId> = ids.iter().filter(|id| !used.contains(id)).copied().collect();
    diesel::delete(users::table.filter(users::id.eq_any(unused))).execute(tx.conn())?;
    Ok(())
}

/// Every browser this person signed in with is a stranger from now on, and every passkey a second step only.
///
/// # Errors
/// What the database says.
pub fn forget_devices(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(users::table.find(id))
        .set(users::devices_from.eq(Some(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// Anyone who reads the mail of the address has the credentials. Says whether that is news.
///
/// # Errors
/// What the database says.
pub fn prove(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<bool, Fault> {
    let unproven = users::table.filter(users::id.eq(id)).filter(users::address_proven_at.is_null());
    let proven = diesel::update(unproven)
        .set(users::address_proven_at.eq(Some(now)))
        .execute(tx.conn())?;
    Ok(proven == 1)
}

/// [`prove`] of an identity whose credentials somebody else may have had until now: if it is news, the browsers known
/// from then are strangers, and the passkeys a second step only, which takes the password.
///
/// # Errors
/// What the database says.
pub fn prove_anew(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<bool, Fault> {
    let is_news = prove(tx, id, now)?;
    if is_news {
        forget_devices(tx, id, now)?;
    }
    Ok(is_news)
}

/// Somebody who need not read the mail of the address has the credentials from now on.
///
/// # Errors
/// What the database says.
pub fn disprove(tx: &mut Tx<'_>, id: UserId) -> Result<(), Fault> {
    diesel::update(users::table.find(id))
        .set(users::address_proven_at.eq(None::<Timestamp>))
        .execute(tx.conn())?;
    Ok(())
}

/// Removes an identity that nobody ever used; its names are free again.
///
/// # Errors
/// What the database says, for example that memberships of it remain.
pub fn delete(tx: &mut Tx<'_>, id: UserId) -> Result<(), Fault> {
    diesel::delete(users::table.find(id)).execute(tx.conn())?;
    Ok(())
}
