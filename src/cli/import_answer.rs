//! Output of an import at the command line: a line for each line of the file, and the totals.

use crate::{
    bulk::{self, Batch, Item, ItemState},
    db::{Conn, Db},
    imports::{Edit, Import, ImportFile, ImportMode, Labels, LineOutcome, Planned, ValidatedLine, Validator},
    kit::{BatchId, Fault, Scope, noun},
};
use std::{
    collections::BTreeMap,
    io::{BufWriter, Write},
};

/// A fault in words.
pub(super) fn said(fault: Fault) -> String {
    fault.to_string()
}

/// Prints one line: number, email, outcome and reason, separated by tabs. A reader such as `head` may close the pipe
/// early.
fn line(out: &mut impl Write, number: u64, email: &str, outcome: &str, why: &str) -> IsRead {
    writeln!(out, "{number}\t{email}\t{outcome}\t{why}").is_ok()
}

/// A number of lines: `1 line`, `3 lines`.
fn lines(count: usize) -> String {
    format!("{count} {}", noun(count, "line", "lines"))
}

fn edits(edits: &[Edit]) -> impl Iterator<Item = String> {
    edits.iter().map(|edit| format!("{}: {:?} becomes {:?}", edit.label(), edit.old, edit.new))
}

/// Whether the pipe is still open.
type IsRead = bool;

/// Prints what would become of each line. What it would give or change stands in the place of a reason.
pub(super) fn print_preview(db: &Db, scope: &Scope, (import, file): (&Import, &ImportFile), labels: &Labels) -> Result<(), String> {
    let written = db.read_here(|conn| write_preview(conn, scope, (import, file), labels)).map_err(said)?;
    if let Some(totals) = written {
        let count = totals.values().sum();
        let totals: Vec<String> = totals.into_iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        eprintln!("Nothing was done. {}: {}", lines(count), totals.join(", "));
    }
    Ok(())
}

type Totals = BTreeMap<&'static str, usize>;

fn write_preview(conn: &mut Conn, scope: &Scope, (import, file): (&Import, &ImportFile), labels: &Labels) -> Result<Option<Totals>, Fault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut totals, mut validator) = (Totals::new(), Validator::open(conn, scope, import, file)?);
    loop {
        let validated = validator.part(conn)?;
        if validated.is_empty() {
            return Ok(out.flush().is_ok().then_some(totals));
        }
        for one in &validated {
            if !write_line(&mut out, one, labels, &mut totals) {
                return Ok(None);
            }
        }
    }
}

fn write_line(out: &mut impl Write, one: &ValidatedLine, labels: &Labels, totals: &mut Totals) -> IsRead {
    let (outcome, why) = match &one.outcome {
        LineOutcome::Create => ("create", ""),
        LineOutcome::Invite => ("invite", ""),
        LineOutcome::InviteAgain => ("invite", "invited already"),
        LineOutcome::Update => ("change", ""),
        LineOutcome::NoChange => ("skip", "no change"),
        LineOutcome::AlreadyMember => ("skip", "already a member"),
        LineOutcome::AlreadyInvited => ("skip", "invited already"),
        LineOutcome::Refused(why) => ("refused", why.as_str()),
    };
    *totals.entry(outcome).or_default() += 1;
    let given = one.grants().map(|grants| labels.say(grants)).unwrap_or_default();
    let given = given.into_iter().map(|(what, names)| format!("{what}: {names}"));
    let all = [why.to_owned()].into_iter().chain(given).chain(edits(one.edits()));
    let all: Vec<String> = all.chain(one.remarks().iter().cloned()).filter(|text| !text.is_empty()).collect();
    line(out, one.line, &one.email, outcome, &all.join(", "))
}

/// Lines read from the database at once.
const PART: i64 = 1_000;

pub(super) fn tell(db: &Db, scope: &Scope, import: &Import, id: BatchId, batch: &Batch) -> Result<(), String> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let done = match import.way {
        ImportMode::Create => "created",
        ImportMode::Invite => "invited",
        ImportMode::Update => "changed",
    };
    let mut after = 0;
    loop {
        let items = db.read_here(|conn| bulk::items(conn, batch, None, after, PART)).map_err(said)?;
        let Some(last) = items.last() else { break };
        after = last.position;
        for item in &items {
            if !tell_one(&mut out, item, import.way, done) {
                return Ok(());
            }
        }
    }
    out.flush().map_err(|why| why.to_string())?;
    let same = if import.way == ImportMode::Update {
        "without a change"
    } else {
        "members already"
    };
    eprintln!(
        "{}: {} {done}, {} {same}, {} refused",
        lines(usize::try_from(batch.total).unwrap_or(0)),
        batch.done,
        batch.unchanged,
        batch.refused
    );
    let batch = db.read_here(|conn| bulk::find(conn, scope, id)).map_err(said)?;
    match batch.stopped_because.as_str() {
        "" => Ok(()),
        why => Err(format!("stopped: {why}")),
    }
}

fn tell_one(out: &mut impl Write, item: &Item, way: ImportMode, done: &str) -> IsRead {
    let planned = Planned::of(item);
    let number = planned.as_ref().map_or(0, |planned| planned.line);
    let outcome = match item.state {
        ItemState::Done => done,
        ItemState::Unchanged => "skip",
        ItemState::Refused => "refused",
        ItemState::Waiting => "not done",
    };
    let same = if way == ImportMode::Update {
        "no change"
    } else {
        "already a member"
    };
    let why = match item.state {
        ItemState::Unchanged if item.note.is_empty() => same,
        _ => &item.note,
    };
    let update = planned.and_then(|planned| planned.update);
    let changed: Vec<String> = edits(update.as_ref().map_or(&[], |update| &update.edits))
        .chain([why.to_owned()])
        .filter(|text| !text.is_empty())
        .collect();
    line(out, number, &item.email, outcome, &changed.join(", "))
}
