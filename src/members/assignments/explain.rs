//! What a member may do and where each permission comes from, for the Access tab; and what a change would add or
//! remove.

use crate::{
    authorization::{Ceiling, Effective, HeldRole, Names, Via},
    db::Conn,
    kit::{Fault, Permission, Scope, Timestamp, rights},
    roles::{self, ApplicationPermission, CATALOGUE},
};
use std::collections::BTreeSet;

/// A permission in force.
#[derive(Debug)]
pub(super) struct PermissionLine {
    pub permission: String,
    pub label: String,
    pub sentence: String,
    pub sources: Vec<Source>,
}

/// Where the permission comes from. The name is absent if the caller may not read it ([`Names`]).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub role: Option<String>,
    pub team: Option<SourceTeam>,
    pub until: Option<Timestamp>,
}

/// The team with which a role or a policy comes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SourceTeam {
    pub name: Option<String>,
    /// It comes with being administrator of the team.
    pub is_run: bool,
}

/// Permissions on one kind of resource.
#[derive(Debug)]
pub(super) struct Group {
    pub label: String,
    pub lines: Vec<PermissionLine>,
}

/// A policy with a summary of its rules.
#[derive(Debug)]
pub(super) struct PolicyLine {
    pub name: Option<String>,
    pub rules: Vec<String>,
    pub team: Option<SourceTeam>,
    pub until: Option<Timestamp>,
}

/// Everything in force.
#[derive(Debug)]
pub(super) struct Why {
    /// The permissions that the caller needs to see every name, if some are hidden.
    pub lacking: Vec<&'static str>,
    /// The roles that allow everything. If there is one, nothing else is listed.
    pub everything: Vec<Source>,
    pub groups: Vec<Group>,
    pub policies: Vec<PolicyLine>,
    pub is_active: bool,
    pub is_administrator: bool,
}

/// The names and descriptions of permissions.
pub(super) struct Words(Vec<ApplicationPermission>);

impl Words {
    pub fn load(conn: &mut Conn, scope: &Scope) -> Result<Self, Fault> {
        Ok(Self(roles::application_permissions(conn, scope.organization)?))
    }

    /// A permission's resource, name and description.
    fn of(&self, permission: &Permission) -> (String, String, String) {
        let text = permission.to_string();
        for resource in CATALOGUE {
            if let Some(known) = resource.permissions.iter().find(|known| known.permission == text) {
                return (resource.label.into(), known.label.into(), known.sentence.into());
            }
        }
        if let Some(declared) = self.0.iter().find(|declared| declared.permission == text) {
            return ("Your applications".into(), text, declared.description.clone());
        }
        ("Besides".into(), text, String::new())
    }
}

/// The permission that stands for all permissions.
fn everything() -> Permission {
    rights::EVERYTHING.over_all()
}

impl Why {
    pub fn is_empty(&self) -> bool {
        self.everything.is_empty() && self.groups.is_empty() && self.policies.is_empty()
    }
    pub fn of(held: &Effective, words: &Words, names: Names) -> Self {
        let sources = |permission: &Permission| {
            let holding = held.roles.iter().filter(|role| role.permissions.iter().any(|one| one == permission));
            let mut all: Vec<Source> = Vec::new();
            for source in holding.map(|role| source(role, names)) {
                if !all.contains(&source) {
                    all.push(source);
                }
            }
            all
        };
        let all_there_is = sources(&everything());
        let all: BTreeSet<&Permission> = held.roles.iter().flat_map(|role| role.permissions.iter()).collect();
        let mut groups: Vec<Group> = Vec::new();
        for permission in all.into_iter().filter(|_| all_there_is.is_empty()) {
            let (about, label, sentence) = words.of(permission);
            let line = PermissionLine {
                permission: permission.to_string(),
                label,
                sentence,
                sources: sources(permission),
            };
            match groups.iter_mut().find(|group| group.label == about) {
                Some(group) => group.lines.push(line),
                None => groups.push(Group { label: about, lines: vec![line] }),
            }
        }
        // In the order of the role form.
        let place = |group: &Group| CATALOGUE.iter().position(|resource| resource.label == group.label).unwrap_or(usize::MAX);
        groups.sort_by_key(place);
        let policies = held.policies.iter().map(|policy| PolicyLine {
            name: names.policies.then(|| policy.name.clone()),
            rules: policy.rules.iter().map(ToString::to_string).collect(),
            team: source_team(&policy.via, names),
            until: policy.via.until(),
        });
        Self {
            lacking: missing_permissions(held, names),
            everything: all_there_is,
            groups,
            policies: policies.collect(),
            is_active: held.is_active,
            is_administrator: held.is_administrator(),
        }
    }
}

