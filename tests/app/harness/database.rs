//! A database per test, copied from a template that is migrated once.

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use roster::{
    db::{self, Db, Target},
    kit::Timestamp,
};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// The database of one test, deleted when the test ends.
pub struct Database {
    pub target: Target,
    admin_url: Option<String>,
    name: String,
    _folder: tempfile::TempDir,
}

/// An instant as SQL has it.
pub fn instant(at: Timestamp) -> String {
    if is_postgres() {
        format!("to_timestamp({}::numeric / 1000000)", at.micros())
    } else {
        at.micros().to_string()
    }
}

pub fn is_postgres() -> bool {
    std::env::var("ROSTER_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

fn admin_url() -> String {
    std::env::var("ROSTER_TEST_POSTGRES_URL").expect("ROSTER_TEST_POSTGRES_URL names a server whose role may create databases")
}

/// A name that changes with the migrations, so that an old template is never used for new ones.
fn version() -> String {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION
        .get_or_init(|| {
            let mut hasher = DefaultHasher::new();
            let mut files: Vec<PathBuf> = walk(Path::new("migrations"));
            files.sort();
            for file in &files {
                fs::read(file).expect("a migration can be read").hash(&mut hasher);
            }
            format!("{:016x}", hasher.finish())
        })
        .clone()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// A part of a name that no other test uses.
#[expect(clippy::disallowed_methods, reason = "tests that run beside each other need names of their own")]
pub(super) fn unique() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

impl Database {
    /// A migrated, empty database.
    pub fn create() -> Self {
        Self::make(true)
    }
    /// A database without any table.
    pub fn blank() -> Self {
        Self::make(false)
    }

    fn make(is_migrated: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let name = format!("roster_test_{}", unique());
        if !is_postgres() {
            let file = folder.path().join("roster.db");
            if is_migrated {
                fs::copy(sqlite_template(), &file).expect("the template can be copied");
            }
            return Self { target: Target::Sqlite(file), admin_url: None, name, _folder: folder };
        }
        let admin_url = admin_url();
        let mut admin = PgConnection::establish(&admin_url).expect("the test server answers");
        let template = if is_migrated {
            postgres_template(&mut admin, &admin_url)
        } else {
            "template1".into()
        };
        execute(&mut admin, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"));
        Self {
            target: Target::parse(&at(&admin_url, &name)).expect("an address"),
            admin_url: Some(admin_url),
            name,
            _folder: folder,
        }
    }

    pub fn open(&self) -> Db {
        Db::open(&self.target, 4).expect("the database opens")
    }

    /// The address, in the form of `DATABASE_URL`.
    pub fn url(&self) -> String {
        match (&self.target, &self.admin_url) {
            (Target::Sqlite(file), _) => format!("sqlite://{}", file.display()),
            (_, Some(admin_url)) => at(admin_url, &self.name),
            (Target::Postgres(url), None) => url.clone(),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(url) = &self.admin_url
            && let Ok(mut admin) = PgConnection::establish(url)
        {
            let _ = sql_query(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).execute(&mut admin);
        }
    }
}

fn execute(conn: &mut PgConnection, sql: &str) {
    sql_query(sql).execute(conn).unwrap_or_else(|why| panic!("{sql}: {why}"));
}

fn at(admin_url: &str, name: &str) -> String {
    let mut url: url::Url = admin_url.parse().expect("ROSTER_TEST_POSTGRES_URL is a URL");
    url.set_path(name);
    url.into()
}

/// Created under another name and renamed when complete, because each test runs in its own process.
fn sqlite_template() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = folder.join(format!("template-{}.db", version()));
    if !template.exists() {
        let fresh = folder.join(format!("fresh-{}.db", unique()));
        let db = Db::open(&Target::Sqlite(fresh.clone()), 1).expect("a template opens");
        db::migrate(&db).expect("migrations run");
        let whole = folder.join(format!("whole-{}.db", unique()));
        db::backup(&db, &whole).expect("a template is copied whole");
        drop(db);
        let _ = fs::remove_file(fresh);
        fs::rename(whole, &template).expect("a template is put in place");
    }
    template
}

fn postgres_template(admin: &mut PgConnection, admin_url: &str) -> String {
    let template = format!("roster_template_{}", version());
    // The lock ends with the connection, also if this test dies.
    execute(admin, "SELECT pg_advisory_lock(7)");
    let exists = sql_query(format!("SELECT 1 FROM pg_database WHERE datname = '{template}'"))
        .execute(admin)
        .expect("a list of databases")
        == 1;
    if !exists {
        let fresh = format!("roster_fresh_{}", unique());
        execute(admin, &format!("CREATE DATABASE {fresh}"));
        let db = Db::open(&Target::parse(&at(admin_url, &fresh)).expect("an address"), 1).expect("a template opens");
        db::migrate(&db).expect("migrations run");
        drop(db);
        execute(admin, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{fresh}'"));
        execute(admin, &format!("ALTER DATABASE {fresh} RENAME TO {template}"));
    }
    execute(admin, "SELECT pg_advisory_unlock(7)");
    template
}
