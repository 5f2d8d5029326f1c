//! The roles every organization has from its first day.

use crate::{kit::MemberKind, text_enum};

text_enum! {
    /// The roles every organization has from its first day.
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

    /// The name it begins with, which no other role takes.
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
    /// Whether members of that kind are given it by hand: some are for people, some for machines, one follows from
    /// something else.
    pub(super) fn is_for(self, kind: MemberKind) -> bool {
        match self {
            Self::Administrator => true,
            Self::User | Self::Viewer => kind == MemberKind::User,
            Self::CiCd | Self::Scim => kind == MemberKind::SystemAccount,
            Self::TeamAdministrator => false,
        }
    }
    /// What a general member of that kind holds unless something else is chosen.
    pub fn default_of(kind: MemberKind) -> Self {
        match kind {
            MemberKind::User => Self::User,
            MemberKind::SystemAccount => Self::CiCd,
        }
    }
    /// Whether an organization can make another of it: the others mean the same everywhere.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::User | Self::Viewer | Self::CiCd)
    }
}