fn source(role: &HeldRole, names: Names) -> Source {
    Source {
        role: names.roles.then(|| role.name.clone()),
        team: source_team(&role.via, names),
        until: role.via.until(),
    }
}

fn source_team(via: &Via, names: Names) -> Option<SourceTeam> {
    let (name, is_run) = match via {
        Via::Grant { .. } => return None,
        Via::Team { name, .. } => (name, false),
        Via::TeamAdministrator { name, .. } => (name, true),
    };
    Some(SourceTeam { name: names.teams.then(|| name.clone()), is_run })
}

/// The permissions that the caller needs to see the hidden names.
fn missing_permissions(held: &Effective, names: Names) -> Vec<&'static str> {
    let comes_with_team = |via: &Via| !matches!(via, Via::Grant { .. });
    let has_teams =
        held.roles.iter().any(|role| comes_with_team(&role.via)) || held.policies.iter().any(|policy| comes_with_team(&policy.via));
    let all = [
        ("role:read:*", !names.roles && !held.roles.is_empty()),
        ("team:read:*", !names.teams && has_teams),
        ("policy:read:*", !names.policies && !held.policies.is_empty()),
    ];
    all.into_iter().filter(|(_, is_lacking)| *is_lacking).map(|(permission, _)| permission).collect()
}

/// A permission in words.
#[derive(Debug)]
pub(super) struct Told {
    /// Empty if the sentence says everything.
    pub what: String,
    pub sentence: String,
}

/// What a change adds and what it removes.
#[derive(Debug)]
pub(super) struct Difference {
    pub added: Vec<Told>,
    pub removed: Vec<Told>,
}

impl Difference {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
    pub fn between(before: &Effective, after: &Effective, words: &Words) -> Self {
        Self { added: beyond(after, before, words), removed: beyond(before, after, words) }
    }
}

/// What the first may do that the second may not.
fn beyond(one: &Effective, other: &Effective, words: &Words) -> Vec<Told> {
    let theirs = other.permissions();
    let mine = one.permissions();
    let permissions = mine.iter().filter(|permission| !theirs.allow(permission)).map(|permission| {
        if *permission == everything() {
            return Told {
                what: String::new(),
                sentence: "Everything: all there is here, and all there will be.".into(),
            };
        }
        let (about, label, sentence) = words.of(permission);
        let what = permission.to_string();
        Told {
            sentence: if label == what {
                sentence
            } else {
                format!("{about}: {label}. {sentence}")
            },
            what,
        }
    });
    let limit = Ceiling::over(other);
    // An administrator gains nothing from policies.
    let policies = one.policies.iter().filter(|_| !one.is_administrator());
    let rules = policies.flat_map(|policy| policy.rules.iter().map(|rule| (&policy.name, rule)));
    let rules = rules.filter(|(_, rule)| limit.first_missing_rule(std::slice::from_ref(*rule)).is_some());
    let rules = rules.map(|(policy, rule)| Told { what: rule.to_string(), sentence: format!("By the policy {policy}.") });
    permissions.chain(rules).collect()
}
