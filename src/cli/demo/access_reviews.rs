//! Two access reviews of the made-up organization: one is open and partly decided, one is closed.

use super::{model::RoleChoice, writer::Writer};
use crate::{
    access_reviews::{self as reviews, Decision, Letters, NewDecision, NewReview, ReviewKind, ReviewedBy, Which},
    db::{
        Tx,
        schema::{access_review_lines, access_reviews},
    },
    kit::{AccessReviewId, Actor, Fault, OperationResult, Scope, SubjectId, Timestamp},
};
use chrono::TimeDelta;
use diesel::prelude::*;

/// At most so many lines are decided.
const DECIDED: i64 = 240;

impl Writer<'_> {
    /// Opens both, decides on lines, and closes one. Nobody is written to.
    pub fn access_reviews(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let role = self.fixtures.role_id(RoleChoice::Own(1))?;
        let until = Timestamp::end_of_day(&(self.now + TimeDelta::days(18)).last_day()).unwrap_or(self.now + TimeDelta::days(18));
        let open = NewReview {
            name: "Billing, this quarter".into(),
            kind: ReviewKind::Role,
            subject: Some(SubjectId(role.0)),
            reviewed_by: ReviewedBy::TeamAdministrators,
            reviewers: vec![],
            until,
            unanswered: Decision::Remove,
            token: None,
        };
        if let Some(id) = self.review(tx, &open)? {
            self.decide(tx, id, Decision::Keep, "Still sends invoices.", 3)?;
            self.decide(tx, id, Decision::Remove, "Moved to another team.", 2)?;
            diesel::update(access_reviews::table.find(id))
                .set(access_reviews::created_at.eq(self.now - TimeDelta::days(9)))
                .execute(tx.conn())?;
        }
        let closed = NewReview {
            name: "Administrators, last year".into(),
            kind: ReviewKind::Administrators,
            subject: None,
            unanswered: Decision::Keep,
            ..open
        };
        if let Some(id) = self.review(tx, &closed)? {
            self.decide(tx, id, Decision::Keep, "On call.", 1)?;
            reviews::close(tx, &self.ada(), id, None)
                .refused()?
                .map_err(|refusal| Fault::broken(refusal.to_string()))?;
            let (opened, ended) = (self.now - TimeDelta::days(130), self.now - TimeDelta::days(104));
            diesel::update(access_reviews::table.find(id))
                .set((
                    access_reviews::created_at.eq(opened),
                    access_reviews::until_at.eq(ended),
                    access_reviews::closed_at.eq(Some(ended)),
                ))
                .execute(tx.conn())?;
            diesel::update(access_review_lines::table.filter(access_review_lines::review_id.eq(id)))
                .set(access_review_lines::decided_at.eq(Some(ended - TimeDelta::days(6))))
                .execute(tx.conn())?;
        }
        Ok(())
    }

    fn ada(&self) -> Scope {
        let name = self.dataset.people[0].details.name.clone();
        Scope {
            actor: Actor::Member { id: self.members[0], user: Some(self.users[0]), name },
            ..Scope::system(self.organization, self.now)
        }
    }

    /// A small organization may have nobody to review.
    fn review(&self, tx: &mut Tx<'_>, new: &NewReview) -> Result<Option<AccessReviewId>, Fault> {
        Ok(reviews::open(tx, &self.ada(), &Letters::to_nobody(), new).refused()?.ok())
    }

    /// Decides on every line whose number can be divided.
    fn decide(&self, tx: &mut Tx<'_>, id: AccessReviewId, decision: Decision, reason: &str, every: i64) -> Result<(), Fault> {
        let seen = reviews::see(tx, &self.ada(), id)?;
        let lines = (1..=seen.review.lines.min(DECIDED)).filter(|position| position % every == 0);
        let which = Which::Lines(lines.map(|position| (position, None)).collect());
        let wanted = NewDecision { decision, reason: reason.into(), which };
        reviews::decide(tx, &self.ada(), id, &wanted)
            .refused()?
            .map_err(|refusal| Fault::broken(refusal.to_string()))?;
        Ok(())
    }
}
