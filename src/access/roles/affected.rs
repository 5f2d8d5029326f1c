//! Whom the deletion of a role touches, all of them counted.

use super::guards::held;
use crate::{
    db::{
        Conn,
        schema::{member_roles, members},
    },
    kit::{Fault, RoleId, Scope},
    members::{MemberKind, MemberStatus},
};
use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
};

/// How many hold a role, whatever their status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Affected {
    pub users: i64,
    pub system_accounts: i64,
    /// Of both, who is invited and has not joined.
    pub invited: i64,
    /// Of both, who would hold no role any more.
    pub left_bare: i64,
}

impl Affected {
    pub fn all(&self) -> i64 {
        self.users + self.system_accounts
    }
}

pub(super) fn affected(conn: &mut Conn, scope: &Scope, role: RoleId) -> Result<Affected, Fault> {
    let counts: Vec<(MemberKind, MemberStatus, i64)> = held!(scope, role)
        .group_by((members::kind, members::status))
        .select((members::kind, members::status, count_star()))
        .load(conn)?;
    let other = diesel::alias!(member_roles as other);
    let in_force = other
        .field(member_roles::until_at)
        .is_null()
        .or(other.field(member_roles::until_at).gt(Some(scope.now())));
    let others = other
        .filter(other.field(member_roles::organization_id).eq(scope.organization))
        .filter(other.field(member_roles::member_id).eq(member_roles::member_id))
        .filter(other.field(member_roles::role_id).ne(role))
        .filter(in_force.assume_not_null());
    let mut all = Affected {
        left_bare: held!(scope, role).filter(not(exists(others))).count().get_result(conn)?,
        ..Affected::default()
    };
    for (kind, status, count) in counts {
        match kind {
            MemberKind::User => all.users += count,
            MemberKind::SystemAccount => all.system_accounts += count,
        }
        if status == MemberStatus::Invited {
            all.invited += count;
        }
    }
    Ok(all)
}
