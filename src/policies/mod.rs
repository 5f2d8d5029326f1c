//! Access control policies: allow rules on an organization's own resources, and the types of these resources.

mod rule;
mod store;
mod types;

pub use rule::{ALL, Rule, read};
pub use store::{Content, count, delete, find, insert, list, named, names, page, update};
pub use types::{Declared, ResourceType, delete_type, insert_type, types, update_type};

use crate::{
    db::keyset::KeyCursor,
    kit::{PolicyId, fold},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub id: PolicyId,
    pub name: String,
    pub description: String,
    /// The rules. A stored rule that cannot be parsed is left out, so it allows nothing.
    pub rules: Vec<Rule>,
    /// Incremented by each change.
    pub version: i64,
}

impl Policy {
    /// Its place in the list of policies.
    pub fn cursor(&self) -> KeyCursor<PolicyId> {
        KeyCursor(fold::list_key(&self.name), self.id)
    }
}
