//! Letters to reviewers: when a review is opened, and some days before its end. A job writes them, some at a time, however many
//! people review.

use super::{
    model::{AccessReview, ReviewedBy},
    store,
};
use crate::{
    db::{
        Conn, Tx,
        schema::{access_review_lines, access_review_reviewers, members, team_members, users},
    },
    jobs::Jobs,
    kit::{AccessReviewId, Fault, MemberId, MemberStatus, OrganizationId, Timestamp, email::Email},
    mail::{Letter, Outbox, queue},
    organizations,
};
use askama::Template;
use diesel::{dsl::exists, prelude::*};
use serde::{Deserialize, Serialize};

/// The kind of these jobs.
pub const LETTERS: &str = "access_review.letters";
/// Letters in one job.
const PART: i64 = 100;

/// Leaves the jobs that write letters to reviewers.
#[derive(Clone, Debug)]
pub struct Letters(Option<Jobs>);

/// Whom to write to: the reviewers after this member.
#[derive(Serialize, Deserialize)]
struct Round {
    organization: OrganizationId,
    review: AccessReviewId,
    after: MemberId,
    is_reminder: bool,
}

#[derive(Template)]
#[template(path = "access_reviews/letter.txt")]
struct AskText<'a> {
    organization: &'a str,
    review: &'a AccessReview,
    is_reminder: bool,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "access_reviews/letter.html")]
struct AskHtml<'a> {
    organization: &'a str,
    review: &'a AccessReview,
    is_reminder: bool,
    link: &'a str,
}

impl Letters {
    pub fn new(jobs: Jobs) -> Self {
        Self(Some(jobs))
    }
    /// Nobody is written to: for reviews that are made up.
    pub fn to_nobody() -> Self {
        Self(None)
    }
    fn leave(&self, tx: &mut Tx<'_>, round: &Round, now: Timestamp) -> Result<(), Fault> {
        match &self.0 {
            Some(jobs) => jobs.leave(tx, LETTERS, round, now),
            None => Ok(()),
        }
    }

    /// Asks the reviewers by letter, or reminds them.
    pub(super) fn ask(
        &self,
        tx: &mut Tx<'_>,
        organization: OrganizationId,
        review: AccessReviewId,
        now: Timestamp,
        is_reminder: bool,
    ) -> Result<(), Fault> {
        let round = Round { organization, review, after: MemberId::nobody(), is_reminder };
        self.leave(tx, &round, now)
    }

    /// Does such a job: writes some letters, and leaves the others to the next job.
    ///
    /// # Errors
    /// When a letter cannot be written.
    pub fn write(&self, tx: &mut Tx<'_>, outbox: &Outbox, job: &[u8], now: Timestamp) -> Result<(), Fault> {
        let round: Round = serde_json::from_slice(job).map_err(Fault::broken)?;
        let review = match store::find(tx, round.organization, round.review) {
            Ok(review) if review.is_open(now) => review,
            Ok(_) | Err(Fault::Missing) => return Ok(()),
            Err(fault) => return Err(fault),
        };
        let recipients = recipients(tx, &review, round.after)?;
        let name = organizations::find(tx, round.organization)?.name;
        let link = outbox.link(&format!("/o/{}/access-reviews/{}", round.organization, review.id));
        let (organization, link, is_reminder) = (name.as_str(), link.as_str(), round.is_reminder);
        let text = AskText { organization, review: &review, is_reminder, link };
        let letter = Letter::render(&text, &AskHtml { organization, review: &review, is_reminder, link })?;
        let kind = if is_reminder {
            "access_review.reminded"
        } else {
            "access_review.opened"
        };
        for (_, email) in &recipients {
            let to = Email::parse(email).map_err(Fault::broken)?;
            queue(tx, outbox, Some(round.organization), kind, &to, &letter, now)?;
        }
        match recipients.last() {
            Some((last, _)) if i64::try_from(recipients.len()).is_ok_and(|many| many == PART) => {
                self.leave(tx, &Round { after: *last, ..round }, now)
            }
            _ => Ok(()),
        }
    }
}

/// The next active reviewers with their addresses: those who were chosen, or the administrators of teams with somebody to review.
fn recipients(conn: &mut Conn, review: &AccessReview, after: MemberId) -> Result<Vec<(MemberId, String)>, Fault> {
    let people = members::table
        .inner_join(users::table)
        .filter(members::organization_id.eq(review.organization_id))
        .filter(members::status.eq(MemberStatus::Active))
        .filter(members::id.gt(after))
        .order(members::id)
        .limit(PART)
        .select((members::id, users::email));
    let found = match review.reviewed_by {
        ReviewedBy::Chosen => {
            let chosen = access_review_reviewers::table
                .filter(access_review_reviewers::organization_id.eq(review.organization_id))
                .filter(access_review_reviewers::review_id.eq(review.id))
                .select(access_review_reviewers::member_id);
            people.filter(members::id.eq_any(chosen)).load(conn)?
        }
        ReviewedBy::TeamAdministrators => {
            let (theirs, own) = diesel::alias!(team_members as theirs, access_review_lines as own);
            let has_lines = theirs
                .inner_join(
                    own.on(own
                        .field(access_review_lines::organization_id)
                        .eq(theirs.field(team_members::organization_id))
                        .and(own.field(access_review_lines::member_id).eq(theirs.field(team_members::member_id)))),
                )
                .filter(theirs.field(team_members::organization_id).eq(team_members::organization_id))
                .filter(theirs.field(team_members::team_id).eq(team_members::team_id))
                .filter(theirs.field(team_members::member_id).ne(team_members::member_id))
                .filter(own.field(access_review_lines::review_id).eq(review.id));
            let administrators = team_members::table
                .filter(team_members::organization_id.eq(review.organization_id))
                .filter(team_members::is_administrator)
                .filter(exists(has_lines))
                .select(team_members::member_id);
            people.filter(members::id.eq_any(administrators)).load(conn)?
        }
    };
    Ok(found)
}
