//! The form of a role: its name, a description, and a matrix of permissions.

use super::RoleRefusal;
use crate::{
    kit::{Permission, Permissions, Scope},
    roles::{ApplicationPermission, CATALOGUE, Content, Resource, Role, is_known},
    web::{Field, complaints},
};
use serde::Deserialize;
use std::collections::BTreeSet;

pub(super) const LONGEST_NAME: usize = 60;
pub(super) const LONGEST_DESCRIPTION: usize = 300;

/// The form, both parsed from a request and rendered again.
#[derive(Deserialize, Default, Debug, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct RoleForm {
    /// The version that was read.
    pub version: i64,
    pub name: Field,
    pub description: Field,
    #[serde(rename = "permission")]
    pub permissions: Vec<String>,
    /// The hash of the preview that the user has seen.
    pub seen: String,
    #[serde(skip)]
    pub complaint: Option<String>,
}

impl RoleForm {
    pub fn of(role: &Role) -> Self {
        Self {
            version: role.version,
            name: Field::new(&role.name),
            description: Field::new(&role.description),
            permissions: role.permissions.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }
    /// The form for a new role that starts as a copy. `*:*:*` cannot be given to other roles, so a copy of the
    /// Administrator starts with every permission known now.
    pub fn copy_of(role: &Role, declared: &[ApplicationPermission]) -> Self {
        let mut copy = Self { version: 0, name: Field::new(format!("{} (copy)", role.name)), ..Self::of(role) };
        if role.is_administrator() {
            let rosters = CATALOGUE.iter().flat_map(|resource| resource.permissions);
            let all = rosters.map(|one| one.permission).chain(declared.iter().map(|one| one.permission.as_str()));
            copy.permissions = all.map(ToOwned::to_owned).collect();
        }
        copy
    }

    pub fn check(&mut self) -> Option<Content> {
        let name = self.name.line("a name", LONGEST_NAME);
        let description = self.description.optional_line(LONGEST_DESCRIPTION);
        let permissions: Result<BTreeSet<Permission>, String> = self.permissions.iter().map(|text| text.parse()).collect();
        self.complaint = match &permissions {
            Err(why) => Some(format!("{why}.")),
            Ok(none) if none.is_empty() => Some("Choose at least one permission: a role without any allows nothing.".into()),
            Ok(_) => None,
        };
        Some(Content {
            name: name?,
            description: description?,
            permissions: permissions.ok().filter(|some| !some.is_empty())?.into_iter().collect(),
        })
    }
    /// Shows a refusal at the field it concerns.
    pub fn complain(&mut self, refusal: &RoleRefusal) {
        match refusal {
            RoleRefusal::NameTaken | RoleRefusal::NameReserved(_) => self.name.refuse(refusal.to_string()),
            other => self.complaint = Some(other.to_string()),
        }
    }
    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([
            ("name", &self.name.complaint),
            ("description", &self.description.complaint),
            ("permissions", &self.complaint),
        ])
    }
}

/// One permission in the matrix.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub permission: String,
    pub label: String,
    pub sentence: String,
    pub is_chosen: bool,
    /// The caller does not hold it, so they cannot give it.
    pub is_too_wide: bool,
}

/// Permissions on one resource.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub label: String,
    pub choices: Vec<Choice>,
}

/// Roster's own permissions, the organization's application permissions, and any others that the role holds.
pub(super) fn matrix(scope: &Scope, chosen: &[String], declared: &[ApplicationPermission]) -> Vec<Group> {
    let choice = |permission: &str, label: &str, sentence: &str| Choice {
        permission: permission.into(),
        label: label.into(),
        sentence: sentence.into(),
        is_chosen: chosen.iter().any(|one| one == permission),
        is_too_wide: permission.parse().is_ok_and(|wanted| !scope.permissions.allow(&wanted)),
    };
    let own = CATALOGUE.iter().map(|resource| Group {
        label: resource.label.into(),
        choices: resource.permissions.iter().map(|one| choice(one.permission, one.label, one.sentence)).collect(),
    });
    let mut all: Vec<Group> = own.collect();
    let applications = declared.iter().map(|one| choice(&one.permission, &one.permission, &one.description));
    all.push(Group { label: "Your applications".into(), choices: applications.collect() });
    let is_shown = |text: &str, all: &[Group]| all.iter().flat_map(|group| &group.choices).any(|one| one.permission == text);
    let rest = chosen.iter().filter(|text| !is_shown(text, &all));
    let (everything, unknown): (Vec<&String>, Vec<&String>) = rest.partition(|text| *text == EVERYTHING);
    let everything = everything
        .into_iter()
        .map(|text| choice(text, "May do everything", "Everything there is, and everything there will be."));
    let gone = "Neither Roster nor your organization knows this one any more. Taken out, it cannot be put back.";
    let unknown = unknown.into_iter().map(|text| choice(text, text, gone));
    let (everything, unknown): (Vec<Choice>, Vec<Choice>) = (everything.collect(), unknown.collect());
    for (label, choices) in [("Everything", everything), ("No longer declared", unknown)] {
        all.push(Group { label: label.into(), choices });
    }
    all.retain(|group| !group.choices.is_empty());
    all
}

/// A short summary of what a role allows, by resource. Permissions implied by others are left out.
pub(super) fn allows(permissions: &Permissions) -> Vec<(String, String)> {
    if permissions.iter().any(|one| one.to_string() == EVERYTHING) {
        return vec![("Everything".into(), String::new())];
    }
    let is_told = |one: &&Permission| !permissions.iter().any(|wider| wider != *one && wider.covers(one));
    let told: BTreeSet<String> = permissions.iter().filter(is_told).map(ToString::to_string).collect();
    let of = |resource: &Resource| {
        let labels = resource.permissions.iter().filter(|one| told.contains(one.permission));
        let labels: Vec<String> = labels.map(|one| one.label.to_lowercase()).collect();
        (!labels.is_empty()).then(|| (resource.label.to_owned(), labels.join(", ")))
    };
    let mut all: Vec<(String, String)> = CATALOGUE.iter().filter_map(of).collect();
    let of_applications = permissions.iter().filter(|one| !is_known(one)).map(ToString::to_string);
    let of_applications: Vec<String> = of_applications.filter(|one| told.contains(one)).collect();
    if !of_applications.is_empty() {
        all.push(("Your applications".into(), of_applications.join(", ")));
    }
    all
}

/// The permission that only the Administrator holds.
const EVERYTHING: &str = "*:*:*";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_allows_is_told_in_short() {
        let told = |texts: &[&str]| {
            let permissions: Permissions = texts.iter().map(|text| text.parse().unwrap()).collect();
            let lines = allows(&permissions).into_iter().map(|(resource, what)| format!("{resource}: {what}"));
            lines.collect::<Vec<_>>().join("; ")
        };
        assert_eq!(told(&["user:read:*", "user:invite:*", "team:read:*"]), "People: see, invite; Teams: see");
        assert_eq!(told(&["team:read:*", "team:manage:*", "team:manage:own"]), "Teams: manage");
        assert_eq!(
            told(&["audit:read:*", "contract_data:read:*"]),
            "Audit log: see; Your applications: contract_data:read:*"
        );
        assert_eq!(
            allows(&[EVERYTHING.parse().unwrap()].into_iter().collect()),
            [("Everything".to_owned(), String::new())]
        );
        assert_eq!(told(&[]), "");
    }
}
