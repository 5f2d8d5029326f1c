//! Who comes with username and API password.

use super::{
    store::{self, Row, SOURCES, know, known_source},
    verified_cache::VerifiedCache,
};
use crate::{
    db::Db,
    kit::{Actor, Fault, MemberId, RequestInfo, Scope, Timestamp, email, secret::SecretString},
    members::{MemberStatus, read_held},
    passwords::{Hasher, Verdict},
    throttle::{self, Limit},
    web::subscriber_prefix,
};
use chrono::TimeDelta;

/// Passwords tried for one name: those that were right before cost nothing and are not counted. A source from which the
/// right one came has a bucket of its own for that name, so that anyone who guesses from elsewhere stops no process.
const ACCOUNT: Limit = Limit {
    burst: 10,
    every: TimeDelta::seconds(30),
};

/// Somebody whose username and API password are right.
#[derive(Clone, Debug)]
pub struct Holder {
    pub organization_name: String,
    pub scope: Scope,
}

/// Why they are not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No such name, another password, no API access: the answer is the same.
    Wrong,
    /// The password is right, and its owner is disabled.
    NotActive,
    /// The password is right, and its owner lacks the second factor that the organization asks for.
    NoSecondStep,
    /// Too many were tried; so many seconds until the next.
    TooMany(u64),
}

/// Compares a password with those that anyone who has the name may mean. Where one was right before it is known without
/// hashing; whether it still is what they have is read anew, also after hashing.
///
/// # Errors
/// What the database says, or [`Fault::Unavailable`] when too many passwords are being compared already.
pub async fn verify(
    db: &Db,
    hasher: &Hasher,
    proven: &VerifiedCache,
    username: &str,
    password: &SecretString,
    request_info: &RequestInfo,
) -> Result<Result<Holder, Refused>, Fault> {
    let (name, now) = (username.to_owned(), request_info.now);
    let rows = db.read(move |conn| store::of_name(conn, &name, now)).await?;
    let tag = |row: &Row| proven.tag(row.member_id, row.changed_at, password.expose());
    if let Some(row) = rows.iter().find(|row| proven.knows(tag(row))) {
        return Ok(admit(row, request_info));
    }
    let source = subscriber_prefix(&request_info.address);
    let bucket = match count(db, &rows, username, &source, now).await? {
        Ok(bucket) => bucket,
        Err(wait) => return Ok(Err(Refused::TooMany(wait))),
    };
    if rows.is_empty() {
        // As long as it takes for somebody who exists.
        hasher.verify(password, None).await?;
    }
    for row in rows {
        let verdict = hasher.verify(password, Some(row.hash.clone())).await?;
        if verdict == Verdict::Wrong {
            continue;
        }
        let new = match verdict {
            Verdict::RightButOld => Some(hasher.hash(password).await?),
            _ => None,
        };
        let (tag, name) = (tag(&row), username.to_owned());
        let confirmed = db.write(move |tx| {
            // Hashing takes its time: what holds by now counts.
            let now_held = store::of_name(tx, &name, now)?;
            let is_only_one = now_held.len() == 1;
            let Some(row) = now_held.into_iter().find(|held| held.is_same(&row)) else {
                return Ok::<_, Fault>(None);
            };
            // The password of one organization says nothing of guesses at that of another.
            if is_only_one {
                throttle::forgive(tx, bucket.kind, &bucket.subject)?;
            }
            know(tx, row.member_id, &source, now)?;
            new.iter().try_for_each(|new| store::rehash(tx, &row, new))?;
            Ok(Some(row))
        });
        return Ok(match confirmed.await? {
            Some(row) => {
                proven.remember(tag);
                admit(&row, request_info)
            }
            None => Err(Refused::Wrong),
        });
    }
    Ok(Err(Refused::Wrong))
}

/// Where the tries for one name from one kind of source are counted.
#[derive(Clone)]
struct Bucket {
    kind: &'static str,
    subject: String,
}

impl Bucket {
    /// One for every spelling of the same account, and one for accounts that do not exist.
    fn of(rows: &[Row], username: &str, known_source: Option<&str>) -> Self {
        let account = rows
            .first()
            .map_or_else(|| format!("name:{}", email::likeness(username)), |row| row.user_id.to_string());
        match known_source {
            None => Self {
                kind: "api.password",
                subject: account,
            },
            Some(source) => Self {
                kind: "api.password.known",
                subject: format!("{account} {source}"),
            },
        }
    }
}

/// The bucket that is counted in, or how many seconds to wait.
async fn count(db: &Db, rows: &[Row], username: &str, source: &str, now: Timestamp) -> Result<Result<Bucket, u64>, Fault> {
    let (rows, username, source) = (rows.to_vec(), username.to_owned(), source.to_owned());
    db.write(move |tx| {
        if let Err(wait) = throttle::take(tx, "api.address", &source, throttle::ADDRESS, now)? {
            return Ok(Err(wait));
        }
        // Anyone who sets an API password of somebody in one organization learns nothing about that in another. For a name
        // that nobody has, the same is read.
        let mut members: Vec<MemberId> = rows.iter().map(|row| row.member_id).collect();
        if members.is_empty() {
            members.push(MemberId::nobody());
        }
        let is_known = members.iter().try_fold(true, |known, member| {
            Ok::<_, Fault>(known && throttle::is_vouched(tx, SOURCES, &known_source(*member, &source), now)?)
        });
        let bucket = Bucket::of(&rows, &username, is_known?.then_some(source.as_str()));
        let counted = throttle::take(tx, bucket.kind, &bucket.subject, ACCOUNT, now)?;
        Ok(counted.map(|()| bucket))
    })
    .await
}

fn admit(row: &Row, request_info: &RequestInfo) -> Result<Holder, Refused> {
    if row.status != MemberStatus::Active {
        return Err(Refused::NotActive);
    }
    if row.lacks_second_step {
        return Err(Refused::NoSecondStep);
    }
    Ok(Holder {
        organization_name: row.organization_name.clone(),
        scope: Scope {
            organization: row.organization_id,
            actor: Actor::Member {
                id: row.member_id,
                user: Some(row.user_id),
                name: row.name.clone(),
            },
            permissions: read_held(row.held.as_deref()),
            request_info: RequestInfo {
                credential: Some("API password".into()),
                ..request_info.clone()
            },
        },
    })
}
