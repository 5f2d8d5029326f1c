//! Schema migrations, and backup and restore of an SQLite file.

use super::{Conn, Db, Target, data_steps};
use crate::kit::Fault;
use diesel::{
    connection::SimpleConnection,
    migration::{Migration, MigrationSource, MigrationVersion},
    prelude::*,
    sqlite::SqliteConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that nobody else uses: "roster" on a telephone's keys.
const ADVISORY_LOCK: i64 = 767_837;

/// Migrates the schema and then the data, and returns the number of schema steps. Several processes may start at once:
/// one migrates, the others wait.
///
/// # Errors
/// When the schema is newer than this program, or a migration fails.
pub fn run(db: &Db) -> Result<usize, Fault> {
    locked(db, |conn| {
        refuse_newer(conn)?;
        let done = match conn {
            Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(|done| done.len()),
            Conn::Pg(c) => c.run_pending_migrations(POSTGRES).map(|done| done.len()),
        };
        let done = done.map_err(Fault::Broken)?;
        data_steps::run(conn)?;
        Ok(done)
    })
}

/// Reverts all migrations. Only for tests.
pub fn revert_all(db: &Db) -> Result<usize, Fault> {
    locked(db, |conn| {
        match conn {
            Conn::Sqlite(c) => c.revert_all_migrations(SQLITE).map(|done| done.len()),
            Conn::Pg(c) => c.revert_all_migrations(POSTGRES).map(|done| done.len()),
        }
        .map_err(Fault::Broken)
    })
}

/// Runs the work in one process at a time. On SQLite the write lock inside each step is enough: a step that another
/// process has already made fails, and counts as done when the work is tried again.
fn locked<T>(db: &Db, work: impl Fn(&mut Conn) -> Result<T, Fault>) -> Result<T, Fault> {
    db.read_here(|conn| match conn {
        Conn::Sqlite(_) => {
            // In the worst case other processes run every step, so the work is tried once per step.
            let steps = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).map_err(Fault::Broken)?;
            let done = steps.iter().find_map(|_| work(conn).ok());
            done.map_or_else(|| work(conn), Ok)
        }
        Conn::Pg(_) => {
            conn.run("SET lock_timeout='60s'")?;
            conn.run(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
            let result = work(conn);
            conn.run(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?;
            conn.run("SET lock_timeout='5s'")?;
            result
        }
    })
}

fn refuse_newer(conn: &mut Conn) -> Result<(), Fault> {
    let applied: Vec<MigrationVersion<'_>> = match conn {
        Conn::Sqlite(c) => c.applied_migrations(),
        Conn::Pg(c) => c.applied_migrations(),
    }
    .map_err(Fault::Broken)?;
    let known: BTreeSet<String> = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE)
        .map_err(Fault::Broken)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    match applied.iter().find(|version| !known.contains(&version.to_string())) {
        None => Ok(()),
        Some(version) => Err(Fault::broken(format!(
            "the database was migrated by a newer Roster (step {version}); start that one, or restore a backup made before it"
        ))),
    }
}

/// Writes a consistent copy of a running SQLite database to a new file.
///
/// # Errors
/// A sentence when the file exists, the engine is PostgreSQL, or the disk fails.
pub fn backup(db: &Db, file: &Path) -> Result<(), String> {
    if file.exists() {
        return Err(format!("{} exists; a backup is never written over anything", file.display()));
    }
    db.read_here(|conn| match conn {
        Conn::Sqlite(c) => {
            diesel::sql_query("VACUUM INTO $1")
                .bind::<diesel::sql_types::Text, _>(file.to_string_lossy().into_owned())
                .execute(c)?;
            Ok(())
        }
        Conn::Pg(_) => Err(Fault::broken("this is for SQLite; PostgreSQL has pg_dump")),
    })
    .map_err(|fault| fault.to_string())?;
    make_private(file).map_err(|why| format!("{}: {why}", file.display()))
}

/// Replaces the database by a backup and keeps the old database under another name. Ends all sessions and links of the
/// backup, so that nothing revoked since the backup becomes valid again.
///
/// # Errors
/// A sentence when the file is not a backup, or the database is in use.
pub fn restore(target: &Target, file: &Path) -> Result<Option<PathBuf>, String> {
    let Target::Sqlite(place) = target else {
        return Err("this is for SQLite; PostgreSQL has pg_restore".into());
    };
    let fresh = with_suffix(place, ".restoring");
    let told = |what: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", what.display());
    if let Some(folder) = place.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|why| told(folder, &why))?;
    }
    fs::copy(file, &fresh).map_err(|why| told(file, &why))?;
    make_private(&fresh).map_err(|why| told(&fresh, &why))?;
    let prepared = prepare(&fresh).and_then(|()| refuse_running(place));
    if let Err(why) = prepared {
        let _ = fs::remove_file(&fresh);
        return Err(why);
    }
    let before = place.exists().then(|| with_suffix(place, ".before-restore"));
    if let Some(before) = &before {
        fs::rename(place, before).map_err(|why| told(place, &why))?;
    }
    for companion in ["-wal", "-shm"] {
        let _ = fs::remove_file(with_suffix(place, companion));
    }
    fs::rename(&fresh, place).map_err(|why| told(place, &why))?;
    Ok(before)
}

fn prepare(copy: &Path) -> Result<(), String> {
    let told = |why: diesel::result::Error| format!("this is not a backup of Roster ({why})");
    let mut conn = SqliteConnection::establish(&copy.to_string_lossy()).map_err(|why| why.to_string())?;
    let tables: i64 = diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "SELECT count(*) FROM sqlite_master WHERE name IN ('deployment', 'members', 'audit_events')",
    )
    .get_result(&mut conn)
    .map_err(told)?;
    if tables != 3 {
        return Err("this is not a backup of Roster".into());
    }
    conn.batch_execute("PRAGMA journal_mode=DELETE; DELETE FROM sessions; UPDATE links SET voided_at = created_at WHERE used_at IS NULL AND voided_at IS NULL;").map_err(told)
}

/// Refuses while a server has the file open: it would go on writing into the old file.
fn refuse_running(place: &Path) -> Result<(), String> {
    if !place.exists() {
        return Ok(());
    }
    let in_use = || format!("{} is in use; stop the server first", place.display());
    let mut conn = SqliteConnection::establish(&place.to_string_lossy()).map_err(|_| in_use())?;
    // Leaving WAL mode needs exclusive access, and writes the rest of the WAL into the file.
    conn.batch_execute("PRAGMA busy_timeout=500; PRAGMA journal_mode=DELETE;").map_err(|_| in_use())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn make_private(file: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}
