//! The columns that Roster can read from a file.

use super::ImportMode;
use serde::{Deserialize, Serialize};

macro_rules! columns {
    ($($(#[$meta:meta])* $column:ident: $name:literal, $label:literal;)+) => {
        /// The meaning of a column.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Column {
            $($(#[$meta])* $column,)+
        }

        impl Column {
            pub const ALL: [Self; [$($label),+].len()] = [$(Self::$column),+];

            /// The name in forms. That of a detail is the name of the detail.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$column => $name),+ }
            }
            pub fn label(self) -> &'static str {
                match self { $(Self::$column => $label),+ }
            }
        }
    };
}

columns! {
    Email: "email", "Email";
    Username: "username", "Username";
    Name: "name", "Display name";
    FirstName: "first_name", "First name";
    LastName: "last_name", "Last name";
    Title: "title", "Title";
    Phone: "phone", "Phone";
    Mobile: "mobile", "Mobile phone";
    Location: "location", "Location";
    Contact: "contact", "Contact details";
    Status: "status", "Status";
    /// Yes means enabled.
    Enabled: "enabled", "Enabled (yes or no)";
    /// Yes means disabled.
    Blocked: "blocked", "Blocked (yes or no)";
    Roles: "roles", "Roles";
    Teams: "teams", "Teams";
    Policies: "policies", "Policies";
}

impl Column {
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == text)
    }
    /// The columns whose cell alone gives the detail of their name, if there is one. The display name and the phone have
    /// rules of their own.
    pub fn alone() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|column| !matches!(column, Self::Name | Self::Phone))
    }
    /// Whether the column has a meaning for this kind of import. An update changes details only; bulk actions change
    /// roles, teams and policies.
    pub fn is_for(self, way: ImportMode) -> bool {
        let is_detail = self < Self::Status;
        is_detail || way != ImportMode::Update
    }
}
