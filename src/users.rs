//! Users: a person's identity, one for the whole deployment. Their names to sign in with are unique across all people,
//! whatever the case, and a username of one is never the email of another.

use crate::{
    db::{
        Conn, MultiBackend, Tx,
        schema::{user_names, users},
    },
    kit::{Fault, Stop, Timestamp, UserId, email::Email, fold},
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
}

/// Somebody signs in with this username or email already.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("This name or address belongs to somebody already.")]
pub struct Taken;

/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn find(conn: &mut Conn, id: UserId) -> Result<User, Fault> {
    Ok(users::table.find(id).select(User::as_select()).first(conn)?)
}

/// Who signs in with this username or email.
///
/// # Errors
/// What the database says.
pub fn find_by_name(conn: &mut Conn, typed: &str) -> Result<Option<User>, Fault> {
    let named = user_names::table
        .inner_join(users::table)
        .filter(user_names::name_key.eq(fold::unique(typed)));
    Ok(named.select(User::as_select()).first(conn).optional()?)
}

/// A new identity. The database decides whether the name is free, so that of two at once one is refused.
///
/// # Errors
/// [`Taken`], or what the database says.
pub fn insert(tx: &mut Tx<'_>, username: &str, email: &Email, now: Timestamp) -> Result<UserId, Stop<Taken>> {
    let id = UserId::new(now);
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::username.eq(username),
            users::email.eq(email.as_str()),
            users::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    let mut keys = vec![fold::unique(username), email.key()];
    keys.dedup();
    for key in keys {
        let row = (user_names::name_key.eq(key), user_names::user_id.eq(id));
        match diesel::insert_into(user_names::table).values(row).execute(tx.conn()) {
            Ok(_) => {}
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => return Err(Stop::Refused(Taken)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(id)
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

/// Every browser this person signed in with is a stranger from now on.
///
/// # Errors
/// What the database says.
pub fn forget_devices(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(users::table.find(id))
        .set(users::devices_from.eq(Some(now)))
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
