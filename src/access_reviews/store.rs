//! Queries of access reviews.

use super::model::{AccessReview, Decision, LineOutcome, LineState, NewReview, ReviewLine, ReviewState, ReviewedBy};
use crate::{
    bulk::State,
    db::{
        Among, Conn, Json, MultiBackend, Tx,
        keyset::{Page, TimeCursor, Window},
        query::{Direction, beyond},
        schema::{access_review_lines, access_review_reviewers, access_reviews, batches, members, team_members},
    },
    each,
    kit::{AccessReviewId, BatchId, Fault, MemberId, MemberStatus, OrganizationId, Scope, TeamId, Timestamp},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Which lines a caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    All,
    /// Those of people in these teams.
    Teams(Vec<TeamId>),
}

/// A review of the organization.
///
/// # Errors
/// [`Fault::Missing`].
pub(super) fn find(conn: &mut Conn, organization: OrganizationId, id: AccessReviewId) -> Result<AccessReview, Fault> {
    let row = access_reviews::table
        .filter(access_reviews::organization_id.eq(organization))
        .filter(access_reviews::id.eq(id));
    Ok(row.select(AccessReview::as_select()).first(conn)?)
}

/// The latest reviews first; only those of some kinds, those that a member was chosen for and those that cover people of their
/// teams, if given.
pub(super) fn list(
    conn: &mut Conn,
    scope: &Scope,
    only: Option<(MemberId, &[TeamId], &[&str])>,
    before: Option<TimeCursor<AccessReviewId>>,
    size: i64,
) -> Result<Page<AccessReview>, Fault> {
    let mut query = access_reviews::table
        .filter(access_reviews::organization_id.eq(scope.organization))
        .order((access_reviews::created_at.desc(), access_reviews::id.desc()))
        .limit(size + 1)
        .select(AccessReview::as_select())
        .into_boxed::<MultiBackend>();
    if let Some((reviewer, teams, kinds)) = only {
        let chosen = access_review_reviewers::table
            .filter(access_review_reviewers::organization_id.eq(scope.organization))
            .filter(access_review_reviewers::member_id.eq(reviewer))
            .select(access_review_reviewers::review_id);
        let theirs = access_review_lines::table
            .inner_join(
                team_members::table.on(team_members::organization_id
                    .eq(access_review_lines::organization_id)
                    .and(team_members::member_id.eq(access_review_lines::member_id))),
            )
            .filter(access_review_lines::organization_id.eq(scope.organization))
            .filter(team_members::team_id.among(teams.to_vec()))
            .filter(access_review_lines::member_id.ne(reviewer))
            .select(access_review_lines::review_id);
        let is_of_teams = access_reviews::reviewed_by
            .eq(ReviewedBy::TeamAdministrators)
            .and(access_reviews::id.eq_any(theirs));
        query = query.filter(access_reviews::id.eq_any(chosen).or(is_of_teams).or(access_reviews::kind.among(kinds.to_vec())));
    }
    if let Some(TimeCursor(at, id)) = before {
        query = query.filter(beyond((access_reviews::created_at, access_reviews::id), (at, id), Direction::Descending));
    }
    Ok(Window::read(before, None).page(query.load(conn)?, size))
}

pub(super) fn count_open(conn: &mut Conn, organization: OrganizationId) -> Result<i64, Fault> {
    let open = access_reviews::table
        .filter(access_reviews::organization_id.eq(organization))
        .filter(access_reviews::state.eq(ReviewState::Open));
    Ok(open.count().get_result(conn)?)
}

/// The permissions of the credential that opens a review, if a program does.
fn ceiling(scope: &Scope) -> Option<Json<Vec<String>>> {
    scope.request_info.credential.as_ref()?;
    Some(Json(scope.permissions.iter().map(ToString::to_string).collect()))
}

