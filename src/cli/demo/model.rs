//! What a made-up member is and holds.

use crate::{
    kit::{MemberStatus, Timestamp},
    roles::Predefined,
};
use chrono::TimeDelta;
use clap::Args;

/// The size and seed of a demo.
#[derive(Args, Clone, Copy, Debug)]
pub(in crate::cli) struct Size {
    /// How many people
    #[arg(long, default_value_t = 500, value_name = "NUMBER")]
    pub members: usize,
    /// The same seed makes the same people
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub seed: u64,
}

/// One role that a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RoleAssignment {
    pub role: RoleChoice,
    pub until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoleChoice {
    Predefined(Predefined),
    /// One of `fixtures::OWN_ROLES`.
    Own(usize),
}

/// A membership in a team, given by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TeamMembership {
    pub team: usize,
    pub is_administrator: bool,
}

/// How a member joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Invitation,
    /// An administrator created them: a person with a password to replace, or a system account.
    Creation,
    /// They sign in with their identity provider.
    SingleSignOn,
}

/// The membership of a person or system account. Other people are given by number; the first are administrators.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Membership {
    pub origin: Origin,
    pub provider: &'static str,
    /// Of some invited people only the address is known.
    pub has_name: bool,
    pub status: MemberStatus,
    pub status_at: Timestamp,
    pub status_by: Option<usize>,
    pub status_reason: &'static str,
    pub created_at: Timestamp,
    /// The administrator who invited or created them. The founder, whom nobody created, has their own number.
    pub created_by: usize,
    pub joined_at: Option<Timestamp>,
    pub last_sign_in_at: Option<Timestamp>,
    pub last_api_use_at: Option<Timestamp>,
    pub assignments: Vec<RoleAssignment>,
    pub teams: Vec<TeamMembership>,
    pub policies: Vec<usize>,
}

impl Membership {
    pub fn is_administrator(&self) -> bool {
        self.assignments.iter().any(|assignment| assignment.role == ADMINISTRATOR)
    }
    /// Whether they chose a password. People who sign in another way, or have not joined, have none.
    pub fn has_password(&self) -> bool {
        self.provider == "local" && self.joined_at.is_some()
    }
    /// When the temporary password expires, if they never replaced it. It then stops working.
    pub fn temporary_until(&self) -> Option<Timestamp> {
        let is_untouched = self.origin == Origin::Creation && self.last_sign_in_at.is_none();
        is_untouched.then_some(self.created_at + TimeDelta::days(7))
    }
}

pub(super) const ADMINISTRATOR: RoleChoice = RoleChoice::Predefined(Predefined::Administrator);
