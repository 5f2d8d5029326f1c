//! Connection pools, and the settings of each connection.

use super::{conn::Conn, target::Target};
use crate::kit::{Fault, fault::Retry};
use diesel::{
    connection::{Connection, SimpleConnection},
    pg::PgConnection,
    r2d2::{Builder, CustomizeConnection, ManageConnection, PooledConnection, R2D2Connection},
    sqlite::SqliteConnection,
};
use std::time::Duration;

/// A pool of connections to one database.
pub(super) type Pool = diesel::r2d2::Pool<Manager>;

/// Opens connections.
#[derive(Clone, Debug)]
pub(super) struct Manager(Target);

/// A pooled connection. A check at every use would cost a round trip; instead, the code that finds it dead marks it.
pub(super) struct Pooled {
    pub conn: Conn,
    pub is_dead: bool,
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Pooled, Self::Error> {
        let conn = match &self.0 {
            Target::Sqlite(path) => Conn::Sqlite(SqliteConnection::establish(&path.to_string_lossy())?),
            Target::Postgres(url) => Conn::Pg(PgConnection::establish(url)?),
        };
        Ok(Pooled { conn, is_dead: false })
    }
    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), Self::Error> {
        pooled.conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }
    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        std::thread::panicking() || pooled.is_dead || pooled.conn.is_broken()
    }
}

#[derive(Debug)]
struct Tune;

impl CustomizeConnection<Pooled, diesel::r2d2::Error> for Tune {
    fn on_acquire(&self, pooled: &mut Pooled) -> Result<(), diesel::r2d2::Error> {
        let conn = &mut pooled.conn;
        conn.batch_execute(match conn {
            // The busy timeout comes first, because switching to WAL itself needs a lock. With NORMAL, a power failure
            // could undo commits since the last checkpoint, for example a disabled member; FULL costs one sync per
            // commit.
            Conn::Sqlite(_) => {
                "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
                 PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456;"
            }
            Conn::Pg(_) => {
                // Indexes are in memory or on fast disks, so PostgreSQL's default random page cost of four is too high.
                // Parallel workers do not pay off for pages that read little.
                "SET TIME ZONE 'UTC'; SET lock_timeout='5s'; SET idle_in_transaction_session_timeout='30s'; SET statement_timeout='60s'; \
                 SET random_page_cost=1.1; SET max_parallel_workers_per_gather=0;"
            }
        })
        .map_err(diesel::r2d2::Error::QueryError)
    }
}

/// A pool of up to `size` connections, of which one is opened at once. `patience` is how many seconds a caller waits.
pub(super) fn open(target: &Target, size: u32, patience: u64) -> Result<Pool, String> {
    settings(size, patience)
        .min_idle(Some(1))
        .build(Manager(target.clone()))
        .map_err(|why| format!("{target} does not answer: {why}"))
}

/// A pool to a server that may be away: nothing is opened yet.
pub(super) fn open_later(target: &Target, size: u32, patience: u64) -> Pool {
    settings(size, patience).min_idle(Some(0)).build_unchecked(Manager(target.clone()))
}

fn settings(size: u32, patience: u64) -> Builder<Manager> {
    Pool::builder()
        .max_size(size)
        .test_on_check_out(false)
        .connection_timeout(Duration::from_secs(patience))
        .connection_customizer(Box::new(Tune))
        .error_handler(Box::new(LogErrors))
}

/// A connection that belongs to no pool.
pub(super) fn connect(target: &Target) -> Result<Conn, diesel::r2d2::Error> {
    let mut pooled = Manager(target.clone()).connect()?;
    Tune.on_acquire(&mut pooled)?;
    Ok(pooled.conn)
}

/// Waits for a free connection.
pub(super) fn take(pool: &Pool) -> Result<PooledConnection<Manager>, Fault> {
    pool.get().map_err(Fault::unavailable)
}

/// Reads with a connection of this pool.
pub(super) fn read_from<T, E: From<Fault> + Retry>(pool: &Pool, work: impl Fn(&mut Conn) -> Result<T, E>) -> Result<T, E> {
    let mut dead = 0;
    loop {
        let mut pooled = take(pool)?;
        match work(&mut pooled.conn) {
            // After the server was away, every pooled connection is dead, and each is detected only by use.
            Err(error) if error.is_unavailable() && dead < pool.max_size() => {
                pooled.is_dead = true;
                dead += 1;
            }
            done => return done,
        }
    }
}

#[derive(Debug)]
struct LogErrors;
impl diesel::r2d2::HandleError<diesel::r2d2::Error> for LogErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "a database connection failed");
    }
}
