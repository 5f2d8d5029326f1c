//! Guards of policy operations: which changes are refused, and what a rule must not contain.

use super::{MOST_IDS, MOST_RULES, Outcome, Part, PolicyRefusal, Wrong, refuse};
use crate::{
    authorization::{Ceiling, effective},
    db::{
        Conn,
        schema::members,
        views::{held_policies, held_roles},
    },
    kit::{Fault, Permission, PolicyId, RoleId, Scope, fold},
    policies::{self, ALL, ResourceType, Rule},
    roles,
};
use diesel::prelude::*;

/// The longest resource id; authorization requests have the same limit (`authorization::decide`).
const LONGEST_ID: usize = 200;

/// Checks that no other policy has the name.
pub(super) fn name(conn: &mut Conn, scope: &Scope, name: &str, own: Option<PolicyId>) -> Outcome<()> {
    match policies::named(conn, scope.organization, name)? {
        Some(id) if own != Some(id) => refuse(PolicyRefusal::NameTaken),
        _ => Ok(()),
    }
}

/// Checks that every rule names declared types and actions, and that size limits hold.
pub(super) fn rules(types: &[ResourceType], rules: &[Rule]) -> Outcome<()> {
    if rules.is_empty() {
        return refuse(PolicyRefusal::NoRules);
    }
    if rules.len() > MOST_RULES {
        return refuse(PolicyRefusal::TooManyRules);
    }
    match all_wrong(types, rules) {
        none if none.is_empty() => Ok(()),
        wrong => refuse(PolicyRefusal::Rules(wrong)),
    }
}

/// Everything that is wrong with these rules.
pub(super) fn all_wrong(types: &[ResourceType], rules: &[Rule]) -> Vec<Wrong> {
    let of_one = |(rule, one)| {
        let of_part = move |(part, text)| Wrong { rule, part, text };
        wrong(types, one).into_iter().map(of_part)
    };
    rules.iter().enumerate().flat_map(of_one).collect()
}

/// What is wrong with one rule, part by part.
pub(super) fn wrong(types: &[ResourceType], rule: &Rule) -> Vec<(Part, String)> {
    let mut all = Vec::new();
    let about: Vec<&ResourceType> = types.iter().filter(|one| rule.resource_type == ALL || rule.resource_type == one.name).collect();
    let is_about_something = !about.is_empty() || rule.resource_type == ALL;
    if rule.resource_type.is_empty() {
        all.push((Part::Type, "Choose a resource type.".into()));
    } else if !is_about_something {
        let text = format!("{:?} is no resource type that is declared in the settings.", rule.resource_type);
        all.push((Part::Type, text));
    }
    // No action can be chosen before a type is.
    let is_open = !rule.resource_type.is_empty();
    let is_known = |action: &&String| *action == ALL || about.iter().any(|one| one.actions.contains(action));
    if rule.actions.is_empty() && is_open {
        all.push((Part::Actions, "Choose at least one action.".into()));
    } else if rule.actions.len() > MOST_IDS {
        all.push((Part::Actions, too_many()));
    } else if is_about_something && let Some(strange) = rule.actions.iter().find(|action| !is_known(action)) {
        all.push((Part::Actions, format!("{strange:?} is no action of {}.", rule.resource_type)));
    }
    let strange = |id: &String| id.trim() != id || id.is_empty() || id.chars().count() > LONGEST_ID || fold::has_hidden_characters(id);
    if rule.resource_ids.is_empty() {
        all.push((Part::Ids, "Say which resources: their ids, or * for all.".into()));
    } else if rule.resource_ids.len() > MOST_IDS {
        all.push((Part::Ids, too_many()));
    } else if rule.resource_ids.iter().any(strange) {
        let text = format!("An id has from 1 to {LONGEST_ID} characters, all of them visible, and no spaces around it.");
        all.push((Part::Ids, text));
    }
    all
}

fn too_many() -> String {
    format!("At most {MOST_IDS} fit into a list. Make two rules of it.")
}

/// The caller may keep anything the policy already allowed. To widen it, they must hold the addition themselves.
pub(super) fn ceiling(conn: &mut Conn, scope: &Scope, wanted: &[Rule], before: &[Rule]) -> Outcome<()> {
    match Ceiling::of(conn, scope)?.and(before).first_missing_rule(wanted) {
        Some(permission) => refuse(PolicyRefusal::TooWide(permission)),
        None => Ok(()),
    }
}

/// Whether the new rules no longer allow something that the old ones did.
pub(super) fn is_narrower(wanted: &[Rule], before: &[Rule]) -> bool {
    let mut pieces = before.iter().flat_map(Rule::pieces);
    pieces.any(|(resource_type, action, id)| !wanted.iter().any(|rule| rule.allows(resource_type, action, id)))
}

/// A caller to whom the policy is attached must not change what it allows. Administrators may, because it gives them
/// nothing more.
pub(super) fn own_access(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Outcome<()> {
    let Some(me) = scope.actor.member_id() else { return Ok(()) };
    let held = effective(conn, scope.organization, me, scope.now())?;
    if !held.is_administrator() && held.policies.iter().any(|one| one.id == policy) {
        return refuse(PolicyRefusal::Yourself);
    }
    Ok(())
}

/// Checks that no member with this policy may do more than the caller.
pub(super) fn attached(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Outcome<()> {
    match somebody_above(conn, scope, policy)? {
        Some((name, permission)) => refuse(PolicyRefusal::AboveYou { name, permission }),
        None => Ok(()),
    }
}

pub(super) fn deletion(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Outcome<()> {
    own_access(conn, scope, policy)?;
    attached(conn, scope, policy)
}

fn somebody_above(conn: &mut Conn, scope: &Scope, policy: PolicyId) -> Result<Option<(String, Permission)>, Fault> {
    let ceiling = Ceiling::of(conn, scope)?;
    if ceiling.is_open() {
        return Ok(None);
    }
    macro_rules! under {
        () => {
            held_policies::table
                .inner_join(members::table)
                .filter(held_policies::organization_id.eq(scope.organization))
                .filter(held_policies::policy_id.eq(policy))
                .filter(roles::in_force!(held_policies::until_at, scope.now()))
        };
    }
    for role in roles::list(conn, scope.organization)? {
        let Some(permission) = ceiling.first_not_grantable(&role.permissions, &[]) else {
            continue;
        };
        let role: RoleId = role.id;
        let holders = held_roles::table
            .filter(held_roles::organization_id.eq(scope.organization))
            .filter(held_roles::role_id.eq(role))
            .filter(roles::in_force!(held_roles::until_at, scope.now()))
            .select(held_roles::member_id);
        let found = under!().filter(held_policies::member_id.eq_any(holders));
        if let Some(name) = found.select(members::name).first::<String>(conn).optional()? {
            return Ok(Some((name, permission)));
        }
    }
    for other in policies::list(conn, scope.organization)? {
        let Some(permission) = ceiling.first_missing_rule(&other.rules) else {
            continue;
        };
        let also = diesel::alias!(held_policies as also);
        let both = also
            .filter(also.field(held_policies::organization_id).eq(scope.organization))
            .filter(also.field(held_policies::policy_id).eq(other.id))
            .filter(roles::in_force!(also.field(held_policies::until_at), scope.now()))
            .select(also.field(held_policies::member_id));
        let found = under!().filter(held_policies::member_id.eq_any(both));
        if let Some(name) = found.select(members::name).first::<String>(conn).optional()? {
            return Ok(Some((name, permission)));
        }
    }
    Ok(None)
}
