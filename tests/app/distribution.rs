//! A database that is distributed by organization: the catalogue of PostgreSQL, after `src/db/distribution/keys.sql`, keeps
//! the rules of Citus for the tables as `citus.sql` places them. Citus itself does not run here.

use crate::harness::{Database, TestApp, assert_none, is_postgres};
use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use roster::{
    connections::Provisioning,
    db::{self, Db},
    kit::Fault,
};
use std::collections::{BTreeMap, BTreeSet};

/// The tables that `citus.sql` names, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// By `organization_id`.
    Distributed,
    /// Whole on every node.
    Reference,
}

/// Tables with an organization in each row that are not distributed by it, and why.
const NOT_DISTRIBUTED: [(&str, &str); 1] = [("domains", "a verified domain is unique in the deployment")];

/// What `keys.sql` changes: unique keys of organizations' tables without the organization, and why they are not needed.
const REPLACED_KEYS: [(&str, &str); 2] = [
    ("_pkey", "ids are UUIDv7, which no two rows share"),
    ("tokens_by_", "digests of 256 random bits, which no two tokens share"),
];

/// What `keys.sql` drops: foreign keys that cross the border, and what the program does without them.
const DROPPED: [(&str, &str); 4] = [
    ("batches_token_id_fkey", "a token goes only with its member; a batch whose token is gone stops"),
    ("domains_connection_id_fkey", "a domain whose connection is gone leads nobody anywhere"),
    ("links_organization_id_invitation_id_fkey", "a link whose invitation is gone opens nothing"),
    ("sessions_identity_id_fkey", "a session whose identity is gone has ended"),
];

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(db: &Db, sql: &str) -> Vec<Vec<String>> {
    let found: Vec<Line> = db
        .read_here(|conn| Ok::<_, Fault>(sql_query(sql).load(conn)?))
        .unwrap_or_else(|why| panic!("{sql}: {why}"));
    found.iter().map(|found| found.line.split('|').map(str::to_owned).collect()).collect()
}

const TABLES: &str = "SELECT c.relname || '|' || coalesce((SELECT a.attnotnull::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id'), '') AS line \
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1";
/// Unique indexes, with those of primary keys and constraints: table, name, columns.
const UNIQUE: &str = "SELECT t.relname || '|' || i.relname || '|' || (SELECT string_agg(coalesce(a.attname, '?'), ',' ORDER BY k.place) \
    FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (number, place) LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) AS line \
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
    WHERE t.relnamespace = 'public'::regnamespace AND (x.indisunique OR x.indisexclusion) ORDER BY 1";
/// Foreign keys: name, table, where the organization stands in it, table that it refers to, where the organization stands
/// there, what happens there on deletion and on change.
const FOREIGN: &str = "SELECT c.conname || '|' || t.relname || '|' || coalesce(array_position(c.conkey, o.attnum)::text, '') || '|' || r.relname || '|' \
    || coalesce(array_position(c.confkey, p.attnum)::text, '') || '|' || c.confdeltype::text || '|' || c.confupdtype::text AS line \
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
    LEFT JOIN pg_attribute o ON o.attrelid = t.oid AND o.attname = 'organization_id' \
    LEFT JOIN pg_attribute p ON p.attrelid = r.oid AND p.attname = 'organization_id' \
    WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace ORDER BY 1";
/// Triggers: table, name, the text of the function, the texts of functions of ours that it names.
const TRIGGERS: &str = "SELECT t.relname || '|' || g.tgname || '|' || replace(f.prosrc, '|', ' ') || ' ' || coalesce((SELECT string_agg(replace(h.prosrc, '|', ' '), ' ') \
    FROM pg_proc h WHERE h.pronamespace = 'public'::regnamespace AND h.oid <> f.oid AND position(h.proname || '(' IN f.prosrc) > 0), '') AS line \
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_proc f ON f.oid = g.tgfoid WHERE NOT g.tgisinternal ORDER BY 1";

fn read(file: &str) -> String {
    std::fs::read_to_string(format!("src/db/distribution/{file}")).expect("the file")
}

/// Where `citus.sql` places each table.
fn places() -> BTreeMap<String, Place> {
    let text = read("citus.sql");
    let listed = |list: &str, place: Place| -> Vec<(String, Place)> {
        let (_, values) = text.split_once(&format!("INSERT INTO {list} VALUES\n")).expect("the list");
        let (values, _) = values.split_once(';').expect("its end");
        values
            .split(',')
            .map(|value| (value.trim().trim_matches(['(', ')', '\'']).to_owned(), place))
            .collect()
    };
    let all = [listed("distributed", Place::Distributed), listed("reference", Place::Reference)].concat();
    let places: BTreeMap<_, _> = all.iter().cloned().collect();
    assert_eq!(places.len(), all.len(), "each table is placed once");
    places
}

