//! Types of `access::declared`: what can be declared, and what uses it.

use crate::access::count::Count;

/// Paths of the pages within the organization.
pub(super) const PERMISSIONS: &str = "/settings/permissions";
pub(super) const TYPES: &str = "/settings/resource-types";

/// A role that holds the permission, or a policy that names the type.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub name: String,
    /// The path of its page within the organization, and the filter for lists of its holders.
    pub path: String,
    pub filter: String,
    pub count: Count,
}

/// What a withdrawal would affect.
#[derive(Debug, Clone)]
pub(super) struct Usage {
    pub name: String,
    pub description: String,
    pub used: Vec<Use>,
    /// Policies for every type, which cover this one without naming it.
    pub reached_by: Vec<Use>,
}

/// A resource type as requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub description: String,
    pub actions: Vec<String>,
}
