//! Texts for bulk actions: the words of `members::Action` with the number of members and the name of the role, team or policy.

use super::action::BulkAction;
use crate::{
    db::Conn,
    kit::{Fault, MemberKind, Scope, count, grouped},
    members::{self, Change, Subject, fill_in},
    policies, roles,
};

/// `12 people`, `1 system account`.
pub(super) fn counted(kind: MemberKind, number: i64) -> String {
    count(number, kind.singular(), kind.plural())
}

/// Without a name, its placeholder and a space are left out.
pub(super) fn filled(words: &str, name: &str, people: &str) -> String {
    let nameless = name.is_empty().then(|| words.replace(" {name}", ""));
    fill_in(nameless.as_deref().unwrap_or(words), &[("name", name), ("people", people)])
}

impl BulkAction {
    /// The finished action, for lists: `Role Auditor added to 12 people`. `name` is the role, team or policy.
    pub fn done(&self, name: &str, people: &str) -> String {
        filled(self.action().words().done, name, people)
    }
    /// The running action: `Disabling 3,713 people`.
    pub fn doing(&self, name: &str, people: &str) -> String {
        filled(self.action().words().doing, name, people)
    }
    /// The action to confirm, for a question, its button and the audit log: `Enable 12 people`.
    pub fn to_do(&self, name: &str, people: &str) -> String {
        filled(self.action().words().to_do, name, people)
    }
    /// The number of members already in that state, shown beside those that were changed: `1 already had it`.
    pub fn unchanged(&self, count: i64) -> String {
        let were = if count == 1 { "was" } else { "were" };
        format!("{} {}", grouped(count), self.action().unchanged().replace("{were}", were))
    }
    /// The reason that the caller typed.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Change(Change::Disable { reason }) if !reason.is_empty() => Some(reason),
            _ => None,
        }
    }
    /// The name of the role, team or policy of the action; empty if it does not exist any more.
    pub fn subject(&self, conn: &mut Conn, scope: &Scope) -> Result<String, Fault> {
        let here = scope.organization;
        let subject = match self {
            Self::Change(change) => change.subject(),
            Self::Restore { role } => Subject::Role(*role),
            Self::EndSessions | Self::SendReset | Self::Resend | Self::Cancel => return Ok(String::new()),
        };
        let name = match subject {
            Subject::Role(role) => roles::find(conn, here, role).map(|role| role.name),
            Subject::Policy(policy) => policies::find(conn, here, policy).map(|policy| policy.name),
            Subject::Team(team) => {
                let all = members::teams(conn, here)?;
                all.into_iter().find(|one| one.id == team).map(|one| one.name).ok_or(Fault::Missing)
            }
            Subject::Member | Subject::Status | Subject::AdministratorRole => return Ok(String::new()),
        };
        match name {
            Err(Fault::Missing) => Ok(String::new()),
            found => found,
        }
    }
}
