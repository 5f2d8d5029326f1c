//! What the page of who may do what is asked.

use super::demand;
use crate::{
    authorization::Question,
    kit::{MemberId, Permission, Scope},
    policies::{ALL, Rule},
};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The query of its address: a permission, or an action on a resource type and perhaps on one resource.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(default)]
pub struct WhoQuery {
    pub permission: String,
    /// `type:action`.
    pub on: String,
    pub resource_id: String,
    pub after: Option<MemberId>,
}

impl WhoQuery {
    /// The question, if one is asked and can be read.
    pub fn question(&self) -> Option<Question> {
        if !self.permission.is_empty() {
            return self.permission.parse().ok().map(Question::Permission);
        }
        let (resource_type, action) = self.on.split_once(':')?;
        let (resource_type, action, resource_id) = (resource_type.to_owned(), action.to_owned(), self.resource_id.trim().to_owned());
        Some(if resource_id.is_empty() {
            Question::AnyResource { action, resource_type }
        } else {
            Question::Action { action, resource_type, resource_id }
        })
    }
    /// Whether something is asked.
    pub fn is_asked(&self) -> bool {
        !self.permission.is_empty() || !self.on.is_empty()
    }
    /// The query, without the page.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("permission", &self.permission),
            ("on", &self.on),
            ("resource_id", &self.resource_id),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, value.clone()))
            .collect()
    }
    pub fn text(&self, after: Option<MemberId>) -> String {
        let mut pairs = self.pairs();
        pairs.extend(after.map(|id| ("after", id.to_string())));
        format!("?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }
}

/// A question in words, and as a query of the page.
pub type AskedQuestion = (String, String);

/// What these permissions allow, each as a question. None for callers who may not see the answers.
pub fn of_permissions<'p>(scope: &Scope, permissions: impl Iterator<Item = &'p Permission>) -> Vec<AskedQuestion> {
    if demand(scope).is_err() {
        return vec![];
    }
    permissions.map(|one| asked("permission", one.to_string())).collect()
}

/// The same for the types and actions that these rules name.
pub fn of_rules(scope: &Scope, rules: &[Rule]) -> Vec<AskedQuestion> {
    if demand(scope).is_err() {
        return vec![];
    }
    let pieces = rules
        .iter()
        .flat_map(Rule::pieces)
        .filter(|(resource_type, action, _)| *resource_type != ALL && *action != ALL);
    let distinct: BTreeSet<String> = pieces.map(|(resource_type, action, _)| format!("{resource_type}:{action}")).collect();
    distinct.into_iter().map(|on| asked("on", on)).collect()
}

fn asked(name: &str, text: String) -> AskedQuestion {
    let query = serde_html_form::to_string([(name, &text)]).unwrap_or_default();
    (text, query)
}
