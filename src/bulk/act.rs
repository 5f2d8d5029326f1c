//! The actions of the bulk bar, and their texts.

use crate::{
    kit::{Fault, MemberKind, Scope, rights},
    members, text_enum,
};

text_enum! {
    /// The actions of the bulk bar. There is no default: an unknown action is refused.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum BulkActionKind {
        Disable = "disable",
        Enable = "enable",
        AddRole = "add_role",
        RemoveRole = "remove_role",
        JoinTeam = "join_team",
        LeaveTeam = "leave_team",
        MakeAdministrator = "make_administrator",
        RemoveAdministrator = "remove_administrator",
        EndSessions = "end_sessions",
        SendReset = "send_reset",
        Resend = "resend",
        Cancel = "cancel",
        Delete = "delete",
        AttachPolicy = "attach_policy",
        DetachPolicy = "detach_policy",
    }
}

impl BulkActionKind {
    /// Whether the action exists for members of that kind: system accounts neither sign in nor are invited.
    pub fn is_for(self, kind: MemberKind) -> bool {
        kind == MemberKind::User || !matches!(self, Self::EndSessions | Self::SendReset | Self::Resend | Self::Cancel)
    }
    /// Checks that the caller may do it to some members of that kind. Each member is checked separately.
    ///
    /// # Errors
    /// [`Fault::Denied`]; [`Fault::Missing`] if the action does not exist for members of that kind.
    pub fn demand(self, scope: &Scope, kind: MemberKind) -> Result<(), Fault> {
        match self {
            _ if !self.is_for(kind) => Err(Fault::Missing),
            Self::Resend | Self::Cancel => scope.demand(rights::USER_INVITE),
            Self::Disable | Self::Enable if members::may_run_some(scope, kind) => Ok(()),
            _ => scope.demand(rights::manage(kind)),
        }
    }
    /// Whether it takes something away from members.
    pub fn is_dangerous(self) -> bool {
        matches!(
            self,
            Self::Disable
                | Self::RemoveRole
                | Self::DetachPolicy
                | Self::RemoveAdministrator
                | Self::EndSessions
                | Self::Cancel
                | Self::Delete
        )
    }
    /// Whether it is refused for members who have not joined yet.
    pub fn is_refused_to_the_invited(self) -> bool {
        matches!(self, Self::Disable | Self::Enable | Self::Delete | Self::SendReset)
    }
    /// Whether it needs reauthentication whatever its parameters are. If so, reauthentication comes before the form.
    pub fn needs_reauthentication(self) -> bool {
        matches!(self, Self::MakeAdministrator | Self::AttachPolicy | Self::Delete)
    }
    /// `Disable 12 people`, for titles and buttons.
    pub fn title(self, people: &str) -> String {
        match self {
            Self::Disable => format!("Disable {people}"),
            Self::Enable => format!("Enable {people}"),
            Self::AddRole => format!("Add a role to {people}"),
            Self::RemoveRole => format!("Remove a role from {people}"),
            Self::JoinTeam => format!("Add {people} to a team"),
            Self::LeaveTeam => format!("Take {people} out of a team"),
            Self::MakeAdministrator => format!("Make {people} administrators"),
            Self::RemoveAdministrator => format!("Remove {people} as administrators"),
            Self::EndSessions => format!("End the sessions of {people}"),
            Self::SendReset => format!("Send a password reset to {people}"),
            Self::Resend => format!("Resend the invitations of {people}"),
            Self::Cancel => format!("Cancel the invitations of {people}"),
            Self::Delete => format!("Delete {people}"),
            Self::AttachPolicy => format!("Attach a policy to {people}"),
            Self::DetachPolicy => format!("Detach a policy from {people}"),
        }
    }
    /// The consequences that the confirmation page lists.
    pub fn consequences(self, kind: MemberKind) -> &'static [&'static str] {
        match self {
            Self::Disable if kind.is_machine() => &[
                "no token opens anything any more, and whatever uses one fails",
                "the plan has room for as many others",
                "nothing is deleted; enabled again, tokens that have not expired work as before",
            ],
            Self::Enable if kind.is_machine() => &[
                "each counts toward the plan’s system accounts",
                "tokens that have not expired work again",
            ],
            Self::MakeAdministrator if kind.is_machine() => &[
                "anyone who has a token of one can do everything here, as you can",
                "it can be undone",
            ],
            Self::RemoveAdministrator if kind.is_machine() => &[
                "each keeps the other roles it holds; one that holds none gets the role CI/CD",
                "it can be undone",
            ],
            Self::Delete if kind.is_machine() => &[
                "tokens, roles and teams are gone, and whatever uses a token fails",
                "the audit log stays readable",
                "this cannot be undone",
            ],
            Self::Disable => &[
                "sessions and tokens do not open this organization any more",
                "invitations they sent are void unless somebody sends them again",
                "their seats become free",
                "nothing is deleted, and they can be enabled again at any time",
            ],
            Self::Enable => &["each takes a seat", "sessions that had ended stay ended"],
            Self::AddRole | Self::JoinTeam | Self::AttachPolicy => &["it holds from the next request on", "it can be undone"],
            Self::RemoveRole | Self::LeaveTeam | Self::DetachPolicy => &["it is gone from the next request on", "it can be undone"],
            Self::MakeAdministrator => &["each will hold every permission here, as you do", "it can be undone"],
            Self::RemoveAdministrator => &[
                "they keep the other roles they hold; anyone who holds none gets the role User",
                "it can be undone",
            ],
            Self::EndSessions => &["they must sign in again on every device"],
            Self::SendReset => &[
                "each gets a link to choose a new password, good for an hour",
                "the current password works until they do",
            ],
            Self::Resend => &["a new link is sent to each, good for 7 days", "the old links are dead"],
            Self::Cancel => &["their links are dead and their seats free", "they can be invited again"],
            Self::Delete => &[
                "they are not in this organization any more: roles, teams and login activity here are gone",
                "their emails and usernames are free unless another organization keeps them",
                "they stay readable in the audit log",
                "this cannot be undone",
            ],
        }
    }
}
