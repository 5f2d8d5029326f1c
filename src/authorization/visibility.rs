//! Which names a caller may read. Every caller who can see a member sees what that member may do. The names of the
//! roles, teams and policies behind it are visible to callers who may read those, to callers who may assign them to
//! members of that kind, and always to the member.

use super::{Reason, decide::ReasonTeam};
use crate::kit::{MemberId, MemberKind, Scope, rights};

/// Which names of a member's roles, teams and policies the caller may read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Names {
    pub roles: bool,
    pub teams: bool,
    pub policies: bool,
}

impl Names {
    /// Names that every member may read about themselves.
    pub const ALL: Self = Self { roles: true, teams: true, policies: true };
    /// The names that the caller may read about this member.
    pub fn about(scope: &Scope, kind: MemberKind, id: MemberId) -> Self {
        let all = scope.is_me(id) || scope.may(rights::manage(kind));
        Self {
            roles: all || scope.may(rights::ROLE_READ),
            teams: all || scope.may(rights::TEAM_READ),
            policies: all || scope.may(rights::POLICY_READ),
        }
    }
    /// Removes names that the caller may not read. Reasons that then are equal become one.
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
            Reason::Policy { policy, name, rule, team, .. } => {
                if !self.policies {
                    (*policy, *name, *rule) = (None, None, None);
                }
                if !self.teams {
                    *team = team.take().map(|_| ReasonTeam::default());
                }
            }
            _ => {}
        }
        reason
    }
}
