//! The ceiling: nobody can grant more than they hold themselves, through any interface.

use super::{Effective, attached, permissions, rules_of, rules_of_policies};
use crate::{
    db::{
        Among, Conn,
        schema::{member_roles, role_permissions, team_members},
        views::held_roles,
    },
    kit::{Fault, MemberId, OrganizationId, Permission, Permissions, RoleId, Scope, TeamId, Timestamp},
    policies::Rule,
    roles,
};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// The most that a member can grant: their permissions, and what their policies allow.
#[derive(Clone, Debug)]
pub struct Ceiling {
    permissions: Permissions,
    rules: Vec<Rule>,
}

impl Ceiling {
    /// The caller's ceiling. A credential that may do less than its member passes on nothing of what policies allow.
    pub fn of(conn: &mut Conn, scope: &Scope) -> Result<Self, Fault> {
        let ceiling = Self { permissions: scope.permissions.clone(), rules: vec![] };
        match scope.actor.member_id() {
            Some(member) if !ceiling.is_open() && !is_held_back(conn, scope, member)? => Ok(Self {
                rules: rules_of(conn, scope.organization, &[member], scope.now())?.remove(&member).unwrap_or_default(),
                ..ceiling
            }),
            _ => Ok(ceiling),
        }
    }

    /// Any member's ceiling.
    pub fn held_by(conn: &mut Conn, organization: OrganizationId, member: MemberId, now: Timestamp) -> Result<Self, Fault> {
        Ok(Self {
            permissions: permissions(conn, organization, member, now)?,
            rules: rules_of(conn, organization, &[member], now)?.remove(&member).unwrap_or_default(),
        })
    }

    /// The ceiling of what a member holds at some instant.
    pub fn over(held: &Effective) -> Self {
        Self {
            permissions: held.permissions(),
            rules: held.policies.iter().flat_map(|policy| policy.rules.iter().cloned()).collect(),
        }
    }

    /// A ceiling that also includes these rules.
    pub fn and(&self, rules: &[Rule]) -> Self {
        Self { rules: [&self.rules[..], rules].concat(), permissions: self.permissions.clone() }
    }

    /// Whether there is no limit: the member is an administrator.
    pub fn is_open(&self) -> bool {
        self.permissions.first_missing(&Permissions::everything()).is_none()
    }

    /// What these permissions and rules allow beyond the ceiling: a permission, or the permission equivalent to a rule.
    pub fn first_missing(&self, permissions: &Permissions, rules: &[Rule]) -> Option<Permission> {
        self.permissions.first_missing(permissions).cloned().or_else(|| self.first_missing_rule(rules))
    }

    /// [`Ceiling::first_missing`] for what is granted or written into a role: rights over teams take those over everybody.
    pub fn first_not_grantable(&self, permissions: &Permissions, rules: &[Rule]) -> Option<Permission> {
        let beyond = self.permissions.first_not_grantable(permissions);
        beyond.or_else(|| self.first_missing_rule(rules))
    }

    /// A right that these permissions allow over the people of teams, and the ceiling does not hold over everybody: for a member
    /// who administers teams that the caller does not.
    pub fn first_over_teams(&self, theirs: &Permissions) -> Option<Permission> {
        self.permissions.first_over_teams(theirs)
    }

    /// Same for rules only. A permission on all resources of a type covers every rule about that type; a wildcard rule
    /// is covered only by a wildcard.
    pub fn first_missing_rule(&self, rules: &[Rule]) -> Option<Permission> {
        let asked: BTreeSet<(&str, &str, &str)> = rules.iter().flat_map(Rule::pieces).collect();
        let mut lacking = asked
            .into_iter()
            .map(|(resource_type, action, id)| (Permission::all(resource_type, action), resource_type, action, id))
            .filter(|(wanted, resource_type, action, id)| {
                !self.permissions.allow(wanted) && !self.rules.iter().any(|held| held.allows(resource_type, action, id))
            });
        lacking.next().map(|(permission, ..)| permission)
    }
}

