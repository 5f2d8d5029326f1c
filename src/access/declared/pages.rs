//! Pages of `access::declared`: one struct per template, with what it shows.

use super::model::{PERMISSIONS, TYPES};
use crate::{
    kit::{ApplicationPermissionId, ResourceTypeId, RoleId, permission::is_word, rights},
    policies::ResourceType,
    roles::ApplicationPermission,
    web::{Field, MemberContext, complaints, filters},
};
use askama::Template;
use serde::Deserialize;

/// Longer words break the layout.
const LONGEST_WORD: usize = 50;
const LONGEST_DESCRIPTION: usize = 300;
const MOST_ACTIONS: usize = 50;

/// The form that declares a permission or changes its description.
#[derive(Deserialize, Default, Debug, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct PermissionForm {
    pub permission: Field,
    pub description: Field,
}

impl PermissionForm {
    pub fn check(&mut self) -> Option<(crate::kit::Permission, String)> {
        let description = self.explained();
        let text = self.permission.trimmed().to_owned();
        let long = text.split(':').any(|word| word.chars().count() > LONGEST_WORD);
        let read: Result<crate::kit::Permission, String> = text.parse();
        match read {
            Ok(permission) if !long && permission.noun() != "*" && permission.action() != "*" => Some((permission, description?)),
            _ => {
                self.permission
                    .refuse("Write resource:action:scope in small letters, such as contract_data:read:*; the scope is *, team or own.");
                None
            }
        }
    }
    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([
            ("permission", &self.permission.complaint),
            ("description", &self.description.complaint),
        ])
    }
    /// The form of a declared permission.
    pub fn of(declared: &ApplicationPermission) -> Self {
        Self {
            permission: Field::new(&declared.permission),
            description: Field::new(&declared.description),
        }
    }
    pub fn explained(&mut self) -> Option<String> {
        self.description.line("a sentence that explains it", LONGEST_DESCRIPTION)
    }
}

/// The form that declares or edits a resource type.
#[derive(Deserialize, Default, Debug, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct TypeForm {
    pub version: i64,
    pub name: Field,
    pub description: Field,
    pub actions: Field,
}

impl TypeForm {
    /// The form of a declared type.
    pub fn of(declared: &ResourceType) -> Self {
        Self {
            version: declared.version,
            name: Field::new(&declared.name),
            description: Field::new(&declared.description),
            actions: Field::new(declared.actions.join(", ")),
        }
    }
    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([
            ("name", &self.name.complaint),
            ("description", &self.description.complaint),
            ("actions", &self.actions.complaint),
        ])
    }
    pub fn check(&mut self, is_new: bool) -> Option<super::model::Wanted> {
        let description = self.description.line("a sentence that explains it", LONGEST_DESCRIPTION);
        let fits = |word: &str| is_word(word) && word.chars().count() <= LONGEST_WORD;
        if is_new && !fits(self.name.trimmed()) {
            self.name.refuse("Write one word of small letters, digits and underscores, such as contract.");
        }
        let words = self.actions.value.split([',', ';', ' ', '\n', '\r', '\t']).filter(|word| !word.is_empty());
        let mut actions: Vec<String> = Vec::new();
        for word in words {
            if !actions.iter().any(|known| known == word) {
                actions.push(word.to_owned());
            }
        }
        if actions.is_empty() {
            self.actions.refuse("Write at least one action, such as read.");
        } else if actions.len() > MOST_ACTIONS {
            self.actions.refuse(format!("At most {MOST_ACTIONS} actions fit here."));
        } else if let Some(wrong) = actions.iter().find(|word| !fits(word)) {
            self.actions
                .refuse(format!("{wrong:?} is no action: write words of small letters, digits and underscores."));
        }
        if self.name.is_refused() || self.actions.is_refused() {
            return None;
        }
        Some(super::model::Wanted { name: self.name.trimmed().to_owned(), description: description?, actions })
    }
}

/// The page of the organization's application permissions.
#[derive(Template)]
#[template(path = "access/permissions.html")]
pub(super) struct Permissions {
    pub context: MemberContext,
    /// Each permission with the names of the roles that hold it.
    pub all: Vec<(ApplicationPermission, Vec<(RoleId, String)>)>,
    pub form: PermissionForm,
    /// The permission whose description is being edited, with its form.
    pub edited: Option<(ApplicationPermission, PermissionForm)>,
}

/// The page of the resource types that policies apply to.
#[derive(Template)]
#[template(path = "access/types.html")]
pub(super) struct Types {
    pub context: MemberContext,
    pub all: Vec<ResourceType>,
    pub form: TypeForm,
    pub edited: Option<(ResourceType, TypeForm)>,
}

impl Permissions {
    pub fn title(&self) -> &'static str {
        "Application permissions"
    }
    pub fn tab(&self) -> &'static str {
        "permissions"
    }
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::ORGANIZATION_MANAGE)
    }
    pub fn path(&self, id: &ApplicationPermissionId) -> String {
        self.context.path(format!("{PERMISSIONS}/{id}"))
    }
}
impl Types {
    pub fn title(&self) -> &'static str {
        "Resource types"
    }
    pub fn tab(&self) -> &'static str {
        "types"
    }
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::ORGANIZATION_MANAGE)
    }
    pub fn path(&self, id: &ResourceTypeId) -> String {
        self.context.path(format!("{TYPES}/{id}"))
    }
}
