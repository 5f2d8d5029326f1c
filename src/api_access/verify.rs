//! Authenticates a request by username and API password.

use super::{
    store::{self, Row, know, known_source},
    verified_cache::VerifiedCache,
};
use crate::{
    authorization::read_permissions,
    db::Db,
    kit::{Actor, Fault, MemberId, MemberStatus, OperationError, RequestInfo, Scope, Timestamp, email, secret::SecretString},
    passwords::{Hasher, Verdict},
    throttle::{self, Bucket, Limit, Wait},
    web::subscriber_prefix,
};
use chrono::TimeDelta;

/// Passwords tried for one name. Passwords in the cache cost nothing and are not counted. A source from which the right
/// password came has its own bucket for that name, so that an attacker elsewhere cannot lock out a process.
const ACCOUNT: Limit = Limit { burst: 10, every: TimeDelta::seconds(30) };

/// The member whose username and API password are right.
#[derive(Clone, Debug)]
pub struct Holder {
    pub organization_name: String,
    pub scope: Scope,
}

/// Why the caller is not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Unknown name, wrong password or no API access: the answer is the same.
    Wrong,
    /// The password is right, but its owner is disabled.
    NotActive,
    /// The password is right, but its owner lacks the second factor that the organization demands.
    NoSecondStep,
    /// The password is right, but its organization requires single sign-on, of break-glass administrators too: a program
    /// that uses a password is no emergency.
    SsoRequired,
    /// Too many attempts; the seconds until the next is allowed.
    TooMany(Wait),
}

/// Compares a password with those that may belong to the name. A cached password needs no hashing. Whether it is still
/// the owner's present password is read again each time, also after hashing.
///
/// # Errors
/// [`Fault::Unavailable`] when too many passwords are being compared already.
pub async fn verify(
    db: &Db,
    hasher: &Hasher,
    proven: &VerifiedCache,
    username: &str,
    password: &SecretString,
    request_info: &RequestInfo,
) -> Result<Holder, OperationError<Refused>> {
    let (name, now) = (username.to_owned(), request_info.now);
    let rows = db.check(move |conn| store::of_name(conn, &name, now)).await?;
    let tag = |row: &Row| proven.tag(row.member_id, row.changed_at, password.expose());
    if let Some(row) = rows.iter().find(|row| proven.knows(tag(row))) {
        return admit(row, request_info).map_err(OperationError::Refused);
    }
    let source = subscriber_prefix(&request_info.address);
    let bucket = match count(db, &rows, username, &source, now).await? {
        Counted::In(bucket) => bucket,
        Counted::Wait(wait) => return Err(OperationError::Refused(Refused::TooMany(wait))),
    };
    if rows.is_empty() {
        // Hash anyway, so that an unknown name takes as long as a known one (user enumeration by timing).
        hasher.verify(password, None).await?;
    }
    for row in rows {
        let verdict = hasher.verify(password, Some(row.hash.clone())).await?;
        if verdict == Verdict::Wrong {
            continue;
        }
        let new = match verdict {
            Verdict::NeedsRehash => Some(hasher.hash(password).await?),
            _ => None,
        };
        let (tag, name) = (tag(&row), username.to_owned());
        let confirmed = db.write(move |tx| {
            // Hashing takes time, so the present state is read again.
            let now_held = store::of_name(tx, &name, now)?;
            let is_only_one = now_held.len() == 1;
            let Some(row) = now_held.into_iter().find(|held| held.is_same(&row)) else {
                return Ok::<_, Fault>(None);
            };
            // A right password in one organization says nothing about guesses at the one in another.
            if is_only_one {
                throttle::reset(tx, bucket.kind, &bucket.subject)?;
            }
            know(tx, row.member_id, &source, now)?;
            new.iter().try_for_each(|new| store::rehash(tx, &row, new))?;
            Ok(Some(row))
        });
        let Some(row) = confirmed.await? else { break };
        proven.remember(tag);
        return admit(&row, request_info).map_err(OperationError::Refused);
    }
    Err(OperationError::Refused(Refused::Wrong))
}

/// The bucket that counts attempts for one name from one kind of source.
#[derive(Clone)]
struct AttemptBucket {
    kind: Bucket,
    subject: String,
}

impl AttemptBucket {
    /// One bucket for all spellings of the same account; accounts that do not exist have one as well.
    fn of(rows: &[Row], username: &str, known_source: Option<&str>) -> Self {
        let account = rows
            .first()
            .map_or_else(|| format!("name:{}", email::likeness(username)), |row| row.user_id.to_string());
        match known_source {
            None => Self { kind: Bucket::ApiPassword, subject: account },
            Some(source) => Self { kind: Bucket::ApiPasswordKnown, subject: format!("{account} {source}") },
        }
    }
}

/// Where an attempt was counted.
enum Counted {
    In(AttemptBucket),
    /// Too many attempts.
    Wait(Wait),
}

/// Counts the attempt.
async fn count(db: &Db, rows: &[Row], username: &str, source: &str, now: Timestamp) -> Result<Counted, Fault> {
    let (rows, username, source) = (rows.to_vec(), username.to_owned(), source.to_owned());
    db.write(move |tx| {
        if let Some(wait) = throttle::count(tx, Bucket::ApiAddress, &source, throttle::ADDRESS, now)? {
            return Ok(Counted::Wait(wait));
        }
        // An administrator who sets an API password in one organization learns nothing about one in another. For an
        // unknown name the same query runs.
        let mut members: Vec<MemberId> = rows.iter().map(|row| row.member_id).collect();
        if members.is_empty() {
            members.push(MemberId::nobody());
        }
        let is_known = members.iter().try_fold(true, |known, member| {
            Ok::<_, Fault>(known && throttle::is_trusted(tx, Bucket::ApiSource, &known_source(*member, &source), now)?)
        });
        let bucket = AttemptBucket::of(&rows, &username, is_known?.then_some(source.as_str()));
        let wait = throttle::count(tx, bucket.kind, &bucket.subject, ACCOUNT, now)?;
        Ok(wait.map_or(Counted::In(bucket), Counted::Wait))
    })
    .await
}

fn admit(row: &Row, request_info: &RequestInfo) -> Result<Holder, Refused> {
    if row.status != MemberStatus::Active {
        return Err(Refused::NotActive);
    }
    if row.requires_sso {
        return Err(Refused::SsoRequired);
    }
    if row.lacks_second_step {
        return Err(Refused::NoSecondStep);
    }
    Ok(Holder {
        organization_name: row.organization_name.clone(),
        scope: Scope {
            organization: row.organization_id,
            actor: Actor::Member { id: row.member_id, user: Some(row.user_id), name: row.name.clone() },
            over_person: Default::default(),
            permissions: read_permissions(row.held.as_deref()),
            request_info: RequestInfo { credential: Some("API password".into()), ..request_info.clone() },
        },
    })
}
