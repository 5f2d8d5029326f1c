//! Texts for bulk actions: while running, when finished, and the name of the role, team or policy.

use super::action::BulkAction;
use crate::{
    db::Conn,
    kit::{Fault, MemberKind, Scope},
    members::{self, Change},
    policies, roles,
    web::grouped,
};

/// `12 people`, `1 system account`.
pub(super) fn counted(kind: MemberKind, count: i64) -> String {
    match count {
        1 => format!("1 {}", kind.singular()),
        many => format!("{} {}", grouped(many), kind.plural()),
    }
}

impl BulkAction {
    /// The finished action, for lists: `Role Auditor added to 12 people`. `name` is the role, team or policy.
    pub fn done(&self, name: &str, people: &str) -> String {
        let of = |what: &str| [what, name].join(" ").trim_end().to_owned();
        let (role, team, policy) = (of("Role"), of("the team"), of("Policy"));
        match self {
            Self::Change(Change::Disable { .. }) => format!("{people} disabled"),
            Self::Change(Change::Enable) => format!("{people} enabled"),
            Self::Change(Change::AddRole { .. }) => format!("{role} added to {people}"),
            Self::Change(Change::RemoveRole { .. }) => format!("{role} removed from {people}"),
            Self::Change(Change::MakeAdministrator) => format!("{people} made administrators"),
            Self::Change(Change::RemoveAdministrator) => format!("{people} are administrators no more"),
            Self::Change(Change::JoinTeam { .. }) => format!("{people} added to {team}"),
            Self::Change(Change::LeaveTeam { .. }) => format!("{people} taken out of {team}"),
            Self::Change(Change::MakeTeamAdministrator { .. }) => format!("{people} made team administrators"),
            Self::Change(Change::RemoveTeamAdministrator { .. }) => format!("{people} are team administrators no more"),
            Self::Change(Change::Delete) => format!("{people} deleted"),
            Self::Change(Change::AttachPolicy { .. }) => format!("{policy} attached to {people}"),
            Self::Change(Change::DetachPolicy { .. }) => format!("{policy} detached from {people}"),
            Self::EndSessions => format!("Sessions of {people} ended"),
            Self::SendReset => format!("Password reset links made for {people}"),
            Self::Resend => format!("Invitations of {people} renewed"),
            Self::Cancel => format!("Invitations of {people} cancelled"),
            Self::Restore { .. } => format!("{role} is as it was before for {people}"),
        }
    }
    /// The running action: `Disabling 3,713 people`.
    pub fn doing(&self, name: &str, people: &str) -> String {
        let of = |what: &str| [what, name].join(" ").trim_end().to_owned();
        let (role, team, policy) = (of("the role"), of("the team"), of("the policy"));
        match self {
            Self::Change(Change::Disable { .. }) => format!("Disabling {people}"),
            Self::Change(Change::Enable) => format!("Enabling {people}"),
            Self::Change(Change::AddRole { .. }) => format!("Adding {role} to {people}"),
            Self::Change(Change::RemoveRole { .. }) => format!("Removing {role} from {people}"),
            Self::Change(Change::MakeAdministrator) => format!("Making {people} administrators"),
            Self::Change(Change::RemoveAdministrator) => format!("Removing {people} as administrators"),
            Self::Change(Change::JoinTeam { .. }) => format!("Adding {people} to {team}"),
            Self::Change(Change::LeaveTeam { .. }) => format!("Taking {people} out of {team}"),
            Self::Change(Change::MakeTeamAdministrator { .. }) => format!("Making {people} team administrators"),
            Self::Change(Change::RemoveTeamAdministrator { .. }) => format!("Removing {people} as team administrators"),
            Self::Change(Change::Delete) => format!("Deleting {people}"),
            Self::Change(Change::AttachPolicy { .. }) => format!("Attaching {policy} to {people}"),
            Self::Change(Change::DetachPolicy { .. }) => format!("Detaching {policy} from {people}"),
            Self::EndSessions => format!("Ending the sessions of {people}"),
            Self::SendReset => format!("Making password reset links for {people}"),
            Self::Resend => format!("Renewing the invitations of {people}"),
            Self::Cancel => format!("Cancelling the invitations of {people}"),
            Self::Restore { .. } => format!("Putting {role} back as it was before for {people}"),
        }
    }
    /// The action to confirm, for a question, its button and the audit log: `Enable 12 people`.
    pub fn to_do(&self, name: &str, people: &str) -> String {
        let of = |what: &str| [what, name].join(" ").trim_end().to_owned();
        let (role, team, policy) = (of("the role"), of("the team"), of("the policy"));
        match self {
            Self::Change(Change::Disable { .. }) => format!("Disable {people}"),
            Self::Change(Change::Enable) => format!("Enable {people}"),
            Self::Change(Change::AddRole { .. }) => format!("Add {role} to {people}"),
            Self::Change(Change::RemoveRole { .. }) => format!("Remove {role} from {people}"),
            Self::Change(Change::MakeAdministrator) => format!("Make {people} administrators"),
            Self::Change(Change::RemoveAdministrator) => format!("Remove {people} as administrators"),
            Self::Change(Change::JoinTeam { .. }) => format!("Add {people} to {team}"),
            Self::Change(Change::LeaveTeam { .. }) => format!("Take {people} out of {team}"),
            Self::Change(Change::MakeTeamAdministrator { .. }) => format!("Make {people} team administrators"),
            Self::Change(Change::RemoveTeamAdministrator { .. }) => format!("Remove {people} as team administrators"),
            Self::Change(Change::Delete) => format!("Delete {people}"),
            Self::Change(Change::AttachPolicy { .. }) => format!("Attach {policy} to {people}"),
            Self::Change(Change::DetachPolicy { .. }) => format!("Detach {policy} from {people}"),
            Self::EndSessions => format!("End the sessions of {people}"),
            Self::SendReset => format!("Make password reset links for {people}"),
            Self::Resend => format!("Renew the invitations of {people}"),
            Self::Cancel => format!("Cancel the invitations of {people}"),
            Self::Restore { .. } => format!("Put {role} back as it was before for {people}"),
        }
    }
    /// The reason that the caller typed.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Change(Change::Disable { reason }) if !reason.is_empty() => Some(reason),
            _ => None,
        }
    }
    /// The number of members already in that state, shown beside those that were changed: `1 already had it`.
    pub fn unchanged(&self, count: i64) -> String {
        let (many, were) = (grouped(count), if count == 1 { "was" } else { "were" });
        match self {
            Self::Change(Change::AddRole { .. } | Change::AttachPolicy { .. }) => format!("{many} already had it"),
            Self::Change(Change::RemoveRole { .. } | Change::DetachPolicy { .. }) => format!("{many} did not have it"),
            Self::Change(Change::JoinTeam { .. }) => format!("{many} already {were} in it"),
            Self::Change(Change::LeaveTeam { .. }) => format!("{many} {were} not in it"),
            Self::Change(Change::RemoveAdministrator | Change::RemoveTeamAdministrator { .. }) => format!("{many} {were} none"),
            _ => format!("{many} already {were}"),
        }
    }
    /// The name of the role, team or policy of the action; empty if it does not exist any more.
    pub fn subject(&self, conn: &mut Conn, scope: &Scope) -> Result<String, Fault> {
        let here = scope.organization;
        let name = match self {
            Self::Change(Change::AddRole { role, .. } | Change::RemoveRole { role }) | Self::Restore { role } => {
                roles::find(conn, here, *role).map(|role| role.name)
            }
            Self::Change(Change::AttachPolicy { policy } | Change::DetachPolicy { policy }) => {
                policies::find(conn, here, *policy).map(|policy| policy.name)
            }
            Self::Change(Change::JoinTeam { team } | Change::LeaveTeam { team }) => {
                let all = members::teams(conn, here)?;
                all.into_iter().find(|one| one.id == *team).map(|one| one.name).ok_or(Fault::Missing)
            }
            _ => return Ok(String::new()),
        };
        match name {
            Err(Fault::Missing) => Ok(String::new()),
            preview => preview,
        }
    }
}
