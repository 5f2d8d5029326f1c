use super::{act::Act, deed::Deed};
use crate::{
    kit::{MemberId, MemberKind, Timestamp, fold},
    members::Change,
    web::Field,
};
use serde::{Deserialize, Serialize};

/// Ids that one form names; more are named by what they match.
const MOST: usize = 1_000;
const LONGEST_REASON: usize = 300;

/// Who, and what: first asked for by the bulk bar, then confirmed with what belongs to it.
#[derive(Deserialize, Serialize, Default, Debug, Clone)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BulkForm {
    /// Of which list they are; people unless it says otherwise.
    pub kind: String,
    pub act: String,
    #[serde(rename = "member")]
    pub members: Vec<String>,
    /// Everybody who matches `query`, rather than those named.
    pub all: String,
    /// The directory's query.
    pub query: String,
    pub reason: Field,
    pub role: Field,
    /// The last day of a role.
    pub until: Field,
    pub team: Field,
    pub policy: Field,
    /// How many there are, or the name of the one, typed where there is no way back.
    pub count: Field,
    /// How many there were when it was asked.
    pub expected: String,
}

impl BulkForm {
    pub fn act(&self) -> Act {
        self.act.parse().unwrap_or_default()
    }
    pub fn kind(&self) -> MemberKind {
        self.kind.parse().unwrap_or(MemberKind::User)
    }
    pub fn is_all(&self) -> bool {
        !self.all.is_empty()
    }
    pub fn ids(&self) -> Vec<MemberId> {
        self.members.iter().filter_map(|id| id.parse().ok()).take(MOST).collect()
    }
    pub fn has_complaints(&self) -> bool {
        [&self.reason, &self.role, &self.until, &self.team, &self.policy, &self.count]
            .into_iter()
            .any(Field::is_refused)
    }

    /// The deed, if all that belongs to it can be read.
    pub fn check(&mut self, affected: &[String], now: Timestamp) -> Option<Deed> {
        let act = self.act();
        if act == Act::Delete {
            let (typed, count) = (self.count.trimmed(), affected.len());
            let complaint = match affected {
                [only] if !fold::is_repeated(typed, only) => Some("Type the name as it stands above.".to_owned()),
                [] | [_, _, ..] if typed.replace(',', "") != count.to_string() => Some(format!("Type the number {count}.")),
                _ => None,
            };
            if let Some(complaint) = complaint {
                self.count.refuse(complaint);
                return None;
            }
        }
        Some(match act {
            Act::Disable => Deed::Change(Change::Disable { reason: self.reason()? }),
            Act::Enable => Deed::Change(Change::Enable),
            Act::AddRole => Deed::Change(Change::AddRole {
                role: chosen(&mut self.role, "role")?,
                until: self.until(now)?,
            }),
            Act::RemoveRole => Deed::Change(Change::RemoveRole {
                role: chosen(&mut self.role, "role")?,
            }),
            Act::JoinTeam => Deed::Change(Change::JoinTeam {
                team: chosen(&mut self.team, "team")?,
            }),
            Act::LeaveTeam => Deed::Change(Change::LeaveTeam {
                team: chosen(&mut self.team, "team")?,
            }),
            Act::AttachPolicy => Deed::Change(Change::AttachPolicy {
                policy: chosen(&mut self.policy, "policy")?,
            }),
            Act::DetachPolicy => Deed::Change(Change::DetachPolicy {
                policy: chosen(&mut self.policy, "policy")?,
            }),
            Act::MakeAdministrator => Deed::Change(Change::MakeAdministrator),
            Act::RemoveAdministrator => Deed::Change(Change::RemoveAdministrator),
            Act::Delete => Deed::Change(Change::Delete),
            Act::EndSessions => Deed::EndSessions,
            Act::SendReset => Deed::SendReset,
            Act::Resend => Deed::Resend,
            Act::Cancel => Deed::Cancel,
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
