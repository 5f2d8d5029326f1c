//! Guards of role operations: checked before an action is offered, and again in its transaction.

use super::{Outcome, RoleRefusal, refuse};
use crate::{
    authorization::{Ceiling, effective},
    db::{
        Conn,
        schema::{members, team_members},
        views::{held_policies, held_roles},
    },
    kit::{Fault, Permission, Permissions, RoleId, Scope},
    policies,
    roles::{self, Predefined, Role},
};
use diesel::prelude::*;

/// Everybody to whom a role is assigned now.
macro_rules! held {
    ($scope:expr, $role:expr) => {
        member_roles::table
            .inner_join(members::table)
            .filter(member_roles::organization_id.eq($scope.organization))
            .filter(member_roles::role_id.eq($role))
            .filter(crate::roles::in_force!(member_roles::until_at, $scope.now()))
    };
}
pub(super) use held;

/// Everybody who holds a role now, by themselves or through a team.
macro_rules! in_effect {
    ($scope:expr, $role:expr) => {
        held_roles::table
            .inner_join(members::table)
            .filter(held_roles::organization_id.eq($scope.organization))
            .filter(held_roles::role_id.eq($role))
            .filter(crate::roles::in_force!(held_roles::until_at, $scope.now()))
    };
}
pub(super) use in_effect;

/// Checks that no other role has the name, and that it looks like no predefined role's name.
pub(super) fn name(conn: &mut Conn, scope: &Scope, name: &str, own: Option<&Role>) -> Outcome<()> {
    if let Some(which) = roles::is_reserved(name, own.and_then(|role| role.predefined)) {
        return refuse(RoleRefusal::NameReserved(which.name()));
    }
    match roles::named(conn, scope.organization, name)? {
        Some(id) if own.is_none_or(|role| role.id != id) => refuse(RoleRefusal::NameTaken),
        _ => Ok(()),
    }
}

/// Checks that every newly chosen permission is known.
pub(super) fn known(conn: &mut Conn, scope: &Scope, permissions: &Permissions) -> Outcome<()> {
    let declared = roles::application_permissions(conn, scope.organization)?;
    let is_known = |one: &&Permission| roles::is_known(one) || declared.iter().any(|known| known.permission == one.to_string());
    match permissions.iter().find(|one| !is_known(one)) {
        Some(unknown) => refuse(RoleRefusal::Unknown(unknown.clone())),
        None => Ok(()),
    }
}

/// The caller may keep anything the role already allowed. To widen it, they must hold the addition themselves.
pub(super) fn ceiling(scope: &Scope, wanted: &Permissions, before: &Permissions) -> Outcome<()> {
    let wider = wanted.iter().find(|one| !before.allow(one) && !scope.permissions.allow(one));
    wider.map_or(Ok(()), |one| refuse(RoleRefusal::TooWide(one.clone())))
}

/// A caller who holds the role must not change it, unless their own permissions stay the same through other roles.
pub(super) fn own_access(conn: &mut Conn, scope: &Scope, role: &Role, after: &Permissions) -> Outcome<()> {
    let Some(me) = scope.actor.member_id() else { return Ok(()) };
    let held = effective(conn, scope.organization, me, scope.now())?;
    if held.roles.iter().all(|one| one.id != role.id) {
        return Ok(());
    }
    let others = held.roles.iter().filter(|one| one.id != role.id);
    let then: Permissions = others.flat_map(|one| one.permissions.iter()).chain(after.iter()).cloned().collect();
    let now = held.permissions();
    if now.first_missing(&then).is_some() || then.first_missing(&now).is_some() {
        return refuse(RoleRefusal::Yourself);
    }
    Ok(())
}

/// Checks that no holder of the role may do more than the caller.
pub(super) fn holders(conn: &mut Conn, scope: &Scope, role: &Role) -> Outcome<()> {
    match somebody_above(conn, scope, role)? {
        Some((name, permission)) => refuse(RoleRefusal::AboveYou { name, permission }),
        None => Ok(()),
    }
}

pub(super) fn deletion(conn: &mut Conn, scope: &Scope, role: &Role) -> Outcome<()> {
    if role.predefined.is_some() {
        return refuse(RoleRefusal::Predefined);
    }
    own_access(conn, scope, role, &Permissions::default())?;
    holders(conn, scope, role)
}

/// A holder of the role who may do more than the caller, by this role or any other role or policy.
fn somebody_above(conn: &mut Conn, scope: &Scope, role: &Role) -> Result<Option<(String, Permission)>, Fault> {
    let ceiling = Ceiling::of(conn, scope)?;
    if ceiling.is_open() {
        return Ok(None);
    }
    let wider = |role: &Role| ceiling.first_not_grantable(&role.permissions, &[]).map(|permission| (role.clone(), permission));
    let above: Vec<(Role, Permission)> = roles::list(conn, scope.organization)?.iter().filter_map(wider).collect();
    for (other, permission) in &above {
        if let Some(name) = holder_of_both(conn, scope, role.id, other)? {
            return Ok(Some((name, permission.clone())));
        }
    }
    for policy in policies::list(conn, scope.organization)? {
        let Some(permission) = ceiling.first_missing_rule(&policy.rules) else {
            continue;
        };
        let under = held_policies::table
            .filter(held_policies::organization_id.eq(scope.organization))
            .filter(held_policies::policy_id.eq(policy.id))
            .filter(roles::in_force!(held_policies::until_at, scope.now()))
            .select(held_policies::member_id);
        let found: Option<String> = in_effect!(scope, role.id)
            .filter(held_roles::member_id.eq_any(under))
            .select(members::name)
            .first(conn)
            .optional()?;
        if let Some(name) = found {
            return Ok(Some((name, permission)));
        }
    }
    Ok(None)
}

fn holder_of_both(conn: &mut Conn, scope: &Scope, role: RoleId, other: &Role) -> Result<Option<String>, Fault> {
    let also = diesel::alias!(held_roles as also);
    let given = also
        .filter(also.field(held_roles::organization_id).eq(scope.organization))
        .filter(also.field(held_roles::role_id).eq(other.id))
        .filter(roles::in_force!(also.field(held_roles::until_at), scope.now()))
        .select(also.field(held_roles::member_id));
    let found: Option<String> = in_effect!(scope, role)
        .filter(held_roles::member_id.eq_any(given))
        .select(members::name)
        .first(conn)
        .optional()?;
    if found.is_some() || other.predefined != Some(Predefined::TeamAdministrator) {
        return Ok(found);
    }
    let run = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::is_administrator)
        .select(team_members::member_id);
    let runs = in_effect!(scope, role).filter(held_roles::member_id.eq_any(run));
    Ok(runs.select(members::name).first(conn).optional()?)
}
