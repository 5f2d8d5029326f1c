//! The columns that Roster can read from a file.

use super::Way;
use serde::{Deserialize, Serialize};

/// The meaning of a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Email,
    Username,
    Name,
    FirstName,
    LastName,
    Title,
    Phone,
    Mobile,
    Location,
    Contact,
    Status,
    /// Yes means enabled.
    Enabled,
    /// Yes means disabled.
    Blocked,
    Roles,
    Teams,
    Policies,
}

impl Column {
    pub const ALL: [Self; 16] = [
        Self::Email,
        Self::Username,
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Title,
        Self::Phone,
        Self::Mobile,
        Self::Location,
        Self::Contact,
        Self::Status,
        Self::Enabled,
        Self::Blocked,
        Self::Roles,
        Self::Teams,
        Self::Policies,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Username => "username",
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Title => "title",
            Self::Phone => "phone",
            Self::Mobile => "mobile",
            Self::Location => "location",
            Self::Contact => "contact",
            Self::Status => "status",
            Self::Enabled => "enabled",
            Self::Blocked => "blocked",
            Self::Roles => "roles",
            Self::Teams => "teams",
            Self::Policies => "policies",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == text)
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Username => "Username",
            Self::Name => "Display name",
            Self::FirstName => "First name",
            Self::LastName => "Last name",
            Self::Title => "Title",
            Self::Phone => "Phone",
            Self::Mobile => "Mobile phone",
            Self::Location => "Location",
            Self::Contact => "Contact details",
            Self::Status => "Status",
            Self::Enabled => "Enabled (yes or no)",
            Self::Blocked => "Blocked (yes or no)",
            Self::Roles => "Roles",
            Self::Teams => "Teams",
            Self::Policies => "Policies",
        }
    }
    /// Whether the column has a meaning for this kind of import. An update changes details only; bulk actions change
    /// roles, teams and policies.
    pub fn is_for(self, way: Way) -> bool {
        let is_detail = self < Self::Status;
        is_detail || way != Way::Update
    }
}
