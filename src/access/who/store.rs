//! Queries of who may do what: the members who have one of these roles or policies, by id.

use crate::{
    authorization::Grantors,
    db::{
        Among, Conn,
        schema::{member_policies, member_roles, members, team_members, team_policies, team_roles, users},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, Scope, TeamId},
    roles::in_force,
};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// The first active members after this one who have one of them now, by themselves or through a team: one more than `size`. Each
/// source is walked along its own index, however many members it has.
pub(super) fn candidates(
    conn: &mut Conn,
    scope: &Scope,
    grantors: &Grantors,
    after: Option<MemberId>,
    size: i64,
) -> Result<Vec<MemberId>, Fault> {
    let from = after.unwrap_or_else(MemberId::nobody);
    let mut found: BTreeSet<MemberId> = BTreeSet::new();
    macro_rules! walk {
        ($table:ident, $condition:expr) => {{
            let rows = $table::table
                .inner_join(members::table)
                .filter($table::organization_id.eq(scope.organization))
                .filter($condition)
                .filter($table::member_id.gt(from))
                .filter(members::status.eq(MemberStatus::Active))
                .order($table::member_id)
                .limit(size + 1)
                .select($table::member_id);
            let ids: Vec<MemberId> = rows.load(conn)?;
            found.extend(ids);
        }};
    }
    for role in &grantors.roles {
        walk!(member_roles, member_roles::role_id.eq(role).and(in_force!(member_roles::until_at, scope.now())));
    }
    for policy in &grantors.policies {
        walk!(member_policies, member_policies::policy_id.eq(policy));
    }
    for team in teams(conn, scope, grantors)? {
        walk!(team_members, team_members::team_id.eq(team));
    }
    if grantors.is_of_team_administrators {
        walk!(team_members, team_members::is_administrator);
    }
    Ok(found.into_iter().take(usize::try_from(size + 1).unwrap_or(usize::MAX)).collect())
}

/// The teams that give one of them now.
fn teams(conn: &mut Conn, scope: &Scope, grantors: &Grantors) -> Result<BTreeSet<TeamId>, Fault> {
    let by_roles: Vec<TeamId> = team_roles::table
        .filter(team_roles::organization_id.eq(scope.organization))
        .filter(team_roles::role_id.among(&grantors.roles))
        .filter(in_force!(team_roles::until_at, scope.now()))
        .select(team_roles::team_id)
        .load(conn)?;
    let by_policies: Vec<TeamId> = team_policies::table
        .filter(team_policies::organization_id.eq(scope.organization))
        .filter(team_policies::policy_id.among(&grantors.policies))
        .filter(in_force!(team_policies::until_at, scope.now()))
        .select(team_policies::team_id)
        .load(conn)?;
    Ok(by_roles.into_iter().chain(by_policies).collect())
}

type NamedMember = (MemberId, MemberKind, String, Option<String>);

/// Kind, name and address of these members, by id.
pub(super) fn named(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Vec<NamedMember>, Fault> {
    let rows = members::table
        .left_join(users::table)
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .order(members::id);
    Ok(rows.select((members::id, members::kind, members::name, users::email.nullable())).load(conn)?)
}
