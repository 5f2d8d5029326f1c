//! What access reviews say about the person.

use crate::{
    db::{
        Conn,
        schema::{access_review_lines, access_review_reviewers, access_reviews},
    },
    kit::{Fault, MemberId, Scope, Timestamp},
};
use diesel::prelude::*;
use serde_json::{Value, json};

/// The most lines about one person, of the latest reviews.
const MOST_OF_REVIEWS: i64 = 1_000;

/// What was decided about the person in access reviews, and the reviews that they were chosen for.
pub(super) fn of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Value, Fault> {
    type Line = (
        (String, String, String, String, Timestamp),
        (Option<String>, String, Option<Timestamp>, Option<MemberId>, String),
        (Option<String>, Option<Timestamp>),
    );
    let about: Vec<Line> = access_review_lines::table
        .inner_join(access_reviews::table)
        .filter(access_review_lines::organization_id.eq(scope.organization))
        .filter(access_review_lines::member_id.eq(id))
        .order((access_review_lines::review_id.desc(), access_review_lines::position))
        .limit(MOST_OF_REVIEWS)
        .select((
            (
                access_reviews::name,
                access_reviews::kind,
                access_reviews::subject,
                access_review_lines::team,
                access_reviews::created_at,
            ),
            (
                access_review_lines::decision,
                access_review_lines::reason,
                access_review_lines::decided_at,
                access_review_lines::decided_by,
                access_review_lines::decided_by_name,
            ),
            (access_review_lines::outcome, access_review_lines::outcome_at),
        ))
        .load(conn)?;
    let chosen: Vec<(String, Timestamp)> = access_review_reviewers::table
        .inner_join(access_reviews::table)
        .filter(access_review_reviewers::organization_id.eq(scope.organization))
        .filter(access_review_reviewers::member_id.eq(id))
        .order(access_reviews::id.desc())
        .limit(MOST_OF_REVIEWS)
        .select((access_reviews::name, access_reviews::created_at))
        .load(conn)?;
    let line = |((name, kind, subject, team, at), (decision, reason, decided_at, by, by_name), (outcome, outcome_at)): Line| {
        json!({
            "review": name,
            "over": kind,
            "subject": subject,
            "through_team": team,
            "opened_at": at.iso(),
            "decision": decision,
            "reason": reason,
            "decided_at": decided_at.map(Timestamp::iso),
            "decided_by": by.map(|by| json!({ "id": by, "name": by_name })),
            "outcome": outcome,
            "outcome_at": outcome_at.map(Timestamp::iso),
        })
    };
    Ok(json!({
        "about_them": about.into_iter().map(line).collect::<Vec<_>>(),
        "reviewer_of": chosen.into_iter().map(|(name, at)| json!({ "review": name, "opened_at": at.iso() })).collect::<Vec<_>>(),
    }))
}
