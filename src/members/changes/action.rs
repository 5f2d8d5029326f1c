//! What administrators do to members: each action with its rules, and a change with its parameters. `words.rs` beside it
//! has the words of each action; `src/README.md` says what else a new action touches.

use crate::{
    kit::{MemberKind, PolicyId, RoleId, TeamId, Timestamp},
    text_enum,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

text_enum! {
    /// An action on members. There is no default: an unknown action is refused.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action {
        Disable = "disable",
        Enable = "enable",
        AddRole = "add_role",
        RemoveRole = "remove_role",
        RestoreRole = "restore_role",
        JoinTeam = "join_team",
        LeaveTeam = "leave_team",
        MakeAdministrator = "make_administrator",
        RemoveAdministrator = "remove_administrator",
        MakeTeamAdministrator = "make_team_administrator",
        RemoveTeamAdministrator = "remove_team_administrator",
        EndSessions = "end_sessions",
        SendReset = "send_reset",
        Resend = "resend",
        Cancel = "cancel",
        Delete = "delete",
        AttachPolicy = "attach_policy",
        DetachPolicy = "detach_policy",
    }
}

/// What an action asks for on its confirmation page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AsksFor {
    Nothing,
    /// A reason, which may be empty.
    Reason,
    Role,
    /// A role, and perhaps its last day.
    RoleAndEnd,
    Team,
    Policy,
    /// The name or the number of the members, typed again: the action cannot be undone.
    Repetition,
}

impl Action {
    /// In the bulk bar of every list, in this order, for callers who manage its members.
    pub const COMMON: [Self; 3] = [Self::AddRole, Self::RemoveRole, Self::JoinTeam];
    /// Under "More" of the bulk bar, in this order.
    pub const MORE: [Self; 7] = [
        Self::LeaveTeam,
        Self::AttachPolicy,
        Self::DetachPolicy,
        Self::MakeAdministrator,
        Self::RemoveAdministrator,
        Self::EndSessions,
        Self::SendReset,
    ];

    /// Those that rows and menus of a member offer, with the refusal of each.
    pub(super) const ON_ROWS: [Self; 5] = [
        Self::Disable,
        Self::Enable,
        Self::MakeAdministrator,
        Self::RemoveAdministrator,
        Self::Delete,
    ];

