//! What SQLite needs beside queries: the build that makes it fast, and statistics by which it plans.

use super::{
    conn::{Conn, Tx},
    database::Db,
    target::Engine,
};
use crate::kit::Fault;
use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};

/// The options of `.cargo/config.toml`, as `PRAGMA compile_options` tells them, and whether they are to be there.
const BUILD: [(&str, bool); 3] = [
    ("ENABLE_QPSG", true),
    ("ENABLE_MEMORY_MANAGEMENT", false),
    ("DEFAULT_MEMSTATUS=0", true),
];

#[derive(QueryableByName)]
struct CompileOption {
    #[diesel(sql_type = Text)]
    compile_options: String,
}

/// The options in which the SQLite of this program differs from the one that Roster is built with. Cargo reads
/// `.cargo/config.toml` only inside the folder of the sources; a program that was built elsewhere works, and is slow.
pub fn wrong_build_options(db: &Db) -> Result<Vec<&'static str>, Fault> {
    if db.engine() == Engine::Postgres {
        return Ok(Vec::new());
    }
    let options: Vec<CompileOption> = db.read_here(|conn| Ok::<_, Fault>(sql_query("PRAGMA compile_options").load(conn)?))?;
    let is_wrong = |(name, wanted): &(&str, bool)| options.iter().any(|option| option.compile_options == *name) != *wanted;
    Ok(BUILD.into_iter().filter(is_wrong).map(|(name, _)| name).collect())
}

/// Renews the statistics of tables that were never counted or that grew or shrank much since. PostgreSQL does so by itself.
pub fn renew_statistics(tx: &mut Tx<'_>) -> Result<(), Fault> {
    if let Conn::Sqlite(c) = tx.conn() {
        // 0x02 analyses what needs it, 0x10000 looks at all tables and not only those that this connection read.
        c.batch_execute("PRAGMA optimize=0x10002")?;
    }
    Ok(())
}
