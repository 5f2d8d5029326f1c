//! The form that attaches a role or a policy to a team.

use super::{Attachment, AttachmentRefusal, NewAttachment};
use crate::{
    kit::Timestamp,
    members::TeamGrant,
    web::{Field, complaints},
};
use serde::{Deserialize, Serialize};

/// What is chosen, until when, and whether team administrators may add people.
#[derive(Deserialize, Serialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentForm {
    /// `role:` or `policy:` with the id.
    pub what: Field,
    /// The last day; empty means no end.
    pub until: Field,
    pub delegated: Option<String>,
    /// What the preview that was shown is of.
    pub seen: String,
}

impl Attachment {
    /// As the form has it.
    pub fn text(self) -> String {
        match self {
            Self::Role(id) => format!("role:{id}"),
            Self::Policy(id) => format!("policy:{id}"),
        }
    }
    fn read(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        match kind {
            "role" => id.parse().ok().map(Self::Role),
            "policy" => id.parse().ok().map(Self::Policy),
            _ => None,
        }
    }
}

impl AttachmentForm {
    /// Of something attached.
    pub fn of(grant: &TeamGrant) -> Self {
        Self {
            what: Field::new(Attachment::of(&grant.given).text()),
            until: Field::new(grant.until.map(Timestamp::last_day).unwrap_or_default()),
            delegated: grant.is_delegated.then(|| "on".into()),
            seen: String::new(),
        }
    }
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([("what", &self.what.complaint), ("until", &self.until.complaint)])
    }
    pub fn is_delegated(&self) -> bool {
        self.delegated.is_some()
    }
    /// What was asked for, or complaints at the fields.
    pub fn check(&mut self, now: Timestamp) -> Option<NewAttachment> {
        let what = Attachment::read(self.what.trimmed());
        if what.is_none() {
            self.what.refuse("Choose a role or a policy.");
        }
        let until = match self.until.trimmed() {
            "" => None,
            day => {
                let end = Timestamp::end_of_day(day).filter(|end| *end > now);
                if end.is_none() {
                    self.until.refuse("It ends on a day to come. Choose one, or leave it empty.");
                }
                end
            }
        };
        let is_complete = !self.what.is_refused() && !self.until.is_refused();
        let is_delegated = self.is_delegated();
        what.filter(|_| is_complete).map(|what| NewAttachment { what, until, is_delegated })
    }
    /// Says at its field why it was refused.
    pub fn complain(&mut self, refusal: &AttachmentRefusal) {
        match refusal {
            AttachmentRefusal::Ended => self.until.refuse(refusal.to_string()),
            _ => self.what.refuse(refusal.to_string()),
        }
    }
    /// Whether the preview of just this was shown.
    pub fn has_seen(&self) -> bool {
        self.seen == self.mark()
    }
    /// Marks this request as previewed.
    pub fn see(&mut self) {
        self.seen = self.mark();
    }
    fn mark(&self) -> String {
        format!("{} {} {}", self.what.trimmed(), self.until.trimmed(), self.is_delegated())
    }
}
