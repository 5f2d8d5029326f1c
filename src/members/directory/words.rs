//! The words that an address of the directory knows: its tabs, its columns, and how long ago.

use crate::{db::query::Direction, text_enum};

text_enum! {
    /// Which statuses are listed.
    #[derive(Default)]
    pub enum Tab {
        /// Active and invited.
        #[default]
        Current = "current",
        Active = "active",
        Invited = "invited",
        Disabled = "disabled",
    }
}

impl Tab {
    pub const ALL: [Self; 4] = [Self::Current, Self::Active, Self::Invited, Self::Disabled];
    pub fn label(self) -> &'static str {
        match self {
            Self::Current => "Current",
            Self::Active => "Active",
            Self::Invited => "Invited",
            Self::Disabled => "Disabled",
        }
    }
}

text_enum! {
    #[derive(Default)]
    pub enum Sort {
        #[default]
        Name = "name",
        Status = "status",
        Roles = "roles",
        Teams = "teams",
        Provider = "provider",
        LastSignIn = "last_sign_in",
        LastApiUse = "last_api_use",
    }
}

impl Sort {
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Status,
        Self::Roles,
        Self::Teams,
        Self::Provider,
        Self::LastSignIn,
        Self::LastApiUse,
    ];
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Status => "Status",
            Self::Roles => "Roles",
            Self::Teams => "Teams",
            Self::Provider => "Provider",
            Self::LastSignIn => "Last sign-in",
            Self::LastApiUse => "Last API use",
        }
    }
    /// The direction that a first click gives: the latest first where it is about time.
    pub(super) fn first_direction(self) -> Direction {
        match self {
            Self::LastSignIn | Self::LastApiUse => Direction::Descending,
            _ => Direction::Ascending,
        }
    }
}

text_enum! {
    /// Whether somebody has a second factor.
    pub enum TwoStep {
        None = "none",
        On = "on",
    }
}

impl TwoStep {
    pub const ALL: [Self; 2] = [Self::None, Self::On];
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::On => "On",
        }
    }
}

text_enum! {
    /// How long ago somebody signed in last.
    pub enum Seen {
        Never = "never",
        Over30Days = "30",
        Over90Days = "90",
    }
}

impl Seen {
    pub const ALL: [Self; 3] = [Self::Never, Self::Over30Days, Self::Over90Days];
    pub fn label(self) -> &'static str {
        match self {
            Self::Never => "Never",
            Self::Over30Days => "Over 30 days ago",
            Self::Over90Days => "Over 90 days ago",
        }
    }
}
