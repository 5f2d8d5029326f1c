//! Steps that change data by rules which the program knows and SQL does not, such as how names are folded. They run after
//! the migrations, in order, each once and in a transaction of its own.
//!
//! A step says in plain sentences what it could not decide; they go to the log, for the operator. It never makes one person
//! of two.

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

/// Changes data, and returns what the operator has to know or to decide.
type Work = fn(&mut Tx<'_>) -> Result<Vec<String>, Fault>;

/// All steps, the oldest first. A name never changes, and a step that was released never runs again.
const STEPS: [(&str, Work); 4] = [
    ("mailboxes", mailboxes::run),
    ("proofs", proofs::run),
    ("folds", folds::run),
    // Last: it makes anew what the others leave as the program would write it.
    ("searching", searching::run),
];

/// Runs the steps that have not run yet.
///
/// # Errors
/// What the engine says; the step is undone then.
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
    diesel::insert_into(data_steps::table)
        .values(data_steps::name.eq(name))
        .execute(tx.conn())?;
    Ok(sentences)
}
