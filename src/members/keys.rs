//! Keys for sorting, searching and uniqueness. The program computes them with every row, so that both database engines
//! give the same results.

use super::model::Details;
use crate::kit::{MemberKind, fold, search::Searched};

/// The unique key of a system account's name in its organization. People have none: two people may share a name.
pub fn account_key(kind: MemberKind, name: &str) -> Option<String> {
    kind.is_machine().then(|| fold::canonical(name))
}

/// The key that lists use to sort by name.
pub fn name_key(name: &str) -> String {
    fold::searchable(name)
}

impl Details {
    /// The text that searches read.
    pub fn search_key(&self, email: &str, username: &str) -> String {
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
