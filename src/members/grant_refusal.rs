//! Why a caller does not give a role, a team or a policy.

use crate::{
    authorization::Ceiling,
    kit::{Permission, Scope},
    policies::Policy,
    roles::Role,
};

/// Why a role, a team or a policy is not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefusal {
    #[error("The role {role} allows {permission}, which you may not do yourself. Nobody grants what they do not hold.")]
    TooWide { role: String, permission: Permission },
    #[error("The policy {policy} allows more than you may do: {permission}. Nobody grants what they do not hold.")]
    PolicyTooWide { policy: String, permission: Permission },
    /// The caller may add people to the team, and not grant them what it gives.
    #[error("The team {team} gives its members {what}. Whoever manages people and holds that adds somebody to it.")]
    TeamGives { team: String, what: String },
    #[error("{given}. That allows {permission}, which you may not do yourself. Nobody grants what they do not hold.")]
    TeamTooWide { given: String, permission: Permission },
    #[error("Who is in the team {0} is not yours to decide. Leave it out.")]
    NotYourTeam(String),
    #[error("You add people to the teams that you administer only. Choose at least one of them.")]
    NoTeam,
    #[error("An identity provider decides who is in the team {0}. Leave it out.")]
    ManagedTeam(String),
    #[error("A role, team or policy that was chosen does not exist any more. Choose again.")]
    Gone,
}

/// Why the caller cannot grant a role, if so: it has a permission that they do not hold. Lists, forms, imports and
/// every operation ask here.
pub fn refuse_role(scope: &Scope, role: &Role) -> Option<GrantRefusal> {
    let permission = scope.permissions.first_not_grantable(&role.permissions)?;
    Some(GrantRefusal::TooWide { role: role.name.clone(), permission })
}

/// Same for attaching a policy. `ceiling` is the caller's own.
pub fn refuse_policy(ceiling: &Ceiling, policy: &Policy) -> Option<GrantRefusal> {
    let permission = ceiling.first_missing_rule(&policy.rules)?;
    Some(GrantRefusal::PolicyTooWide { policy: policy.name.clone(), permission })
}
