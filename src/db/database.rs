//! Access to the database from async code, by lanes: what begins every request never waits for what takes long.

use super::{
    checks::{Checks, Lasting},
    coalesced::CheckKey,
    conn::{Conn, Failed, Tx, transact},
    pool::{self, Pool},
    replica::Replica,
    target::{Engine, Target},
};
use crate::kit::{Fault, Timestamp, fault::Retry};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The database. SQLite: many readers and one writer, as it is designed for. PostgreSQL: one pool for both.
#[derive(Clone)]
pub struct Db(Arc<Lanes>);

struct Lanes {
    readers: Pool,
    writers: Pool,
    /// Readings of the command line and of background work.
    background: Pool,
    checks: Checks,
    replica: Option<Replica>,
    /// One for each connection that reads: a page waits for its turn without a thread.
    turns: Arc<Semaphore>,
    engine: Engine,
}

/// How often a transaction is repeated after conflicts.
const CONFLICTS: u32 = 10;
/// How many seconds a page waits for a connection. It fails early if there is none.
const PATIENCE: u64 = 3;
/// How many seconds a change waits. SQLite's single writer is only queued.
const PATIENCE_TO_WRITE: u64 = 10;
/// Connections for background work: letters, webhooks, bulk actions and their progress.
const BACKGROUND: u32 = 2;

impl Db {
    /// Opens the pools and makes one connection, so that a wrong URL is found at once. `connections` is how many pages
    /// read at once; on SQLite, where reading is work for this machine, no more than it has cores.
    pub fn open(target: &Target, connections: u32) -> Result<Self, String> {
        if let Target::Sqlite(path) = target {
            create_private_file(path).map_err(|why| format!("{} cannot be opened: {why}", path.display()))?;
        }
        // A pool only reports a timeout; a direct connection reports the reason.
        pool::connect(target).map_err(|why| format!("{target} does not answer: {why}"))?;
        let engine = target.engine();
        let connections = match engine {
            Engine::Sqlite => connections.min(cores().max(2)),
            Engine::Postgres => connections,
        };
        let readers = pool::open(target, connections, PATIENCE)?;
        let writers = match engine {
            Engine::Sqlite => pool::open(target, 1, PATIENCE_TO_WRITE)?,
            Engine::Postgres => readers.clone(),
        };
        Ok(Self(Arc::new(Lanes {
            readers,
            writers,
            background: pool::open(target, BACKGROUND.min(connections), PATIENCE_TO_WRITE)?,
            checks: Checks::open(target)?,
            replica: None,
            turns: Arc::new(Semaphore::new(connections as usize)),
            engine,
        })))
    }

    /// Lets [`Db::read_behind`] read from this replica. It may be away, now and later.
    ///
    /// # Errors
    /// A sentence, when the database is in use already.
    pub fn with_replica(mut self, target: &Target) -> Result<Self, String> {
        let lanes = Arc::get_mut(&mut self.0).ok_or("the database is in use")?;
        lanes.replica = Some(Replica::open(target));
        Ok(self)
    }

    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// Reads, outside the async threads.
    ///
    /// # Errors
    /// The error of the work, or [`Fault::Unavailable`] when no connection is available.
    pub async fn read<T, E>(&self, work: impl Fn(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Retry + Send + 'static,
    {
        let (pool, turn) = (self.0.readers.clone(), self.turn().await?);
        off_thread(move || {
            let _turn = turn;
            pool::read_from(&pool, work)
        })
        .await
    }

    /// [`Db::read`] of what may be some seconds old: from the replica, if there is one and it answers.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_behind<T, E>(&self, work: impl Fn(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Retry + Send + 'static,
    {
        let (db, turn) = (self.clone(), self.turn().await?);
        off_thread(move || {
            let _turn = turn;
            let found = db.0.replica.as_ref().and_then(|replica| replica.read(&work));
            found.unwrap_or_else(|| pool::read_from(&db.0.readers, work))
        })
        .await
    }

    /// Reads what begins every request: whether a token or session is good, and what its owner may do. For statements of
    /// microseconds, each along an index: on SQLite they run on the current thread. No other work makes them wait.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn check<T, E>(&self, work: impl Fn(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Retry + Send + 'static,
    {
        match &self.0.checks {
            Checks::OnThread(threads) => threads.read(work),
            Checks::Pooled(pool, _) => {
                let pool = pool.clone();
                off_thread(move || pool::read_from(&pool, work)).await
            }
        }
    }

    /// [`Db::check`] whose answer is kept and given again as long as nothing in the database changed. SQLite tells that for
    /// the price of comparing two numbers. PostgreSQL would have to be asked, so there concurrent checks share one query.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn check_kept<T: Clone + Send + Sync + 'static>(
        &self,
        key: CheckKey,
        now: Timestamp,
        work: impl Fn(&mut Conn) -> Result<Lasting<T>, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        match &self.0.checks {
            Checks::OnThread(threads) => threads.read_kept(key, now, work),
            Checks::Pooled(_, coalesced) => coalesced.check(key, async || Ok(self.check(work).await?.answer)).await,
        }
    }

    /// Writes in one transaction, outside the async threads. The work may run several times: after a conflict with
    /// another transaction it is rolled back and started again.
    ///
    /// # Errors
    /// The error of the work, or [`Fault::Unavailable`] when no connection is available. Nothing is stored then.
    pub async fn write<T, E>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + From<diesel::result::Error> + Retry + Send + 'static,
    {
        let db = self.clone();
        off_thread(move || db.write_here(work)).await
    }

    /// [`Db::read`] on the current thread, for the command line and workers.
    pub fn read_here<T, E: From<Fault> + Retry>(&self, work: impl Fn(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        pool::read_from(&self.0.background, work)
    }

    /// [`Db::write`] on the current thread, for the command line and workers.
    pub fn write_here<T, E>(&self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Fault> + From<diesel::result::Error> + Retry,
    {
        let (mut conflicts, mut dead) = (0, 0);
        loop {
            let mut pooled = pool::take(&self.0.writers)?;
            match transact(&mut pooled.conn, &mut work) {
                Ok(value) => return Ok(value),
                // Nothing was done yet, so another connection can be tried.
                Err(Failed::ToBegin(fault)) if dead < self.0.writers.max_size() && fault.is_unavailable() => {
                    pooled.is_dead = true;
                    dead += 1;
                }
                Err(Failed::ToBegin(fault)) => return Err(fault.into()),
                Err(Failed::Inside(error)) if conflicts < CONFLICTS && error.is_conflict() => {
                    conflicts += 1;
                    pause(conflicts);
                }
                Err(Failed::Inside(error)) => {
                    pooled.is_dead = error.is_unavailable();
                    return Err(error);
                }
            }
        }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let turn = tokio::time::timeout(Duration::from_secs(PATIENCE), self.0.turns.clone().acquire_owned()).await;
        turn.map_err(Fault::unavailable)?.map_err(Fault::broken)
    }
}

async fn off_thread<T: Send + 'static, E: From<Fault> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panic) => Err(Fault::broken(panic).into()),
    }
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX))
}

/// Exponential backoff with jitter, so that the same two transactions do not collide again.
fn pause(attempt: u32) {
    let mut noise = [0];
    crate::kit::secret::fill(&mut noise);
    let ceiling = 500u64 << attempt.min(6);
    std::thread::sleep(Duration::from_micros(ceiling / 2 + ceiling * u64::from(noise[0]) / 512));
}

/// Creates the file readable only by its owner before SQLite writes to it. Its WAL and SHM files get the same mode.
fn create_private_file(path: &std::path::Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
