//! What a made-up member holds.

use crate::{
    kit::{
        MemberStatus::{self},
        Timestamp,
    },
    roles::Predefined,
};
use chrono::TimeDelta;

/// One role that a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    pub role: Held,
    pub until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Predefined(Predefined),
    /// One of `fixtures::OWN_ROLES`.
    Own(usize),
}

/// A membership in a team, given by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Belonging {
    pub team: usize,
    pub is_administrator: bool,
}

/// How a member joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayIn {
    Invitation,
    /// An administrator created them, with a password to replace.
    Creation,
    /// They sign in with their identity provider.
    SingleSignOn,
}

/// The membership of a person, given by number. The first people are administrators.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub way_in: WayIn,
    pub provider: &'static str,
    /// Of some invited people only the address is known.
    pub has_name: bool,
    pub status: MemberStatus,
    pub status_at: Timestamp,
    pub status_by: Option<usize>,
    pub status_reason: &'static str,
    pub created_at: Timestamp,
    /// The administrator who invited or created them.
    pub created_by: usize,
    pub joined_at: Option<Timestamp>,
    pub last_sign_in_at: Option<Timestamp>,
    pub last_api_use_at: Option<Timestamp>,
    pub assignments: Vec<Holding>,
    pub teams: Vec<Belonging>,
    pub policies: Vec<usize>,
}

impl Place {
    pub fn is_administrator(&self) -> bool {
        self.assignments.iter().any(|holding| holding.role == ADMINISTRATOR)
    }
    /// Whether they chose a password. People who sign in another way, or have not joined, have none.
    pub fn has_password(&self) -> bool {
        self.provider == "local" && self.joined_at.is_some()
    }
    /// When the temporary password expires, if they never replaced it. It then stops working.
    pub fn temporary_until(&self) -> Option<Timestamp> {
        let is_untouched = self.way_in == WayIn::Creation && self.last_sign_in_at.is_none();
        is_untouched.then_some(self.created_at + TimeDelta::days(7))
    }
}

pub(super) const ADMINISTRATOR: Held = Held::Predefined(Predefined::Administrator);
