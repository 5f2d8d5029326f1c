//! Pages of `access::roles`: one struct per template, with what it shows.

use super::{
    RoleRefusal,
    affected::Affected,
    form::{Group, RoleForm, allows, matrix},
    list::{Holder, Holders},
    reset::ModifiedRole,
};
use crate::{
    access::{
        count::Count,
        deletion_page::DeletionPage,
        form_state::{self, Conflict, FormState, only},
        who::{self, AskedQuestion},
    },
    kit::{Permission, RoleId, rights},
    roles::{ApplicationPermission, Content, Role},
    web::{MemberContext, filters},
};
use askama::Template;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "access/roles.html")]
pub(super) struct RoleIndex {
    pub context: MemberContext,
    pub roles: Vec<Role>,
    pub holders: HashMap<RoleId, Holders>,
}

impl RoleIndex {
    /// Whether the caller may see who may do what.
    pub fn sees_who(&self) -> bool {
        who::demand(&self.context.scope).is_ok()
    }
    /// The first lines of what the role allows, and how many lines are left out. Never leaves out a single line.
    pub fn allows(&self, role: &Role) -> (Vec<(String, String)>, usize) {
        let mut all = allows(&role.permissions);
        let rest = if all.len() > 5 { all.split_off(4) } else { vec![] };
        (all, rest.len())
    }
    pub fn held(&self, role: &Role) -> Holders {
        self.holders.get(&role.id).cloned().unwrap_or_default()
    }
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::ROLE_MANAGE)
    }
}

/// The fields in which the saved version differs from what was typed.
pub(super) fn conflicts(now: &Content, yours: &Content) -> Vec<Conflict> {
    let permissions = |content: &Content| content.permissions.iter().cloned().collect::<Vec<Permission>>();
    let (there, here) = (permissions(now), permissions(yours));
    form_state::conflicts([
        ("Name", now.name.clone(), yours.name.clone()),
        ("Description", now.description.clone(), yours.description.clone()),
        ("Permissions only there", only(&there, &here, ", "), only(&here, &there, ", ")),
    ])
}

/// A role: a form if the caller may change it, otherwise what it allows. Also the page for a new role.
#[derive(Template)]
#[template(path = "access/role.html")]
pub(super) struct RoleShow {
    pub context: MemberContext,
    pub role: Option<Role>,
    pub form: RoleForm,
    pub declared: Vec<ApplicationPermission>,
    pub holders: Vec<Holder>,
    pub count: Count,
    /// Why the caller cannot change it, if so.
    pub refusal: Option<RoleRefusal>,
    pub form_state: FormState,
}

impl RoleShow {
    /// What the role allows, as questions of who may do it.
    pub fn questions(&self, role: &Role) -> Vec<AskedQuestion> {
        who::of_permissions(&self.context.scope, role.permissions.iter())
    }
    pub fn title(&self) -> &str {
        self.role.as_ref().map_or("Create Role", |role| &role.name)
    }
    pub fn action(&self) -> String {
        match &self.role {
            Some(role) => self.context.path(format!("/roles/{}", role.id)),
            None => self.context.path("/roles"),
        }
    }
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::ROLE_MANAGE)
    }
    pub fn may_edit(&self) -> bool {
        self.may_manage() && self.role.as_ref().is_none_or(Role::is_editable)
    }
    pub fn may_delete(&self) -> bool {
        self.may_manage() && self.role.as_ref().is_some_and(|role| role.predefined.is_none())
    }
    pub fn allows(&self, role: &Role) -> Vec<(String, String)> {
        allows(&role.permissions)
    }
    pub fn groups(&self) -> Vec<Group> {
        let mut all = matrix(&self.context.scope, &self.form.permissions, &self.declared);
        if !self.may_edit() {
            for group in &mut all {
                group.choices.retain(|choice| choice.is_chosen);
            }
            all.retain(|group| !group.choices.is_empty());
        }
        all
    }
    /// Whether the role already had the permission. Then it can stay, even if the caller does not hold it.
    pub fn was_chosen(&self, permission: &str) -> bool {
        let role = self.role.as_ref();
        role.is_some_and(|role| role.permissions.iter().any(|known| known.to_string() == permission))
    }
}

/// The confirmation before a role is deleted, naming the members affected.
#[derive(Template)]
#[template(path = "access/role_deletion.html")]
pub(super) struct RoleDeletion {
    pub context: MemberContext,
    pub question: DeletionPage,
    pub holders: Vec<Holder>,
    pub count: Count,
    pub affected: Affected,
}

/// The confirmation before the predefined roles are reset.
#[derive(Template)]
#[template(path = "access/role_reset.html")]
pub(super) struct Reset {
    pub context: MemberContext,
    pub modified: Vec<ModifiedRole>,
    /// The role that prevents the reset, and why.
    pub refusal: Option<(String, RoleRefusal)>,
}
