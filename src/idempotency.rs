//! Requests of programs that carry an `Idempotency-Key`: a retry within a day is answered as the first request was, by
//! whichever process receives it (draft-ietf-httpapi-idempotency-key-header).
//!
//! Invariants: a key belongs to one credential and is stored as a digest; the answer, which may hold a secret, is sealed
//! with a key that needs the text of the idempotency key, so that neither the database nor the deployment's key opens
//! it. A write of the request marks the key in its own transaction: after a crash it is known whether anything was done.

use crate::{
    db::{Cached, Db, Tx, schema::idempotency_keys},
    kit::{
        Fault, OrganizationId, Timestamp,
        secret::{MasterKey, digest},
        sql::{UtcSql, UuidSql},
    },
    mail::Sealer,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use diesel::{prelude::*, sql_query, sql_types::Binary};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// How long a retry gets the first answer.
pub const LASTING: TimeDelta = TimeDelta::hours(24);

/// A request that has not been answered for this long has died with its process.
const DEAD: TimeDelta = TimeDelta::minutes(2);

/// How often a key is given up again while the database is away.
const BETWEEN_RELEASES: Duration = Duration::from_secs(1);

/// The keys of a deployment.
#[derive(Clone)]
pub struct IdempotencyKeys {
    db: Db,
    master: MasterKey,
}

/// A key as a client sent it, with the credential that it belongs to.
#[derive(Clone)]
pub struct SentKey {
    /// Names the credential.
    pub credential: String,
    pub organization: OrganizationId,
    pub text: String,
    /// Digest of method, URL and body.
    pub request: Vec<u8>,
}

impl SentKey {
    fn digest(&self) -> Vec<u8> {
        digest(&format!("{}\n{}", self.credential, self.text))
    }
}

/// The claim of one request on its key. Writes of the request mark it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    organization: OrganizationId,
    digest: Vec<u8>,
    /// Another request that takes the key over begins later.
    began_at: Timestamp,
}

impl Claim {
    /// The key of the row.
    fn key(&self) -> (OrganizationId, &[u8]) {
        (self.organization, &self.digest)
    }
}

/// The answer that a retry gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What a request with a key may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is the first one.
    New(Claim),
    /// It was answered before.
    Answered(StoredAnswer),
    /// The first one is still being answered.
    Running,
    /// It was carried out, but its process ended before it answered.
    AnswerLost,
    /// The key was used for another request.
    OtherRequest,
}

/// A key as stored: the request, whether it was carried out, its answer, and when it began.
type Row = (Vec<u8>, bool, Option<Vec<u8>>, Timestamp);

impl IdempotencyKeys {
    pub fn new(db: Db, key: &MasterKey) -> Self {
        Self { db, master: key.clone() }
    }

    /// Claims the key for a request.
    pub async fn begin(&self, key: SentKey, now: Timestamp) -> Result<Begun, Fault> {
        let sealer = self.sealer(&key);
        self.db.write(move |tx| begin(tx, &sealer, &key, now)).await
    }

    /// Stores the answer of a request that was carried out.
    pub async fn answer(&self, key: &SentKey, claim: Claim, answer: &StoredAnswer) -> Result<(), Fault> {
        let text = serde_json::to_vec(answer).map_err(Fault::broken)?;
        let sealed = self.sealer(key).seal(&owner(&claim.digest), &text);
        self.db
            .write(move |tx| {
                let row = idempotency_keys::table.find(claim.key());
                let answered = (idempotency_keys::answer.eq(Some(&sealed)), idempotency_keys::is_committed.eq(true));
                diesel::update(row).set(answered).execute(tx.conn())?;
                Ok(())
            })
            .await
    }

    /// Gives the key up: nothing was done, so a retry may try again. A request that wrote something keeps its key.
    pub async fn release(&self, claim: Claim) -> Result<(), Fault> {
        self.db
            .write(move |tx| {
                let unused = idempotency_keys::table
                    .find(claim.key())
                    .filter(idempotency_keys::began_at.eq(claim.began_at))
                    .filter(idempotency_keys::is_committed.eq(false));
                diesel::delete(unused).execute(tx.conn())?;
                Ok(())
            })
            .await
    }

