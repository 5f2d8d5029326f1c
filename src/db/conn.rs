//! One connection type for both engines, and the transaction for writes.

use crate::kit::Fault;
use diesel::{
    connection::{AnsiTransactionManager, Connection, TransactionManager},
    pg::PgConnection,
    prelude::*,
    sqlite::SqliteConnection,
};
use std::{
    convert::Infallible,
    ops::{Deref, DerefMut},
};

/// A connection to either engine. A query is written once and type-checked against both.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Sqlite(SqliteConnection),
    Pg(PgConnection),
}

/// A write transaction. Only [`super::Db::write`] creates one, so its holder may write.
pub struct Tx<'a>(&'a mut Conn);

impl Tx<'_> {
    /// The connection, where diesel needs its concrete type.
    pub fn conn(&mut self) -> &mut Conn {
        self.0
    }

    /// Lets the rest of this transaction take as long as it needs: PostgreSQL otherwise ends a long statement. SQLite has no
    /// such limit.
    ///
    /// # Errors
    /// A database error.
    pub fn lift_time_limit(&mut self) -> Result<(), Fault> {
        if matches!(self.0, Conn::Pg(_)) {
            self.0.run("SET LOCAL statement_timeout = 0")?;
        }
        Ok(())
    }

    /// Runs a part of the work in a savepoint. If the part fails, only its own changes are rolled back.
    pub fn part<T, E: From<diesel::result::Error>>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.0.transaction(|conn| work(&mut Tx(conn)))
    }

    /// Runs the work and takes back all that it wrote: what it returns tells what it would have done.
    ///
    /// # Errors
    /// The error of the work.
    pub fn rehearse<T, E: From<diesel::result::Error>>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        /// Any error rolls the savepoint back, so the result of the work leaves it as one.
        enum RolledBack<T, E> {
            Done(T),
            Failed(E),
        }
        impl<T, E: From<diesel::result::Error>> From<diesel::result::Error> for RolledBack<T, E> {
            fn from(error: diesel::result::Error) -> Self {
                Self::Failed(error.into())
            }
        }
        let ended = self.part(|tx| match work(tx) {
            Ok(done) => Err::<Infallible, _>(RolledBack::Done(done)),
            Err(error) => Err(RolledBack::Failed(error)),
        });
        match ended {
            Err(RolledBack::Done(done)) => Ok(done),
            Err(RolledBack::Failed(error)) => Err(error),
            Ok(never) => match never {},
        }
    }
}
impl Deref for Tx<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        self.0
    }
}
impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.0
    }
}

/// Where a transaction failed. Before it began nothing was done, so another connection may be tried.
pub(super) enum Failed<E> {
    ToBegin(Fault),
    Inside(E),
}

/// Runs the work in a transaction. On SQLite it begins IMMEDIATE: a deferred transaction that later writes fails under
/// contention, whatever the busy timeout. On PostgreSQL it is READ COMMITTED; operations that check and then act lock
/// the organization's row first.
pub(super) fn transact<T, E>(conn: &mut Conn, work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, Failed<E>>
where
    E: From<Fault> + From<diesel::result::Error>,
{
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        Conn::Pg(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
    }
    .map_err(|error| Failed::ToBegin(error.into()))?;
    match work(&mut Tx(conn)) {
        Ok(value) => match <Conn as Connection>::TransactionManager::commit_transaction(conn) {
            Ok(()) => Ok(value),
            Err(error) => Err(Failed::Inside(match (conn, Fault::from(error)) {
                // The server may have committed before the connection broke.
                (Conn::Pg(_), Fault::Unavailable(cause)) => Fault::InDoubt(cause).into(),
                (_, fault) => fault.into(),
            })),
        },
        Err(error) => {
            // If the rollback fails, the pool finds the connection broken when it is returned.
            let _ = <Conn as Connection>::TransactionManager::rollback_transaction(conn);
            Err(Failed::Inside(error))
        }
    }
}

impl Conn {
    /// Runs a statement without parameters.
    pub fn run(&mut self, sql: &str) -> QueryResult<usize> {
        diesel::sql_query(sql).execute(self)
    }
}
