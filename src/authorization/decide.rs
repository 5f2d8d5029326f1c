//! The decision "may they do this?", from roles and policies together, with the roles or policies that allow it.
//!
//! Roles and policies only allow, so everything that none of them allows is denied. A question, permission or rule that
//! cannot be read allows nothing (OWASP ASVS 5.0, 8.2.1: deny by default).

use crate::{
    kit::{Permission, Permissions, PolicyId, RoleId, TeamId, Timestamp, permission::is_word},
    policies::{ALL, Declared, Rule},
    roles::Predefined,
};
use serde::Serialize;
use std::fmt;

/// How a member has a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Assigned to them, until an instant or without an end.
    Grant { until: Option<Timestamp> },
    /// They are administrator of this team.
    Team { id: TeamId, name: String },
}

/// A role in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRole {
    pub id: RoleId,
    pub name: String,
    pub predefined: Option<Predefined>,
    pub via: Via,
    pub permissions: Permissions,
}

impl HeldRole {
    pub fn is_administrator(&self) -> bool {
        self.predefined == Some(Predefined::Administrator)
    }
}

/// An attached policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    pub id: PolicyId,
    pub name: String,
    pub rules: Vec<Rule>,
}

/// Everything a member holds at one instant, and the declared resource types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// An invited or disabled member may do nothing, whatever they hold.
    pub is_active: bool,
    pub roles: Vec<HeldRole>,
    /// An administrator gains nothing from policies; they take effect again when the member stops being one.
    pub policies: Vec<Attached>,
    /// The resource types that policies can name. No policy allows a type that is not declared.
    pub declared: Declared,
}

impl Effective {
    /// All permissions of all roles together.
    pub fn permissions(&self) -> Permissions {
        together(&self.roles)
    }
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(HeldRole::is_administrator)
    }
    /// When the first of the roles ends that have an end.
    pub fn until(&self) -> Option<Timestamp> {
        let end = |role: &HeldRole| match role.via {
            Via::Grant { until } => until,
            Via::Team { .. } => None,
        };
        self.roles.iter().filter_map(end).min()
    }
}

/// All permissions of several roles together.
pub fn together(roles: &[HeldRole]) -> Permissions {
    roles.iter().flat_map(|role| role.permissions.iter().cloned()).collect()
}

/// The question to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A permission, such as `contract_data:read:*`.
    Permission(Permission),
    /// An action on one resource. A role can allow it too: `resource:action:*` allows that action on every resource of
    /// the type of that name, and `manage` includes `read`. The scopes `team` and `own` do not, because only the
    /// application knows who owns the resource.
    Action {
        action: String,
        resource_type: String,
        resource_id: String,
    },
}

/// The decision, always with a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    pub because: Vec<Reason>,
}

/// What allows it, or why nothing does. A name is absent if the caller may not read it ([`Names`](super::Names)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// This permission of a role assigned to them.
    Role {
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<RoleId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(serialize_with = "as_text")]
        permission: Permission,
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// This permission of a role that comes with a team.
    Team {
        #[serde(skip_serializing_if = "Option::is_none")]
        team: Option<TeamId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<String>,
        #[serde(serialize_with = "as_text")]
        permission: Permission,
    },
    /// A rule of a policy, counted from one.
    Policy {
        #[serde(skip_serializing_if = "Option::is_none")]
        policy: Option<PolicyId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<usize>,
    },
    /// They are invited or disabled.
    NotActive,
    /// The question names something invalid.
    Malformed,
    /// No role and no policy allows it.
    Nothing,
}

fn as_text<S: serde::Serializer>(what: &Permission, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(what)
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role { name, permission, until, .. } => {
                match name {
                    Some(name) => write!(f, "The role {name} allows {permission}")?,
                    None => write!(f, "A role allows {permission}")?,
                }
                until.map_or(Ok(()), |until| write!(f, " until {}", until.exact()))?;
                f.write_str(".")
            }
            Self::Team { name, role, permission, .. } => {
                match role {
                    Some(role) => write!(f, "The role {role}, which comes with being administrator of ")?,
                    None => f.write_str("A role that comes with being administrator of ")?,
                }
                match name {
                    Some(name) => write!(f, "the team {name}")?,
                    None => f.write_str("a team")?,
                }
                write!(f, "{} allows {permission}.", if role.is_some() { "," } else { "" })
            }
            Self::Policy { name: Some(name), rule: Some(rule), .. } => write!(f, "The policy {name} allows it by its rule {rule}."),
            Self::Policy { .. } => f.write_str("A policy allows it."),
            Self::NotActive => f.write_str("They are not active here, and so may do nothing."),
            Self::Malformed => f.write_str("There can be no such resource type, action or resource."),
            Self::Nothing => f.write_str("No role and no policy allows it."),
        }
    }
}

/// The longest resource id that can be stored. Any id is valid except the wildcard.
const LONGEST_ID: usize = 200;

/// Decides whether they may, and why.
pub fn decide(held: &Effective, question: &Question) -> Decision {
    let denied = |because| Decision { allowed: false, because: vec![because] };
    if !held.is_active {
        return denied(Reason::NotActive);
    }
    let because = match question {
        Question::Permission(wanted) => by_roles(held, wanted).collect(),
        Question::Action { action, resource_type, resource_id } => {
            let is_id = !resource_id.is_empty() && resource_id != ALL && resource_id.chars().count() <= LONGEST_ID;
            if !is_word(action) || !is_word(resource_type) || !is_id {
                return denied(Reason::Malformed);
            }
            let wanted = Permission::all(resource_type, action);
            let by_policies = by_policies(held, resource_type, action, resource_id);
            by_roles(held, &wanted).chain(by_policies).collect::<Vec<_>>()
        }
    };
    if because.is_empty() {
        return denied(Reason::Nothing);
    }
    Decision { allowed: true, because }
}

/// Each role that allows it, with the first of its permissions that does.
fn by_roles<'a>(held: &'a Effective, wanted: &'a Permission) -> impl Iterator<Item = Reason> + 'a {
    held.roles.iter().filter_map(move |role| {
        let permission = role.permissions.iter().find(|held| held.covers(wanted))?.clone();
        Some(match &role.via {
            Via::Grant { until } => Reason::Role { role: Some(role.id), name: Some(role.name.clone()), permission, until: *until },
            Via::Team { id, name } => Reason::Team {
                team: Some(*id),
                name: Some(name.clone()),
                role: Some(role.name.clone()),
                permission,
            },
        })
    })
}

fn by_policies<'a>(held: &'a Effective, resource_type: &'a str, action: &'a str, id: &'a str) -> impl Iterator<Item = Reason> + 'a {
    let counts = !held.is_administrator() && held.declared.knows(resource_type, action);
    held.policies.iter().filter(move |_| counts).filter_map(move |policy| {
        let rule = policy.rules.iter().position(|rule| rule.allows(resource_type, action, id))?;
        Some(Reason::Policy { policy: Some(policy.id), name: Some(policy.name.clone()), rule: Some(rule + 1) })
    })
}
