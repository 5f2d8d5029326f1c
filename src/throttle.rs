//! Throttling (rate limits), counted in the database so that all processes share one count.
//!
//! A bucket is a token bucket in its GCRA form: one instant per bucket, moved on by one conditional statement. No
//! subject is locked out for good. An answer does not reveal whether the subject of a bucket exists.

use crate::{
    db::{Cached, Conn, Db, Tx, schema::throttles},
    kit::{Fault, RequestInfo, Timestamp, secret::fingerprint},
    text_enum,
    web::{self, subscriber_prefix},
};
use chrono::TimeDelta;
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};

text_enum! {
    /// What a bucket counts; together with its subject it names the bucket.
    pub enum Bucket {
        AccessRequests = "access_requests",
        ApiAddress = "api.address",
        ApiCredential = "api.credential",
        ApiPassword = "api.password",
        ApiPasswordKnown = "api.password.known",
        ApiSource = "api.source",
        DeadLinks = "links",
        DomainChecks = "domain_checks",
        DryRuns = "api.dry_runs",
        Imports = "imports",
        Invitations = "invitations",
        InvitationsAsked = "invitations.asked",
        InvitationsImported = "invitations.imported",
        InvitationsRecipient = "invitations.recipient",
        LeakedTokens = "tokens.leaked",
        Letters = "letters",
        LettersAddress = "letters.address",
        LettersAdministrator = "letters.administrator",
        LettersDevice = "letters.device",
        LettersEmail = "letters.email",
        LogoutTokens = "sso.logout",
        PasskeyChallenge = "passkey.challenge",
        /// All forms that ask for the present password share it.
        PresentPassword = "password.present",
        SamlResponses = "sso.saml",
        SecondStep = "second_step",
        SignIn = "sign_in",
        SignInAddress = "sign_in.address",
        SignInDevice = "sign_in.device",
        TestLetters = "test_letters",
        WebhookTests = "webhook_tests",
    }
}

/// How many tries are allowed in a row, and how long until one more is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub burst: i64,
    pub every: TimeDelta,
}

/// Attempts to sign in as one account (OWASP Authentication Cheat Sheet; ASVS 5.0, 6.3.1).
pub const ACCOUNT: Limit = Limit { burst: 10, every: TimeDelta::seconds(30) };
/// Attempts to sign in from one address.
pub const ADDRESS: Limit = Limit { burst: 60, every: TimeDelta::seconds(2) };
/// Codes tried as the second step of one person.
pub const SECOND_STEP: Limit = Limit { burst: 8, every: TimeDelta::seconds(60) };
/// For one-time values: the bucket stays full for longer than the value is valid.
pub const ONCE: Limit = Limit { burst: 1, every: TimeDelta::hours(2) };
/// Dry runs of one API credential.
pub const DRY_RUNS: Limit = Limit { burst: 300, every: TimeDelta::seconds(1) };
/// Single-use links tried from one address.
const LINKS: Limit = Limit { burst: 30, every: TimeDelta::seconds(5) };
/// Leaked tokens reported from one address. A scanner that finds many reports them in a row.
pub const LEAKED_TOKENS: Limit = Limit { burst: 60, every: TimeDelta::seconds(10) };
/// Letters that signed-out visitors request for one of their addresses.
pub const LETTERS: Limit = Limit { burst: 3, every: TimeDelta::minutes(10) };
/// Letters requested from one network address.
pub const LETTERS_BY_ADDRESS: Limit = Limit { burst: 20, every: TimeDelta::minutes(1) };
/// Invitations that one member sends.
pub const INVITATIONS: Limit = Limit { burst: 5_000, every: TimeDelta::seconds(10) };
/// Invitations that one member sends by file: the largest file at once, and then a small one every hour.
pub const IMPORTED_INVITATIONS: Limit = Limit { burst: 50_000, every: TimeDelta::seconds(2) };
/// Files that one member uploads for a preview before importing them.
pub const IMPORTS: Limit = Limit { burst: 20, every: TimeDelta::minutes(1) };
/// Invitations to one recipient, from any sender.
pub const RECIPIENT: Limit = Limit { burst: 10, every: TimeDelta::minutes(10) };

/// The name of a bucket. The subject is often text that a visitor typed. It can have any length, and can be a password
/// in the wrong field, so only its fingerprint is stored.
fn bucket(kind: Bucket, subject: &str) -> String {
    format!("{}:{}", kind.as_str(), fingerprint(subject))
}

/// Counts the use of a single-use link that does nothing, for the visitor's network. The pages of all such links call it,
/// so that an attacker who tries many is slowed down.
///
/// # Errors
/// [`web::Error::TooMany`] when the visitor has to wait.
pub async fn count_dead_link(db: &Db, request_info: &RequestInfo) -> web::Result<()> {
    let (network, now) = (subscriber_prefix(&request_info.address), request_info.now);
    count_or_refuse(db, Bucket::DeadLinks, network, LINKS, now).await
}

/// [`count`] in a transaction of its own, before anything else of a request is done.
///
/// # Errors
/// [`web::Error::TooMany`] when the limit is reached.
pub async fn count_or_refuse(db: &Db, kind: Bucket, subject: String, limit: Limit, now: Timestamp) -> web::Result<()> {
    let wait = db.write(move |tx| count(tx, kind, &subject, limit, now)).await?;
    wait.map_or(Ok(()), |wait| Err(wait.into()))
}