/// Inserts a review of so many lines.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    new: &NewReview,
    subject: &str,
    lines: i64,
    reminded_at: Option<Timestamp>,
) -> Result<AccessReviewId, Fault> {
    let id = AccessReviewId::new(scope.now());
    diesel::insert_into(access_reviews::table)
        .values((
            (
                access_reviews::id.eq(id),
                access_reviews::organization_id.eq(scope.organization),
                access_reviews::name.eq(&new.name),
                access_reviews::kind.eq(new.kind),
                access_reviews::subject_id.eq(new.subject),
                access_reviews::subject.eq(subject),
                access_reviews::reviewed_by.eq(new.reviewed_by),
                access_reviews::until_at.eq(new.until),
                access_reviews::unanswered.eq(new.unanswered),
                access_reviews::state.eq(ReviewState::Open),
                access_reviews::lines.eq(lines),
            ),
            (
                access_reviews::kept.eq(0),
                access_reviews::removed.eq(0),
                access_reviews::to_remove.eq(0),
                access_reviews::done.eq(0),
                access_reviews::failed.eq(0),
                access_reviews::created_at.eq(scope.now()),
                access_reviews::created_by.eq(scope.actor.member_id()),
                access_reviews::created_by_name.eq(scope.actor.name()),
                access_reviews::credential.eq(&scope.request_info.credential),
                access_reviews::token_id.eq(new.token),
                access_reviews::ceiling.eq(ceiling(scope)),
                access_reviews::reminded_at.eq(reminded_at),
                access_reviews::closed_by_name.eq(""),
            ),
        ))
        .execute(tx.conn())?;
    let row = |member: &MemberId| {
        (
            access_review_reviewers::organization_id.eq(scope.organization),
            access_review_reviewers::review_id.eq(id),
            access_review_reviewers::member_id.eq(*member),
        )
    };
    let rows: Vec<_> = new.reviewers.iter().map(row).collect();
    if !rows.is_empty() {
        each!(tx.conn(), c => diesel::insert_into(access_review_reviewers::table).values(&rows).execute(c))?;
    }
    Ok(id)
}

/// The people who were chosen, by name.
pub(super) fn reviewers(conn: &mut Conn, review: &AccessReview) -> Result<Vec<(MemberId, String)>, Fault> {
    let rows = access_review_reviewers::table
        .inner_join(members::table)
        .filter(access_review_reviewers::organization_id.eq(review.organization_id))
        .filter(access_review_reviewers::review_id.eq(review.id))
        .order((members::name_key, members::id));
    Ok(rows.select((members::id, members::name)).load(conn)?)
}

/// What lists tell of reviews besides their own columns.
#[derive(Clone, Debug, Default)]
pub struct Related {
    reviewers: HashMap<AccessReviewId, Vec<MemberId>>,
    /// The batches that are under way.
    running: Vec<BatchId>,
}

impl Related {
    /// The people who were chosen, and whether the removals are under way.
    pub fn of(&self, review: &AccessReview) -> (&[MemberId], bool) {
        let reviewers = self.reviewers.get(&review.id).map_or(&[][..], Vec::as_slice);
        (reviewers, review.batch_id.is_some_and(|id| self.running.contains(&id)))
    }
}

/// Loads that for several reviews, in two queries.
///
/// # Errors
/// When the database does not answer.
pub fn related(conn: &mut Conn, organization: OrganizationId, reviews: &[AccessReview]) -> Result<Related, Fault> {
    let mut related = Related::default();
    let chosen = access_review_reviewers::table
        .filter(access_review_reviewers::organization_id.eq(organization))
        .filter(access_review_reviewers::review_id.among(reviews.iter().map(|review| review.id)))
        .order((access_review_reviewers::review_id, access_review_reviewers::member_id))
        .select((access_review_reviewers::review_id, access_review_reviewers::member_id));
    for (review, member) in chosen.load::<(AccessReviewId, MemberId)>(conn)? {
        related.reviewers.entry(review).or_default().push(member);
    }
    let running = batches::table
        .filter(batches::organization_id.eq(organization))
        .filter(batches::id.among(reviews.iter().filter_map(|review| review.batch_id)))
        .filter(batches::state.eq(State::Running));
    related.running = running.select(batches::id).load(conn)?;
    Ok(related)
}

/// Whether the member was chosen to review.
pub(super) fn is_chosen(conn: &mut Conn, review: &AccessReview, member: MemberId) -> Result<bool, Fault> {
    let row = access_review_reviewers::table.find((review.organization_id, review.id, member)).count();
    Ok(row.get_result::<i64>(conn)? > 0)
}

/// Whether a line of the review is about somebody in these teams other than the member.
pub(super) fn covers(conn: &mut Conn, review: &AccessReview, teams: &[TeamId], member: MemberId) -> Result<bool, Fault> {
    let found = access_review_lines::table
        .inner_join(
            team_members::table.on(team_members::organization_id
                .eq(access_review_lines::organization_id)
                .and(team_members::member_id.eq(access_review_lines::member_id))),
        )
        .filter(access_review_lines::organization_id.eq(review.organization_id))
        .filter(access_review_lines::review_id.eq(review.id))
        .filter(access_review_lines::member_id.ne(member))
        .filter(team_members::team_id.among(teams.to_vec()))
        .select(access_review_lines::position)
        .limit(1);
    Ok(found.first::<i64>(conn).optional()?.is_some())
}

