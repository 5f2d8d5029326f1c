//! The predefined roles, which every organization has from its first day.

use crate::{kit::MemberKind, text_enum};

text_enum! {
    /// The predefined roles, which every organization has from its first day.
    pub enum Predefined {
        Administrator = "administrator",
        User = "user",
        Viewer = "viewer",
        CiCd = "ci_cd",
        TeamAdministrator = "team_administrator",
        Scim = "scim",
    }
}

impl Predefined {
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::User,
        Self::Viewer,
        Self::CiCd,
        Self::TeamAdministrator,
        Self::Scim,
    ];

    /// Its original name, which no other role can take.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::User => "User",
            Self::Viewer => "Viewer",
            Self::CiCd => "CI/CD",
            Self::TeamAdministrator => "Team Administrator",
            Self::Scim => "SCIM",
        }
    }
    pub fn description(self) -> &'static str {
        match self {
            Self::Administrator => "Runs the directory and may do everything in it.",
            Self::User => "Sees people, system accounts, roles and teams; runs the system accounts of their teams; makes own tokens.",
            Self::Viewer => "Sees people and teams. No API.",
            Self::CiCd => "For system accounts: reads people and teams.",
            Self::TeamAdministrator => "Adds and removes people of their own team. Comes with being its administrator.",
            Self::Scim => "For the system account of an identity provider: invites and manages people and teams.",
        }
    }
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Administrator => &["*:*:*"],
            Self::User => &[
                "user:read:*",
                "system_account:read:*",
                "system_account:manage:team",
                "role:read:*",
                "team:read:*",
                "policy:read:*",
                "token:manage:own",
            ],
            Self::Viewer | Self::CiCd => &["user:read:*", "team:read:*"],
            Self::TeamAdministrator => &["team:manage:own"],
            Self::Scim => &["user:invite:*", "user:manage:*", "team:manage:*"],
        }
    }
    /// Whether an administrator can assign it to members of that kind. Some are for people, some for system accounts.
    /// The team administrator role is never assigned this way.
    pub(super) fn is_for(self, kind: MemberKind) -> bool {
        match self {
            Self::Administrator => true,
            Self::User | Self::Viewer => kind == MemberKind::User,
            Self::CiCd | Self::Scim => kind == MemberKind::SystemAccount,
            Self::TeamAdministrator => false,
        }
    }
    /// The default role of a general member of that kind.
    pub fn default_of(kind: MemberKind) -> Self {
        match kind {
            MemberKind::User => Self::User,
            MemberKind::SystemAccount => Self::CiCd,
        }
    }
    /// Whether an organization can change it. The others mean the same everywhere.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::User | Self::Viewer | Self::CiCd)
    }
}
