//! A streaming replica of PostgreSQL: for readings that may be some seconds old, such as exports.

use super::{
    conn::Conn,
    pool::{self, Pool},
    target::Target,
};
use crate::kit::{Fault, fault::Retry};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Connections to it.
const CONNECTIONS: u32 = 4;
/// How many seconds a reading waits for one of them.
const PATIENCE: u64 = 3;
/// How long it is left alone after it did not answer.
const REST: Duration = Duration::from_secs(30);

pub(super) struct Replica {
    pool: Pool,
    failed_at: Mutex<Option<Instant>>,
}

impl Replica {
    pub fn open(target: &Target) -> Self {
        Self {
            pool: pool::open_later(target, CONNECTIONS, PATIENCE),
            failed_at: Mutex::default(),
        }
    }

    /// What it answers. `None` if it does not, or had to give up because the primary changed what was being read.
    pub fn read<T, E: From<Fault> + Retry>(&self, work: &impl Fn(&mut Conn) -> Result<T, E>) -> Option<Result<T, E>> {
        if self.rests() {
            return None;
        }
        match pool::read_from(&self.pool, work) {
            Err(error) if error.is_unavailable() => {
                tracing::warn!("the replica of DATABASE_READ_URL does not answer");
                *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                None
            }
            Err(error) if error.is_conflict() => None,
            done => Some(done),
        }
    }

    fn rests(&self) -> bool {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|at| at.elapsed() < REST)
    }
}
