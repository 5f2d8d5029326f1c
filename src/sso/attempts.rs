//! Sign-ins on their way to a provider: one row for each, so that several tabs work at once. A cookie ties them to the
//! browser that began them; what must not be changed on the way (nonce, code verifier, purpose) is sealed in the row.

use crate::{
    db::{
        Conn, Tx,
        schema::{sso_arrivals, sso_attempts},
    },
    kit::{
        ArrivalId, ConnectionId, Fault, MemberId, OrganizationId, SsoAttemptId, Timestamp, UserId,
        secret::{MasterKey, Secret, digest},
    },
    mail::Sealer,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// How long a person may take at the provider.
pub const OPEN_FOR: TimeDelta = TimeDelta::minutes(10);

/// What an attempt is for.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    SignIn,
    /// A signed-in person connects an identity with themselves.
    Link(UserId),
    /// A signed-in person proves again who they are.
    Prove(UserId),
    /// An administrator tests the connection; nobody is signed in.
    Test(MemberId),
}

/// What has to be the same when the answer comes.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct Attempt {
    pub purpose: Purpose,
    /// The path to open afterwards.
    pub next: String,
    /// In the ID token (OpenID Connect Core 1.0, section 3.1.2.1). With SAML the request is named after it.
    pub nonce: String,
    /// PKCE (RFC 7636).
    pub verifier: String,
}

impl Attempt {
    /// Whether the person has to sign in anew at the provider.
    pub fn is_anew(&self) -> bool {
        matches!(self.purpose, Purpose::Prove(_))
    }
    /// The ID of the request with SAML: an XML name.
    pub fn request_id(&self) -> String {
        format!("_{}", self.nonce)
    }
}

/// What is kept for a browser until it asks for it. The kind is sealed with it: what was kept for one page is not found
/// by another, where it could stand for something else.
pub trait Kept: Serialize + DeserializeOwned {
    const KIND: &'static str;
}

/// Stores attempts and arrivals, sealed with a key of this purpose only.
#[derive(Clone, Debug)]
pub struct Attempts(Sealer);

impl Attempts {
    pub fn new(key: &MasterKey) -> Self {
        Self(Sealer::of(key, "single sign-on"))
    }

    fn seal(&self, owner: &str, value: &impl Serialize) -> Result<Vec<u8>, Fault> {
        Ok(self.0.seal(owner, &serde_json::to_vec(value).map_err(Fault::broken)?))
    }
    fn open<T: DeserializeOwned>(&self, owner: &str, sealed: &[u8]) -> Result<T, Fault> {
        serde_json::from_slice(&self.0.open(owner, sealed)?).map_err(Fault::broken)
    }

    /// Stores an attempt of this browser. `state` comes back with the answer.
    pub fn begin(
        &self,
        tx: &mut Tx<'_>,
        place: Place,
        browser: &Secret,
        state: &Secret,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let id = SsoAttemptId::new(now);
        diesel::insert_into(sso_attempts::table)
            .values((
                sso_attempts::id.eq(id),
                sso_attempts::organization_id.eq(place.organization),
                sso_attempts::connection_id.eq(place.connection),
                sso_attempts::state.eq(state.digest()),
                sso_attempts::browser.eq(browser.digest()),
                sso_attempts::details.eq(self.seal(&id.to_string(), attempt)?),
                sso_attempts::created_at.eq(now),
            ))
            .execute(tx.conn())?;
        Ok(())
    }

    /// Spends the attempt that this answer belongs to, whatever the answer is.
    ///
    /// # Errors
    /// [`Fault::Missing`] if it is unknown, used, too old, or of another connection or browser.
    pub fn spend(&self, tx: &mut Tx<'_>, place: Place, browser: Option<&Secret>, state: &str, now: Timestamp) -> Result<Attempt, Fault> {
        let browser = browser.ok_or(Fault::Missing)?.digest();
        let open = sso_attempts::table
            .filter(sso_attempts::organization_id.eq(place.organization))
            .filter(sso_attempts::state.eq(digest(state)))
            .filter(sso_attempts::connection_id.eq(place.connection))
            .filter(sso_attempts::browser.eq(browser))
            .filter(sso_attempts::created_at.gt(now - OPEN_FOR))
            .filter(sso_attempts::used_at.is_null());
        let (id, sealed): (SsoAttemptId, Vec<u8>) = open.select((sso_attempts::id, sso_attempts::details)).first(tx.conn())?;
        // Of two answers at once, one finds it unused.
        let unused = sso_attempts::table.filter(sso_attempts::id.eq(id)).filter(sso_attempts::used_at.is_null());
        match diesel::update(unused).set(sso_attempts::used_at.eq(Some(now))).execute(tx.conn())? {
            1 => self.open(&id.to_string(), &sealed),
            _ => Err(Fault::Missing),
        }
    }