    /// Gives the key up as soon as the database answers again. Until then a retry is told that the request is running.
    pub fn release_later(&self, claim: Claim) {
        let keys = self.clone();
        tokio::spawn(async move {
            let end = Instant::now() + DEAD.to_std().unwrap_or_default();
            while Instant::now() < end {
                tokio::time::sleep(BETWEEN_RELEASES).await;
                if keys.release(claim.clone()).await.is_ok() {
                    return;
                }
            }
        });
    }

    fn sealer(&self, key: &SentKey) -> Sealer {
        Sealer::of(&self.master, &format!("idempotency {} {}", key.credential, key.text))
    }
}

/// The owner that a sealed answer is bound to.
fn owner(digest: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

fn begin(tx: &mut Tx<'_>, sealer: &Sealer, key: &SentKey, now: Timestamp) -> Result<Begun, Fault> {
    let claim = Claim { organization: key.organization, digest: key.digest(), began_at: now };
    let old = idempotency_keys::table.find(claim.key()).filter(idempotency_keys::began_at.le(now - LASTING));
    diesel::delete(old).execute(tx.conn())?;
    // Of two simultaneous requests, the second waits here and then finds the key of the first.
    let insert = sql_query(
        "INSERT INTO idempotency_keys (digest, organization_id, request, began_at) VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, digest) DO NOTHING",
    )
    .bind::<Binary, _>(&claim.digest)
    .bind::<UuidSql, _>(key.organization)
    .bind::<Binary, _>(&key.request)
    .bind::<UtcSql, _>(now);
    if Cached(insert).execute(tx.conn())? == 1 {
        return Ok(Begun::New(claim));
    }
    let row: Row = idempotency_keys::table
        .find(claim.key())
        .select((
            idempotency_keys::request,
            idempotency_keys::is_committed,
            idempotency_keys::answer,
            idempotency_keys::began_at,
        ))
        .first(tx.conn())?;
    match row {
        (request, ..) if request != key.request => Ok(Begun::OtherRequest),
        (_, _, Some(answer), _) => {
            let text = sealer.open(&owner(&claim.digest), &answer)?;
            serde_json::from_slice(&text).map(Begun::Answered).map_err(Fault::broken)
        }
        (.., began_at) if began_at + DEAD > now => Ok(Begun::Running),
        (_, true, ..) => Ok(Begun::AnswerLost),
        (.., began_at) => again(tx, claim, began_at, now),
    }
}

/// Claims the key of a request that died before it did anything, unless another retry is quicker.
fn again(tx: &mut Tx<'_>, claim: Claim, began_at: Timestamp, now: Timestamp) -> Result<Begun, Fault> {
    let dead = idempotency_keys::table
        .find(claim.key())
        .filter(idempotency_keys::began_at.eq(began_at))
        .filter(idempotency_keys::is_committed.eq(false));
    let is_mine = diesel::update(dead).set(idempotency_keys::began_at.eq(now)).execute(tx.conn())? == 1;
    Ok(if is_mine { Begun::New(claim) } else { Begun::Running })
}

/// Marks the key of the request, in the transaction of its write.
///
/// # Errors
/// [`Fault::Unavailable`] when the request took so long that a retry has taken the key over: nothing is written then.
pub fn mark(tx: &mut Tx<'_>, claim: &Claim) -> Result<(), Fault> {
    let own = idempotency_keys::table.find(claim.key()).filter(idempotency_keys::began_at.eq(claim.began_at));
    match diesel::update(own).set(idempotency_keys::is_committed.eq(true)).execute(tx.conn())? {
        1 => Ok(()),
        _ => Err(Fault::unavailable("a retry has taken the idempotency key over")),
    }
}

/// Removes keys that nobody can retry any more.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
    let old = idempotency_keys::table.filter(idempotency_keys::began_at.le(now - LASTING));
    Ok(diesel::delete(old).execute(tx.conn())?)
}
