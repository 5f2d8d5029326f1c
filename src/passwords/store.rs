//! Queries of `passwords`, one function per statement.

use crate::{
    db::{Conn, MultiBackend, Tx, query::OnBoth, schema::passwords},
    kit::{Fault, Timestamp, UserId},
};
use diesel::{prelude::*, upsert::excluded};

/// A stored password.
#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = passwords, check_for_backend(MultiBackend))]
pub struct Password {
    pub hash: String,
    pub changed_at: Timestamp,
    /// Set if the password is temporary: it must be replaced, and stops working at this time.
    pub temporary_until: Option<Timestamp>,
}

pub fn find(conn: &mut Conn, user: UserId) -> Result<Option<Password>, Fault> {
    Ok(passwords::table.find(user).select(Password::as_select()).first(conn).optional()?)
}

/// Sets a person's password. Every session that began before ends.
pub fn set(tx: &mut Tx<'_>, user: UserId, hash: &str, temporary_until: Option<Timestamp>, now: Timestamp) -> Result<(), Fault> {
    let row = (
        passwords::user_id.eq(user),
        passwords::hash.eq(hash),
        passwords::changed_at.eq(now),
        passwords::temporary_until.eq(temporary_until),
    );
    OnBoth(diesel::insert_into(passwords::table).values(row).on_conflict(passwords::user_id).do_update().set((
        passwords::hash.eq(excluded(passwords::hash)),
        passwords::changed_at.eq(excluded(passwords::changed_at)),
        passwords::temporary_until.eq(excluded(passwords::temporary_until)),
    )))
    .execute(tx.conn())?;
    Ok(())
}

/// Stores the same password hashed with stronger parameters. For the person nothing changes. Does nothing if the
/// password was changed meanwhile.
pub fn rehash(tx: &mut Tx<'_>, user: UserId, old: &str, new: &str) -> Result<(), Fault> {
    diesel::update(passwords::table.filter(passwords::user_id.eq(user)).filter(passwords::hash.eq(old)))
        .set(passwords::hash.eq(new))
        .execute(tx.conn())?;
    Ok(())
}