    pub fn asks_for(self) -> AsksFor {
        match self {
            Self::Disable => AsksFor::Reason,
            Self::AddRole => AsksFor::RoleAndEnd,
            Self::RemoveRole => AsksFor::Role,
            Self::JoinTeam | Self::LeaveTeam => AsksFor::Team,
            Self::AttachPolicy | Self::DetachPolicy => AsksFor::Policy,
            Self::Delete => AsksFor::Repetition,
            _ => AsksFor::Nothing,
        }
    }
    /// Whether a form can ask for it for many members. Team administrators are made on the team's page; an earlier
    /// assignment of a role is restored by undo.
    pub fn is_for_many(self) -> bool {
        !matches!(self, Self::MakeTeamAdministrator | Self::RemoveTeamAdministrator | Self::RestoreRole)
    }
    /// Whether it exists for members of that kind: system accounts neither sign in nor are invited, nor do they run teams.
    pub fn is_for(self, kind: MemberKind) -> bool {
        let is_for_people = matches!(
            self,
            Self::EndSessions | Self::SendReset | Self::Resend | Self::Cancel | Self::MakeTeamAdministrator | Self::RemoveTeamAdministrator
        );
        kind == MemberKind::User || !is_for_people
    }
    /// Whether a caller may do it who runs a system account without managing all of them.
    pub fn belongs_to_running(self) -> bool {
        matches!(self, Self::Disable | Self::Enable)
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
    /// Whether lists of invited members offer it.
    pub fn is_for_the_invited(self) -> bool {
        !matches!(self, Self::MakeAdministrator | Self::RemoveAdministrator | Self::EndSessions | Self::SendReset)
    }
    /// Whether it is refused for members who have not joined yet.
    pub fn is_refused_to_the_invited(self) -> bool {
        matches!(self, Self::Disable | Self::Enable | Self::Delete | Self::SendReset)
    }
    /// Whether the caller must reauthenticate for it whatever its parameters are: it gives rights to manage Roster or an
    /// application, or cannot be undone.
    pub fn needs_reauthentication(self) -> bool {
        matches!(self, Self::MakeAdministrator | Self::AttachPolicy | Self::Delete)
    }
    /// Whether it gives access back to members, who then again hold what they held or were promised.
    pub fn gives_access_back(self) -> bool {
        matches!(self, Self::Enable | Self::Resend)
    }
    /// Whether it only sends letters.
    pub fn is_letter(self) -> bool {
        matches!(self, Self::SendReset | Self::Resend)
    }
    /// The action that undoes this one, if there is one.
    pub fn inverse(self) -> Option<Self> {
        Some(match self {
            Self::Disable => Self::Enable,
            Self::Enable => Self::Disable,
            Self::AddRole | Self::RemoveRole => Self::RestoreRole,
            Self::MakeAdministrator => Self::RemoveAdministrator,
            Self::RemoveAdministrator => Self::MakeAdministrator,
            Self::JoinTeam => Self::LeaveTeam,
            Self::LeaveTeam => Self::JoinTeam,
            Self::AttachPolicy => Self::DetachPolicy,
            Self::DetachPolicy => Self::AttachPolicy,
            _ => return None,
        })
    }
    /// The path of its page below a member's own page, if it has one for a single member.
    pub fn path(self) -> Option<&'static str> {
        Some(match self {
            Self::Disable => "disablement",
            Self::Enable => "enablement",
            Self::MakeAdministrator => "administration",
            Self::RemoveAdministrator => "administration/deletion",
            Self::EndSessions => "sessions/deletion",
            Self::SendReset => "password",
            Self::Delete => "deletion",
            _ => return None,
        })
    }
}

/// The parameters of an action. A role, team or policy that it does not take has the nil id, which nothing has.
#[derive(Clone, Debug)]
pub struct Parameters {
    pub reason: String,
    pub role: RoleId,
    pub until: Option<Timestamp>,
    pub team: TeamId,
    pub policy: PolicyId,
}

impl Default for Parameters {
    fn default() -> Self {
        let nil = Uuid::nil();
        Self {
            reason: String::new(),
            role: RoleId(nil),
            until: None,
            team: TeamId(nil),
            policy: PolicyId(nil),
        }
    }
}

/// A change to a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Ends their access now; keeps all their data.
    Disable {
        reason: String,
    },
    /// Gives access back. Sessions from before stay revoked.
    Enable,
    /// Grants a role, until an instant or without an end. If the member already holds the role, its end is replaced.
    AddRole {
        role: RoleId,
        until: Option<Timestamp>,
    },
    RemoveRole {
        role: RoleId,
    },
    MakeAdministrator,
    /// Makes them a general user. A member who then holds no role gets the default role.
    RemoveAdministrator,
    JoinTeam {
        team: TeamId,
    },
    LeaveTeam {
        team: TeamId,
    },
    /// Makes them an administrator of a team. They join the team if they are not in it.
    #[serde(rename = "Appoint")]
    MakeTeamAdministrator {
        team: TeamId,
    },
    /// Makes them an ordinary member of the team.
    #[serde(rename = "Dismiss")]
    RemoveTeamAdministrator {
        team: TeamId,
    },
    /// Frees their email and username for reuse. The audit trail stays readable.
    Delete,
    /// Refused for administrators, who need no policy. A member who becomes an administrator keeps attached policies,
    /// but they have no effect meanwhile.
    AttachPolicy {
        policy: PolicyId,
    },
    DetachPolicy {
        policy: PolicyId,
    },
}

/// What a change is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// The member as a whole.
    Member,
    Status,
    AdministratorRole,
    Role(RoleId),
    Team(TeamId),
    Policy(PolicyId),
}

