//! How many requests a credential may send: one limit for all processes. A process counts a block of requests in the
//! database at once and then admits them from memory, so that most requests write nothing.

use crate::{
    db::Db,
    kit::Timestamp,
    throttle::{self, Block, Bucket, Limit},
    web::{self, Problem},
};
use actix_web::http::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use chrono::TimeDelta;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
const REMAINING: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The window of the limit, in seconds.
const WINDOW: i64 = 60;

/// The share of the limit that a process counts at once.
const BLOCKS: i64 = 60;

/// How long a process may use a block, so that blocks do not add up over a quiet time.
const LASTING: TimeDelta = TimeDelta::seconds(10);

/// From this number of credentials on, used up blocks are removed.
const MANY: usize = 10_000;

/// The limit, and the blocks that this process has counted.
#[derive(Clone)]
pub struct Quota {
    /// Requests of one credential in a minute. `None` is no limit.
    most: Option<i64>,
    counted: Arc<Mutex<HashMap<String, Counted>>>,
}

#[derive(Clone, Copy)]
struct Counted {
    tries: i64,
    left: i64,
    at: Timestamp,
}

/// What a credential has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    most: i64,
    left: i64,
}

impl Quota {
    /// `most` requests of one credential in a minute; 0 is no limit.
    pub fn new(most: u32) -> Self {
        Self { most: Some(i64::from(most)).filter(|most| *most > 0), counted: Arc::default() }
    }

    /// Counts one request of a credential.
    ///
    /// # Errors
    /// A problem with the time to wait.
    pub async fn admit(&self, db: &Db, credential: &str, now: Timestamp) -> web::Result<Option<Remaining>> {
        let Some(most) = self.most else { return Ok(None) };
        if let Some(left) = self.take(credential, now) {
            return Ok(Some(Remaining { most, left }));
        }
        let limit = Limit { burst: most, every: TimeDelta::microseconds(WINDOW * 1_000_000 / most) };
        let (subject, tries) = (credential.to_owned(), (most / BLOCKS).max(1));
        let counted = db
            .write(move |tx| throttle::count_block(tx, Bucket::ApiCredential, &subject, limit, tries, now))
            .await?;
        match counted {
            Ok(Block { tries, left }) => {
                self.put(credential, Counted { tries: tries - 1, left, at: now });
                Ok(Some(Remaining { most, left: left + tries - 1 }))
            }
            Err(wait) => Err(too_many(most, wait.0).into()),
        }
    }

    /// Takes one request of the block, if there is one. Returns what is left.
    fn take(&self, credential: &str, now: Timestamp) -> Option<i64> {
        let mut all = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = all.get_mut(credential).filter(|counted| counted.tries > 0 && now - counted.at < LASTING)?;
        counted.tries -= 1;
        Some(counted.left + counted.tries)
    }

    fn put(&self, credential: &str, counted: Counted) {
        let mut all = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MANY {
            all.retain(|_, known| counted.at - known.at < LASTING);
        }
        all.insert(credential.to_owned(), counted);
    }
}

fn too_many(most: i64, wait: u64) -> Problem {
    Problem {
        retry_after: Some(wait),
        rate_limit: Some(Remaining { most, left: 0 }.values(wait)),
        ..Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate-limited",
            "Too many requests",
            format!("This credential may send {most} requests a minute. Wait {wait} seconds."),
        )
    }
}

impl Remaining {
    /// Adds the headers of an answer.
    pub fn put(self, headers: &mut HeaderMap) {
        let (left, policy) = self.values(u64::try_from(WINDOW).unwrap_or_default());
        for (name, value) in [(REMAINING, left), (POLICY, policy)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }

    /// The values of `RateLimit`, with the seconds until there is more, and `RateLimit-Policy`.
    fn values(self, seconds: u64) -> (String, String) {
        (
            format!("\"credential\";r={};t={seconds}", self.left),
            format!("\"credential\";q={};w={WINDOW}", self.most),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_used_up_or_grows_old() {
        let quota = Quota::new(600);
        let now = Timestamp::EPOCH;
        assert_eq!(quota.take("a", now), None);
        quota.put("a", Counted { tries: 2, left: 5, at: now });
        assert_eq!(quota.take("b", now), None);
        assert_eq!(quota.take("a", now + LASTING), None);
        assert_eq!((quota.take("a", now), quota.take("a", now), quota.take("a", now)), (Some(6), Some(5), None));
    }
}