/// Whether the caller sent a credential that may do less than its member: a narrowed or read-only token.
fn is_held_back(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<bool, Fault> {
    if scope.request_info.credential.is_none() {
        return Ok(false);
    }
    let held = permissions(conn, scope.organization, member, scope.now())?;
    Ok(scope.permissions.first_missing(&held).is_some())
}

/// A permission that the member holds and the caller does not. Nobody may change the access or the identity of a member
/// above them.
pub fn above(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Option<Permission>, Fault> {
    let ceiling = Ceiling::of(conn, scope)?;
    // An administrator holds every permission, so no member is above one.
    if ceiling.is_open() {
        return Ok(None);
    }
    let theirs = permissions(conn, scope.organization, member, scope.now())?;
    let rules = rules_of(conn, scope.organization, &[member], scope.now())?.remove(&member).unwrap_or_default();
    if let Some(permission) = ceiling.first_missing(&theirs, &rules) {
        return Ok(Some(permission));
    }
    let Some(beyond) = ceiling.first_over_teams(&theirs) else {
        return Ok(None);
    };
    let run_by_caller = match scope.actor.member_id() {
        Some(caller) => administered(conn, scope.organization, caller)?,
        None => vec![],
    };
    let run_by_them = administered(conn, scope.organization, member)?;
    Ok(run_by_them.iter().any(|team| !run_by_caller.contains(team)).then_some(beyond))
}

/// The teams of which a member is an administrator.
pub fn administered(conn: &mut Conn, organization: OrganizationId, member: MemberId) -> Result<Vec<TeamId>, Fault> {
    let mine = team_members::table
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.eq(member))
        .filter(team_members::is_administrator);
    Ok(mine.select(team_members::team_id).load(conn)?)
}

/// Everything the roles and policies of a member and of their teams allow, expired or not yet in force.
pub fn promised(conn: &mut Conn, organization: OrganizationId, member: MemberId) -> Result<(Permissions, Vec<Rule>), Fault> {
    let all = held_roles::table
        .filter(held_roles::organization_id.eq(organization))
        .filter(held_roles::member_id.eq(member))
        .select(held_roles::role_id);
    let all: Vec<RoleId> = all.load(conn)?;
    // No policy ends before this.
    let rules = rules_of(conn, organization, &[member], Timestamp::EPOCH)?;
    allowed_by(conn, organization, member, &all, rules)
}

/// Everything the roles and policies allow that are assigned to a member, expired or not yet in force: what an invitation
/// promises besides its teams.
pub fn assigned(conn: &mut Conn, organization: OrganizationId, member: MemberId) -> Result<(Permissions, Vec<Rule>), Fault> {
    let own = member_roles::table
        .filter(member_roles::organization_id.eq(organization))
        .filter(member_roles::member_id.eq(member))
        .select(member_roles::role_id);
    let own: Vec<RoleId> = own.load(conn)?;
    let policies = attached(conn, organization, &[member])?;
    let rules = rules_of_policies(conn, organization, policies)?;
    allowed_by(conn, organization, member, &own, rules)
}

/// What these roles allow, and the rules of the member among those of several.
fn allowed_by(
    conn: &mut Conn,
    organization: OrganizationId,
    member: MemberId,
    held: &[RoleId],
    mut rules: HashMap<MemberId, Vec<Rule>>,
) -> Result<(Permissions, Vec<Rule>), Fault> {
    let texts: Vec<String> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .filter(role_permissions::role_id.among(held))
        .select(role_permissions::permission)
        .load(conn)?;
    Ok((roles::read(&texts), rules.remove(&member).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(resource_type: &str, action: &str, id: &str) -> Rule {
        Rule {
            resource_type: resource_type.into(),
            actions: vec![action.into()],
            resource_ids: vec![id.into()],
        }
    }

    #[test]
    fn nobody_gives_a_rule_that_is_wider_than_what_they_hold() {
        let ceiling = Ceiling {
            permissions: crate::roles::read(&["invoice:read:*".into(), "order:manage:team".into()]),
            rules: vec![rule("contract", "*", "7"), rule("contract", "read", "*")],
        };
        for (wanted, is_held) in [
            (rule("invoice", "read", "*"), true),
            (rule("invoice", "read", "3"), true),
            (rule("invoice", "*", "3"), false),
            (rule("contract", "sign", "7"), true),
            (rule("contract", "read", "8"), true),
            (rule("contract", "sign", "8"), false),
            (rule("contract", "sign", "*"), false),
            (rule("*", "read", "7"), false),
            (rule("order", "read", "1"), false),
        ] {
            assert_eq!(ceiling.first_missing_rule(std::slice::from_ref(&wanted)).is_none(), is_held, "{wanted:?}");
        }
        assert!(!ceiling.is_open());
        let everything = Ceiling { permissions: Permissions::everything(), rules: vec![] };
        assert!(everything.is_open() && everything.first_missing_rule(&[rule("*", "*", "*")]).is_none());
    }
}
