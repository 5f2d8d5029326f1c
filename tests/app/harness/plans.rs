//! The SQL statements that ran, and their query plans.

use super::is_postgres;
use chrono::DateTime;
use diesel::{
    RunQueryDsl,
    connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation},
    sql_query,
    sql_types::Text,
};
use roster::{db::Db, kit::Fault};
use std::{collections::BTreeSet, fmt::Write, sync::Mutex};

/// Statements that ran on connections opened after [`record`], each with its bound values.
static RUN: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Statements that connections prepared and kept.
static KEPT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
/// Those that were prepared since the last call of [`unprepared`].
static PREPARED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on, every new connection records the statements it runs.
pub fn record() {
    #[expect(clippy::unnecessary_wraps, reason = "the signature is diesel's")]
    fn recorder() -> Option<Box<dyn Instrumentation>> {
        Some(Box::new(|event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { query, .. } => RUN.lock().expect("the list").push(query.to_string()),
            InstrumentationEvent::CacheQuery { sql, .. } => {
                KEPT.lock().expect("the list").insert(sql.to_owned());
                PREPARED.lock().expect("the list").push(sql.to_owned());
            }
            _ => {}
        }))
    }
    set_default_instrumentation(recorder).expect("the recorder is in place");
}

/// A statement with placeholders, and with its values written into it.
pub struct Statement {
    pub shape: String,
    pub typed: String,
}

/// What ran since the last call.
pub fn taken() -> Vec<Statement> {
    let run = std::mem::take(&mut *RUN.lock().expect("the list"));
    run.iter().filter_map(|recorded| typed(recorded)).collect()
}

#[derive(diesel::QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "detail")]
    line: String,
}

#[derive(diesel::QueryableByName)]
struct PlanOfPostgres {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
}

/// Every statement that ran since the last call, transactions included, without bound values.
pub fn shapes() -> Vec<String> {
    let run = std::mem::take(&mut *RUN.lock().expect("the list"));
    let bare = |recorded: &String| recorded.split(" -- binds: ").next().unwrap_or_default().to_owned();
    run.iter().map(bare).collect()
}

/// The statements that were prepared since the last call: some were kept by their connection, the others never are.
pub fn unprepared() -> Vec<String> {
    let mut found = std::mem::take(&mut *PREPARED.lock().expect("the list"));
    let kept = KEPT.lock().expect("the list");
    let is_transaction =
        |shape: &String| ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"].iter().any(|verb| shape.starts_with(verb));
    found.extend(shapes().into_iter().filter(|shape| !is_transaction(shape) && !kept.contains(shape)));
    found
}

/// The engine's plan for a statement, one line for each step.
pub fn explain(db: &Db, statement: &str) -> Vec<String> {
    db.read_here(|conn| {
        Ok::<_, Fault>(if is_postgres() {
            let plan: Vec<PlanOfPostgres> = sql_query(format!("EXPLAIN {statement}")).load(conn)?;
            plan.into_iter().map(|plan| plan.line).collect()
        } else {
            let plan: Vec<Plan> = sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(conn)?;
            plan.into_iter().map(|plan| plan.line).collect()
        })
    })
    .unwrap_or_else(|why| panic!("{statement}: {why}"))
}

/// Writes the values in place of the placeholders. Statements that only insert rows need no plan.
fn typed(recorded: &str) -> Option<Statement> {
    let (sql, binds) = recorded.rsplit_once(" -- binds: ")?;
    let verb = sql.split_whitespace().next()?;
    if !matches!(verb, "SELECT" | "UPDATE" | "DELETE") {
        return None;
    }
    let values: Vec<String> = parts(binds.strip_prefix('[')?.strip_suffix(']')?).into_iter().map(literal).collect();
    let mut text = sql.to_owned();
    if text.contains('?') {
        let mut pieces = sql.split('?');
        text = String::from(pieces.next()?);
        for (piece, value) in pieces.zip(&values) {
            text.push_str(value);
            text.push_str(piece);
        }
    } else {
        for (at, value) in values.iter().enumerate().rev() {
            text = text.replace(&format!("${}", at + 1), value);
        }
    }
    Some(Statement { shape: sql.to_owned(), typed: text })
}

/// Splits at the commas outside of brackets and texts.
fn parts(list: &str) -> Vec<&str> {
    let (mut found, mut depth, mut begin, mut in_text, mut escaped) = (Vec::new(), 0, 0, false, false);
    for (at, c) in list.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '(' | '[' if !in_text => depth += 1,
            ')' | ']' if !in_text => depth -= 1,
            ',' if !in_text && depth == 0 => {
                found.push(list[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    let last = list[begin..].trim();
    if !last.is_empty() {
        found.push(last);
    }
    found
}

/// A value as diesel prints it, written as SQL.
fn literal(shown: &str) -> String {
    let bytes = |bytes: &[u8]| {
        let mut hex = String::new();
        for byte in bytes {
            let _ = write!(hex, "{byte:02x}");
        }
        if is_postgres() {
            format!("'\\x{hex}'::bytea")
        } else {
            format!("x'{hex}'")
        }
    };
    if let Some((name, inner)) = shown.strip_suffix(')').and_then(|shown| shown.split_once('(')) {
        return match name {
            "Some" => literal(inner),
            // No plan depends on the content of a document.
            "Json" => "'{}'".into(),
            "Timestamp" if is_postgres() => format!("'{inner}'::timestamptz"),
            "Timestamp" => DateTime::parse_from_rfc3339(inner).expect("an instant").timestamp_micros().to_string(),
            id if id.ends_with("Id") && is_postgres() => format!("'{inner}'::uuid"),
            id if id.ends_with("Id") => format!("x'{}'", inner.replace('-', "")),
            _ => panic!("{shown} cannot be typed"),
        };
    }
    if let Some(list) = shown.strip_prefix('[').and_then(|shown| shown.strip_suffix(']')) {
        let items = parts(list);
        let numbers: Option<Vec<u8>> = items.iter().map(|item| item.parse().ok()).collect();
        return match numbers {
            Some(numbers) if !numbers.is_empty() => bytes(&numbers),
            Some(_) => "'{}'".into(),
            None => format!("ARRAY[{}]", items.into_iter().map(literal).collect::<Vec<_>>().join(", ")),
        };
    }
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    match shown {
        "None" => "NULL".into(),
        "true" | "false" if is_postgres() => shown.into(),
        "true" => "1".into(),
        "false" => "0".into(),
        _ if shown.starts_with('"') => quoted(&serde_json::from_str::<String>(shown).expect("a text")),
        _ if shown.parse::<i64>().is_ok() => shown.into(),
        // `TeamAdministrator` stands for `team_administrator`.
        _ => {
            let mut text = String::new();
            for (at, c) in shown.char_indices() {
                if c.is_uppercase() && at > 0 {
                    text.push('_');
                }
                text.extend(c.to_lowercase());
            }
            quoted(&text)
        }
    }
}
