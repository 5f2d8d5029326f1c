//! Counts the members whom the deletion of a role affects most.

use super::guards::held;
use crate::{
    db::{
        Conn,
        schema::{member_roles, members},
    },
    kit::{Fault, MemberStatus, RoleId, Scope},
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};

/// Holders of the role for whom its deletion means more than losing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Affected {
    /// Invited members who have not joined.
    pub invited: i64,
    /// Members who would hold no role any more.
    pub left_bare: i64,
}

pub(super) fn affected(conn: &mut Conn, scope: &Scope, role: RoleId) -> Result<Affected, Fault> {
    let other = diesel::alias!(member_roles as other);
    let others = other
        .filter(other.field(member_roles::organization_id).eq(scope.organization))
        .filter(other.field(member_roles::member_id).eq(member_roles::member_id))
        .filter(other.field(member_roles::role_id).ne(role))
        .filter(crate::roles::in_force!(other.field(member_roles::until_at), scope.now()));
    let invited = held!(scope, role).filter(members::status.eq(MemberStatus::Invited));
    Ok(Affected {
        invited: invited.count().get_result(conn)?,
        left_bare: held!(scope, role).filter(not(exists(others))).count().get_result(conn)?,
    })
}
