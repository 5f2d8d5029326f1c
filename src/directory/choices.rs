//! The values that an address of the directory can have: tabs, columns, and times since the last use.

use crate::{
    db::query::Direction,
    kit::{MemberKind, ViewId},
    text_enum,
};

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
        /// All statuses, for pages that show disabled members among the others.
        Everything = "all",
    }
}

impl Tab {
    /// The tabs of the list of people, by status.
    pub const ALL: [Self; 4] = [Self::Current, Self::Active, Self::Invited, Self::Disabled];
    pub fn label(self) -> &'static str {
        match self {
            Self::Current => "Current",
            Self::Active => "Active",
            Self::Invited => "Invited",
            Self::Disabled => "Disabled",
            Self::Everything => "All",
        }
    }
}

/// The saved view that an address begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ViewChoice {
    #[default]
    Unsaid,
    /// None: the plain list, although another one is shown without parameters.
    Plain,
    Saved(ViewId),
}

impl ViewChoice {
    /// The text of [`ViewChoice::Plain`].
    pub const PLAIN: &'static str = "none";

    pub fn read(text: Option<&str>) -> Self {
        match text {
            Some(Self::PLAIN) => Self::Plain,
            text => text.and_then(|id| id.parse().ok()).map_or(Self::Unsaid, Self::Saved),
        }
    }
    pub fn text(self) -> Option<String> {
        match self {
            Self::Unsaid => None,
            Self::Plain => Some(Self::PLAIN.into()),
            Self::Saved(id) => Some(id.to_string()),
        }
    }
    pub fn id(self) -> Option<ViewId> {
        match self {
            Self::Saved(id) => Some(id),
            Self::Unsaid | Self::Plain => None,
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
    /// The columns of a list, in order.
    pub fn of(kind: MemberKind) -> &'static [Self] {
        match kind {
            MemberKind::User => &[
                Self::Name,
                Self::Status,
                Self::Roles,
                Self::Teams,
                Self::Provider,
                Self::LastSignIn,
                Self::LastApiUse,
            ],
            MemberKind::SystemAccount => &[Self::Name, Self::Status, Self::Roles, Self::Teams, Self::LastApiUse],
        }
    }
    pub fn label(self, kind: MemberKind) -> &'static str {
        match self {
            Self::LastApiUse if kind.is_machine() => "Last use",
            Self::Name => "Name",
            Self::Status => "Status",
            Self::Roles => "Roles",
            Self::Teams => "Teams",
            Self::Provider => "Provider",
            Self::LastSignIn => "Last sign-in",
            Self::LastApiUse => "Last API use",
        }
    }
    /// Whether the column is an instant.
    pub fn is_time(self) -> bool {
        matches!(self, Self::LastSignIn | Self::LastApiUse)
    }
    /// The direction after the first click: latest first for instants.
    pub(super) fn first_direction(self) -> Direction {
        match self {
            Self::LastSignIn | Self::LastApiUse => Direction::Descending,
            _ => Direction::Ascending,
        }
    }
}

text_enum! {
    /// Whether a person has a second factor.
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
    /// Time since a person's last sign-in or a system account's last use.
    pub enum Seen {
        Never = "never",
        Over30Days = "30",
        Over90Days = "90",
    }
}

impl Seen {
    pub const ALL: [Self; 3] = [Self::Never, Self::Over30Days, Self::Over90Days];
    pub fn label(self, kind: MemberKind) -> &'static str {
        match (self, kind) {
            (Self::Never, _) => "Never",
            (Self::Over30Days, MemberKind::User) => "Over 30 days ago",
            (Self::Over90Days, MemberKind::User) => "Over 90 days ago",
            (Self::Over30Days, MemberKind::SystemAccount) => "Unused for 30 days",
            (Self::Over90Days, MemberKind::SystemAccount) => "Unused for 90 days",
        }
    }
}
