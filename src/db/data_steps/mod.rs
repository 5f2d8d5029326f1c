//! Data migrations that need the program's rules and cannot be written in SQL, such as the folding of names. They run
//! after the schema migrations, in order, each once and in its own transaction.
//!
//! A step reports in plain sentences what it could not decide; they go to the log for the operator. A step never merges
//! two people.

mod folds;
mod mailboxes;
mod proofs;
mod searching;

use super::{
    Conn, Tx,
    conn::{Failed, transact},
    schema::data_steps,
};
use crate::kit::Fault;
use diesel::prelude::*;

/// Changes data, and returns what the operator must know or decide.
type Work = fn(&mut Tx<'_>) -> Result<Vec<String>, Fault>;

/// All steps, oldest first. A name never changes, and a released step never runs again.
const STEPS: [(&str, Work); 5] = [
    ("mailboxes", mailboxes::run),
    ("proofs", proofs::run),
    ("folds", folds::run),
    // After the steps above, because it computes keys from what they have changed.
    ("searching", searching::run),
    // Once more: lists of teams, roles and policies are sorted by the letters that people type.
    ("list_keys", folds::run),
];

/// Runs the steps that have not run yet. A step that fails is rolled back.
pub(super) fn run(conn: &mut Conn) -> Result<(), Fault> {
    for (name, work) in STEPS {
        let sentences = transact(conn, &mut |tx| once(tx, name, work)).map_err(|failed| match failed {
            Failed::ToBegin(fault) | Failed::Inside(fault) => fault,
        })?;
        for sentence in sentences {
            tracing::warn!(step = name, "{sentence}");
        }
    }
    Ok(())
}

fn once(tx: &mut Tx<'_>, name: &str, work: Work) -> Result<Vec<String>, Fault> {
    let done: i64 = data_steps::table.find(name).count().get_result(tx.conn())?;
    if done > 0 {
        return Ok(vec![]);
    }
    let sentences = work(tx)?;
    diesel::insert_into(data_steps::table).values(data_steps::name.eq(name)).execute(tx.conn())?;
    Ok(sentences)
}
