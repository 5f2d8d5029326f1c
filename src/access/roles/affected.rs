//! Counts the members whom the deletion of a role affects most.

use super::guards::in_effect;
use crate::{
    db::{Conn, schema::members, views::held_roles},
    kit::{Fault, MemberStatus, RoleId, Scope},
};
use diesel::{
    dsl::{count, exists, not},
    prelude::*,
};

/// Holders of the role for whom its deletion means more than losing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Affected {
    /// All who hold it, by themselves or through a team.
    pub holders: i64,
    /// Invited members who have not joined.
    pub invited: i64,
    /// Members who would hold no role any more.
    pub left_bare: i64,
}

pub(super) fn affected(conn: &mut Conn, scope: &Scope, role: RoleId) -> Result<Affected, Fault> {
    let other = diesel::alias!(held_roles as other);
    let others = other
        .filter(other.field(held_roles::organization_id).eq(scope.organization))
        .filter(other.field(held_roles::member_id).eq(held_roles::member_id))
        .filter(other.field(held_roles::role_id).ne(role))
        .filter(crate::roles::in_force!(other.field(held_roles::until_at), scope.now()));
    let different = || count(held_roles::member_id).aggregate_distinct();
    let holders = in_effect!(scope, role).select(different()).get_result(conn)?;
    let invited = in_effect!(scope, role).filter(members::status.eq(MemberStatus::Invited)).select(different());
    let left_bare = in_effect!(scope, role).filter(not(exists(others))).select(different());
    Ok(Affected {
        holders,
        invited: invited.get_result(conn)?,
        left_bare: left_bare.get_result(conn)?,
    })
}
