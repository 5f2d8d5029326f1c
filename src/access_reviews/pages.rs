//! Pages of access reviews.

use super::{
    deciding::why_not,
    forms::ReviewForm,
    model::{AccessReview, Decision, LineState, ReviewKind, ReviewLine, ReviewedBy},
    opening::Seen,
};
use crate::{
    bulk::{Batch, State},
    db::keyset::TimeCursor,
    kit::{AccessReviewId, MemberId, MemberKind, count, rights},
    web::{Field, MemberContext, filters},
};
use askama::Template;
use std::borrow::Borrow;

/// All reviews that the caller sees.
#[derive(Template)]
#[template(path = "access_reviews/index.html")]
pub struct ReviewsPage {
    pub context: MemberContext,
    pub reviews: Vec<AccessReview>,
    pub is_first: bool,
    pub next: Option<TimeCursor<AccessReviewId>>,
}

impl ReviewsPage {
    pub fn may_open(&self) -> bool {
        ReviewKind::may_open_any(&self.context.scope)
    }
    pub fn path(&self) -> String {
        self.context.path("/access-reviews")
    }
    pub fn next_address(&self) -> Option<String> {
        self.next.map(|cursor| format!("{}?before={cursor}", self.path()))
    }
}

/// What can be reviewed: the value of the choice, and its name.
pub type Choices = Vec<(String, String)>;

/// The form of a new review.
#[derive(Template)]
#[template(path = "access_reviews/new.html")]
pub struct NewReviewPage {
    pub context: MemberContext,
    pub form: ReviewForm,
    pub roles: Choices,
    pub policies: Choices,
    pub teams: Choices,
    pub may_review_members: bool,
}

