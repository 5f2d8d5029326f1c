//! Decisions on lines: many at once, each line judged by itself.

use super::{
    model::{AccessReview, Decided, Decision, LineRefusal, NewDecision, ReviewLine, ReviewRefusal, Which},
    opening::{Seen, see},
    store::{self, Sight, in_review, people_of},
};
use crate::{
    audit::{self, Event},
    db::{
        Among, Tx,
        schema::{access_review_lines, team_members},
    },
    kit::{AccessReviewId, Fault, MemberId, OperationError, Scope},
    members,
};
use diesel::{IntoSql, prelude::*, sql_types::Bool};
use serde_json::json;

/// The columns of a decision.
macro_rules! decision {
    ($scope:expr, $wanted:expr) => {
        (
            access_review_lines::decision.eq(Some($wanted.decision)),
            access_review_lines::reason.eq(&$wanted.reason),
            access_review_lines::decided_at.eq(Some($scope.now())),
            access_review_lines::decided_by.eq($scope.actor.member_id()),
            access_review_lines::decided_by_name.eq($scope.actor.name()),
            access_review_lines::version.eq(access_review_lines::version + 1),
        )
    };
}

/// Decides on lines. Until the review is closed, a line can be decided again by anyone who saw the decision.
///
/// # Errors
/// [`ReviewRefusal::Closed`], or [`Fault::Missing`] for a caller who does not see the review.
pub fn decide(tx: &mut Tx<'_>, scope: &Scope, id: AccessReviewId, wanted: &NewDecision) -> Result<Decided, OperationError<ReviewRefusal>> {
    // Of two reviewers who decide on the same line at once, the second waits for this lock.
    let scope = &members::reauthorize(tx, scope)?;
    let Seen { review, sight, .. } = see(tx, scope, id)?;
    if !review.is_open(scope.now()) {
        return Err(OperationError::Refused(ReviewRefusal::Closed));
    }
    let decided = match &wanted.which {
        Which::Lines(lines) => named(tx, scope, &review, &sight, wanted, lines)?,
        Which::Undecided => undecided(tx, scope, &review, &sight, wanted)?,
    };
    if decided.decided > 0 {
        let facts = json!({ "decision": wanted.decision.as_str(), "reason": wanted.reason, "lines": decided.decided });
        let event = Event::new("access_review.decided", "access_review", id.0, &review.name).after(facts);
        audit::record(tx, scope, event)?;
    }
    Ok(decided)
}

/// Why the caller cannot decide so on a line.
pub(super) fn why_not(scope: &Scope, line: &ReviewLine, decision: Decision) -> Option<LineRefusal> {
    if scope.is_me(line.member_id) {
        return Some(LineRefusal::Yourself);
    }
    line.why_not_remove().filter(|_| decision == Decision::Remove)
}

fn named(
    tx: &mut Tx<'_>,
    scope: &Scope,
    review: &AccessReview,
    sight: &Sight,
    wanted: &NewDecision,
    lines: &[(i64, Option<i64>)],
) -> Result<Decided, Fault> {
    let positions: Vec<i64> = lines.iter().map(|(position, _)| *position).collect();
    let found = store::lines_at(tx, review, sight, &positions)?;
    let mut answer = Decided::default();
    let mut doing: Vec<&ReviewLine> = Vec::new();
    for (position, version) in lines {
        let Some(line) = found.iter().find(|line| line.position == *position) else {
            answer.left_out.push((*position, String::new(), LineRefusal::NotYours));
            continue;
        };
        let is_seen = version.is_none_or(|seen| seen == line.version);
        match why_not(scope, line, wanted.decision) {
            Some(refusal) => answer.left_out.push((*position, line.name.clone(), refusal)),
            None if !is_seen => answer.left_out.push((*position, line.name.clone(), LineRefusal::ChangedSince)),
            None if doing.iter().all(|other| other.position != *position) => doing.push(line),
            None => {}
        }
    }
    if doing.is_empty() {
        return Ok(answer);
    }
    let changed: Vec<i64> = doing.iter().map(|line| line.position).collect();
    let rows = access_review_lines::table
        .filter(in_review!(review))
        .filter(access_review_lines::position.among(changed));
    diesel::update(rows).set(decision!(scope, wanted)).execute(tx.conn())?;
    answer.decided = count(doing.len());
    let were = |decision| count(doing.iter().filter(|line| line.decision == Some(decision)).count());
    let (kept, removed) = added(wanted.decision, answer.decided);
    store::add_to_decided(tx, review, kept - were(Decision::Keep), removed - were(Decision::Remove))?;
    Ok(answer)
}

/// All lines of the caller that nobody decided, in one statement.
fn undecided(tx: &mut Tx<'_>, scope: &Scope, review: &AccessReview, sight: &Sight, wanted: &NewDecision) -> Result<Decided, Fault> {
    let me = scope.actor.member_id().unwrap_or_else(MemberId::nobody);
    let is_keep = (wanted.decision == Decision::Keep).into_sql::<Bool>();
    let open = access_review_lines::table
        .filter(in_review!(review))
        .filter(access_review_lines::decision.is_null())
        .filter(access_review_lines::member_id.ne(me))
        .filter(access_review_lines::team_id.is_null().or(is_keep));
    let set = decision!(scope, wanted);
    let many = match sight {
        Sight::All => diesel::update(open).set(set).execute(tx.conn())?,
        Sight::Teams(teams) => {
            let of_teams = access_review_lines::member_id.eq_any(people_of!(review.organization_id, teams));
            diesel::update(open.filter(of_teams)).set(set).execute(tx.conn())?
        }
    };
    let many = count(many);
    let (kept, removed) = added(wanted.decision, many);
    store::add_to_decided(tx, review, kept, removed)?;
    Ok(Decided { decided: many, left_out: vec![] })
}

fn added(decision: Decision, many: i64) -> (i64, i64) {
    match decision {
        Decision::Keep => (many, 0),
        Decision::Remove => (0, many),
    }
}

fn count(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}
