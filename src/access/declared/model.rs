//! What can be declared, and what uses it.

use crate::access::count::Count;

/// Pages within the organization.
pub(super) const PERMISSIONS: &str = "/settings/permissions";
pub(super) const TYPES: &str = "/settings/resource-types";

/// A role that holds the permission, or a policy that names the type.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub name: String,
    /// Its page within the organization, and the filter for lists of its holders.
    pub path: String,
    pub filter: String,
    pub count: Count,
}

/// What would be taken back.
#[derive(Debug, Clone)]
pub(super) struct Usage {
    pub name: String,
    pub description: String,
    pub used: Vec<Use>,
    /// Policies about every type, which reach this one without naming it.
    pub reached_by: Vec<Use>,
}

/// A type as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub name: String,
    pub description: String,
    pub actions: Vec<String>,
}
