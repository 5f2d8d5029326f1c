//! Pages of `access::policies`: one struct per template, with what it shows.

use super::{PolicyRefusal, form::PolicyForm, guards, list::AttachedMember};
use crate::{
    access::{
        count::Count,
        deletion_page::DeletionPage,
        form_state::{self, Conflict, FormState, only},
        who::{self, AskedQuestion},
    },
    kit::{PolicyId, rights},
    policies::{Content, Policy, ResourceType, Rule},
    web::{MemberContext, filters},
};
use askama::Template;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "access/policies.html")]
pub(super) struct PolicyIndex {
    pub context: MemberContext,
    pub policies: Vec<Policy>,
    pub counts: HashMap<PolicyId, Count>,
    pub has_types: bool,
}

impl PolicyIndex {
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::POLICY_MANAGE)
    }
    pub fn count(&self, policy: &Policy) -> Count {
        self.counts.get(&policy.id).cloned().unwrap_or_default()
    }
}

/// The fields in which the saved version differs from what was typed.
pub(super) fn conflicts(now: &Content, yours: &Content) -> Vec<Conflict> {
    form_state::conflicts([
        ("Name", now.name.clone(), yours.name.clone()),
        ("Description", now.description.clone(), yours.description.clone()),
        ("Rules only there", only(&now.rules, &yours.rules, "; "), only(&yours.rules, &now.rules, "; ")),
    ])
}

/// A policy: the editor if the caller may change it, otherwise what it allows. Also the page for a new policy.
#[derive(Template)]
#[template(path = "access/policy.html")]
pub(super) struct PolicyShow {
    pub context: MemberContext,
    pub policy: Option<Policy>,
    pub form: PolicyForm,
    pub types: Vec<ResourceType>,
    pub under: Vec<AttachedMember>,
    pub count: Count,
    /// Why the caller cannot change what the policy allows, if so.
    pub refusal: Option<PolicyRefusal>,
    pub form_state: FormState,
}

impl PolicyShow {
    /// What the policy allows, as questions of who may do it.
    pub fn questions(&self, policy: &Policy) -> Vec<AskedQuestion> {
        who::of_rules(&self.context.scope, &policy.rules)
    }
    pub fn title(&self) -> &str {
        self.policy.as_ref().map_or("Create Policy", |policy| &policy.name)
    }
    pub fn action(&self) -> String {
        match &self.policy {
            Some(policy) => self.context.path(format!("/policies/{}", policy.id)),
            None => self.context.path("/policies"),
        }
    }
    pub fn may_manage(&self) -> bool {
        self.context.scope.may(rights::POLICY_MANAGE)
    }
    pub fn may_edit(&self) -> bool {
        self.may_manage()
    }
    /// The actions that a row offers: those of the chosen type, and those it already has.
    pub fn actions(&self, row: &super::rows::Row) -> Vec<String> {
        let types = self.types.iter().filter(|one| row.resource_type == "*" || row.resource_type == one.name);
        let mut all: Vec<String> = types.flat_map(|one| one.actions.iter().cloned()).collect();
        all.extend(row.actions.iter().filter(|action| *action != "*").cloned());
        let mut seen = std::collections::HashSet::new();
        all.retain(|action| seen.insert(action.clone()));
        all
    }
    pub fn knows(&self, name: &str) -> bool {
        name.is_empty() || name == "*" || self.types.iter().any(|one| one.name == name)
    }
    /// What is wrong with a saved rule, for instance because its type was withdrawn.
    pub fn wrong(&self, rule: &Rule) -> Vec<String> {
        guards::wrong(&self.types, rule).into_iter().map(|(_, text)| text).collect()
    }
}

/// The confirmation before a policy is deleted, naming the members affected.
#[derive(Template)]
#[template(path = "access/policy_deletion.html")]
pub(super) struct PolicyDeletion {
    pub context: MemberContext,
    pub question: DeletionPage,
    pub policy: Policy,
    pub under: Vec<AttachedMember>,
    pub count: Count,
}
