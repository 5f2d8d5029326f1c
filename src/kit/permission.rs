//! Permissions: `resource:action:scope`. They only grant, never deny, and they add up.

use super::{Right, rights};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// Whether a text is a valid name of a resource or an action.
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// One permission, such as `user:manage:*`. An asterisk means every resource, action or scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Permission {
    resource: String,
    action: String,
    scope: String,
}

impl Permission {
    /// A permission over all things of a kind in the organization.
    pub fn all(resource: &str, action: &str) -> Self {
        Self { resource: resource.into(), action: action.into(), scope: "*".into() }
    }
    /// A permission over the member's own things, such as the teams they run.
    pub fn own(resource: &str, action: &str) -> Self {
        Self { scope: "own".into(), ..Self::all(resource, action) }
    }
    /// The resource.
    pub fn noun(&self) -> &str {
        &self.resource
    }
    pub fn action(&self) -> &str {
        &self.action
    }
    pub fn scope(&self) -> &str {
        &self.scope
    }
    /// A permission over things of the member's own teams.
    pub fn of_team(resource: &str, action: &str) -> Self {
        Self { scope: "team".into(), ..Self::all(resource, action) }
    }
    /// The widest permission that both of these cover, if any.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let action = match (self.action.as_str(), other.action.as_str()) {
            (one, two) if one == two => one,
            ("*", one) | (one, "*") => one,
            ("manage", "read") | ("read", "manage") => "read",
            _ => return None,
        };
        let resource = match (self.resource.as_str(), other.resource.as_str()) {
            (one, two) if one == two => one,
            ("*", one) | (one, "*") => one,
            _ => return None,
        };
        let scope = ["own", "team", "*"].into_iter().find(|scope| self.scope == *scope || other.scope == *scope)?;
        Some(Self { resource: resource.into(), action: action.into(), scope: scope.into() })
    }
    /// Whether this permission is enough when `wanted` is required: `manage` includes `read`, `*` includes `team`
    /// includes `own`.
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
            [resource, action, scope] if word(resource) && word(action) && matches!(scope, "*" | "team" | "own") => {
                Ok(Self { resource: resource.into(), action: action.into(), scope: scope.into() })
            }
            _ => Err(format!(
                "{text:?} is not a permission: it reads resource:action:scope, with *, team or own as the scope"
            )),
        }
    }
}

/// All permissions that a member holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// The permissions of an Administrator.
    pub fn everything() -> Self {
        Self([Permission::all("*", "*")].into())
    }
    pub fn allow(&self, wanted: &Permission) -> bool {
        self.0.iter().any(|held| held.covers(wanted))
    }
    /// A permission in `other` that no permission here covers. A member without it cannot grant it.
    pub fn first_missing<'a>(&self, other: &'a Self) -> Option<&'a Permission> {
        other.0.iter().find(|wanted| !self.allow(wanted))
    }
    /// Whether they allow something over the people of teams that they do not allow over everybody.
    pub fn are_limited_to_teams(&self) -> bool {
        self.first_over_teams(self).is_some()
    }
    /// A permission in `other` that a member with these cannot grant: one that they lack, or one over the people of the teams that
    /// its holder administers. Those may be other people than the granter's, so that takes the right over everybody.
    pub fn first_not_grantable(&self, other: &Self) -> Option<Permission> {
        self.first_missing(other).cloned().or_else(|| self.first_over_teams(other))
    }
    /// A right that `other` allows over the people of teams, and these do not allow over everybody.
    pub fn first_over_teams(&self, other: &Self) -> Option<Permission> {
        let held = rights::OVER_TEAMS.into_iter().filter(|right| other.allow(&right.over_teams()));
        held.map(Right::over_all).find(|wanted| !self.allow(wanted))
    }
    /// What both of these allow (intersection).
    pub fn intersection(&self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|one| other.0.iter().filter_map(|two| one.intersection(two)));
        let all: Self = pairs.collect();
        // A permission that another one covers is redundant.
        let is_covered = |one: &Permission| all.0.iter().any(|wider| wider != one && wider.covers(one));
        all.0.iter().filter(|one| !is_covered(one)).cloned().collect()
    }
    /// Only the read part: `user:manage:*` becomes `user:read:*`; permissions without a read part are dropped.
    pub fn read_only(&self) -> Self {
        self.intersection(&[Permission::all("*", "read")].into_iter().collect())
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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

    /// Every permission over a small vocabulary.
    fn universe() -> Vec<Permission> {
        let (mut all, words) = (Vec::new(), ["*", "user", "contract_data"]);
        for resource in words {
            for action in ["*", "read", "manage", "invite"] {
                for scope in ["*", "team", "own"] {
                    all.push(permission(&format!("{resource}:{action}:{scope}")));
                }
            }
        }
        all
    }

    #[test]
    fn what_two_allow_together_is_what_each_allows_alone() {
        let all = universe();
        for one in &all {
            for two in &all {
                let both = one.intersection(two);
                assert_eq!(both, two.intersection(one));
                for wanted in &all {
                    let expected = one.covers(wanted) && two.covers(wanted);
                    assert_eq!(both.as_ref().is_some_and(|both| both.covers(wanted)), expected, "{one} and {two} for {wanted}");
                }
            }
        }
        // The same for sets: some hundred of them, drawn in a sequence that does not repeat soon.
        let set = |seed: usize| -> Permissions { (0..seed % 4).map(|at| all[(seed * 7 + at * 11) % all.len()].clone()).collect() };
        for seed in 0..200 {
            let (one, two) = (set(seed), set(seed * 5 + 1));
            let both = one.intersection(&two);
            for wanted in &all {
                assert_eq!(both.allow(wanted), one.allow(wanted) && two.allow(wanted), "{one:?} and {two:?} for {wanted}");
            }
        }
    }

    #[test]
    fn what_only_reads_changes_nothing() {
        let set = |texts: &[&str]| -> Permissions { texts.iter().map(|text| permission(text)).collect() };
        let held = set(&["user:manage:*", "user:invite:*", "contract_data:read:*", "token:manage:own"]);
        assert_eq!(held.read_only(), set(&["user:read:*", "contract_data:read:*", "token:read:own"]));
        assert_eq!(Permissions::everything().read_only(), set(&["*:read:*"]));
        assert!(set(&["user:invite:*"]).read_only().is_empty());
    }

    #[test]
    fn rights_over_teams_are_granted_by_those_who_hold_them_over_everybody() {
        let set = |texts: &[&str]| -> Permissions { texts.iter().map(|text| permission(text)).collect() };
        let help_desk = set(&["user:manage:team", "system_account:manage:team"]);
        assert_eq!(help_desk.first_not_grantable(&help_desk), Some(permission("user:read:*")));
        assert_eq!(set(&["user:manage:*", "system_account:manage:team"]).first_not_grantable(&help_desk), None);
        assert_eq!(help_desk.first_not_grantable(&set(&["system_account:manage:team"])), None);
        assert_eq!(Permissions::everything().first_not_grantable(&help_desk), None);
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        let mine: Permissions = [permission("user:manage:*")].into_iter().collect();
        let theirs: Permissions = [permission("user:read:*"), permission("role:read:*")].into_iter().collect();
        assert_eq!(mine.first_missing(&theirs), Some(&permission("role:read:*")));
        assert_eq!(Permissions::everything().first_missing(&theirs), None);
        assert!(!Permissions::default().allow(&permission("user:read:own")));
    }
}
