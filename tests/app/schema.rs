//! The schema: the result of the migrations of the engine under test, compared with `src/db/schema.rs`. Both engines
//! are compared with the same file, so if both pass they agree.

use crate::harness::{Database, TestApp, assert_none, catalog::Catalog, files, is_postgres};
use roster::{
    db::{self, Db},
    kit::Fault,
};
use std::collections::BTreeMap;

/// Tables without an organization column, or with an optional one, and why.
const BEYOND_ORGANIZATIONS: [(&str, &str); 15] = [
    ("data_steps", "what the program did once to all of the data"),
    ("deployment", "one row for all"),
    ("drafts", "a person types on a page, whose address names the organization"),
    ("jobs", "left before anybody is known"),
    ("links", "set-up and reset links are a deployment's and a person's"),
    ("organizations", "the organization itself"),
    ("outbox", "letters about a password are a person's; the worker walks all"),
    ("passkeys", "a person has them, wherever they belong"),
    ("passwords", "a person has one, wherever they belong"),
    ("recovery_codes", "a person has them, wherever they belong"),
    ("sessions", "a person is signed in once, wherever they belong"),
    ("throttles", "attempts are counted before anybody is known"),
    ("totps", "a person has one, wherever they belong"),
    ("user_names", "unique in the deployment"),
    ("users", "an identity is the deployment's"),
];

/// Indexes of an organization's tables that do not begin with the organization, and why.
const OTHER_INDEXES: [(&str, &str); 24] = [
    ("access_requests_by_age", "one worker closes what lapses for every organization"),
    ("access_requests_leaving", "one worker ends memberships for every organization"),
    ("access_reviews_by_end", "one worker closes for every organization"),
    ("batches_running", "anyone who has time works for every organization; few batches are under way"),
    ("batches_by_token", "answers the foreign key to tokens"),
    ("connection_keys_ending", "one worker warns for every organization"),
    ("domains_by_connection", "answers the foreign key to connections"),
    ("domains_due", "one worker checks for every organization"),
    (
        "domains_verified",
        "a verified domain is unique in the deployment, and visitors name no organization",
    ),
    ("idempotency_keys_by_begin", "old keys are removed for every organization"),
    ("identities_by_user", "anyone who signs in is looked for in every organization"),
    ("saml_seen_by_end", "old assertions are removed for every organization"),
    ("sso_arrivals_by_end", "old answers are removed for every organization"),
    ("sso_attempts_by_age", "old attempts are removed for every organization"),
    ("invitations_by_letter", "answers the foreign key to the outbox"),
    (
        "members_by_search",
        "a GIN index of three-letter pieces takes no leading uuid without another extension",
    ),
    ("members_by_user", "anyone who signs in is looked for in every organization"),
    ("provisioning_calls_by_age", "old calls are removed for every organization"),
    ("token_use_days_by_day", "old days are removed for every organization"),
    ("tokens_by_digest", "a token says all there is to say: it names no organization"),
    ("tokens_by_old_digest", "as tokens_by_digest"),
    ("tokens_expiring", "one worker warns for every organization"),
    ("webhook_deliveries_by_age", "old deliveries are removed for every organization"),
    ("webhook_deliveries_due", "one worker sends for every organization"),
];

/// How SQLite and PostgreSQL name this type of `src/db/schema.rs`.
fn native(diesel: &str) -> (&'static str, &'static str) {
    match diesel {
        "BigInt" => ("INTEGER", "int8"),
        "Bool" => ("INTEGER", "bool"),
        "Binary" => ("BLOB", "bytea"),
        "Text" => ("TEXT", "text"),
        "JsonSql" => ("TEXT", "jsonb"),
        "UtcSql" => ("INTEGER", "timestamptz"),
        "UuidSql" => ("BLOB", "uuid"),
        other => panic!("{other} is not known to this test"),
    }
}

/// The tables and columns in `src/db/schema.rs`: `name type null`.
fn written() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string("src/db/schema.rs").expect("the schema");
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let bare = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let (sqlite, postgres) = native(bare.unwrap_or(kind));
            let kind = if is_postgres() { postgres } else { sqlite };
            let is_null = if bare.is_some() { "null" } else { "not null" };
            tables.entry(table.clone()).or_default().push(format!("{column} {kind} {is_null}"));
        } else if let Some((name, _)) = line.strip_suffix(" {").and_then(|line| line.split_once(" (")) {
            name.clone_into(&mut table);
        }
    }
    tables
}

fn migrated() -> (Database, Db, Catalog) {
    let database = Database::blank();
    let db = database.open();
    db::migrate(&db).expect("migrations run");
    let catalog = Catalog::read(&db);
    (database, db, catalog)
}

#[test]
fn the_program_and_the_database_know_the_same_tables_and_columns() {
    let (_database, _db, mut catalog) = migrated();
    if !is_postgres() {
        // SQLite's full-text index refers to rows by number, and has tables of its own.
        let columns = catalog.tables.get_mut("members").expect("members");
        columns.retain(|column| column != "seq INTEGER null");
        catalog.tables.retain(|name, _| !name.starts_with("members_fts"));
    }
    // The order of columns does not matter: a migration that adds one adds it at the end.
    let sorted = |mut tables: BTreeMap<String, Vec<String>>| {
        for columns in tables.values_mut() {
            columns.sort();
        }
        tables
    };
    assert_eq!(sorted(catalog.tables), sorted(written()));
}

