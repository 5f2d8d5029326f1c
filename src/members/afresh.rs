//! Rights as they are when something is done, not as they were when the request began: a password is hashed in between,
//! a lock is waited for, and meanwhile somebody takes the rights away.

use super::{MemberStatus, effective};
use crate::{
    db::{Conn, Tx, schema::members},
    kit::{Actor, Fault, Scope},
    organizations,
};
use diesel::prelude::*;

/// Locks the organization and reads again what whoever acts may do there: whatever is checked by this scope stays so
/// until the transaction ends. It never widens, so that a token that was narrowed stays narrow.
///
/// # Errors
/// [`Fault::Missing`] where whoever acts is no active member any more, or what the database says.
pub fn afresh(tx: &mut Tx<'_>, scope: &Scope) -> Result<Scope, Fault> {
    organizations::lock(tx, scope.organization)?;
    renewed(tx, scope)
}

fn renewed(conn: &mut Conn, scope: &Scope) -> Result<Scope, Fault> {
    let Actor::Member { id, .. } = scope.actor else {
        return Ok(scope.clone());
    };
    let status: Option<MemberStatus> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq(id))
        .select(members::status)
        .first(conn)
        .optional()?;
    if status != Some(MemberStatus::Active) {
        return Err(Fault::Missing);
    }
    let held = effective::permissions(conn, scope.organization, id, scope.now())?;
    Ok(Scope {
        permissions: scope.permissions.meet(&held),
        ..scope.clone()
    })
}
