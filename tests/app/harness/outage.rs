//! A database that does not answer.

use super::{TestApp, is_postgres};
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query};

/// While this value lives, the database accepts nothing. PostgreSQL has closed all connections and refuses new ones;
/// the SQLite file is locked by another writer.
pub enum Outage {
    Postgres(PgConnection, String),
    Sqlite(SqliteConnection),
}

impl Outage {
    pub fn begin(app: &TestApp) -> Self {
        Self::of(&app.database.url())
    }

    /// Of the database with this address.
    pub fn of(url: &str) -> Self {
        if !is_postgres() {
            let mut other = SqliteConnection::establish(url.trim_start_matches("sqlite://")).expect("the file");
            other.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").expect("the lock");
            return Self::Sqlite(other);
        }
        let admin = std::env::var("ROSTER_TEST_POSTGRES_URL").expect("a server");
        let mut admin = PgConnection::establish(&admin).expect("the server answers");
        let name = url.rsplit('/').next().expect("a name").to_owned();
        sql_query(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            .execute(&mut admin)
            .expect("the door is shut");
        let out = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        sql_query(out).execute(&mut admin).expect("everybody is out");
        Self::Postgres(admin, name)
    }

    pub fn end(self) {
        match self {
            Self::Postgres(mut admin, name) => {
                let open = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
                sql_query(open).execute(&mut admin).expect("the door is open");
            }
            Self::Sqlite(mut other) => other.batch_execute("ROLLBACK").expect("the lock is given back"),
        }
    }
}