#[test]
fn a_step_back_leaves_nothing_and_a_step_forward_everything() {
    let (_database, db, before) = migrated();
    let steps = db::revert_all(&db).expect("steps back");
    assert!(steps > 0);
    assert_eq!(Catalog::read(&db).everything, Vec::<String>::new());
    assert_eq!(db::migrate(&db).expect("steps forward"), steps);
    assert_eq!(Catalog::read(&db).everything, before.everything);
    assert_eq!(db::migrate(&db).expect("nothing to do"), 0);
}

#[test]
fn what_an_organization_has_is_found_by_the_organization_first() {
    let (_database, _db, catalog) = migrated();
    let mut wrong = Vec::new();
    for (table, columns) in &catalog.tables {
        if table.starts_with("members_fts") || BEYOND_ORGANIZATIONS.iter().any(|(known, _)| known == table) {
            continue;
        }
        if !columns.iter().any(|column| column.starts_with("organization_id ") && column.ends_with(" not null")) {
            wrong.push(format!("{table} has no organization"));
        }
        for index in catalog.indexes.iter().filter(|index| index.table == *table) {
            let is_exempt = OTHER_INDEXES.iter().any(|(known, _)| *known == index.name);
            if index.columns[0] != "organization_id" && index.columns != ["id"] && !is_exempt {
                wrong.push(format!("{} on {table} leads with {}", index.name, index.columns[0]));
            }
        }
    }
    assert_none("tables of an organization carry it and lead with it", wrong);
}

#[test]
fn every_foreign_key_is_answered_by_an_index() {
    let (_database, _db, catalog) = migrated();
    assert!(catalog.foreign_keys.len() > 20, "only {} foreign keys were seen", catalog.foreign_keys.len());
    let mut wrong = Vec::new();
    for key in &catalog.foreign_keys {
        let mut columns = key.columns.clone();
        columns.sort();
        let is_answered = catalog.indexes.iter().filter(|index| index.table == key.table).any(|index| {
            let mut lead: Vec<String> = index.columns.iter().take(columns.len()).cloned().collect();
            lead.sort();
            lead == columns && !index.is_partial
        });
        if !is_answered {
            wrong.push(format!("{} ({})", key.table, key.columns.join(", ")));
        }
    }
    assert_none("without an index every deletion reads the whole table", wrong);
}

#[test]
fn tables_of_sqlite_are_strict() {
    // PostgreSQL is always strict.
    for file in files("migrations/sqlite", "up.sql") {
        for statement in file.text.split("\nCREATE TABLE ").skip(1) {
            let (table, _) = statement.split_once(";\n").expect("a statement ends");
            let is_strict = table.trim_end().trim_end_matches(", WITHOUT ROWID").ends_with("STRICT");
            assert!(is_strict, "{}: {table}", file.path);
        }
    }
}

#[actix_web::test]
async fn audit_events_are_neither_changed_nor_deleted() {
    let app = TestApp::start().await;
    app.administrator("Ada").await;
    let events = "SELECT count(*) FROM audit_events WHERE action = 'organization.founded'";
    assert_eq!(app.count(events), 1);
    let mut attempts = vec![
        "UPDATE audit_events SET actor_name = 'Nobody'",
        "DELETE FROM audit_events",
        "DELETE FROM organizations",
    ];
    if is_postgres() {
        attempts.extend([
            "TRUNCATE audit_events",
            "TRUNCATE organizations CASCADE",
            "INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (id) DO UPDATE SET actor_name = 'Nobody'",
        ]);
    } else {
        attempts.extend([
            "REPLACE INTO audit_events SELECT * FROM audit_events",
            "INSERT INTO audit_events SELECT * FROM audit_events WHERE true ON CONFLICT (id) DO UPDATE SET actor_name = 'Nobody'",
        ]);
    }
    for attempt in attempts {
        let done = app.db.write_here(|tx| Ok::<_, Fault>(tx.conn().run(attempt)?));
        assert!(done.is_err(), "{attempt} worked");
    }
    assert_eq!(app.count(events), 1);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE actor_name = 'Nobody'"), 0);
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let (_database, db, _) = migrated();
    db.write_here(|tx| Ok::<_, Fault>(tx.conn().run("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')")?))
        .expect("a step of the future");
    let why = db::migrate(&db).expect_err("it is refused").to_string();
    assert!(why.contains("newer Roster (step 29991231000000)"), "{why}");
}

#[test]
fn several_processes_may_migrate_at_once() {
    let database = Database::blank();
    let folder = tempfile::tempdir().expect("a folder");
    let mut starts: Vec<_> = (0..6)
        .map(|_| {
            std::process::Command::new(env!("CARGO_BIN_EXE_roster"))
                .arg("migrate")
                .env("DATABASE_URL", database.url())
                .env("ROSTER_DATA_DIR", folder.path())
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .expect("the program starts")
        })
        .collect();
    for start in starts.drain(..) {
        let done = start.wait_with_output().expect("it ends");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let db = database.open();
    assert_eq!(db::migrate(&db).expect("nothing is left to do"), 0);
    assert_eq!(Catalog::read(&db).everything, migrated().2.everything);
}
