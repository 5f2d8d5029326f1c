//! Connections for what begins every request: the checks of tokens and sessions. They have their own, so that pages that
//! take long never make them wait.

use super::{
    cached::Cached,
    coalesced::{CheckKey, Coalesced},
    conn::Conn,
    pool::{self, Pool},
    target::{Engine, Target},
};
use crate::kit::{Fault, Timestamp, fault::Retry};
use diesel::{prelude::*, sql_query, sql_types::BigInt};
use std::{any::Any, cell::RefCell, collections::HashMap};
use thread_local::ThreadLocal;

/// How many connections to PostgreSQL check at once.
const POOLED: u32 = 4;
/// How many seconds a check waits for one of them.
const PATIENCE: u64 = 3;
/// How many answers a thread keeps.
const MOST: usize = 10_000;

/// An answer, and from when on it may be another one although nothing in the database changes, such as when a role ends.
#[derive(Clone, Debug)]
pub struct Lasting<T> {
    pub answer: T,
    pub until: Option<Timestamp>,
}

pub(super) enum Checks {
    /// SQLite: handing such a short read to another thread would take longer than the read.
    OnThread(Box<OnThread>),
    /// PostgreSQL: the thread would wait for the network.
    Pooled(Pool, Coalesced),
}

impl Checks {
    pub fn open(target: &Target) -> Result<Self, String> {
        Ok(match target.engine() {
            Engine::Sqlite => Self::OnThread(Box::new(OnThread { target: target.clone(), checkers: ThreadLocal::new() })),
            Engine::Postgres => Self::Pooled(pool::open(target, POOLED, PATIENCE)?, Coalesced::default()),
        })
    }
}

/// A connection for each thread that checks, with what it answered.
pub(super) struct OnThread {
    target: Target,
    checkers: ThreadLocal<RefCell<Checker>>,
}

struct Checker {
    /// Only reads: SQLite does not tell a connection of its own changes.
    conn: Conn,
    /// The version of the database that the answers were read from.
    version: i64,
    kept: HashMap<CheckKey, Kept>,
}

struct Kept {
    answer: Box<dyn Any + Send>,
    from: Timestamp,
    until: Option<Timestamp>,
}

impl OnThread {
    pub fn read<T, E: From<Fault> + Retry>(&self, work: impl Fn(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        // Nothing awaits while it is borrowed, and no check begins another one.
        work(&mut self.checker()?.borrow_mut().conn)
    }

    /// Answers as the last time, if nothing was committed since, by whatever process.
    pub fn read_kept<T: Clone + Send + 'static>(
        &self,
        key: CheckKey,
        now: Timestamp,
        work: impl Fn(&mut Conn) -> Result<Lasting<T>, Fault>,
    ) -> Result<T, Fault> {
        let mut checker = self.checker()?.borrow_mut();
        // Read before the answer: what is committed in between makes the next request ask anew.
        let version = version(&mut checker.conn)?;
        if version != checker.version || checker.kept.len() > MOST {
            checker.kept.clear();
            checker.version = version;
        }
        if let Some(kept) = checker.kept.get(&key)
            && kept.from <= now
            && kept.until.is_none_or(|until| now < until)
            && let Some(answer) = kept.answer.downcast_ref::<T>()
        {
            return Ok(answer.clone());
        }
        let Lasting { answer, until } = work(&mut checker.conn)?;
        let kept = Kept { answer: Box::new(answer.clone()), from: now, until };
        checker.kept.insert(key, kept);
        Ok(answer)
    }

    fn checker(&self) -> Result<&RefCell<Checker>, Fault> {
        let open = || {
            let conn = pool::connect(&self.target)?;
            Ok(RefCell::new(Checker { conn, version: -1, kept: HashMap::new() }))
        };
        self.checkers.get_or_try(open).map_err(|why: diesel::r2d2::Error| Fault::unavailable(why))
    }
}

/// Another number after every commit of another connection, of this process or another one. SQLite compares two numbers
/// in shared memory for it.
fn version(conn: &mut Conn) -> Result<i64, Fault> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = BigInt)]
        data_version: i64,
    }
    let found: Version = Cached(sql_query("PRAGMA data_version")).get_result(conn)?;
    Ok(found.data_version)
}
