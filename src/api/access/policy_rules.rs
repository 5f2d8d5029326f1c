//! The rules of a policy as JSON.

use crate::policies::Rule;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One rule: these actions on these resources of that type.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyRule {
    /// A declared resource type, or `*` for every type.
    #[schema(example = "contract")]
    pub resource_type: String,
    /// Actions of that type, or `*` for every action.
    #[schema(min_items = 1, max_items = 500, example = json!(["read", "sign"]))]
    pub actions: Vec<String>,
    /// Ids of the application's own resources, or `*` for all.
    #[schema(min_items = 1, max_items = 500, example = json!(["7", "8"]))]
    pub resource_ids: Vec<String>,
}

impl From<&Rule> for PolicyRule {
    fn from(rule: &Rule) -> Self {
        Self {
            resource_type: rule.resource_type.clone(),
            actions: rule.actions.clone(),
            resource_ids: rule.resource_ids.clone(),
        }
    }
}

impl From<PolicyRule> for Rule {
    fn from(rule: PolicyRule) -> Self {
        Self {
            resource_type: rule.resource_type,
            actions: rule.actions,
            resource_ids: rule.resource_ids,
        }
    }
}
