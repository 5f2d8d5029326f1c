//! Forms of access reviews: the fields, and how they are checked.

use super::model::{
    Decision, LONGEST_NAME, LONGEST_REASON, LineState, MOST_LINES, NewDecision, NewReview, ReviewKind, ReviewRefusal, ReviewedBy, Which,
};
use crate::{
    kit::{MemberId, SubjectId, Timestamp},
    web::{Error, Field, Ticked, complaints},
};
use serde::{Deserialize, Serialize};

/// The form of a new review.
#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewForm {
    pub name: Field,
    /// `role:` with an id, `policy:`, `team:`, `administrators` or `system_accounts`.
    pub what: Field,
    pub reviewed_by: Field,
    /// The addresses or usernames of people.
    pub reviewers: Field,
    pub until: Field,
    pub unanswered: Field,
}

/// A checked form, without the people behind the names.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub name: String,
    pub kind: ReviewKind,
    pub subject: Option<SubjectId>,
    pub reviewed_by: ReviewedBy,
    pub names: Vec<String>,
    pub until: Timestamp,
    pub unanswered: Decision,
}

impl Wanted {
    pub fn with(&self, reviewers: Vec<MemberId>) -> NewReview {
        NewReview {
            name: self.name.clone(),
            kind: self.kind,
            subject: self.subject,
            reviewed_by: self.reviewed_by,
            reviewers,
            until: self.until,
            unanswered: self.unanswered,
            token: None,
        }
    }
}

/// What `role:` and an id mean.
fn read_what(text: &str) -> Option<(ReviewKind, Option<SubjectId>)> {
    let (kind, id) = text.split_once(':').map_or((text, None), |(kind, id)| (kind, Some(id)));
    let kind: ReviewKind = kind.parse().ok()?;
    let id = id.map(|id| id.parse().ok()).unwrap_or_default();
    (kind.has_subject() == id.is_some()).then_some((kind, id))
}

impl ReviewForm {
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([
            ("name", &self.name.complaint),
            ("what", &self.what.complaint),
            ("reviewed_by", &self.reviewed_by.complaint),
            ("reviewers", &self.reviewers.complaint),
            ("until", &self.until.complaint),
            ("unanswered", &self.unanswered.complaint),
        ])
    }

    pub fn check(&mut self) -> Option<Wanted> {
        let name = self.name.line("a name", LONGEST_NAME);
        let what = read_what(self.what.trimmed());
        if what.is_none() {
            self.what.refuse("Choose what is reviewed.");
        }
        let until = Timestamp::end_of_day(self.until.trimmed());
        if until.is_none() {
            self.until.refuse("Choose the last day.");
        }
        self.reviewed_by.one_of(["team_administrators", "chosen"]);
        self.unanswered.one_of(["keep", "remove"]);
        let reviewed_by: Option<ReviewedBy> = self.reviewed_by.value.parse().ok();
        let typed = self.reviewers.lines(5_000)?;
        let names: Vec<String> = typed
            .split([',', ';', '\n'])
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        // What is left in the field does not count for team administrators.
        let names = if reviewed_by == Some(ReviewedBy::Chosen) { names } else { vec![] };
        if reviewed_by == Some(ReviewedBy::Chosen) && !(1..=super::model::MOST_REVIEWERS).contains(&names.len()) {
            self.reviewers.refuse(ReviewRefusal::Reviewers.to_string());
        }
        if !self.complaints().is_empty() {
            return None;
        }
        let (kind, subject) = what?;
        Some(Wanted {
            name: name?,
            kind,
            subject,
            reviewed_by: reviewed_by?,
            names,
            until: until?,
            unanswered: self.unanswered.value.parse().ok()?,
        })
    }

    /// Complains at the field that a refusal is about.
    pub fn complain(&mut self, refusal: &ReviewRefusal) {
        let field = match refusal {
            ReviewRefusal::LastDay => &mut self.until,
            ReviewRefusal::Reviewers | ReviewRefusal::NotActive => &mut self.reviewers,
            ReviewRefusal::NothingToReview => &mut self.what,
            ReviewRefusal::TooManyOpen | ReviewRefusal::Closed | ReviewRefusal::NothingWaits => &mut self.name,
        };
        field.refuse(refusal.to_string());
    }
}

/// The form of a decision: ticked lines, each `position-version`, or all that nobody decided.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionForm {
    pub line: Vec<String>,
    pub all: Ticked,
    pub decision: String,
    pub reason: Field,
    /// The lines that the page showed.
    pub state: String,
}

impl DecisionForm {
    /// # Errors
    /// [`Error::Malformed`] for lines and decisions that no page offers.
    pub fn read(&mut self) -> Result<Option<NewDecision>, Error> {
        let malformed = || Error::Malformed("There is no such line or decision.".into());
        let decision = self.decision.parse().map_err(|_| malformed())?;
        let line = |text: &String| {
            let (position, version) = text.split_once('-')?;
            Some((position.parse().ok()?, Some(version.parse().ok()?)))
        };
        let lines = self.line.iter().map(line).collect::<Option<Vec<_>>>().ok_or_else(malformed)?;
        if lines.len() > MOST_LINES {
            return Err(Error::TooLarge);
        }
        let which = if self.all.0 { Which::Undecided } else { Which::Lines(lines) };
        Ok(self.reason.optional_line(LONGEST_REASON).map(|reason| NewDecision { decision, reason, which }))
    }
}

/// The part of the lines that a page shows.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct LinePart {
    pub state: Option<String>,
    pub after: Option<i64>,
}

impl LinePart {
    pub fn state(&self) -> Option<LineState> {
        self.state.as_deref()?.parse().ok()
    }
}

/// What the form of a new review begins with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Begun {
    pub what: String,
}
