use super::{
    RoleRefusal,
    affected::Affected,
    form::{Group, RoleForm, matrix},
    list::{Holder, Holders},
    reset::Strayed,
};
use crate::{
    kit::RoleId,
    roles::{ApplicationPermission, Content, Role},
    web::{Shell, filters},
};
use askama::Template;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "access/roles.html")]
pub(super) struct Index {
    pub shell: Shell,
    pub roles: Vec<Role>,
    pub holders: HashMap<RoleId, Holders>,
}

impl Index {
    pub fn held(&self, role: &Role) -> Holders {
        self.holders.get(&role.id).cloned().unwrap_or_default()
    }
    pub fn may_manage(&self) -> bool {
        self.shell.scope.may("role", "manage")
    }
}

/// What somebody else saved, beside what was typed.
pub(super) struct Conflict {
    pub what: &'static str,
    pub now: String,
    pub yours: String,
}

pub(super) fn conflicts(now: &Content, yours: &Content) -> Vec<Conflict> {
    let only = |one: &Content, other: &Content| {
        let only = one
            .permissions
            .iter()
            .filter(|permission| !other.permissions.iter().any(|known| known == *permission));
        only.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let all = [
        ("Name", now.name.clone(), yours.name.clone()),
        ("Description", now.description.clone(), yours.description.clone()),
        ("Permissions only there", only(now, yours), only(yours, now)),
    ];
    let differ = all.into_iter().filter(|(_, now, yours)| now != yours);
    differ.map(|(what, now, yours)| Conflict { what, now, yours }).collect()
}

/// One role: a form for whoever may change it, otherwise what it allows; or a new one.
#[derive(Template)]
#[template(path = "access/role.html")]
pub(super) struct Show {
    pub shell: Shell,
    pub role: Option<Role>,
    pub form: RoleForm,
    pub declared: Vec<ApplicationPermission>,
    pub holders: Vec<Holder>,
    pub affected: Affected,
    /// Why whoever looks cannot change it, if so.
    pub refusal: Option<RoleRefusal>,
    /// Present when somebody else was quicker: what differs, which may be nothing.
    pub conflicts: Option<Vec<Conflict>>,
}

impl Show {
    pub fn title(&self) -> &str {
        self.role.as_ref().map_or("Create role", |role| &role.name)
    }
    pub fn action(&self) -> String {
        match &self.role {
            Some(role) => self.shell.path(format!("/roles/{}", role.id)),
            None => self.shell.path("/roles"),
        }
    }
    pub fn may_manage(&self) -> bool {
        self.shell.scope.may("role", "manage")
    }
    pub fn may_edit(&self) -> bool {
        self.may_manage() && self.role.as_ref().is_none_or(Role::is_editable)
    }
    pub fn may_delete(&self) -> bool {
        self.may_manage() && self.role.as_ref().is_some_and(|role| role.predefined.is_none())
    }
    pub fn groups(&self) -> Vec<Group> {
        let mut all = matrix(&self.shell.scope, &self.form.permissions, &self.declared);
        if !self.may_edit() {
            for group in &mut all {
                group.choices.retain(|choice| choice.is_chosen);
            }
            all.retain(|group| !group.choices.is_empty());
        }
        all
    }
    /// A permission that the role had before can stay in it, whoever looks.
    pub fn was_chosen(&self, permission: &str) -> bool {
        let role = self.role.as_ref();
        role.is_some_and(|role| role.permissions.iter().any(|known| known.to_string() == permission))
    }
    pub fn is_recent(&self) -> bool {
        self.shell.demand_recent_proof().is_ok()
    }
    pub fn prove(&self) -> String {
        let query = serde_html_form::to_string([("next", &self.shell.here)]).unwrap_or_default();
        format!("/sign-in/again?{query}")
    }
}

/// Asks before a role is deleted, naming whom it touches.
#[derive(Template)]
#[template(path = "access/role_deletion.html")]
pub(super) struct Deletion {
    pub shell: Shell,
    pub role: Role,
    pub holders: Vec<Holder>,
    pub affected: Affected,
    pub refusal: Option<RoleRefusal>,
}

/// Asks before the predefined roles are what they were.
#[derive(Template)]
#[template(path = "access/role_reset.html")]
pub(super) struct Reset {
    pub shell: Shell,
    pub strayed: Vec<Strayed>,
    /// The role that stands in the way, and why.
    pub refusal: Option<(String, RoleRefusal)>,
}
