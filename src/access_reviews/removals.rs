//! Removes what a closed review removes: a batch, which calls the operation behind the button for one member.

use super::{
    model::{AccessReview, LineOutcome, ReviewLine},
    store::{self, Sight, in_review, is_review},
};
use crate::{
    bulk::{Batch, BatchJob, Item, ItemResult, ItemState},
    db::{
        Among, Tx,
        schema::{access_review_lines, access_reviews},
    },
    kit::{AccessReviewId, Fault, MemberId, MemberKind, OperationResult, Scope, Timestamp},
    members::{self, Outcome},
};
use diesel::prelude::*;
use serde::Deserialize;
use std::collections::HashMap;

/// Removes what reviews remove.
pub struct Removals;

/// The action of such a batch.
#[derive(Deserialize)]
struct Action {
    review: AccessReviewId,
}

/// The line of an item.
#[derive(Deserialize)]
struct Place {
    position: i64,
}

impl Removals {
    /// The kind of its batches.
    pub const KIND: &'static str = "access_review";
}

fn position(item: &Item) -> Result<i64, Fault> {
    let payload = item.payload.clone().ok_or_else(|| Fault::broken("an item without a line"))?;
    Ok(serde_json::from_value::<Place>(payload.0).map_err(Fault::broken)?.position)
}

impl BatchJob for Removals {
    fn run(&self, tx: &mut Tx<'_>, scope: &Scope, batch: &Batch, items: &[Item]) -> Result<Vec<ItemResult>, Fault> {
        let Action { review } = serde_json::from_value(batch.action.0.clone()).map_err(Fault::broken)?;
        let review = store::find(tx, scope.organization, review)?;
        let positions: Vec<i64> = items.iter().map(position).collect::<Result<_, _>>()?;
        let lines = store::lines_at(tx, &review, &Sight::All, &positions)?;
        let mut results: HashMap<i64, ItemResult> = HashMap::new();
        for kind in MemberKind::ALL {
            let some: Vec<&ReviewLine> = lines.iter().filter(|line| line.kind == kind).collect();
            remove(tx, scope, &review, kind, &some, &mut results)?;
        }
        record(tx, &review, scope.now(), &results)?;
        let gone = || ItemResult::refused(members::Refusal::Gone);
        Ok(positions.iter().map(|position| results.remove(position).unwrap_or_else(gone)).collect())
    }
}

/// Makes the change for the members of one kind.
fn remove(
    tx: &mut Tx<'_>,
    scope: &Scope,
    review: &AccessReview,
    kind: MemberKind,
    lines: &[&ReviewLine],
    results: &mut HashMap<i64, ItemResult>,
) -> Result<(), Fault> {
    if lines.is_empty() {
        return Ok(());
    }
    let ids: Vec<MemberId> = lines.iter().map(|line| line.member_id).collect();
    let answers = match members::change(tx, scope, kind, &review.change()?, &ids).refused()? {
        Ok(answers) => answers,
        Err(refusal) => {
            results.extend(lines.iter().map(|line| (line.position, ItemResult::refused(&refusal))));
            return Ok(());
        }
    };
    for (line, answer) in lines.iter().zip(answers) {
        let result = match answer.outcome {
            Outcome::Done { .. } => ItemResult::done(),
            Outcome::Unchanged => ItemResult::unchanged(),
            Outcome::Refused(refusal) => ItemResult::refused(refusal),
        };
        results.insert(line.position, result);
    }
    Ok(())
}

/// Writes what became of the lines; those with the same result share a statement.
fn record(tx: &mut Tx<'_>, review: &AccessReview, now: Timestamp, results: &HashMap<i64, ItemResult>) -> Result<(), Fault> {
    let mut groups: HashMap<(LineOutcome, &str), Vec<i64>> = HashMap::new();
    for (position, result) in results {
        let key = match result.state {
            ItemState::Refused => (LineOutcome::Failed, result.note.as_str()),
            ItemState::Unchanged => (LineOutcome::Done, "They did not have it any more."),
            ItemState::Done | ItemState::Waiting => (LineOutcome::Done, ""),
        };
        groups.entry(key).or_default().push(*position);
    }
    let (mut done, mut failed) = (0, 0);
    for ((outcome, note), positions) in groups {
        let many = i64::try_from(positions.len()).unwrap_or(i64::MAX);
        match outcome {
            LineOutcome::Failed => failed += many,
            LineOutcome::Done | LineOutcome::Waiting => done += many,
        }
        let rows = access_review_lines::table
            .filter(in_review!(review))
            .filter(access_review_lines::position.among(positions));
        let set = (
            access_review_lines::outcome.eq(Some(outcome)),
            access_review_lines::outcome_at.eq(Some(now)),
            access_review_lines::note.eq(note),
        );
        diesel::update(rows).set(set).execute(tx.conn())?;
    }
    let row = access_reviews::table.filter(is_review!(review));
    diesel::update(row)
        .set((
            access_reviews::done.eq(access_reviews::done + done),
            access_reviews::failed.eq(access_reviews::failed + failed),
        ))
        .execute(tx.conn())?;
    Ok(())
}
