//! The end of a review: what is to be removed follows from the decisions and from the rule for lines that nobody decided, and is
//! removed by a batch in the name of the person who closes it. A review whose last day is over is closed by itself, in the name
//! of the person who opened it.

use super::{
    letters::Letters,
    model::{AccessReview, Decision, LineOutcome, LineState, ReviewLine, ReviewRefusal, ReviewState},
    opening::{REMINDER, see_to_close},
    removals::Removals,
    store::{self, Sight, in_review, is_review},
};
use crate::{
    audit::{self, Event},
    bulk::{self, Draft, NewBatch, NewItem},
    db::{
        Conn, Db, Json, Tx,
        schema::{access_review_lines, access_reviews},
    },
    kit::{AccessReviewId, Actor, BatchId, Fault, OperationError, OrganizationId, Permissions, RequestInfo, Scope, Timestamp, TokenId},
    members,
};
use diesel::prelude::*;
use serde_json::{Map, json};

/// Lines read at once.
const PART: i64 = 500;
/// Why a line that nobody decided, and that comes with a team, is not removed.
const THROUGH_TEAM: &str = "They have it through the team. Take them out of the team, or let the team give it no more.";

/// Closes a review before its last day is over. Returns the batch that removes what is to be removed, if anything is.
///
/// # Errors
/// [`ReviewRefusal::Closed`], [`Fault::Missing`], or [`Fault::Denied`].
pub fn close(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: AccessReviewId,
    token: Option<TokenId>,
) -> Result<Option<BatchId>, OperationError<ReviewRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let review = see_to_close(tx, scope, id)?;
    if review.is_closed() {
        return Err(OperationError::Refused(ReviewRefusal::Closed));
    }
    Ok(end(tx, scope, scope, &review, token)?)
}

/// Removes what still waits to be removed, because the person in whose name it was done lost the right to it.
///
/// # Errors
/// [`ReviewRefusal::NothingWaits`], [`Fault::Missing`], or [`Fault::Denied`].
pub fn remove_rest(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: AccessReviewId,
    token: Option<TokenId>,
) -> Result<BatchId, OperationError<ReviewRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let review = see_to_close(tx, scope, id)?;
    let is_running = removal(tx, scope, &review)?.is_some_and(|batch| batch.is_running());
    if !review.is_closed() || review.waiting() == 0 || is_running {
        return Err(OperationError::Refused(ReviewRefusal::NothingWaits));
    }
    Ok(begin_removal(tx, scope, &review, token)?)
}

/// The batch that removes what is to be removed.
pub(super) fn removal(conn: &mut Conn, scope: &Scope, review: &AccessReview) -> Result<Option<bulk::Batch>, Fault> {
    review.batch_id.map(|id| bulk::find(conn, scope, id)).transpose()
}

/// Closes the review. `remover` is whose authority the removals have.
fn end(tx: &mut Tx<'_>, scope: &Scope, remover: &Scope, review: &AccessReview, token: Option<TokenId>) -> Result<Option<BatchId>, Fault> {
    tx.lift_time_limit()?;
    let (waiting, failed) = settle(tx, review, scope.now())?;
    let row = access_reviews::table.filter(is_review!(review));
    let set = (
        access_reviews::state.eq(ReviewState::Closed),
        access_reviews::closed_at.eq(Some(scope.now())),
        access_reviews::closed_by.eq(scope.actor.member_id()),
        access_reviews::closed_by_name.eq(scope.actor.name()),
        access_reviews::to_remove.eq(waiting + failed),
        access_reviews::failed.eq(failed),
    );
    diesel::update(row).set(set).execute(tx.conn())?;
    let facts = json!({
        "lines": review.lines,
        "kept": review.kept,
        "removed": review.removed,
        "undecided": review.undecided(),
        "unanswered": review.unanswered.as_str(),
        "to_remove": waiting + failed,
    });
    audit::record(
        tx,
        scope,
        Event::new("access_review.closed", "access_review", review.id.0, &review.name).after(facts),
    )?;
    if waiting == 0 {
        return Ok(None);
    }
    begin_removal(tx, remover, review, token).map(Some)
}

/// Marks the lines that are to be removed, and those that are but cannot be. Returns how many of each.
fn settle(tx: &mut Tx<'_>, review: &AccessReview, now: Timestamp) -> Result<(i64, i64), Fault> {
    let decided = access_review_lines::table
        .filter(in_review!(review))
        .filter(access_review_lines::decision.eq(Some(Decision::Remove)).assume_not_null());
    let waits = access_review_lines::outcome.eq(Some(LineOutcome::Waiting));
    let mut waiting = diesel::update(decided).set(waits).execute(tx.conn())?;
    let mut failed = 0;
    if review.unanswered == Decision::Remove {
        let undecided = access_review_lines::table
            .filter(in_review!(review))
            .filter(access_review_lines::decision.is_null());
        waiting += diesel::update(undecided.filter(access_review_lines::team_id.is_null()))
            .set(waits)
            .execute(tx.conn())?;
        let set = (
            access_review_lines::outcome.eq(Some(LineOutcome::Failed)),
            access_review_lines::outcome_at.eq(Some(now)),
            access_review_lines::note.eq(THROUGH_TEAM),
        );
        failed = diesel::update(undecided.filter(access_review_lines::team_id.is_not_null()))
            .set(set)
            .execute(tx.conn())?;
    }
    let number = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    Ok((number(waiting), number(failed)))
}

