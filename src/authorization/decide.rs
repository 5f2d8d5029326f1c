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

/// How a member has a role or a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// It is assigned to them, until an instant or without an end. Policies are attached without an end.
    Grant { until: Option<Timestamp> },
    /// This team gives it to its members, until an instant or without an end.
    Team {
        id: TeamId,
        name: String,
        until: Option<Timestamp>,
    },
    /// They are administrator of this team. One role comes with that.
    TeamAdministrator { id: TeamId, name: String },
}

impl Via {
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Grant { until } | Self::Team { until, .. } => *until,
            Self::TeamAdministrator { .. } => None,
        }
    }
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
    pub via: Via,
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
    /// When the first of the roles and policies ends that have an end.
    pub fn until(&self) -> Option<Timestamp> {
        let roles = self.roles.iter().map(|role| &role.via);
        roles.chain(self.policies.iter().map(|policy| &policy.via)).filter_map(Via::until).min()
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
    /// An action on at least one resource of that type: only for lists of who may.
    AnyResource { action: String, resource_type: String },
}

impl Question {
    /// The permission that allows it.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Permission(permission) => permission.clone(),
            Self::Action { action, resource_type, .. } | Self::AnyResource { action, resource_type } => {
                Permission::all(resource_type, action)
            }
        }
    }
    /// Whether this rule of a policy allows it.
    pub(super) fn is_allowed_by(&self, rule: &Rule) -> bool {
        match self {
            Self::Permission(_) => false,
            Self::Action { action, resource_type, resource_id } => rule.allows(resource_type, action, resource_id),
            Self::AnyResource { action, resource_type } => rule.resource_ids.iter().any(|id| rule.allows(resource_type, action, id)),
        }
    }
    /// Whether there can be such a resource type, action and resource.
    pub(super) fn is_readable(&self) -> bool {
        let is_id = |id: &str| !id.is_empty() && id != ALL && id.chars().count() <= LONGEST_ID;
        match self {
            Self::Permission(_) => true,
            Self::Action { action, resource_type, resource_id } => is_word(action) && is_word(resource_type) && is_id(resource_id),
            Self::AnyResource { action, resource_type } => is_word(action) && is_word(resource_type),
        }
    }
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
    /// This permission of a role that comes with a team: to its members, or to its administrators.
    Team {
        #[serde(skip_serializing_if = "Option::is_none")]
        team: Option<TeamId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<String>,
        #[serde(serialize_with = "as_text")]
        permission: Permission,
        #[serde(rename = "as")]
        part: TeamPart,
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// A rule of a policy, counted from one.
    Policy {
        #[serde(skip_serializing_if = "Option::is_none")]
        policy: Option<PolicyId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<usize>,
        /// The team that gives the policy to its members.
        #[serde(skip_serializing_if = "Option::is_none")]
        team: Option<ReasonTeam>,
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// They are invited or disabled.
    NotActive,
    /// The question names something invalid.
    Malformed,
    /// No role and no policy allows it.
    Nothing,
}

/// As what somebody gets a role from a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamPart {
    Member,
    Administrator,
}

/// A team that gives a policy. Its id and name are absent if the caller may not read teams.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReasonTeam {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<TeamId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
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
                write!(f, "{}.", until_told(*until))
            }
            Self::Team { name, role, permission, part, until, .. } => {
                let being = match part {
                    TeamPart::Member => "being in",
                    TeamPart::Administrator => "being administrator of",
                };
                match role {
                    Some(role) => write!(f, "The role {role}, which comes with {being} {},", team_told(name.as_ref()))?,
                    None => write!(f, "A role that comes with {being} {}", team_told(name.as_ref()))?,
                }
                write!(f, " allows {permission}{}.", until_told(*until))
            }
            Self::Policy { name, rule, team, until, .. } => {
                match name {
                    Some(name) => write!(f, "The policy {name}")?,
                    None => f.write_str("A policy")?,
                }
                if let Some(team) = team {
                    write!(f, ", which comes with being in {},", team_told(team.name.as_ref()))?;
                }
                f.write_str(" allows it")?;
                rule.map_or(Ok(()), |rule| write!(f, " by its rule {rule}"))?;
                write!(f, "{}.", until_told(*until))
            }
            Self::NotActive => f.write_str("They are not active here, and so may do nothing."),
            Self::Malformed => f.write_str("There can be no such resource type, action or resource."),
            Self::Nothing => f.write_str("No role and no policy allows it."),
        }
    }
}

fn team_told(name: Option<&String>) -> String {
    name.map_or_else(|| "a team".into(), |name| format!("the team {name}"))
}

fn until_told(until: Option<Timestamp>) -> String {
    until.map(|until| format!(" until {}", until.exact())).unwrap_or_default()
}

/// The longest resource id that can be stored. Any id is valid except the wildcard.
const LONGEST_ID: usize = 200;

/// Decides whether they may, and why.
pub fn decide(held: &Effective, question: &Question) -> Decision {
    let denied = |because| Decision { allowed: false, because: vec![because] };
    if !held.is_active {
        return denied(Reason::NotActive);
    }
    if !question.is_readable() {
        return denied(Reason::Malformed);
    }
    let wanted = question.permission();
    let because: Vec<Reason> = by_roles(held, &wanted).chain(by_policies(held, question)).collect();
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
            Via::Team { id, name, .. } | Via::TeamAdministrator { id, name } => Reason::Team {
                team: Some(*id),
                name: Some(name.clone()),
                role: Some(role.name.clone()),
                permission,
                part: match role.via {
                    Via::TeamAdministrator { .. } => TeamPart::Administrator,
                    _ => TeamPart::Member,
                },
                until: role.via.until(),
            },
        })
    })
}

fn by_policies<'a>(held: &'a Effective, question: &'a Question) -> impl Iterator<Item = Reason> + 'a {
    let wanted = question.permission();
    let counts = !held.is_administrator() && held.declared.knows(wanted.noun(), wanted.action());
    held.policies.iter().filter(move |_| counts).filter_map(move |policy| {
        let rule = policy.rules.iter().position(|rule| question.is_allowed_by(rule))?;
        let team = match &policy.via {
            Via::Team { id, name, .. } | Via::TeamAdministrator { id, name } => {
                Some(ReasonTeam { id: Some(*id), name: Some(name.clone()) })
            }
            Via::Grant { .. } => None,
        };
        Some(Reason::Policy {
            policy: Some(policy.id),
            name: Some(policy.name.clone()),
            rule: Some(rule + 1),
            team,
            until: policy.via.until(),
        })
    })
}