/// Those of these members who are active people.
pub(super) fn active_people(conn: &mut Conn, organization: OrganizationId, ids: &[MemberId]) -> Result<Vec<MemberId>, Fault> {
    let rows = members::table
        .filter(members::organization_id.eq(organization))
        .filter(members::id.among(ids))
        .filter(members::status.eq(MemberStatus::Active))
        .filter(members::user_id.is_not_null());
    Ok(rows.select(members::id).load(conn)?)
}

/// Whether a row is this review.
macro_rules! is_review {
    ($review:expr) => {
        access_reviews::organization_id.eq($review.organization_id).and(access_reviews::id.eq($review.id))
    };
}
pub(super) use is_review;

/// Whether a line belongs to this review.
macro_rules! in_review {
    ($review:expr) => {
        access_review_lines::organization_id
            .eq($review.organization_id)
            .and(access_review_lines::review_id.eq($review.id))
    };
}
pub(super) use in_review;

/// The people in these teams.
macro_rules! people_of {
    ($organization:expr, $teams:expr) => {
        team_members::table
            .filter(team_members::organization_id.eq($organization))
            .filter(team_members::team_id.among($teams.clone()))
            .select(team_members::member_id)
    };
}
pub(super) use people_of;

/// The lines of a review that the caller sees, by position.
fn seen<'a>(review: &AccessReview, sight: &Sight) -> access_review_lines::BoxedQuery<'a, MultiBackend> {
    let query = access_review_lines::table
        .filter(in_review!(review))
        .order(access_review_lines::position)
        .into_boxed::<MultiBackend>();
    match sight {
        Sight::All => query,
        Sight::Teams(teams) => query.filter(access_review_lines::member_id.eq_any(people_of!(review.organization_id, teams))),
    }
}

/// Lines after a position; only those in one state, if given.
pub(super) fn lines(
    conn: &mut Conn,
    review: &AccessReview,
    sight: &Sight,
    state: Option<LineState>,
    after: i64,
    limit: i64,
) -> Result<Vec<ReviewLine>, Fault> {
    let query = seen(review, sight).filter(access_review_lines::position.gt(after)).limit(limit);
    let query = match state {
        None => query,
        Some(LineState::Undecided) => query.filter(access_review_lines::decision.is_null()),
        Some(LineState::Keep) => query.filter(access_review_lines::decision.eq(Some(Decision::Keep)).assume_not_null()),
        Some(LineState::Remove) => query.filter(access_review_lines::decision.eq(Some(Decision::Remove)).assume_not_null()),
        Some(LineState::Waiting) => query.filter(access_review_lines::outcome.eq(Some(LineOutcome::Waiting)).assume_not_null()),
        Some(LineState::Done) => query.filter(access_review_lines::outcome.eq(Some(LineOutcome::Done)).assume_not_null()),
        Some(LineState::Failed) => query.filter(access_review_lines::outcome.eq(Some(LineOutcome::Failed)).assume_not_null()),
    };
    Ok(query.select(ReviewLine::as_select()).load(conn)?)
}

/// The lines at these positions that the caller sees.
pub(super) fn lines_at(conn: &mut Conn, review: &AccessReview, sight: &Sight, positions: &[i64]) -> Result<Vec<ReviewLine>, Fault> {
    let query = seen(review, sight).filter(access_review_lines::position.among(positions));
    Ok(query.select(ReviewLine::as_select()).load(conn)?)
}

/// Adds to the numbers of decided lines.
pub(super) fn add_to_decided(tx: &mut Tx<'_>, review: &AccessReview, kept: i64, removed: i64) -> Result<(), Fault> {
    diesel::update(access_reviews::table.filter(is_review!(review)))
        .set((
            access_reviews::kept.eq(access_reviews::kept + kept),
            access_reviews::removed.eq(access_reviews::removed + removed),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Sets the batch that removes what is to be removed.
pub(super) fn set_batch(tx: &mut Tx<'_>, review: &AccessReview, batch: BatchId) -> Result<(), Fault> {
    diesel::update(access_reviews::table.filter(is_review!(review)))
        .set(access_reviews::batch_id.eq(Some(batch)))
        .execute(tx.conn())?;
    Ok(())
}