/// Begins a batch with every line that waits to be removed.
fn begin_removal(tx: &mut Tx<'_>, remover: &Scope, review: &AccessReview, token: Option<TokenId>) -> Result<BatchId, Fault> {
    let action = json!({ "review": review.id });
    let new = NewBatch {
        token,
        subject: review.name.clone(),
        ..NewBatch::of(Removals::KIND, action.clone())
    };
    let mut draft = Draft::open(tx, remover, &new)?;
    let mut after = 0;
    loop {
        let lines = store::lines(tx, review, &Sight::All, Some(LineState::Waiting), after, PART)?;
        let Some(last) = lines.last() else { break };
        after = last.position;
        let item = |line: &ReviewLine| NewItem {
            member: Some(line.member_id),
            name: line.name.clone(),
            email: line.email.clone(),
            payload: Some(json!({ "position": line.position })),
            ..NewItem::default()
        };
        draft.add(tx, remover, &lines.iter().map(item).collect::<Vec<_>>())?;
    }
    let id = draft.id;
    draft.close(tx, remover, &action)?;
    let facts = Map::from_iter([("title".to_owned(), review.name.clone().into())]);
    bulk::start(tx, remover, id, "access_review.removal_started", facts)?;
    store::set_batch(tx, review, id)?;
    Ok(id)
}

/// The person who opened the review, with no more than the credential had that opened it. The batch reads again what they may do.
fn opener(review: &AccessReview, now: Timestamp) -> Scope {
    let system = Scope::system(review.organization_id, now);
    let actor = match review.created_by {
        Some(id) => Actor::Member { id, user: None, name: review.created_by_name.clone() },
        None => Actor::System,
    };
    let permissions: Permissions = match &review.ceiling {
        Some(Json(ceiling)) => ceiling.iter().filter_map(|text| text.parse().ok()).collect(),
        None => system.permissions.clone(),
    };
    let request_info = RequestInfo { credential: review.credential.clone(), ..RequestInfo::system(now) };
    Scope { actor, permissions, request_info, ..system }
}

type Due = (OrganizationId, AccessReviewId);

/// Closes reviews whose last day is over, and reminds reviewers whose last day comes near. Several processes may run at once: each
/// review is read again under the lock of its organization.
///
/// # Errors
/// When the database does not answer.
pub fn run_due(db: &Db, letters: &Letters, now: Timestamp) -> Result<(), Fault> {
    while let Some((organization, id)) = db.read_here(|conn| over(conn, now))? {
        db.write_here(|tx| {
            let scope = &members::reauthorize(tx, &Scope::system(organization, now))?;
            let review = store::find(tx, organization, id)?;
            if review.is_closed() {
                return Ok(());
            }
            end(tx, scope, &opener(&review, now), &review, review.token_id).map(drop)
        })?;
    }
    while let Some((organization, id)) = db.read_here(|conn| near(conn, now))? {
        db.write_here(|tx| {
            let row = access_reviews::table
                .filter(access_reviews::organization_id.eq(organization))
                .filter(access_reviews::id.eq(id))
                .filter(access_reviews::reminded_at.is_null());
            if diesel::update(row).set(access_reviews::reminded_at.eq(Some(now))).execute(tx.conn())? == 1 {
                letters.ask(tx, organization, id, now, true)?;
            }
            Ok::<_, Fault>(())
        })?;
    }
    Ok(())
}

fn over(conn: &mut Conn, now: Timestamp) -> Result<Option<Due>, Fault> {
    let due = access_reviews::table
        .filter(access_reviews::state.eq(ReviewState::Open))
        .filter(access_reviews::until_at.le(now))
        .order(access_reviews::until_at)
        .select((access_reviews::organization_id, access_reviews::id));
    Ok(due.first(conn).optional()?)
}

fn near(conn: &mut Conn, now: Timestamp) -> Result<Option<Due>, Fault> {
    let due = access_reviews::table
        .filter(access_reviews::state.eq(ReviewState::Open))
        .filter(access_reviews::until_at.le(now + REMINDER))
        .filter(access_reviews::reminded_at.is_null())
        .order(access_reviews::until_at)
        .select((access_reviews::organization_id, access_reviews::id));
    Ok(due.first(conn).optional()?)
}