/// The unique and foreign keys that break a rule, each with the rule.
fn violations(db: &Db) -> BTreeMap<String, String> {
    let places = places();
    let place = |table: &str| places.get(table).copied();
    let mut wrong = BTreeMap::new();
    for row in lines(db, UNIQUE) {
        let [table, name, columns] = &row[..] else { panic!("{row:?}") };
        if place(table) == Some(Place::Distributed) && !columns.split(',').any(|column| column == "organization_id") {
            wrong.insert(name.clone(), format!("{table} ({columns}) is unique without the organization"));
        }
    }
    for row in lines(db, FOREIGN) {
        let [name, from, here, to, there, deletion, change] = &row[..] else {
            panic!("{row:?}")
        };
        let rule = match (place(from), place(to)) {
            (Some(Place::Distributed), Some(Place::Distributed)) if here.is_empty() || here != there => {
                "does not lead to the same organization"
            }
            (Some(Place::Distributed), None) => "leads to a table that is on one node",
            // Citus changes no distribution column, not even to nothing.
            (Some(Place::Distributed), Some(_)) if !here.is_empty() && (deletion == "n" || deletion == "d" || change != "a") => {
                "would change the organization"
            }
            (Some(Place::Reference) | None, Some(Place::Distributed)) => "leads from outside into a table of organizations",
            (Some(Place::Reference), None) if deletion != "a" => "changes copies from a table that is on one node",
            _ => continue,
        };
        wrong.insert(name.clone(), format!("{from} to {to}: {rule}"));
    }
    wrong
}

fn prepare(db: &Db) {
    let keys = read("keys.sql");
    let text = keys.replace("BEGIN;", "").replace("COMMIT;", "");
    db.write_here(|tx| Ok::<_, Fault>(tx.conn().batch_execute(&text)?)).expect("keys.sql runs");
}

fn migrated() -> Option<(Database, Db)> {
    let database = is_postgres().then(Database::create)?;
    let db = database.open();
    assert_eq!(db::migrate(&db).expect("it is migrated"), 0);
    Some((database, db))
}

#[test]
fn every_table_of_organizations_is_distributed_by_the_organization() {
    let Some((_database, db)) = migrated() else { return };
    let places = places();
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    for row in lines(&db, TABLES) {
        let (table, is_of_organization) = (&row[0], row[1] == "true");
        known.insert(table.clone());
        let is_exempt = NOT_DISTRIBUTED.iter().any(|(exempt, _)| exempt == table);
        if is_of_organization != (places.get(table) == Some(&Place::Distributed)) && !is_exempt {
            wrong.push(table.clone());
        }
    }
    wrong.extend(places.keys().filter(|table| !known.contains(*table)).cloned());
    assert_none("citus.sql distributes exactly what has an organization in each row", wrong);
}

#[test]
fn unique_and_foreign_keys_allow_distribution_by_organization() {
    let Some((_database, db)) = migrated() else { return };
    let before = violations(&db);
    for (name, rule) in &before {
        let is_explained = DROPPED.iter().any(|(dropped, _)| dropped == name) || {
            let is_replaced = |(part, _): &(&str, &str)| name.contains(part);
            rule.contains("unique") && REPLACED_KEYS.iter().any(is_replaced)
        };
        assert!(is_explained, "{name}, {rule}");
    }
    for (dropped, _) in DROPPED {
        assert!(before.contains_key(dropped), "{dropped} is in nobody's way");
    }
    prepare(&db);
    let left = violations(&db).into_iter().map(|(name, rule)| format!("{name}: {rule}")).collect();
    assert_none("after keys.sql every key allows distribution by organization", left);
}

#[test]
fn triggers_write_only_tables_that_are_distributed_with_their_own() {
    let Some((_database, db)) = migrated() else { return };
    let places = places();
    let tables: BTreeSet<String> = lines(&db, TABLES).into_iter().map(|row| row[0].clone()).collect();
    let rows = lines(&db, TRIGGERS);
    assert!(rows.len() > 10, "only {} triggers were seen", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let [table, name, body] = &row[..] else { panic!("{row:?}") };
        if places.get(table) != Some(&Place::Distributed) {
            wrong.push(format!("{name} is on {table}, which is not distributed"));
        }
        let words: Vec<&str> = body.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
        for (at, word) in words.iter().enumerate().filter(|(_, word)| tables.contains(**word)) {
            let is_written = at > 0 && matches!(words[at - 1], "INTO" | "UPDATE") || at > 1 && words[at - 2..at] == ["DELETE", "FROM"];
            match places.get(*word) {
                Some(Place::Distributed) => {}
                Some(Place::Reference) if !is_written => {}
                _ => wrong.push(format!("{name} on {table} uses {word}")),
            }
        }
    }
    assert_none("what triggers touch is in a shard of the same node", wrong);
}

#[actix_web::test]
async fn a_session_ends_with_its_identity_also_without_the_foreign_key() {
    if !is_postgres() {
        return;
    }
    let app = TestApp::start_with_providers().await;
    prepare(&app.db);
    let ada = app.administrator("Ada").await;
    let provider = app.provider();
    let connection = app.connect(ada.organization(), &provider, Provisioning::Anyone);
    provider.person("1", "grace@acme.example");
    let grace = app.visitor();
    grace.sign_in_through(connection, &provider).await.assert_sees("User Directory");
    let id = ada.member("grace@acme.example").await;
    ada.get(&format!("/users/{id}")).await;
    ada.submit("Disconnect", &[]).await.assert_sees("its sessions");
    grace.get("/users").await.assert_misses("User Directory");
}

#[actix_web::test]
async fn a_cancelled_invitation_opens_nothing_also_without_the_foreign_key() {
    if !is_postgres() {
        return;
    }
    let app = TestApp::start().await;
    prepare(&app.db);
    let ada = app.administrator("Ada").await;
    ada.invite("grace@example.org", "User").await;
    let letter = app.inbox("grace@example.org");
    app.execute("DELETE FROM invitations WHERE id IS NOT NULL");
    assert_eq!(app.count("SELECT count(*) FROM links WHERE kind = 'invitation'"), 1);
    let grace = app.visitor();
    let page = grace.get(&letter.link()).await;
    assert!((400..500).contains(&page.status), "{}", page.status);
}
