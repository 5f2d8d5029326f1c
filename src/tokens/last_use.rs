//! When each credential was last used, and how often per day. Kept in memory and written every few seconds, because a
//! write for every request would cost more than the request. Records of several processes are merged by time. A power
//! cut loses the last few seconds.

use super::{LastUse, days, store};
use crate::{
    db::{Db, Tx},
    kit::{Fault, MemberId, OrganizationId, RequestInfo, TokenId},
    members,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

const EVERY: Duration = Duration::from_secs(3);
/// Rows per transaction: few enough that other writers wait only a moment.
const CHUNK: usize = 200;
/// More credentials than any deployment has. Uses beyond this number are dropped until the next write.
const MOST: usize = 100_000;

/// Which credential was used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Used {
    /// A token, identified by the value that was sent: the present one or the one before it.
    Token {
        id: TokenId,
        digest: Vec<u8>,
    },
    ApiPassword,
}

type Key = (OrganizationId, MemberId, Used);

/// The map key: the token id, or the id that stands for the member's API password.
fn token(used: &Used) -> TokenId {
    match used {
        Used::Token { id, .. } => *id,
        Used::ApiPassword => TokenId::nobody(),
    }
}

/// Uses of one credential that are not yet written.
#[derive(Clone)]
struct Known {
    last: LastUse,
    /// How often it was used on each day.
    days: HashMap<i64, i64>,
}

/// Writes the last use of another kind of credential. The module of that credential provides it.
pub type Touch = fn(&mut Tx<'_>, OrganizationId, MemberId, &LastUse) -> Result<(), Fault>;

/// The uses of every credential that are not yet written.
#[derive(Clone)]
pub struct Uses {
    waiting: Arc<Mutex<HashMap<Key, Known>>>,
    touch_password: Touch,
}

impl Uses {
    pub fn new(touch_password: Touch) -> Self {
        Self { waiting: Arc::default(), touch_password }
    }

    /// Records a use.
    pub fn note(&self, organization: OrganizationId, member: MemberId, used: Used, request_info: &RequestInfo) {
        let last = LastUse {
            at: request_info.now,
            address: request_info.address.clone(),
            agent: request_info.agent.clone(),
        };
        let days = HashMap::from([(request_info.now.day(), 1)]);
        self.put((organization, member, used), Known { last, days });
    }

    fn put(&self, key: Key, new: Known) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_room = waiting.len() < MOST;
        match waiting.get_mut(&key) {
            Some(known) => {
                for (day, uses) in new.days {
                    *known.days.entry(day).or_default() += uses;
                }
                if known.last.at < new.last.at {
                    known.last = new.last;
                }
            }
            None if is_room => drop(waiting.insert(key, new)),
            None => {}
        }
    }

    fn take(&self) -> Vec<(Key, Known)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<(Key, Known)> = waiting.drain().collect();
        // Processes that write at the same time lock rows in the same order. So they wait for each other but never
        // deadlock.
        all.sort_by_key(|((organization, member, _), _)| (*organization, *member));
        all
    }

    /// Writes what is recorded. What cannot be written is kept for the next time.
    pub fn flush(&self, db: &Db) -> Result<(), Fault> {
        let all = self.take();
        let mut left = all.chunks(CHUNK);
        while let Some(some) = left.next() {
            let written = db.write_here(|tx| some.iter().try_for_each(|(key, known)| self.write(tx, key, known)));
            if let Err(fault) = written {
                for (key, known) in some.iter().chain(left.flatten()) {
                    self.put(key.clone(), known.clone());
                }
                return Err(fault);
            }
        }
        Ok(())
    }

    fn write(&self, tx: &mut Tx<'_>, (organization, member, used): &Key, Known { last, days }: &Known) -> Result<(), Fault> {
        match used {
            Used::Token { id, digest } => store::touch(tx, *organization, *id, digest, last)?,
            Used::ApiPassword => (self.touch_password)(tx, *organization, *member, last)?,
        }
        for (day, uses) in days {
            days::add(tx, (*organization, *member, token(used)), *day, *uses)?;
        }
        members::touch_api_use(tx, *organization, *member, last.at)
    }

    /// Writes every few seconds until told to stop, and then once more.
    pub async fn run(self, db: Db, mut stop: watch::Receiver<bool>) {
        loop {
            let is_last = *stop.borrow();
            let (uses, db) = (self.clone(), db.clone());
            match tokio::task::spawn_blocking(move || uses.flush(&db)).await {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => tracing::warn!(error = %fault, "the last use of credentials is not written down"),
                Err(panic) => tracing::error!(error = %panic, "writing down the last use of credentials failed"),
            }
            if is_last {
                break;
            }
            let _ = tokio::time::timeout(EVERY, stop.changed()).await;
        }
    }
}
