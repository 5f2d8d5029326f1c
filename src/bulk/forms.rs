//! The form of a bulk action. An unknown action, kind, id or filter is refused, never replaced by a default.

use super::{action::BulkAction, preview::Preview};
use crate::{
    directory,
    kit::{MemberId, MemberKind, Timestamp, fold},
    members::{Action, AsksFor, Parameters},
    web::{self, Field, Ticked},
};
use serde::{Deserialize, Serialize};

/// The most ids in one form. A larger selection is given by its filter.
const MOST: usize = 1_000;
const LONGEST_REASON: usize = 300;

/// The action and the members. First sent by the bulk bar, then by the confirmation page with the action's parameters.
#[derive(Deserialize, Serialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkForm {
    /// The list of the members.
    pub kind: MemberKind,
    pub act: Action,
    #[serde(rename = "member", default)]
    pub members: Vec<MemberId>,
    /// Selects all members that match `query`, instead of the listed ids.
    #[serde(default)]
    pub all: Ticked,
    /// The directory's query.
    #[serde(default)]
    pub query: String,
    #[serde(default)]
    pub reason: Field,
    #[serde(default)]
    pub role: Field,
    /// The last day of a role.
    #[serde(default)]
    pub until: Field,
    #[serde(default)]
    pub team: Field,
    #[serde(default)]
    pub policy: Field,
    /// The number of members, or the name of the only one, typed to confirm an action that cannot be undone.
    #[serde(default)]
    pub count: Field,
    /// The number of members when the confirmation page was shown.
    #[serde(default)]
    pub expected: String,
    /// The page that the members were ticked on, if it is not the directory.
    #[serde(default)]
    pub back: String,
}

impl BulkForm {
    /// The form, if it can be read completely. With an ignored filter it would affect more members than the caller saw,
    /// and with a cut list fewer.
    ///
    /// # Errors
    /// [`web::Error::Malformed`].
    pub fn understood(self) -> web::Result<Self> {
        let why = if !self.act.is_for_many() {
            format!("{} is no action on many members.", self.act.as_str())
        } else if self.members.len() > MOST {
            format!("At most {MOST} members are named at once; more are chosen by what they match.")
        } else if self.is_all() && !directory::is_understood(self.kind, &self.query) {
            "The filter that says whom it is about is not understood, so nothing was done.".to_owned()
        } else {
            return Ok(self);
        };
        Err(web::Error::Malformed(why))
    }
    pub fn is_all(&self) -> bool {
        self.all.0
    }
    /// Whether the members that match have changed since the caller saw the confirmation page.
    pub fn is_stale(&self, matching: usize) -> bool {
        self.is_all() && self.expected != matching.to_string()
    }
    pub fn has_complaints(&self) -> bool {
        [&self.reason, &self.role, &self.until, &self.team, &self.policy, &self.count]
            .into_iter()
            .any(Field::is_refused)
    }

    /// The action, if all its parameters are valid. `deletion` is the preview of a deletion.
    pub fn check(&mut self, deletion: &Preview, now: Timestamp) -> Option<BulkAction> {
        let mut with = Parameters::default();
        match self.act.asks_for() {
            AsksFor::Nothing => {}
            AsksFor::Reason => with.reason = self.reason()?,
            AsksFor::Role => with.role = chosen(&mut self.role, "role")?,
            AsksFor::RoleAndEnd => (with.role, with.until) = (chosen(&mut self.role, "role")?, self.until(now)?),
            AsksFor::Team => with.team = chosen(&mut self.team, "team")?,
            AsksFor::Policy => with.policy = chosen(&mut self.policy, "policy")?,
            AsksFor::Repetition => self.repetition(deletion)?,
        }
        BulkAction::of(self.act, with)
    }

    /// Checks that the name of the only member, or the number of members, was typed.
    fn repetition(&mut self, deletion: &Preview) -> Option<()> {
        let typed = self.count.trimmed();
        let complaint = match deletion.only() {
            Some(only) if !fold::is_repeated(typed, &only.name) => "Type the name as it stands above.".to_owned(),
            None if typed.replace(',', "") != deletion.affected.to_string() => format!("Type the number {}.", deletion.affected),
            _ => return Some(()),
        };
        self.count.refuse(complaint);
        None
    }

    fn reason(&mut self) -> Option<String> {
        if self.reason.trimmed().chars().count() > LONGEST_REASON {
            self.reason.refuse(format!("At most {LONGEST_REASON} characters fit here."));
            return None;
        }
        Some(self.reason.trimmed().to_owned())
    }

    #[expect(clippy::option_option, reason = "unreadable, or for good, or until then")]
    fn until(&mut self, now: Timestamp) -> Option<Option<Timestamp>> {
        if self.until.trimmed().is_empty() {
            return Some(None);
        }
        let until = Timestamp::end_of_day(self.until.trimmed()).filter(|until| *until > now);
        if until.is_none() {
            self.until.refuse("A role ends on a day to come. Choose one, or leave it empty.");
        }
        until.map(Some)
    }
}

fn chosen<T: std::str::FromStr>(field: &mut Field, what: &str) -> Option<T> {
    let id = field.trimmed().parse().ok();
    if id.is_none() {
        field.refuse(format!("Choose a {what}."));
    }
    id
}
