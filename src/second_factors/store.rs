//! Queries of `second_factors`, one function per statement.

use crate::{
    db::{
        Conn, Json, MultiBackend, Tx,
        query::OnBoth,
        schema::{passkeys, recovery_codes, totps},
    },
    kit::{Fault, PasskeyId, RecoveryCodeId, Timestamp, UserId, secret::fingerprint},
};
use diesel::{
    dsl::{count_star, exists},
    prelude::*,
};
use webauthn_rs::prelude::Passkey as Credential;

/// A passkey as its owner sees it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = passkeys, check_for_backend(MultiBackend))]
pub struct Passkey {
    pub id: PasskeyId,
    pub name: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// The second factors of a person.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Since when the person has an authenticator app.
    pub app: Option<Timestamp>,
    pub passkeys: Vec<Passkey>,
    pub codes_left: i64,
}

impl Held {
    pub fn is_any(&self) -> bool {
        self.app.is_some() || !self.passkeys.is_empty()
    }
    /// Whether removing one factor leaves none.
    pub fn is_last(&self) -> bool {
        usize::from(self.app.is_some()) + self.passkeys.len() == 1
    }
}

/// Whether a person has a second factor.
pub fn has_any(conn: &mut Conn, user: UserId) -> Result<bool, Fault> {
    let key = exists(passkeys::table.filter(passkeys::user_id.eq(user)));
    Ok(diesel::select(exists(totps::table.find(user)).or(key)).get_result(conn)?)
}

/// All second factors of a person.
pub fn held(conn: &mut Conn, user: UserId) -> Result<Held, Fault> {
    Ok(Held {
        app: totps::table.find(user).select(totps::created_at).first(conn).optional()?,
        passkeys: passkeys::table
            .filter(passkeys::user_id.eq(user))
            .order(passkeys::created_at)
            .select(Passkey::as_select())
            .load(conn)?,
        codes_left: recovery_codes::table
            .filter(recovery_codes::user_id.eq(user))
            .filter(recovery_codes::used_at.is_null())
            .select(count_star())
            .first(conn)?,
    })
}

/// The sealed secret of a person's app.
pub(super) fn find_secret(conn: &mut Conn, user: UserId) -> Result<Option<Vec<u8>>, Fault> {
    Ok(totps::table.find(user).select(totps::secret).first(conn).optional()?)
}

/// Stores the secret of an app, with the time step of its first code. Returns false if the person has an app already.
pub(super) fn insert_app(tx: &mut Tx<'_>, user: UserId, secret: &[u8], step: i64, now: Timestamp) -> Result<bool, Fault> {
    let row = (
        totps::user_id.eq(user),
        totps::secret.eq(secret),
        totps::created_at.eq(now),
        totps::last_step.eq(step),
    );
    let inserted = OnBoth(diesel::insert_into(totps::table).values(row).on_conflict(totps::user_id).do_nothing());
    Ok(inserted.execute(tx.conn())? == 1)
}

/// Spends the code of a time step. Refused if this step or a later one was spent already (replay, RFC 6238).
pub(super) fn consume_step(tx: &mut Tx<'_>, user: UserId, step: i64) -> Result<bool, Fault> {
    let unspent = totps::table.filter(totps::user_id.eq(user)).filter(totps::last_step.lt(step));
    Ok(diesel::update(unspent).set(totps::last_step.eq(step)).execute(tx.conn())? == 1)
}

pub(super) fn delete_app(tx: &mut Tx<'_>, user: UserId) -> Result<bool, Fault> {
    Ok(diesel::delete(totps::table.find(user)).execute(tx.conn())? == 1)
}

/// Stores a code as SHA-256. Codes are random, so no slow hash is needed.
pub(super) fn insert_code(tx: &mut Tx<'_>, user: UserId, code: &str, now: Timestamp) -> Result<(), Fault> {
    diesel::insert_into(recovery_codes::table)
        .values((
            recovery_codes::id.eq(RecoveryCodeId::new(now)),
            recovery_codes::user_id.eq(user),
            recovery_codes::digest.eq(fingerprint(code)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn consume_code(tx: &mut Tx<'_>, user: UserId, code: &str, now: Timestamp) -> Result<bool, Fault> {
    let unspent = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::digest.eq(fingerprint(code)))
        .filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(unspent).set(recovery_codes::used_at.eq(Some(now))).execute(tx.conn())? == 1)
}

pub(super) fn delete_codes(tx: &mut Tx<'_>, user: UserId) -> Result<(), Fault> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}

/// One passkey of this person. Another person's is missing.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find_passkey(conn: &mut Conn, user: UserId, id: PasskeyId) -> Result<Passkey, Fault> {
    let row = passkeys::table.filter(passkeys::user_id.eq(user)).filter(passkeys::id.eq(id));
    Ok(row.select(Passkey::as_select()).first(conn)?)
}

pub(super) fn credentials(conn: &mut Conn, user: UserId) -> Result<Vec<(PasskeyId, Credential)>, Fault> {
    let rows: Vec<(PasskeyId, Json<Credential>)> = passkeys::table
        .filter(passkeys::user_id.eq(user))
        .order(passkeys::created_at)
        .select((passkeys::id, passkeys::credential))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, credential)| (id, credential.0)).collect())
}

/// Stores a passkey. Returns false if it is registered already, for this person or another.
pub(super) fn insert_passkey(tx: &mut Tx<'_>, user: UserId, name: &str, credential: Credential, now: Timestamp) -> Result<bool, Fault> {
    let id = credential.cred_id().clone();
    let row = (
        passkeys::id.eq(PasskeyId::new(now)),
        passkeys::user_id.eq(user),
        passkeys::name.eq(name),
        passkeys::credential_id.eq(id),
        passkeys::credential.eq(Json(credential)),
        passkeys::created_at.eq(now),
    );
    let inserted = OnBoth(diesel::insert_into(passkeys::table).values(row).on_conflict(passkeys::credential_id).do_nothing());
    Ok(inserted.execute(tx.conn())? == 1)
}

pub(super) fn touch_passkey(tx: &mut Tx<'_>, id: PasskeyId, credential: Credential, now: Timestamp) -> Result<(), Fault> {
    diesel::update(passkeys::table.find(id))
        .set((passkeys::credential.eq(Json(credential)), passkeys::last_used_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn rename_passkey(tx: &mut Tx<'_>, id: PasskeyId, name: &str) -> Result<(), Fault> {
    diesel::update(passkeys::table.find(id)).set(passkeys::name.eq(name)).execute(tx.conn())?;
    Ok(())
}

pub(super) fn delete_passkey(tx: &mut Tx<'_>, id: PasskeyId) -> Result<(), Fault> {
    diesel::delete(passkeys::table.find(id)).execute(tx.conn())?;
    Ok(())
}

pub(super) fn delete_passkeys(tx: &mut Tx<'_>, user: UserId) -> Result<(), Fault> {
    diesel::delete(passkeys::table.filter(passkeys::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}
