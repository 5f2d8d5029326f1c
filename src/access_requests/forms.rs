//! What people type: a request, and the decision about one or several.

use super::model::{Asked, Decision, LONGEST_REASON, LONGEST_TICKET, NewRequest, RequestState, Verdict};
use crate::{
    kit::{AccessRequestId, Timestamp},
    web::{self, Field, complaints},
};
use serde::{Deserialize, Serialize};

/// A request to send.
#[derive(Deserialize, Serialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RequestForm {
    /// `role:` or `team:` with the id.
    pub what: Field,
    /// The last day; empty means no end.
    pub until: Field,
    pub reason: Field,
    pub ticket: Field,
}

/// The last day that was typed, if any: a day to come.
fn last_day(field: &mut Field, now: Timestamp) -> Option<Timestamp> {
    let day = field.trimmed().to_owned();
    if day.is_empty() {
        return None;
    }
    let end = Timestamp::end_of_day(&day).filter(|end| *end > now);
    if end.is_none() {
        field.refuse("It ends on a day to come. Choose one, or leave it empty.");
    }
    end
}

impl RequestForm {
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([
            ("what", &self.what.complaint),
            ("until", &self.until.complaint),
            ("reason", &self.reason.complaint),
            ("ticket", &self.ticket.complaint),
        ])
    }
    /// The request, or complaints at the fields.
    pub fn check(&mut self, now: Timestamp) -> Option<NewRequest> {
        let asked = Asked::read(self.what.trimmed());
        if asked.is_none() {
            self.what.refuse("Choose a role or a team.");
        }
        let until = last_day(&mut self.until, now);
        let reason = reason(&mut self.reason);
        let ticket = self.ticket.optional_line(LONGEST_TICKET);
        let is_complete = self.complaints().is_empty();
        Some(NewRequest { asked: asked?, until, reason: reason?, ticket: ticket? }).filter(|_| is_complete)
    }
}

fn reason(field: &mut Field) -> Option<String> {
    let reason = field.lines(LONGEST_REASON)?;
    if reason.is_empty() {
        field.refuse("Say why. Those who decide read it, and the audit log keeps it.");
        return None;
    }
    Some(reason)
}

/// The decision about a request.
#[derive(Deserialize, Serialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DecisionForm {
    /// The button: `grant` or `refuse`.
    pub decision: String,
    /// The last day; empty means no end.
    pub until: Field,
    pub answer: Field,
}

impl DecisionForm {
    pub fn of(until: Option<Timestamp>) -> Self {
        Self {
            until: Field::new(until.map(Timestamp::last_day).unwrap_or_default()),
            ..Self::default()
        }
    }
    pub fn is_grant(&self) -> bool {
        self.decision == "grant"
    }
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([("until", &self.until.complaint), ("answer", &self.answer.complaint)])
    }
    /// The decision, or complaints at the fields.
    ///
    /// # Errors
    /// [`web::Error::Malformed`] for an unknown button.
    pub fn check(&mut self, asked_until: Option<Timestamp>, now: Timestamp) -> web::Result<Option<Decision>> {
        let verdict = match self.decision.as_str() {
            // A day that was not changed keeps its exact instant.
            "grant" if asked_until.is_some_and(|until| until.last_day() == self.until.trimmed()) => Verdict::Grant,
            "grant" => Verdict::GrantUntil(last_day(&mut self.until, now)),
            "refuse" => Verdict::Refuse,
            _ => return Err(unknown_button()),
        };
        let answer = answer(&mut self.answer, verdict);
        let is_complete = self.complaints().is_empty();
        Ok(answer.map(|answer| Decision { verdict, answer }).filter(|_| is_complete))
    }
}

/// What the member is told: a refusal says why.
fn answer(field: &mut Field, verdict: Verdict) -> Option<String> {
    let answer = field.lines(LONGEST_REASON)?;
    if answer.is_empty() && verdict == Verdict::Refuse {
        field.refuse("Say why you refuse.");
        return None;
    }
    Some(answer)
}

fn unknown_button() -> web::Error {
    web::Error::Malformed("The form is not whole.".into())
}

/// The same decision about several requests of a page.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DecisionsForm {
    #[serde(rename = "request")]
    pub requests: Vec<AccessRequestId>,
    pub decision: String,
    pub answer: Field,
}

impl DecisionsForm {
    /// The decision, or why it cannot be read.
    ///
    /// # Errors
    /// [`web::Error::Malformed`] for an unknown button.
    pub fn check(&mut self) -> web::Result<Result<Decision, String>> {
        let verdict = match self.decision.as_str() {
            "grant" => Verdict::Grant,
            "refuse" => Verdict::Refuse,
            _ => return Err(unknown_button()),
        };
        let answer = answer(&mut self.answer, verdict);
        Ok(answer
            .map(|answer| Decision { verdict, answer })
            .ok_or_else(|| self.answer.complaint.clone().unwrap_or_default()))
    }
}

/// Which requests a list shows.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(default)]
pub(super) struct ListQuery {
    /// A state, or `all`. Without it, those that are open.
    pub state: String,
    pub after: Option<AccessRequestId>,
    pub before: Option<AccessRequestId>,
}

impl ListQuery {
    /// The state to list; nothing for all. What is not known is as if it were not sent.
    pub fn state(&self) -> Option<RequestState> {
        match self.state.as_str() {
            "all" => None,
            other => Some(other.parse().unwrap_or(RequestState::Open)),
        }
    }
    /// Whether the address has a state that is not known.
    pub fn is_ignored(&self) -> bool {
        !["", "all"].contains(&self.state.as_str()) && self.state.parse::<RequestState>().is_err()
    }
}
