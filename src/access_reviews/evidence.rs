//! The evidence of a review as CSV: who decided what and when, and what became of it. Streamed in parts.

use super::{
    model::{AccessReview, Decision, LineOutcome, ReviewLine},
    opening::see_to_close,
    store::{self, Sight},
};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{AccessReviewId, Fault, Scope, Timestamp},
    members,
    web::csv,
};

/// Lines read in one query.
const PART: i64 = 1_000;

const COLUMNS: [&str; 18] = [
    "member",
    "email",
    "member_id",
    "kind",
    "access",
    "through",
    "since",
    "until",
    "decision",
    "reason",
    "decided_by",
    "decided_by_id",
    "decided_at",
    "in_effect",
    "outcome",
    "outcome_at",
    "note",
    "line",
];

/// An export in progress.
#[derive(Clone)]
pub struct Evidence {
    review: AccessReview,
    after: i64,
}

impl Evidence {
    /// Begins the export, and records that in the audit trail.
    ///
    /// # Errors
    /// [`Fault::Missing`], or [`Fault::Denied`] for reviewers who may not close it.
    pub fn begin(tx: &mut Tx<'_>, scope: &Scope, id: AccessReviewId) -> Result<Self, Fault> {
        let scope = &members::reauthorize(tx, scope)?;
        let review = see_to_close(tx, scope, id)?;
        audit::record(tx, scope, Event::new("access_review.exported", "access_review", id.0, &review.name))?;
        Ok(Self { review, after: 0 })
    }

    /// The next lines, and the position after them.
    pub fn part(&self, conn: &mut Conn) -> Result<(Vec<u8>, Option<Self>), Fault> {
        let found = store::lines(conn, &self.review, &Sight::All, None, self.after, PART)?;
        let mut text = Vec::new();
        if self.after == 0 {
            text.extend_from_slice(csv::MARK.as_bytes());
        }
        let mut lines = csv::Lines::new(&mut text);
        if self.after == 0 {
            lines.line(COLUMNS)?;
        }
        for line in &found {
            lines.line(cells(&self.review, line).iter().map(String::as_str))?;
        }
        drop(lines);
        let is_last = i64::try_from(found.len()).is_ok_and(|many| many < PART);
        let next = found.last().filter(|_| !is_last).map(|last| Self { after: last.position, ..self.clone() });
        Ok((text, next))
    }
}

fn cells(review: &AccessReview, line: &ReviewLine) -> [String; 18] {
    let at = |at: Option<Timestamp>| at.map(Timestamp::iso).unwrap_or_default();
    let decision = |decision: Option<Decision>| decision.map(Decision::as_str).unwrap_or_default().to_owned();
    [
        line.name.clone(),
        line.email.clone(),
        line.member_id.to_string(),
        line.kind.as_str().into(),
        review.told(),
        line.team.clone(),
        at(line.since_at),
        at(line.ends_at),
        decision(line.decision),
        line.reason.clone(),
        line.decided_by_name.clone(),
        line.decided_by.map(|id| id.to_string()).unwrap_or_default(),
        at(line.decided_at),
        decision(line.in_effect(review)),
        line.outcome.map(LineOutcome::as_str).unwrap_or_default().into(),
        at(line.outcome_at),
        line.note.clone(),
        line.position.to_string(),
    ]
}