/// How long to wait until one more try is allowed, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait(pub u64);

impl Wait {
    /// Rounded up.
    pub fn minutes(self) -> u64 {
        self.0.div_ceil(60)
    }
}

impl From<Wait> for web::Error {
    fn from(wait: Wait) -> Self {
        Self::TooMany(wait.0)
    }
}

/// Counts one try, if the limit allows one. Otherwise returns how long to wait.
pub fn count(tx: &mut Tx<'_>, kind: Bucket, subject: &str, limit: Limit, now: Timestamp) -> Result<Option<Wait>, Fault> {
    let bucket = bucket(kind, subject);
    let every = limit.every.num_microseconds().unwrap_or(i64::MAX);
    if add(tx, &bucket, limit, 1, now)? {
        return Ok(None);
    }
    Ok(Some(wait(empty_at(tx, &bucket)?, every, limit, now)))
}

/// Tries that were counted at once, before they are used.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub tries: i64,
    /// How many more the limit allows at this moment.
    pub left: i64,
}

/// Counts up to `most` tries at once, as many as the limit allows. For callers that are too many for a statement each.
/// Otherwise returns how long to wait for the next one.
pub fn count_block(
    tx: &mut Tx<'_>,
    kind: Bucket,
    subject: &str,
    limit: Limit,
    most: i64,
    now: Timestamp,
) -> Result<Result<Block, Wait>, Fault> {
    let bucket = bucket(kind, subject);
    let every = limit.every.num_microseconds().unwrap_or(i64::MAX);
    let tries = if add(tx, &bucket, limit, most, now)? {
        most
    } else if add(tx, &bucket, limit, 1, now)? {
        1
    } else {
        return Ok(Err(wait(empty_at(tx, &bucket)?, every, limit, now)));
    };
    let used = (empty_at(tx, &bucket)? - now.micros()).max(0);
    Ok(Ok(Block { tries, left: (limit.burst - (used + every - 1) / every).max(0) }))
}

fn empty_at(conn: &mut Conn, bucket: &str) -> Result<i64, Fault> {
    Ok(throttles::table.find(bucket).select(throttles::empty_at).first(conn)?)
}

/// How long until the bucket has room for one more try.
fn wait(empty_at: i64, every: i64, limit: Limit, now: Timestamp) -> Wait {
    let micros = (empty_at - now.micros() - every * (limit.burst - 1)).max(0);
    Wait(u64::try_from(micros / 1_000_000 + 1).unwrap_or(1))
}

/// Adds so many tries to the bucket, if the limit allows all of them.
fn add(tx: &mut Tx<'_>, bucket: &str, limit: Limit, tries: i64, now: Timestamp) -> Result<bool, Fault> {
    let (now, every) = (now.micros(), limit.every.num_microseconds().unwrap_or(i64::MAX));
    let count = sql_query(
        "INSERT INTO throttles (bucket, empty_at) VALUES ($1, $2 + $3) ON CONFLICT (bucket) DO UPDATE SET \
         empty_at = CASE WHEN throttles.empty_at > $2 THEN throttles.empty_at ELSE $2 END + $3 WHERE throttles.empty_at - $2 <= $4",
    )
    .bind::<Text, _>(bucket)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(every.saturating_mul(tries))
    .bind::<BigInt, _>(every.saturating_mul(limit.burst - tries));
    Ok(Cached(count).execute(tx.conn())? == 1)
}

/// Empties a bucket, because the person proved who they are.
pub fn reset(tx: &mut Tx<'_>, kind: Bucket, subject: &str) -> Result<(), Fault> {
    diesel::delete(throttles::table.find(bucket(kind, subject))).execute(tx.conn())?;
    Ok(())
}

/// Remembers for this time that something is known to be good, such as a source address. Implemented as a bucket that
/// is full until then.
pub fn trust(tx: &mut Tx<'_>, kind: Bucket, subject: &str, lasting: TimeDelta, now: Timestamp) -> Result<(), Fault> {
    let insert = sql_query(
        "INSERT INTO throttles (bucket, empty_at) VALUES ($1, $2) ON CONFLICT (bucket) DO UPDATE SET empty_at = $2 \
         WHERE throttles.empty_at < $2",
    )
    .bind::<Text, _>(bucket(kind, subject))
    .bind::<BigInt, _>((now + lasting).micros());
    Cached(insert).execute(tx.conn())?;
    Ok(())
}

/// Whether [`trust`] was called for it and still holds.
pub fn is_trusted(conn: &mut Conn, kind: Bucket, subject: &str, now: Timestamp) -> Result<bool, Fault> {
    let row = throttles::table.find(bucket(kind, subject)).select(throttles::empty_at);
    let until: Option<i64> = row.first(conn).optional()?;
    Ok(until.is_some_and(|until| until > now.micros()))
}

/// Removes buckets that are empty again.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
    Ok(diesel::delete(throttles::table.filter(throttles::empty_at.lt(now.micros()))).execute(tx.conn())?)
}