impl Change {
    /// The action with these parameters, if it is a change to members.
    pub fn of(action: Action, with: Parameters) -> Option<Self> {
        let Parameters { reason, role, until, team, policy } = with;
        Some(match action {
            Action::Disable => Self::Disable { reason },
            Action::Enable => Self::Enable,
            Action::AddRole => Self::AddRole { role, until },
            Action::RemoveRole => Self::RemoveRole { role },
            Action::MakeAdministrator => Self::MakeAdministrator,
            Action::RemoveAdministrator => Self::RemoveAdministrator,
            Action::JoinTeam => Self::JoinTeam { team },
            Action::LeaveTeam => Self::LeaveTeam { team },
            Action::MakeTeamAdministrator => Self::MakeTeamAdministrator { team },
            Action::RemoveTeamAdministrator => Self::RemoveTeamAdministrator { team },
            Action::Delete => Self::Delete,
            Action::AttachPolicy => Self::AttachPolicy { policy },
            Action::DetachPolicy => Self::DetachPolicy { policy },
            Action::RestoreRole | Action::EndSessions | Action::SendReset | Action::Resend | Action::Cancel => return None,
        })
    }
    pub fn action(&self) -> Action {
        match self {
            Self::Disable { .. } => Action::Disable,
            Self::Enable => Action::Enable,
            Self::AddRole { .. } => Action::AddRole,
            Self::RemoveRole { .. } => Action::RemoveRole,
            Self::MakeAdministrator => Action::MakeAdministrator,
            Self::RemoveAdministrator => Action::RemoveAdministrator,
            Self::JoinTeam { .. } => Action::JoinTeam,
            Self::LeaveTeam { .. } => Action::LeaveTeam,
            Self::MakeTeamAdministrator { .. } => Action::MakeTeamAdministrator,
            Self::RemoveTeamAdministrator { .. } => Action::RemoveTeamAdministrator,
            Self::Delete => Action::Delete,
            Self::AttachPolicy { .. } => Action::AttachPolicy,
            Self::DetachPolicy { .. } => Action::DetachPolicy,
        }
    }
    pub fn subject(&self) -> Subject {
        match self {
            Self::Delete => Subject::Member,
            Self::Disable { .. } | Self::Enable => Subject::Status,
            Self::MakeAdministrator | Self::RemoveAdministrator => Subject::AdministratorRole,
            Self::AddRole { role, .. } | Self::RemoveRole { role } => Subject::Role(*role),
            Self::JoinTeam { team }
            | Self::LeaveTeam { team }
            | Self::MakeTeamAdministrator { team }
            | Self::RemoveTeamAdministrator { team } => Subject::Team(*team),
            Self::AttachPolicy { policy } | Self::DetachPolicy { policy } => Subject::Policy(*policy),
        }
    }
    /// The change that undoes this one, if it is a change for all members alike.
    pub fn inverse(&self) -> Option<Self> {
        let mut with = Parameters { reason: "Taken back".into(), ..Parameters::default() };
        match self.subject() {
            Subject::Team(team) => with.team = team,
            Subject::Policy(policy) => with.policy = policy,
            Subject::Role(role) => with.role = role,
            Subject::Member | Subject::Status | Subject::AdministratorRole => {}
        }
        Self::of(self.action().inverse()?, with)
    }
    /// Whether it needs a seat of the plan.
    pub(super) fn takes_a_seat(&self) -> bool {
        *self == Self::Enable
    }
    /// Whether it may leave the organization with one usable administrator less. `administrator` is the role's id.
    pub(super) fn may_take_an_administrator(&self, administrator: Option<RoleId>) -> bool {
        match self {
            Self::Disable { .. } | Self::Delete | Self::RemoveAdministrator => true,
            Self::AddRole { role, .. } | Self::RemoveRole { role } => Some(*role) == administrator,
            _ => false,
        }
    }
}
