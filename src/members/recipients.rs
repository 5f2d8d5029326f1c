//! Who gets letters about the settings of an organization: the people who may change them.

use crate::{
    db::{
        Conn,
        schema::{members, role_permissions, roles, users},
        views::held_roles,
    },
    kit::{Fault, MemberId, MemberStatus, OrganizationId, Right, Timestamp, email::Email},
    roles::{Predefined, in_force},
};
use diesel::{dsl::exists, prelude::*};

/// The most people who are told.
const MOST: i64 = 20;

/// The addresses of active people with a role that gives this right over everything, by themselves or through a team.
pub fn addresses_with_right(conn: &mut Conn, organization: OrganizationId, right: Right, now: Timestamp) -> Result<Vec<Email>, Fault> {
    let named = role_permissions::table
        .filter(role_permissions::organization_id.eq(roles::organization_id))
        .filter(role_permissions::role_id.eq(roles::id))
        .filter(role_permissions::permission.eq(right.over_all().to_string()));
    let is_administrator = roles::predefined.eq(Some(Predefined::Administrator)).assume_not_null();
    let found = held_roles::table
        .inner_join(roles::table)
        .inner_join(members::table.inner_join(users::table))
        .filter(held_roles::organization_id.eq(organization))
        .filter(is_administrator.or(exists(named)))
        .filter(in_force!(held_roles::until_at, now))
        .filter(members::status.eq(MemberStatus::Active))
        .order((members::id, users::email))
        .select((members::id, users::email))
        .distinct()
        .limit(MOST);
    let rows: Vec<(MemberId, String)> = found.load(conn)?;
    rows.into_iter().map(|(_, email)| Email::parse(&email).map_err(Fault::broken)).collect()
}
