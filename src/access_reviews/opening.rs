//! Opening a review, and who sees it.

use super::{
    candidates,
    letters::Letters,
    model::{AccessReview, MOST_OPEN, MOST_REVIEWERS, NewReview, ReviewKind, ReviewRefusal, ReviewedBy},
    store::{self, Sight},
};
use crate::{
    audit::{self, Event},
    db::{
        Conn, Tx,
        keyset::{Page, TimeCursor},
    },
    kit::{AccessReviewId, Fault, MemberId, OperationError, Scope},
    members,
};
use chrono::TimeDelta;
use serde_json::json;

/// Reviewers are reminded this long before the end.
pub(super) const REMINDER: TimeDelta = TimeDelta::days(3);
/// The longest time that a review is open.
const LONGEST: TimeDelta = TimeDelta::days(367);

/// Opens a review: writes a line for everybody who has it now, and asks the reviewers by letter.
///
/// # Errors
/// A [`ReviewRefusal`], [`Fault::Denied`], or [`Fault::Missing`] for a role, policy or team that is not there.
pub fn open(tx: &mut Tx<'_>, scope: &Scope, letters: &Letters, new: &NewReview) -> Result<AccessReviewId, OperationError<ReviewRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    new.kind.demand(scope)?;
    if new.until <= scope.now() || new.until - scope.now() > LONGEST {
        return Err(OperationError::Refused(ReviewRefusal::LastDay));
    }
    let subject = candidates::subject(tx, scope, new.kind, new.subject)?;
    let reviewers = reviewers(tx, scope, new)?;
    if store::count_open(tx, scope.organization)? >= MOST_OPEN {
        return Err(OperationError::Refused(ReviewRefusal::TooManyOpen));
    }
    tx.lift_time_limit()?;
    let all = candidates::find(tx, scope, new.kind, new.subject)?;
    if all.is_empty() {
        return Err(OperationError::Refused(ReviewRefusal::NothingToReview));
    }
    let new = &NewReview { reviewers, ..new.clone() };
    let lines = i64::try_from(all.len()).unwrap_or(i64::MAX);
    // Nobody is reminded of a letter that has just come.
    let reminded_at = (new.until - scope.now() <= REMINDER + TimeDelta::days(1)).then(|| scope.now());
    let id = store::insert(tx, scope, new, &subject, lines, reminded_at)?;
    candidates::write(tx, scope, id, &all)?;
    let facts = json!({
        "over": new.kind.as_str(),
        "subject": subject,
        "reviewed_by": new.reviewed_by.as_str(),
        "reviewers": new.reviewers.len(),
        "until": new.until.iso(),
        "unanswered": new.unanswered.as_str(),
        "lines": lines,
    });
    audit::record(tx, scope, Event::new("access_review.opened", "access_review", id.0, &new.name).after(facts))?;
    letters.ask(tx, scope.organization, id, scope.now(), false)?;
    Ok(id)
}

/// The people who are chosen to review, each once.
fn reviewers(conn: &mut Conn, scope: &Scope, new: &NewReview) -> Result<Vec<MemberId>, OperationError<ReviewRefusal>> {
    if new.reviewed_by == ReviewedBy::TeamAdministrators {
        return Ok(vec![]);
    }
    let mut wanted = new.reviewers.clone();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() || wanted.len() > MOST_REVIEWERS {
        return Err(OperationError::Refused(ReviewRefusal::Reviewers));
    }
    let found = store::active_people(conn, scope.organization, &wanted)?;
    if found.len() < wanted.len() {
        return Err(OperationError::Refused(ReviewRefusal::NotActive));
    }
    Ok(found)
}

/// What the caller is in a review.
#[derive(Clone, Debug)]
pub struct Seen {
    pub review: AccessReview,
    /// The lines that they see, and decide on.
    pub sight: Sight,
    /// They may close it and get the evidence.
    pub may_close: bool,
}

/// A review that the caller sees: they may take away all that it is over, or they review.
///
/// # Errors
/// [`Fault::Missing`].
pub fn see(conn: &mut Conn, scope: &Scope, id: AccessReviewId) -> Result<Seen, Fault> {
    let review = store::find(conn, scope.organization, id)?;
    if review.kind.demand(scope).is_ok() {
        return Ok(Seen { review, sight: Sight::All, may_close: true });
    }
    let me = scope.actor.member_id().ok_or(Fault::Missing)?;
    let sight = match review.reviewed_by {
        ReviewedBy::Chosen if store::is_chosen(conn, &review, me)? => Sight::All,
        ReviewedBy::Chosen => return Err(Fault::Missing),
        ReviewedBy::TeamAdministrators => {
            let teams = members::administered(conn, scope)?;
            if teams.is_empty() || !store::covers(conn, &review, &teams, me)? {
                return Err(Fault::Missing);
            }
            Sight::Teams(teams)
        }
    };
    Ok(Seen { review, sight, may_close: false })
}

/// [`see`] for what only those do who may take away all that the review is over.
///
/// # Errors
/// [`Fault::Missing`], or [`Fault::Denied`] for reviewers.
pub(super) fn see_to_close(conn: &mut Conn, scope: &Scope, id: AccessReviewId) -> Result<AccessReview, Fault> {
    let seen = see(conn, scope, id)?;
    seen.review.kind.demand(scope)?;
    Ok(seen.review)
}

/// The reviews that the caller sees, the latest first.
///
/// # Errors
/// When the database does not answer.
pub fn list(conn: &mut Conn, scope: &Scope, before: Option<TimeCursor<AccessReviewId>>, size: i64) -> Result<Page<AccessReview>, Fault> {
    if [ReviewKind::Role, ReviewKind::Policy, ReviewKind::Team]
        .iter()
        .all(|kind| kind.demand(scope).is_ok())
    {
        return store::list(conn, scope, None, before, size);
    }
    let teams = members::administered(conn, scope)?;
    let me = scope.actor.member_id().unwrap_or_else(MemberId::nobody);
    let kinds: Vec<&str> = ReviewKind::ALL.iter().filter(|kind| kind.demand(scope).is_ok()).map(|kind| kind.as_str()).collect();
    store::list(conn, scope, Some((me, &teams, &kinds)), before, size)
}
