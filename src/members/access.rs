//! What a member may do: the roles they hold now, added up.

use crate::{
    db::{
        Conn, Tx,
        schema::{member_policies, member_roles, members, passwords, role_permissions, roles, team_members},
    },
    kit::{Fault, MemberId, OrganizationId, Permission, Permissions, PolicyId, RoleId, Scope, Timestamp},
    members::MemberStatus,
    roles::{Predefined, predefined, read},
};
use diesel::prelude::*;

/// Everything the member's roles allow at this instant. Roles that have lapsed allow nothing; being administrator of a
/// team brings the Team Administrator role with it.
///
/// # Errors
/// What the database says.
pub fn permissions(conn: &mut Conn, organization: OrganizationId, member: MemberId, now: Timestamp) -> Result<Permissions, Fault> {
    let in_force = member_roles::until_at.is_null().or(member_roles::until_at.gt(Some(now)));
    let held = member_roles::table
        .filter(member_roles::organization_id.eq(organization))
        .filter(member_roles::member_id.eq(member))
        .filter(in_force.assume_not_null())
        .select(member_roles::role_id);
    let mut texts: Vec<String> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .filter(role_permissions::role_id.eq_any(held))
        .select(role_permissions::permission)
        .load(conn)?;
    let runs_a_team: Option<bool> = team_members::table
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.eq(member))
        .filter(team_members::is_administrator.eq(true))
        .select(team_members::is_administrator)
        .first(conn)
        .optional()?;
    if runs_a_team.is_some() {
        let implied: Vec<String> = role_permissions::table
            .inner_join(roles::table)
            .filter(roles::organization_id.eq(organization))
            .filter(roles::predefined.eq(Some(Predefined::TeamAdministrator)))
            .select(role_permissions::permission)
            .load(conn)?;
        texts.extend(implied);
    }
    Ok(read(&texts))
}

/// A permission that this member holds and the actor does not: nobody acts on the access of somebody who may do more.
///
/// # Errors
/// What the database says.
pub fn above(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Option<Permission>, Fault> {
    let held = permissions(conn, scope.organization, member, scope.now())?;
    Ok(scope.permissions.lacking(&held).cloned())
}

/// Everything the roles of a member allow, lapsed or not yet in force: what an invitation promises.
///
/// # Errors
/// What the database says.
pub fn promised(conn: &mut Conn, organization: OrganizationId, member: MemberId) -> Result<Permissions, Fault> {
    let texts: Vec<String> = role_permissions::table
        .filter(role_permissions::organization_id.eq(organization))
        .filter(
            role_permissions::role_id.eq_any(
                member_roles::table
                    .filter(member_roles::organization_id.eq(organization))
                    .filter(member_roles::member_id.eq(member))
                    .select(member_roles::role_id),
            ),
        )
        .select(role_permissions::permission)
        .load(conn)?;
    Ok(read(&texts))
}

/// Gives a member roles, and renews what lists sort by. Whether the giver may is asked by the operation above.
///
/// # Errors
/// What the database says.
pub fn grant_roles(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, granted: &[RoleId]) -> Result<(), Fault> {
    for role in granted {
        diesel::insert_into(member_roles::table)
            .values((
                member_roles::organization_id.eq(scope.organization),
                member_roles::member_id.eq(member),
                member_roles::role_id.eq(*role),
                member_roles::granted_at.eq(scope.now()),
                member_roles::granted_by.eq(scope.actor.member_id()),
            ))
            .execute(tx.conn())?;
    }
    let names: Vec<String> = member_roles::table
        .inner_join(roles::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq(member))
        .order(roles::name_key)
        .select(roles::name_key)
        .load(tx.conn())?;
    diesel::update(
        members::table
            .filter(members::organization_id.eq(scope.organization))
            .filter(members::id.eq(member)),
    )
    .set(members::role_key.eq(names.join(", ")))
    .execute(tx.conn())?;
    Ok(())
}

/// Attaches policies to a member.
///
/// # Errors
/// What the database says.
pub fn grant_policies(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, granted: &[PolicyId]) -> Result<(), Fault> {
    for policy in granted {
        diesel::insert_into(member_policies::table)
            .values((
                member_policies::organization_id.eq(scope.organization),
                member_policies::member_id.eq(member),
                member_policies::policy_id.eq(*policy),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Administrators who are active and have a way to sign in, counted up to `enough`, one of them left out.
///
/// # Errors
/// What the database says.
pub(super) fn usable_administrators(conn: &mut Conn, scope: &Scope, except: Option<MemberId>, enough: i64) -> Result<usize, Fault> {
    let in_force = member_roles::until_at.is_null().or(member_roles::until_at.gt(Some(scope.now())));
    let with_password = passwords::table.select(passwords::user_id.nullable());
    // Named by its id, so that PostgreSQL knows how few hold it and does not read through everybody.
    let administrator = predefined(conn, scope.organization, Predefined::Administrator)?;
    let found: Vec<MemberId> = member_roles::table
        .inner_join(members::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::role_id.eq(administrator))
        .filter(in_force.assume_not_null())
        .filter(members::status.eq(MemberStatus::Active))
        .filter(members::id.ne(except.unwrap_or(MemberId(uuid::Uuid::nil()))))
        .filter(members::user_id.eq_any(with_password))
        .select(members::id)
        .limit(enough)
        .load(conn)?;
    Ok(found.len())
}
