//! What a change to members is, and its result for each of them.

use super::guards::Refusal;
use crate::kit::{MemberId, PolicyId, RoleId, TeamId, Timestamp};
use serde::{Deserialize, Serialize};

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

/// The result of a change for one member.
#[derive(Clone, Debug)]
pub struct Answer {
    pub id: MemberId,
    pub name: String,
    pub outcome: Outcome,
}

/// A role that a member held before the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub until: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Holds the earlier assignment of the role that was added or removed, so that undo can restore it.
    Done {
        was: Option<Held>,
    },
    /// The member already was in this state; nothing was written.
    Unchanged,
    Refused(Refusal),
}

impl Outcome {
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }
}