impl NewReviewPage {
    pub fn path(&self) -> String {
        self.context.path("/access-reviews")
    }
    pub fn is_chosen(&self, value: &str) -> bool {
        self.form.what.value == *value
    }
    pub fn groups(&self) -> [(&'static str, &Choices); 3] {
        [
            ("Everybody with the role", &self.roles),
            ("Everybody under the policy", &self.policies),
            ("Everybody in the team", &self.teams),
        ]
    }
}

/// A review with a page of its lines, as loaded.
pub struct Shown {
    pub seen: Seen,
    pub reviewers: Vec<(MemberId, String)>,
    /// What removes the lines that are to be removed.
    pub removal: Option<Batch>,
    pub state: Option<LineState>,
    pub lines: Vec<ReviewLine>,
    pub is_first: bool,
    pub next: Option<i64>,
}

impl Shown {
    /// The page, with the reason that was typed.
    pub fn of(self, context: MemberContext, reason: Field) -> ReviewPage {
        let Self { seen, reviewers, removal, state, lines, is_first, next } = self;
        ReviewPage { context, seen, reviewers, removal, state, lines, is_first, next, reason }
    }
}

/// The page of a review.
#[derive(Template)]
#[template(path = "access_reviews/show.html")]
pub struct ReviewPage {
    pub context: MemberContext,
    pub seen: Seen,
    pub reviewers: Vec<(MemberId, String)>,
    pub removal: Option<Batch>,
    pub state: Option<LineState>,
    pub lines: Vec<ReviewLine>,
    pub is_first: bool,
    pub next: Option<i64>,
    pub reason: Field,
}

impl ReviewPage {
    pub fn review(&self) -> &AccessReview {
        &self.seen.review
    }
    pub fn path(&self) -> String {
        self.context.path(format!("/access-reviews/{}", self.review().id))
    }
    pub fn is_open(&self) -> bool {
        self.review().is_open(self.context.scope.now())
    }
    /// The last day is over, and the review is closed in a moment.
    pub fn is_over(&self) -> bool {
        !self.review().is_closed() && !self.is_open()
    }
    pub fn is_by_team_administrators(&self) -> bool {
        self.review().reviewed_by == ReviewedBy::TeamAdministrators
    }
    pub fn reviewer_names(&self) -> Vec<String> {
        self.reviewers.iter().map(|(_, name)| name.clone()).collect()
    }
    pub fn unanswered(&self) -> &'static str {
        match self.review().unanswered {
            Decision::Keep => "kept",
            Decision::Remove => "removed",
        }
    }
    /// The tabs: state, label and number. The numbers are of the whole review; a reviewer sees a part of it, and no numbers.
    pub fn tabs(&self) -> Vec<(Option<LineState>, &'static str, Option<i64>)> {
        let review = self.review();
        let mut tabs = vec![
            (None, "All", review.lines),
            (Some(LineState::Undecided), "Undecided", review.undecided()),
            (Some(LineState::Keep), "Keep", review.kept),
            (Some(LineState::Remove), "Remove", review.removed),
        ];
        if review.is_closed() {
            tabs.push((Some(LineState::Done), "Removed", review.done));
            tabs.push((Some(LineState::Failed), "Could not be removed", review.failed));
            if review.waiting() > 0 {
                tabs.push((Some(LineState::Waiting), "Waiting", review.waiting()));
            }
        }
        let sees_all = self.seen.sight == super::store::Sight::All;
        tabs.into_iter().map(|(state, label, many)| (state, label, sees_all.then_some(many))).collect()
    }
    pub fn address(&self, state: impl Borrow<Option<LineState>>, after: Option<i64>) -> String {
        let mut pairs = Vec::new();
        pairs.extend(state.borrow().map(|state| ("state", state.as_str().to_owned())));
        pairs.extend(after.map(|after| ("after", after.to_string())));
        match serde_html_form::to_string(&pairs) {
            Ok(query) if !query.is_empty() => format!("{}?{query}", self.path()),
            _ => self.path(),
        }
    }
    /// Why the caller cannot decide on a line at all.
    pub fn why_not_decide(&self, line: &ReviewLine) -> Option<String> {
        why_not(&self.context.scope, line, Decision::Keep).map(|refusal| refusal.to_string())
    }
    pub fn profile(&self, line: &ReviewLine) -> Option<String> {
        let right = rights::read(line.kind);
        let path = || self.context.path(format!("{}/{}", line.kind.path(), line.member_id));
        self.context.scope.may(right).then(path)
    }
    pub fn next_address(&self) -> Option<String> {
        self.next.map(|next| self.address(self.state, Some(next)))
    }
    pub fn is_me(&self, line: &ReviewLine) -> bool {
        self.context.scope.is_me(line.member_id)
    }
    pub fn is_machine(&self, line: &ReviewLine) -> bool {
        line.kind == MemberKind::SystemAccount
    }
    /// Why the removal ended before everything was removed.
    pub fn stopped_because(&self) -> Option<&str> {
        let batch = self.removal.as_ref().filter(|batch| batch.state == State::Stopped)?;
        Some(&batch.stopped_because)
    }
    pub fn is_removing(&self) -> bool {
        self.removal.as_ref().is_some_and(Batch::is_running)
    }
    pub fn may_remove_rest(&self) -> bool {
        self.seen.may_close && self.review().is_closed() && self.review().waiting() > 0 && !self.is_removing()
    }
    pub fn all_undecided(&self) -> String {
        match self.seen.sight {
            super::store::Sight::All => format!("All {} undecided", crate::kit::grouped(self.review().undecided())),
            super::store::Sight::Teams(_) => "All undecided of yours".into(),
        }
    }
}

/// The page that asks before a review is closed.
#[derive(Template)]
#[template(path = "access_reviews/closing.html")]
pub struct ClosingPage {
    pub context: MemberContext,
    pub review: AccessReview,
    pub refusal: Option<String>,
}

impl ClosingPage {
    pub fn path(&self) -> String {
        self.context.path(format!("/access-reviews/{}", self.review.id))
    }
    /// What closing does, in sentences.
    pub fn consequences(&self) -> Vec<String> {
        let lines = |many: i64| count(many, "line is", "lines are");
        let mut all = vec![format!(
            "{} kept, and {} removed as decided",
            lines(self.review.kept),
            lines(self.review.removed)
        )];
        if self.review.undecided() > 0 {
            let rule = if self.review.unanswered == Decision::Keep {
                "kept"
            } else {
                "removed"
            };
            all.push(format!("{} undecided, and {rule} by the rule of the review", lines(self.review.undecided())));
        }
        all.push("removals begin at once, in your name; lines that cannot be removed say why".into());
        all.push("nobody decides any more, and the review cannot be opened again".into());
        all
    }
}
