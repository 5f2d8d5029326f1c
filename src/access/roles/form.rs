//! The form of a role: its name, a sentence, and a matrix of permissions.

use crate::{
    kit::{Permission, Scope},
    roles::{ApplicationPermission, CATALOGUE, Content, Role},
    web::Field,
};
use serde::Deserialize;
use std::collections::BTreeSet;

pub(super) const LONGEST_NAME: usize = 60;
pub(super) const LONGEST_DESCRIPTION: usize = 300;

/// What is typed. It travels both ways.
#[derive(Deserialize, Default, Debug, Clone)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RoleForm {
    /// The edition that was read.
    pub version: i64,
    pub name: Field,
    pub description: Field,
    #[serde(rename = "permission")]
    pub permissions: Vec<String>,
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
            complaint: None,
        }
    }
    /// A new one that begins as another is.
    pub fn copy_of(role: &Role) -> Self {
        Self {
            version: 0,
            name: Field::new(format!("{} (copy)", role.name)),
            ..Self::of(role)
        }
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
    pub fn is_refused(&self) -> bool {
        self.name.is_refused() || self.description.is_refused() || self.complaint.is_some()
    }
}

/// A permission as the matrix shows it.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub permission: String,
    pub label: String,
    pub sentence: String,
    pub is_chosen: bool,
    /// Whoever looks does not hold it, so they cannot give it.
    pub is_too_wide: bool,
}

/// Permissions about one thing.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub label: String,
    pub choices: Vec<Choice>,
}

/// Roster's own permissions, the organization's, and what a role holds besides.
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
        choices: resource
            .permissions
            .iter()
            .map(|one| choice(one.permission, one.label, one.sentence))
            .collect(),
    });
    let mut all: Vec<Group> = own.collect();
    let applications = declared
        .iter()
        .map(|one| choice(&one.permission, &one.permission, &one.description));
    all.push(Group {
        label: "Your applications".into(),
        choices: applications.collect(),
    });
    let is_shown = |text: &str, all: &[Group]| all.iter().flat_map(|group| &group.choices).any(|one| one.permission == text);
    let rest = chosen.iter().filter(|text| !is_shown(text, &all));
    let rest: Vec<Choice> = rest.map(|text| choice(text, text, other(text))).collect();
    all.push(Group {
        label: "Besides".into(),
        choices: rest,
    });
    all.retain(|group| !group.choices.is_empty());
    all
}

fn other(permission: &str) -> &'static str {
    match permission {
        "*:*:*" => "Everything there is, and everything there will be.",
        _ => "Neither Roster nor your organization knows this one any more. Taken out, it cannot be put back.",
    }
}
