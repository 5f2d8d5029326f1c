//! Permissions: `resource:action:scope`. They only grant, and add up.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// Whether a text can be the name of a resource or an action.
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// One permission, such as `user:manage:*`. An asterisk stands for every resource, action or scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Permission {
    resource: String,
    action: String,
    scope: String,
}

/// What Roster itself keeps. Every other resource is of an organization's own products.
const ROSTER: [&str; 9] = [
    "*",
    "audit",
    "organization",
    "policy",
    "role",
    "system_account",
    "team",
    "token",
    "user",
];

impl Permission {
    /// A permission over everything of that kind in the organization.
    pub fn all(resource: &str, action: &str) -> Self {
        Self {
            resource: resource.into(),
            action: action.into(),
            scope: "*".into(),
        }
    }
    /// A permission over what is one's own, such as the teams that one runs.
    pub fn own(resource: &str, action: &str) -> Self {
        Self {
            scope: "own".into(),
            ..Self::all(resource, action)
        }
    }
    pub fn resource(&self) -> &str {
        &self.resource
    }
    pub fn action(&self) -> &str {
        &self.action
    }
    pub fn scope(&self) -> &str {
        &self.scope
    }
    /// A permission over what belongs to one's own teams.
    pub fn of_team(resource: &str, action: &str) -> Self {
        Self {
            scope: "team".into(),
            ..Self::all(resource, action)
        }
    }
    /// Whether it opens something in Roster itself, rather than in a product of the organization.
    pub fn is_of_roster(&self) -> bool {
        ROSTER.contains(&self.resource.as_str())
    }
    /// Whether holding this is enough where `wanted` is asked for: `manage` includes `read`, `*` includes `team` includes `own`.
    pub fn covers(&self, wanted: &Self) -> bool {
        let resource = self.resource == "*" || self.resource == wanted.resource;
        let action = self.action == "*" || self.action == wanted.action || (self.action == "manage" && wanted.action == "read");
        let scope = match self.scope.as_str() {
            "*" => true,
            "team" => matches!(wanted.scope.as_str(), "team" | "own"),
            own => own == wanted.scope,
        };
        resource && action && scope
    }
}
impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.resource, self.action, self.scope)
    }
}
impl FromStr for Permission {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let word = |text: &str| text == "*" || is_word(text);
        match text.split(':').collect::<Vec<_>>()[..] {
            [resource, action, scope] if word(resource) && word(action) && matches!(scope, "*" | "team" | "own") => Ok(Self {
                resource: resource.into(),
                action: action.into(),
                scope: scope.into(),
            }),
            _ => Err(format!(
                "{text:?} is not a permission: it reads resource:action:scope, with *, team or own as the scope"
            )),
        }
    }
}

/// What somebody may do: all their permissions together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// What an Administrator holds.
    pub fn everything() -> Self {
        Self([Permission::all("*", "*")].into())
    }
    pub fn allow(&self, wanted: &Permission) -> bool {
        self.0.iter().any(|held| held.covers(wanted))
    }
    /// The ones in `other` that are wider than anything held here. Nobody grants those.
    pub fn lacking<'a>(&self, other: &'a Self) -> Option<&'a Permission> {
        other.0.iter().find(|wanted| !self.allow(wanted))
    }
    /// The same for what opens something in Roster itself.
    pub fn lacking_of_roster<'a>(&self, other: &'a Self) -> Option<&'a Permission> {
        other.0.iter().find(|wanted| wanted.is_of_roster() && !self.allow(wanted))
    }
    pub fn iter(&self) -> impl Iterator<Item = &Permission> {
        self.0.iter()
    }
}
impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(text: &str) -> Permission {
        text.parse().unwrap()
    }

    #[test]
    fn wider_covers_narrower_and_never_the_reverse() {
        for (held, wanted, expected) in [
            ("user:manage:*", "user:read:*", true),
            ("user:read:*", "user:manage:*", false),
            ("user:read:*", "user:read:own", true),
            ("user:read:team", "user:read:own", true),
            ("user:read:own", "user:read:team", false),
            ("user:manage:*", "user:invite:*", false),
            ("*:*:*", "token:manage:own", true),
            ("user:read:*", "users:read:*", false),
            ("team:manage:own", "team:manage:*", false),
            ("team:manage:own", "*:*:*", false),
        ] {
            assert_eq!(permission(held).covers(&permission(wanted)), expected, "{held} for {wanted}");
        }
    }

    #[test]
    fn malformed_permissions_are_not_read() {
        for bad in [
            "",
            "user",
            "user:read",
            "user:read:all",
            "user:read:*:x",
            "User:read:*",
            "user::*",
            "user:re ad:*",
        ] {
            assert!(bad.parse::<Permission>().is_err(), "{bad}");
        }
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        let mine: Permissions = [permission("user:manage:*")].into_iter().collect();
        let theirs: Permissions = [permission("user:read:*"), permission("role:read:*")].into_iter().collect();
        assert_eq!(mine.lacking(&theirs), Some(&permission("role:read:*")));
        assert_eq!(Permissions::everything().lacking(&theirs), None);
        assert!(!Permissions::default().allow(&permission("user:read:own")));
    }
}
