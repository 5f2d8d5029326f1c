//! Who is told by mail about a token: its creator and the administrators.

use crate::{
    db::{
        Conn,
        schema::{member_roles, members, roles, users},
    },
    kit::{Fault, MemberId, MemberStatus, OrganizationId, Timestamp},
    roles::Predefined,
};
use diesel::prelude::*;

/// The most administrators who are told of one token.
const MOST: i64 = 20;

/// The address of this person, such as the creator of a token, if they are still active here.
pub(super) fn active(conn: &mut Conn, organization: OrganizationId, member: Option<MemberId>) -> Result<Option<String>, Fault> {
    let Some(member) = member else { return Ok(None) };
    let found = members::table
        .inner_join(users::table)
        .filter(members::organization_id.eq(organization))
        .filter(members::id.eq(member))
        .filter(members::status.eq(MemberStatus::Active));
    Ok(found.select(users::email).first(conn).optional()?)
}

/// The addresses of the organization's active administrators.
pub(super) fn administrators(conn: &mut Conn, organization: OrganizationId, now: Timestamp) -> Result<Vec<String>, Fault> {
    let found = member_roles::table
        .inner_join(roles::table)
        .inner_join(members::table.inner_join(users::table))
        .filter(member_roles::organization_id.eq(organization))
        .filter(roles::predefined.eq(Some(Predefined::Administrator)))
        .filter(crate::roles::in_force!(member_roles::until_at, now))
        .filter(members::status.eq(MemberStatus::Active))
        .order(members::id)
        .limit(MOST)
        .select(users::email);
    Ok(found.load(conn)?)
}