    /// The open attempt that an answer names, with the digest of its browser, which is not compared. It is not spent.
    ///
    /// # Errors
    /// [`Fault::Missing`] if it is unknown, used, too old, or of another connection.
    pub fn named(&self, conn: &mut Conn, place: Place, state: &str, now: Timestamp) -> Result<(Vec<u8>, Attempt), Fault> {
        let open = sso_attempts::table
            .filter(sso_attempts::organization_id.eq(place.organization))
            .filter(sso_attempts::state.eq(digest(state)))
            .filter(sso_attempts::connection_id.eq(place.connection))
            .filter(sso_attempts::created_at.gt(now - OPEN_FOR))
            .filter(sso_attempts::used_at.is_null());
        let columns = (sso_attempts::id, sso_attempts::browser, sso_attempts::details);
        let (id, browser, sealed): (SsoAttemptId, Vec<u8>, Vec<u8>) = open.select(columns).first(conn)?;
        Ok((browser, self.open(&id.to_string(), &sealed)?))
    }

    /// Keeps a verified answer for this browser; returns the secret that finds it.
    pub fn keep(&self, tx: &mut Tx<'_>, place: Place, browser: &Secret, what: &impl Kept, now: Timestamp) -> Result<Secret, Fault> {
        self.keep_until(tx, place, &browser.digest(), what, (now, now + OPEN_FOR))
    }

    /// [`Attempts::keep`] with the digest of the browser's secret, and an end.
    pub fn keep_until<T: Kept>(
        &self,
        tx: &mut Tx<'_>,
        place: Place,
        browser: &[u8],
        what: &T,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Secret, Fault> {
        let (id, secret) = (ArrivalId::new(now), Secret::generate());
        diesel::insert_into(sso_arrivals::table)
            .values((
                sso_arrivals::id.eq(id),
                sso_arrivals::organization_id.eq(place.organization),
                sso_arrivals::connection_id.eq(place.connection),
                sso_arrivals::digest.eq(secret.digest()),
                sso_arrivals::browser.eq(browser),
                sso_arrivals::details.eq(self.seal(&id.to_string(), &(T::KIND, what))?),
                sso_arrivals::expires_at.eq(until),
            ))
            .execute(tx.conn())?;
        Ok(secret)
    }

    /// Reads a kept answer of this browser.
    ///
    /// # Errors
    /// [`Fault::Missing`] if it is unknown, used, too old, of another kind, or of another connection or browser.
    pub fn look<T: Kept>(
        &self,
        conn: &mut Conn,
        place: Place,
        browser: Option<&Secret>,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<(ArrivalId, T), Fault> {
        let open = sso_arrivals::table
            .filter(sso_arrivals::organization_id.eq(place.organization))
            .filter(sso_arrivals::digest.eq(secret.digest()))
            .filter(sso_arrivals::connection_id.eq(place.connection))
            .filter(sso_arrivals::browser.eq(browser.ok_or(Fault::Missing)?.digest()))
            .filter(sso_arrivals::expires_at.gt(now))
            .filter(sso_arrivals::used_at.is_null());
        let (id, sealed): (ArrivalId, Vec<u8>) = open.select((sso_arrivals::id, sso_arrivals::details)).first(conn)?;
        let (kind, what): (String, serde_json::Value) = self.open(&id.to_string(), &sealed)?;
        if kind != T::KIND {
            return Err(Fault::Missing);
        }
        Ok((id, serde_json::from_value(what).map_err(Fault::broken)?))
    }
}

/// Which connection of which organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub organization: OrganizationId,
    pub connection: ConnectionId,
}

/// Spends a kept answer.
///
/// # Errors
/// [`Fault::Missing`] if it was spent before.
pub fn spend_arrival(tx: &mut Tx<'_>, id: ArrivalId, now: Timestamp) -> Result<(), Fault> {
    let unused = sso_arrivals::table.filter(sso_arrivals::id.eq(id)).filter(sso_arrivals::used_at.is_null());
    match diesel::update(unused).set(sso_arrivals::used_at.eq(Some(now))).execute(tx.conn())? {
        1 => Ok(()),
        _ => Err(Fault::Missing),
    }
}

/// Deletes what is too old to be answered.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    diesel::delete(sso_attempts::table.filter(sso_attempts::created_at.le(now - OPEN_FOR))).execute(tx.conn())?;
    diesel::delete(sso_arrivals::table.filter(sso_arrivals::expires_at.le(now))).execute(tx.conn())?;
    Ok(())
}
