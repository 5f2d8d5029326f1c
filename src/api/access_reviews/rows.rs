//! Access reviews and their lines as the API tells them.

use crate::{
    access_reviews::{self, AccessReview as Stored, Decision, LineOutcome, Related, ReviewKind, ReviewLine, ReviewState, ReviewedBy},
    api::{answers::page, choice},
    db::Conn,
    kit::{AccessReviewId, Fault, MemberKind, Scope, Timestamp},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A review of who keeps what they have.
#[derive(Serialize, ToSchema)]
pub(super) struct AccessReview {
    pub id: Uuid,
    name: String,
    #[schema(schema_with = choice::schema::<ReviewKind>)]
    kind: &'static str,
    /// The role, policy or team.
    #[schema(required = true)]
    subject_id: Option<Uuid>,
    /// Its name when the review was opened. Empty for all administrators and all system accounts.
    subject: String,
    #[schema(schema_with = choice::schema::<ReviewedBy>)]
    reviewed_by: &'static str,
    /// The people who were chosen.
    reviewers: Vec<Uuid>,
    /// When it is closed by itself: the end of its last day.
    until: DateTime<Utc>,
    /// What happens to lines that nobody decides.
    #[schema(schema_with = choice::schema::<Decision>)]
    unanswered: &'static str,
    #[schema(schema_with = choice::schema::<ReviewState>)]
    state: &'static str,
    /// How many lines it has, and how many of them are decided so.
    lines: i64,
    kept: i64,
    removed: i64,
    /// Since it is closed: how many lines are removed by decision or rule, how many of them are done, and how many failed.
    to_remove: i64,
    done: i64,
    failed: i64,
    /// Whether the removals are under way.
    removing: bool,
    created_at: DateTime<Utc>,
    #[schema(required = true)]
    created_by: Option<Uuid>,
    #[schema(required = true)]
    closed_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    closed_by: Option<Uuid>,
}

page! {
    /// A page of access reviews, the latest first.
    AccessReviewPage of AccessReview
}

impl AccessReview {
    fn of(review: Stored, related: &Related) -> Self {
        let (reviewers, removing) = related.of(&review);
        Self {
            id: review.id.0,
            kind: review.kind.as_str(),
            subject_id: review.subject_id.map(|id| id.0),
            reviewed_by: review.reviewed_by.as_str(),
            reviewers: reviewers.iter().map(|id| id.0).collect(),
            until: review.until_at.utc(),
            unanswered: review.unanswered.as_str(),
            state: review.state.as_str(),
            lines: review.lines,
            kept: review.kept,
            removed: review.removed,
            to_remove: review.to_remove,
            done: review.done,
            failed: review.failed,
            removing,
            created_at: review.created_at.utc(),
            created_by: review.created_by.map(|id| id.0),
            closed_at: review.closed_at.map(Timestamp::utc),
            closed_by: review.closed_by.map(|id| id.0),
            name: review.name,
            subject: review.subject,
        }
    }
    pub fn all(conn: &mut Conn, scope: &Scope, reviews: Vec<Stored>) -> Result<Vec<Self>, Fault> {
        let related = access_reviews::related(conn, scope.organization, &reviews)?;
        Ok(reviews.into_iter().map(|review| Self::of(review, &related)).collect())
    }
    pub fn find(conn: &mut Conn, scope: &Scope, id: AccessReviewId) -> Result<Self, Fault> {
        let review = access_reviews::see(conn, scope, id)?.review;
        let related = access_reviews::related(conn, scope.organization, std::slice::from_ref(&review))?;
        Ok(Self::of(review, &related))
    }
}

/// What one member has, to be kept or removed.
#[derive(Serialize, ToSchema)]
pub(super) struct AccessReviewLine {
    /// Its number in the review.
    position: i64,
    member: Uuid,
    #[schema(schema_with = choice::schema::<MemberKind>)]
    kind: &'static str,
    /// The name at that time.
    name: String,
    /// The team through which they have it. Such a line can only be kept.
    #[schema(required = true)]
    through_team: Option<Uuid>,
    #[schema(required = true)]
    since: Option<DateTime<Utc>>,
    #[schema(required = true)]
    ends_at: Option<DateTime<Utc>>,
    #[schema(schema_with = choice::nullable::<Decision>)]
    decision: Option<&'static str>,
    reason: String,
    #[schema(required = true)]
    decided_by: Option<Uuid>,
    #[schema(required = true)]
    decided_at: Option<DateTime<Utc>>,
    /// Incremented by each decision.
    version: i64,
    /// What became of a line that is removed.
    #[schema(schema_with = choice::nullable::<LineOutcome>)]
    outcome: Option<&'static str>,
    #[schema(required = true)]
    outcome_at: Option<DateTime<Utc>>,
    /// Why it could not be removed, for people.
    note: String,
}

page! {
    /// A page of the lines of a review that the caller sees, by number.
    AccessReviewLinePage of AccessReviewLine
}

impl From<ReviewLine> for AccessReviewLine {
    fn from(line: ReviewLine) -> Self {
        Self {
            position: line.position,
            member: line.member_id.0,
            kind: line.kind.as_str(),
            name: line.name,
            through_team: line.team_id.map(|id| id.0),
            since: line.since_at.map(Timestamp::utc),
            ends_at: line.ends_at.map(Timestamp::utc),
            decision: line.decision.map(Decision::as_str),
            reason: line.reason,
            decided_by: line.decided_by.map(|id| id.0),
            decided_at: line.decided_at.map(Timestamp::utc),
            version: line.version,
            outcome: line.outcome.map(LineOutcome::as_str),
            outcome_at: line.outcome_at.map(Timestamp::utc),
            note: line.note,
        }
    }
}
