//! Rights as they are when something is done, not as they were when the request began: a password is hashed in between,
//! a lock is waited for, and meanwhile somebody takes the rights away.

use super::{MemberStatus, effective};
use crate::{
    db::{Tx, schema::members},
    kit::{Actor, Fault, Scope},
    organizations, users,
};
use diesel::prelude::*;

/// Locks the organization and reads again what the caller may do there: whatever is checked by this scope stays so
/// until the transaction ends. It never widens, so that a token that was narrowed stays narrow.
///
/// # Errors
/// [`Fault::SignedOut`] where the caller is no active member any more or their session was ended, or what the database says.
pub fn reauthorize(tx: &mut Tx<'_>, scope: &Scope) -> Result<Scope, Fault> {
    organizations::lock(tx, scope.organization)?;
    let Actor::Member { id, user, .. } = scope.actor else {
        return Ok(scope.clone());
    };
    if let Some(user) = user
        && users::is_too_late(tx, user, scope.now())?
    {
        return Err(Fault::SignedOut);
    }
    let status: Option<MemberStatus> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq(id))
        .select(members::status)
        .first(tx.conn())
        .optional()?;
    if status != Some(MemberStatus::Active) {
        return Err(Fault::SignedOut);
    }
    let held = effective::permissions(tx, scope.organization, id, scope.now())?;
    Ok(Scope {
        permissions: scope.permissions.meet(&held),
        ..scope.clone()
    })
}
