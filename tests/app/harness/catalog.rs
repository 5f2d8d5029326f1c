//! The objects of a database: tables, indexes, foreign keys, read from the engine's own catalog.

use super::is_postgres;
use diesel::{RunQueryDsl, sql_query, sql_types::Text};
use roster::{db::Db, kit::Fault};
use std::collections::{BTreeMap, BTreeSet};

/// The objects that the engine's catalog lists.
pub struct Catalog {
    /// Tables with their columns: `name type null`.
    pub tables: BTreeMap<String, Vec<String>>,
    pub indexes: Vec<Index>,
    pub foreign_keys: Vec<ForeignKey>,
    /// The name of every object of any kind.
    pub everything: Vec<String>,
}

pub struct Index {
    pub name: String,
    pub table: String,
    pub columns: Vec<String>,
    pub is_partial: bool,
}

pub struct ForeignKey {
    pub table: String,
    pub columns: Vec<String>,
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

const SQLITE_COLUMNS: &str = "SELECT t.name || '|' || c.name || ' ' || upper(c.type) || CASE WHEN c.\"notnull\" THEN ' not null' ELSE ' null' END AS line \
    FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' \
    AND t.name <> '__diesel_schema_migrations' ORDER BY t.name, c.cid";
const SQLITE_INDEXES: &str = "SELECT t.name || '|' || i.name || '|' || i.partial || '|' || c.name AS line FROM sqlite_schema t \
    JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c WHERE t.type = 'table' ORDER BY t.name, i.name, c.seqno";
const SQLITE_KEYS: &str = "SELECT t.name || '|' || k.id || '|' || k.\"from\" AS line FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) k \
    WHERE t.type = 'table' ORDER BY t.name, k.id, k.seq";
const SQLITE_CASCADES: &str = "SELECT t.name || '|' || k.\"table\" AS line FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) k \
    WHERE t.type = 'table' AND k.on_delete = 'CASCADE'";
const SQLITE_OBJECTS: &str = "SELECT type || ' ' || name AS line FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' \
    AND name <> '__diesel_schema_migrations' ORDER BY 1";

const POSTGRES_COLUMNS: &str = "SELECT table_name || '|' || column_name || ' ' || udt_name || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE ' null' END AS line \
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '__diesel_schema_migrations' ORDER BY table_name, ordinal_position";
const POSTGRES_INDEXES: &str = "SELECT t.relname || '|' || i.relname || '|' || CASE WHEN x.indpred IS NULL THEN 0 ELSE 1 END || '|' || a.attname AS line \
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
    CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number \
    WHERE t.relnamespace = 'public'::regnamespace ORDER BY t.relname, i.relname, k.place";
const POSTGRES_KEYS: &str = "SELECT t.relname || '|' || c.conname || '|' || a.attname AS line FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
    CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number \
    WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace ORDER BY t.relname, c.conname, k.place";
const POSTGRES_CASCADES: &str = "SELECT t.relname || '|' || p.relname AS line FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
    JOIN pg_class p ON p.oid = c.confrelid WHERE c.contype = 'f' AND c.confdeltype = 'c' AND t.relnamespace = 'public'::regnamespace";
// Objects that belong to an extension are left out.
const POSTGRES_OBJECTS: &str = "SELECT 'relation ' || relname AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_diesel%' \
    UNION ALL SELECT 'function ' || proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace \
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') \
    UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1";

/// What the catalog of the engine under test answers, line by line.
fn lines(db: &Db, sqlite: &str, postgres: &str) -> Vec<String> {
    let sql = if is_postgres() { postgres } else { sqlite };
    let lines: Vec<Line> = db
        .read_here(|conn| Ok::<_, Fault>(sql_query(sql).load(conn)?))
        .unwrap_or_else(|why| panic!("{sql}: {why}"));
    lines.into_iter().map(|line| line.line).collect()
}

impl Catalog {
    /// The tables whose rows are deleted with those of another table, each with that table.
    pub fn cascades(db: &Db) -> BTreeSet<(String, String)> {
        let lines = lines(db, SQLITE_CASCADES, POSTGRES_CASCADES);
        let pair = |line: String| line.split_once('|').map(|(child, parent)| (child.to_owned(), parent.to_owned()));
        lines.into_iter().filter_map(pair).collect()
    }

    pub fn read(db: &Db) -> Self {
        let lines = |sqlite: &str, postgres: &str| lines(db, sqlite, postgres);
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines(SQLITE_COLUMNS, POSTGRES_COLUMNS) {
            let (table, column) = line.split_once('|').expect("a table and a column");
            tables.entry(table.into()).or_default().push(column.into());
        }
        let mut indexes: Vec<Index> = Vec::new();
        for line in lines(SQLITE_INDEXES, POSTGRES_INDEXES) {
            let [table, name, partial, column] = line.split('|').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            match indexes.last_mut().filter(|last| last.name == name) {
                Some(last) => last.columns.push(column.into()),
                None => indexes.push(Index {
                    name: name.into(),
                    table: table.into(),
                    columns: vec![column.into()],
                    is_partial: partial == "1",
                }),
            }
        }
        let mut foreign_keys: Vec<ForeignKey> = Vec::new();
        let mut last = String::new();
        for line in lines(SQLITE_KEYS, POSTGRES_KEYS) {
            let (key, column) = line.rsplit_once('|').expect("a key and a column");
            let table = key.split('|').next().expect("a table");
            match foreign_keys.last_mut().filter(|_| last == key) {
                Some(same) => same.columns.push(column.into()),
                None => foreign_keys.push(ForeignKey { table: table.into(), columns: vec![column.into()] }),
            }
            key.clone_into(&mut last);
        }
        Self {
            tables,
            indexes,
            foreign_keys,
            everything: lines(SQLITE_OBJECTS, POSTGRES_OBJECTS),
        }
    }
}
