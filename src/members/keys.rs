//! What lists sort, search and tell apart by: written by the program with every row, so that it is the same on both
//! engines.

use super::details::Details;
use crate::kit::{MemberKind, fold, search::Searched};

/// What no two system accounts of an organization have in common; people may share a name.
pub(super) fn account_key(kind: MemberKind, name: &str) -> Option<String> {
    kind.is_machine().then(|| fold::unique(name))
}

/// What lists sort by when they sort by name.
pub(super) fn name_key(name: &str) -> String {
    fold::search(name)
}

impl Details {
    /// What searches read.
    pub(super) fn search_key(&self, email: &str, username: &str) -> String {
        let searched = Searched {
            names: [&self.name, &self.first_name, &self.last_name],
            email,
            username,
            title: &self.title,
            location: &self.location,
            phone: &self.phone,
        };
        searched.key()
    }
}
