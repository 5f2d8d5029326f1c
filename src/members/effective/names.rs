//! Whose names are told. What somebody may do is seen by anyone who sees them. What the roles, teams and policies are called
//! that it comes from is told to who may see those, to who gives them to members of that kind, and always to who it is
//! about.

use super::Reason;
use crate::kit::{MemberId, MemberKind, Scope, rights};

/// Which names the caller may read, of what a member holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Names {
    pub roles: bool,
    pub teams: bool,
    pub policies: bool,
}

impl Names {
    /// Those that everybody may read of themselves.
    pub const ALL: Self = Self {
        roles: true,
        teams: true,
        policies: true,
    };
    /// Those of what this member holds.
    pub fn about(scope: &Scope, kind: MemberKind, id: MemberId) -> Self {
        let all = scope.is_me(id) || scope.may(rights::manage(kind));
        Self {
            roles: all || scope.may(rights::ROLE_READ),
            teams: all || scope.may(rights::TEAM_READ),
            policies: all || scope.may(rights::POLICY_READ),
        }
    }
    /// The reasons without what may not be read in them. Several of which nothing else is left are one.
    pub fn leave(self, reasons: Vec<Reason>) -> Vec<Reason> {
        let mut left = Vec::new();
        for reason in reasons.into_iter().map(|reason| self.leave_of(reason)) {
            if !left.contains(&reason) {
                left.push(reason);
            }
        }
        left
    }
    fn leave_of(self, mut reason: Reason) -> Reason {
        match &mut reason {
            Reason::Role { role, name, .. } if !self.roles => (*role, *name) = (None, None),
            Reason::Team { team, name, role, .. } => {
                if !self.teams {
                    (*team, *name) = (None, None);
                }
                if !self.roles {
                    *role = None;
                }
            }
            Reason::Policy { policy, name, rule } if !self.policies => (*policy, *name, *rule) = (None, None, None),
            _ => {}
        }
        reason
    }
}
