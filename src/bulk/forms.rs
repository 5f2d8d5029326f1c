//! The form of a bulk action. An unknown action, kind, id or filter is refused, never replaced by a default.

use super::{act::BulkActionKind, action::BulkAction, preview::Preview};
use crate::{
    directory,
    kit::{MemberId, MemberKind, Timestamp, fold},
    members::Change,
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
    pub act: BulkActionKind,
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
}

impl BulkForm {
    /// The form, if it can be read completely. With an ignored filter it would affect more members than the caller saw,
    /// and with a cut list fewer.
    ///
    /// # Errors
    /// [`web::Error::Malformed`].
    pub fn understood(self) -> web::Result<Self> {
        let why = if self.members.len() > MOST {
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
    pub fn has_complaints(&self) -> bool {
        [&self.reason, &self.role, &self.until, &self.team, &self.policy, &self.count]
            .into_iter()
            .any(Field::is_refused)
    }

    /// The action, if all its parameters are valid. `deletion` is the preview of a deletion.
    pub fn check(&mut self, deletion: &Preview, now: Timestamp) -> Option<BulkAction> {
        let act = self.act;
        if act == BulkActionKind::Delete {
            let typed = self.count.trimmed();
            let complaint = match deletion.only() {
                Some(only) if !fold::is_repeated(typed, &only.name) => Some("Type the name as it stands above.".to_owned()),
                None if typed.replace(',', "") != deletion.affected.to_string() => Some(format!("Type the number {}.", deletion.affected)),
                _ => None,
            };
            if let Some(complaint) = complaint {
                self.count.refuse(complaint);
                return None;
            }
        }
        Some(match act {
            BulkActionKind::Disable => BulkAction::Change(Change::Disable { reason: self.reason()? }),
            BulkActionKind::Enable => BulkAction::Change(Change::Enable),
            BulkActionKind::AddRole => {
                BulkAction::Change(Change::AddRole { role: chosen(&mut self.role, "role")?, until: self.until(now)? })
            }
            BulkActionKind::RemoveRole => BulkAction::Change(Change::RemoveRole { role: chosen(&mut self.role, "role")? }),
            BulkActionKind::JoinTeam => BulkAction::Change(Change::JoinTeam { team: chosen(&mut self.team, "team")? }),
            BulkActionKind::LeaveTeam => BulkAction::Change(Change::LeaveTeam { team: chosen(&mut self.team, "team")? }),
            BulkActionKind::AttachPolicy => BulkAction::Change(Change::AttachPolicy { policy: chosen(&mut self.policy, "policy")? }),
            BulkActionKind::DetachPolicy => BulkAction::Change(Change::DetachPolicy { policy: chosen(&mut self.policy, "policy")? }),
            BulkActionKind::MakeAdministrator => BulkAction::Change(Change::MakeAdministrator),
            BulkActionKind::RemoveAdministrator => BulkAction::Change(Change::RemoveAdministrator),
            BulkActionKind::Delete => BulkAction::Change(Change::Delete),
            BulkActionKind::EndSessions => BulkAction::EndSessions,
            BulkActionKind::SendReset => BulkAction::SendReset,
            BulkActionKind::Resend => BulkAction::Resend,
            BulkActionKind::Cancel => BulkAction::Cancel,
        })
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
