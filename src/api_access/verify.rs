//! Who comes with username and API password.

use super::{
    proven::Proven,
    store::{self, Row},
};
use crate::{
    db::Db,
    kit::{Actor, Fault, Occasion, Scope, fold, secret::Hidden},
    members::{MemberStatus, read_held},
    passwords::{Hasher, Verdict},
    throttle::{self, Limit},
    web::neighbourhood,
};
use chrono::TimeDelta;

/// Passwords tried for one name: those that were right before cost nothing and are not counted.
const ACCOUNT: Limit = Limit {
    burst: 10,
    every: TimeDelta::seconds(30),
};

/// Somebody whose username and API password are right.
#[derive(Clone, Debug)]
pub struct Holder {
    pub username: String,
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
    /// Too many were tried; so many seconds until the next.
    TooMany(u64),
}

/// Compares a password with those that whoever has the name may mean. Where one was right before it is known without
/// hashing; whether it still is what they have is read anew.
///
/// # Errors
/// What the database says, or [`Fault::Unavailable`] when too many passwords are being compared already.
pub async fn verify(
    db: &Db,
    hasher: &Hasher,
    proven: &Proven,
    username: &str,
    password: &Hidden,
    occasion: &Occasion,
) -> Result<Result<Holder, Refused>, Fault> {
    let (name, now) = (username.to_owned(), occasion.now);
    let rows = db.read(move |conn| store::of_name(conn, &name, now)).await?;
    let tag = |row: &Row| proven.tag(row.member_id, row.changed_at, password.expose());
    if let Some(row) = rows.iter().find(|row| proven.knows(tag(row))) {
        return Ok(admit(row, username, occasion));
    }
    if let Err(wait) = count(db, &rows, username, occasion).await? {
        return Ok(Err(Refused::TooMany(wait)));
    }
    if rows.is_empty() {
        // As long as it takes for somebody who exists.
        hasher.verify(password, None).await?;
    }
    for row in &rows {
        let verdict = hasher.verify(password, Some(row.hash.clone())).await?;
        if verdict == Verdict::Wrong {
            continue;
        }
        proven.remember(tag(row));
        let new = match verdict {
            Verdict::RightButOld => Some(hasher.hash(password).await?),
            _ => None,
        };
        let (row_, bucket) = (row.clone(), bucket(&rows, username));
        db.write(move |tx| {
            throttle::forgive(tx, "api.password", &bucket)?;
            new.iter().try_for_each(|new| store::rehash(tx, &row_, new))
        })
        .await?;
        return Ok(admit(row, username, occasion));
    }
    Ok(Err(Refused::Wrong))
}

/// One bucket for every spelling of the same account, and one for accounts that do not exist.
fn bucket(rows: &[Row], username: &str) -> String {
    rows.first()
        .map_or_else(|| format!("name:{}", fold::unique(username)), |row| row.user_id.to_string())
}

async fn count(db: &Db, rows: &[Row], username: &str, occasion: &Occasion) -> Result<Result<(), u64>, Fault> {
    let (bucket, address, now) = (bucket(rows, username), neighbourhood(&occasion.address), occasion.now);
    db.write(
        move |tx| match throttle::take(tx, "api.address", &address, throttle::ADDRESS, now)? {
            Ok(()) => throttle::take(tx, "api.password", &bucket, ACCOUNT, now),
            wait => Ok(wait),
        },
    )
    .await
}

fn admit(row: &Row, username: &str, occasion: &Occasion) -> Result<Holder, Refused> {
    if row.status != MemberStatus::Active {
        return Err(Refused::NotActive);
    }
    Ok(Holder {
        username: username.to_owned(),
        organization_name: row.organization_name.clone(),
        scope: Scope {
            organization: row.organization_id,
            actor: Actor::Member {
                id: row.member_id,
                user: Some(row.user_id),
                name: row.name.clone(),
            },
            permissions: read_held(row.held.as_deref()),
            occasion: Occasion {
                credential: Some("API password".into()),
                ..occasion.clone()
            },
        },
    })
}
