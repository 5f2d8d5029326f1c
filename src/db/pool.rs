//! Connection pools: the database URL, the settings of each connection, and access from async code.

use super::conn::{Conn, Failed, Tx, transact};
use crate::kit::{Fault, fault::Retry};
use diesel::{
    connection::{Connection, SimpleConnection},
    pg::PgConnection,
    r2d2::{CustomizeConnection, ManageConnection, Pool, PooledConnection, R2D2Connection},
    sqlite::SqliteConnection,
};
use std::{path::PathBuf, time::Duration};

/// The database engine in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The location of the database.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Target {
    /// Parses a `DATABASE_URL`.
    ///
    /// # Errors
    /// A sentence that says what is wrong, without the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = "write sqlite://data/roster.db or postgres://user:password@host/database";
        match text.split_once("://") {
            Some(("sqlite", path)) if path.is_empty() || path == ":memory:" => {
                Err(format!("sqlite:// needs the path of a file; {example}"))
            }
            Some(("sqlite", path)) => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => {
                let parsed = url::Url::parse(text).map_err(|why| format!("is not a URL ({why}); {example}"))?;
                if parsed.host_str().unwrap_or_default().is_empty() && !parsed.query().unwrap_or_default().contains("host=") {
                    return Err(format!("names no host; {example}"));
                }
                Ok(Self::Postgres(with_defaults(parsed)))
            }
            Some((scheme, _)) => Err(format!("begins with {scheme}://, which Roster does not speak; {example}")),
            None => Err(format!("has no scheme; {example}")),
        }
    }
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// The location without the password.
impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite in {}", path.display()),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(url) => write!(f, "PostgreSQL at {}{}", url.host_str().unwrap_or("a local socket"), url.path()),
                Err(_) => f.write_str("PostgreSQL"),
            },
        }
    }
}

/// A dead server must be noticed in seconds, not after the system default of two hours.
fn with_defaults(mut url: url::Url) -> String {
    for (name, value) in [
        ("connect_timeout", "5"),
        ("application_name", "roster"),
        ("tcp_user_timeout", "10000"),
    ] {
        if !url.query_pairs().any(|(given, _)| given == name) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    url.into()
}

#[derive(Clone, Debug)]
struct Manager(Target);

/// A pooled connection. A check at every use would cost a round trip; instead, the code that finds it dead marks it.
struct Pooled {
    conn: Conn,
    is_dead: bool,
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
                 PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA cache_size=-32768; PRAGMA mmap_size=268435456;"
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

/// The database. SQLite: many readers and one writer, as it is designed for. PostgreSQL: one pool.
#[derive(Clone)]
pub struct Db {
    readers: Pool<Manager>,
    writers: Pool<Manager>,
    engine: Engine,
}

/// How often a transaction is repeated after conflicts.
const CONFLICTS: u32 = 10;

impl Db {
    /// Opens the pools and makes one connection, so that a wrong URL is found at once.
    pub fn open(target: &Target, connections: u32) -> Result<Self, String> {
        if let Target::Sqlite(path) = target {
            create_private_file(path).map_err(|why| format!("{} cannot be opened: {why}", path.display()))?;
        }
        // A pool only reports a timeout; a direct connection reports the reason.
        Manager(target.clone()).connect().map_err(|why| format!("{target} does not answer: {why}"))?;
        let pool = |size, patience| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                .test_on_check_out(false)
                .connection_timeout(Duration::from_secs(patience))
                .connection_customizer(Box::new(Tune))
                .error_handler(Box::new(LogErrors))
                .build(Manager(target.clone()))
                .map_err(|why| format!("{target} does not answer: {why}"))
        };
        // A page fails early if there is no connection. SQLite's single writer gets a longer wait, because it is only
        // queued.
        let readers = pool(connections, 3)?;
        let writers = if target.engine() == Engine::Sqlite {
            pool(1, 10)?
        } else {
            readers.clone()
        };
        Ok(Self { readers, writers, engine: target.engine() })
    }

    pub fn engine(&self) -> Engine {
        self.engine
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
        let db = self.clone();
        off_thread(move || db.read_here(work)).await
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
        let mut dead = 0;
        loop {
            let mut pooled = connection(&self.readers)?;
            match work(&mut pooled.conn) {
                // After the server was away, every pooled connection is dead, and each is detected only by use.
                Err(error) if error.is_unavailable() && dead < self.readers.max_size() => {
                    pooled.is_dead = true;
                    dead += 1;
                }
                done => return done,
            }
        }
    }

    /// [`Db::write`] on the current thread, for the command line and workers.
    pub fn write_here<T, E>(&self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Fault> + From<diesel::result::Error> + Retry,
    {
        let (mut conflicts, mut dead) = (0, 0);
        loop {
            let mut pooled = connection(&self.writers)?;
            match transact(&mut pooled.conn, &mut work) {
                Ok(value) => return Ok(value),
                // Nothing was done yet, so another connection can be tried.
                Err(Failed::ToBegin(fault)) if dead < self.writers.max_size() && fault.is_unavailable() => {
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
}

fn connection(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>, Fault> {
    pool.get().map_err(Fault::unavailable)
}

async fn off_thread<T: Send + 'static, E: From<Fault> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panic) => Err(Fault::broken(panic).into()),
    }
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

#[derive(Debug)]
struct LogErrors;
impl diesel::r2d2::HandleError<diesel::r2d2::Error> for LogErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "a database connection failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_told_apart_and_a_password_never_repeated() {
        for (text, says) in [
            ("postgres", "has no scheme"),
            ("mysql://x/y", "mysql://"),
            ("sqlite://", "needs the path"),
            ("sqlite://:memory:", "needs the path"),
            ("postgres:///x", "names no host"),
        ] {
            assert!(Target::parse(text).unwrap_err().contains(says), "{text}");
        }
        let target = Target::parse("postgres://me:hunter2@db.example/roster").unwrap();
        assert_eq!(target.to_string(), "PostgreSQL at db.example/roster");
        assert!(!format!("{target:?}").contains("hunter2"));
    }
}
