//! The roles, teams and policies that a line can give, and the names that files use for them.

use super::{columns::Column, import_file::Line};
use crate::{
    kit::{PolicyId, RoleId, Scope, TeamId, fold},
    members::{self, GrantOptions, Grants, Refusal, Team},
    policies::Policy,
    roles::{self, Role},
};
use std::collections::HashMap;

/// Everything that a line can name, in lower case. An entry that the caller cannot give has the reason instead.
pub(super) struct Names {
    roles: HashMap<String, Result<RoleId, String>>,
    teams: HashMap<String, Result<TeamId, String>>,
    policies: HashMap<String, Result<PolicyId, String>>,
    administrator: Option<RoleId>,
}

impl Names {
    pub(super) fn of(offer: &GrantOptions, scope: &Scope) -> Self {
        let role = |role: &Role| {
            let given = match members::refuse_role(scope, role) {
                _ if !role.is_for_people() => Err(format!("The role {} is not for people.", role.name)),
                Some(refusal) => Err(refusal.to_string()),
                None => Ok(role.id),
            };
            (fold::canonical(&role.name), given)
        };
        let policy = |policy: &Policy| {
            let given = match members::refuse_policy(&offer.ceiling, policy) {
                Some(refusal) => Err(refusal.to_string()),
                None => Ok(policy.id),
            };
            (fold::canonical(&policy.name), given)
        };
        let team = |team: &Team| {
            let given = if team.is_too_wide {
                Err(format!("The team {}: {}. Nobody grants what they do not hold.", team.name, team.note()))
            } else {
                Ok(team.id)
            };
            (fold::canonical(&team.name), given)
        };
        Self {
            roles: offer.roles.iter().map(role).collect(),
            teams: offer.teams.iter().map(team).collect(),
            policies: offer.policies.iter().map(policy).collect(),
            administrator: roles::administrator(&offer.roles),
        }
    }

    /// What a line gives. For each kind, the named ones, or the default of the import if it names none.
    pub(super) fn grants(&self, line: &Line, default: &Grants) -> Result<Grants, String> {
        let mut grants = Grants {
            roles: listed(line.cell(Column::Roles), "role", &self.roles)?,
            teams: listed(line.cell(Column::Teams), "team", &self.teams)?,
            policies: listed(line.cell(Column::Policies), "policy", &self.policies)?,
        };
        if grants.roles.is_empty() {
            grants.roles.clone_from(&default.roles);
        }
        if grants.teams.is_empty() {
            grants.teams.clone_from(&default.teams);
        }
        let is_administrator = self.administrator.is_some_and(|id| grants.roles.contains(&id));
        match (is_administrator, grants.policies.is_empty()) {
            (true, false) => return Err(Refusal::NeedsNoPolicy.to_string()),
            (false, true) => grants.policies.clone_from(&default.policies),
            _ => {}
        }
        Ok(grants)
    }
}

/// Words that other products use for a person's role there; they are not roles of Roster.
const FOREIGN: [&str; 8] = [
    "member",
    "owner",
    "guest",
    "maintainer",
    "collaborator",
    "outside collaborator",
    "billing manager",
    "direct_member",
];

impl Names {
    /// Whether a cell of roles contains only words of another product that are not roles here.
    pub(super) fn is_foreign(&self, cell: &str) -> bool {
        let word = fold::canonical(cell);
        word.is_empty() || (FOREIGN.contains(&word.as_str()) && !self.roles.contains_key(&word))
    }
}

/// Characters that separate names in a cell.
const PARTS: [char; 4] = [';', '|', '\n', ','];

/// The most parts joined to one name: the separators that a name itself may contain, plus one.
const WITHIN: usize = 6;

/// Parses a list of names. A name may contain separators, so the longest known name is taken.
fn listed<T: Copy + Ord>(cell: &str, what: &str, known: &HashMap<String, Result<T, String>>) -> Result<Vec<T>, String> {
    let (mut found, mut rest) = (Vec::new(), cell);
    while !rest.is_empty() {
        let whole = std::iter::once(rest.len());
        let ends: Vec<usize> = rest.match_indices(PARTS).map(|(at, _)| at).chain(whole).take(WITHIN).collect();
        let longest = ends.iter().rev().find_map(|end| Some((*end, known.get(&fold::canonical(rest[..*end].trim()))?)));
        let first = ends.first().copied().unwrap_or_default();
        let end = match longest {
            Some((end, one)) => {
                found.push(one.clone()?);
                end
            }
            None if rest[..first].trim().is_empty() => first,
            None => {
                let shown: String = fold::visible(rest[..first].trim()).chars().take(100).collect();
                return Err(format!("There is no {what} called “{shown}”."));
            }
        };
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The names of what a line gives.
pub struct Labels {
    roles: HashMap<RoleId, String>,
    teams: HashMap<TeamId, String>,
    policies: HashMap<PolicyId, String>,
}

impl Labels {
    pub fn of(offer: &GrantOptions) -> Self {
        Self {
            roles: offer.roles.iter().map(|role| (role.id, role.name.clone())).collect(),
            teams: offer.teams.iter().map(|team| (team.id, team.name.clone())).collect(),
            policies: offer.policies.iter().map(|policy| (policy.id, policy.name.clone())).collect(),
        }
    }

    /// Roles, teams and policies that still exist, in column order.
    pub fn say(&self, grants: &Grants) -> Vec<(&'static str, String)> {
        let all = [
            ("roles", names(&grants.roles, &self.roles)),
            ("teams", names(&grants.teams, &self.teams)),
            ("policies", names(&grants.policies, &self.policies)),
        ];
        all.into_iter().filter(|(_, names)| !names.is_empty()).collect()
    }
}

fn names<T: Eq + std::hash::Hash>(ids: &[T], known: &HashMap<T, String>) -> String {
    let mut names: Vec<&str> = ids.iter().filter_map(|id| known.get(id)).map(String::as_str).collect();
    names.sort_unstable();
    names.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parted_as_people_part_them() {
        let names = ["user", "viewer", "read; never write", "a, b", "a", "secret"];
        let given = |(at, name): (usize, &&str)| ((*name).to_owned(), if *name == "secret" { Err("no".into()) } else { Ok(at) });
        let known: HashMap<_, _> = names.iter().enumerate().map(given).collect();
        for (cell, found) in [
            ("", Ok(vec![])),
            (" ; ,\n|", Ok(vec![])),
            ("Viewer", Ok(vec![1])),
            ("viewer;USER;user", Ok(vec![0, 1])),
            ("User, Viewer", Ok(vec![0, 1])),
            ("user|viewer\na", Ok(vec![0, 1, 4])),
            ("User; Read; never write", Ok(vec![0, 2])),
            ("a, b; a", Ok(vec![3, 4])),
            ("a, c", Err("There is no role called “c”.".to_owned())),
            ("user; secret", Err("no".to_owned())),
        ] {
            assert_eq!(listed(cell, "role", &known), found, "{cell:?}");
        }
        assert!(listed(&";".repeat(100_000), "role", &known).is_ok());
    }
}
