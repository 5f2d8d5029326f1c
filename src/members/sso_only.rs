//! Which members an organization admits through its identity providers only.

use crate::{
    db::{
        Among, Conn,
        schema::{members, organizations},
    },
    kit::{Fault, MemberId, MemberKind, Scope},
};
use diesel::{dsl::not, prelude::*};
use std::collections::HashSet;

/// The people among these members whose own password or passkey does not open the organization now.
/// [`super::Membership::demands_sso`] says the same of one.
pub fn sso_only(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashSet<MemberId>, Fault> {
    let rows = members::table
        .inner_join(organizations::table)
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .filter(members::kind.eq(MemberKind::User))
        .filter(not(members::enters_without_sso))
        .filter(organizations::sso_from.le(Some(scope.now())).assume_not_null());
    let ids: Vec<MemberId> = rows.select(members::id).load(conn)?;
    Ok(ids.into_iter().collect())
}
