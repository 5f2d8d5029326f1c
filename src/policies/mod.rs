//! Access control policies: allow rules over an organization's own resources, and the resource types they are about.

mod rule;
mod store;
mod types;

pub use rule::{ALL, Rule, read};
pub use store::{Content, delete, find, insert, list, named, update};
pub use types::{Declared, ResourceType, delete_type, insert_type, types, update_type};

use crate::kit::PolicyId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub id: PolicyId,
    pub name: String,
    pub description: String,
    /// What allows something; a rule that could not be read is none.
    pub rules: Vec<Rule>,
    /// Counts its changes.
    pub version: i64,
}
