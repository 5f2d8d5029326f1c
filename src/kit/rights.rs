//! Typed rights that operations require: an action on a kind of resource, as in the role catalogue. A caller writes
//! `scope.demand(rights::USER_MANAGE)`, so a mistyped permission does not compile.

use super::{MemberKind, Permission};

/// An action on a kind of resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Right {
    pub resource: &'static str,
    pub action: &'static str,
}

impl Right {
    /// The permission over all resources of this kind.
    pub fn over_all(self) -> Permission {
        Permission::all(self.resource, self.action)
    }
    /// The permission over the people of the teams that the caller administers.
    pub fn over_teams(self) -> Permission {
        Permission::of_team(self.resource, self.action)
    }
    /// The permission over the caller's own resources.
    pub fn over_own(self) -> Permission {
        Permission::own(self.resource, self.action)
    }
}

macro_rules! rights {
    ($($name:ident = $resource:literal $action:literal;)*) => {
        $(pub const $name: Right = Right { resource: $resource, action: $action };)*
        /// All rights. A test compares them with the catalogue.
        pub const ALL: &[Right] = &[$($name),*];
    };
}

rights! {
    AUDIT_READ = "audit" "read";
    CONNECTION_MANAGE = "connection" "manage";
    CONNECTION_READ = "connection" "read";
    ORGANIZATION_MANAGE = "organization" "manage";
    ORGANIZATION_READ = "organization" "read";
    POLICY_MANAGE = "policy" "manage";
    POLICY_READ = "policy" "read";
    ROLE_MANAGE = "role" "manage";
    ROLE_READ = "role" "read";
    SYSTEM_ACCOUNT_MANAGE = "system_account" "manage";
    SYSTEM_ACCOUNT_READ = "system_account" "read";
    TEAM_MANAGE = "team" "manage";
    TEAM_READ = "team" "read";
    TOKEN_INTROSPECT = "token" "introspect";
    TOKEN_MANAGE = "token" "manage";
    USER_INVITE = "user" "invite";
    USER_MANAGE = "user" "manage";
    USER_READ = "user" "read";
    WEBHOOK_MANAGE = "webhook" "manage";
    WEBHOOK_READ = "webhook" "read";
}

/// The rights that can be limited to the people of the teams that one administers.
pub const OVER_TEAMS: [Right; 4] = [USER_READ, USER_INVITE, USER_MANAGE, AUDIT_READ];

/// Everything, now and in future. Only the Administrator holds it.
pub const EVERYTHING: Right = Right { resource: "*", action: "*" };

/// The right to see members of a kind.
pub fn read(kind: MemberKind) -> Right {
    match kind {
        MemberKind::User => USER_READ,
        MemberKind::SystemAccount => SYSTEM_ACCOUNT_READ,
    }
}

/// The right to manage members of a kind.
pub fn manage(kind: MemberKind) -> Right {
    match kind {
        MemberKind::User => USER_MANAGE,
        MemberKind::SystemAccount => SYSTEM_ACCOUNT_MANAGE,
    }
}
