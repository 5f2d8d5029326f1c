//! Permissions at the time of the change, not at the time the request began. Password hashing or waiting for a lock
//! takes time, and the caller's permissions may be revoked meanwhile (a time-of-check to time-of-use race).

use crate::{
    authorization,
    db::{Tx, schema::members},
    kit::{Actor, Fault, MemberStatus, Permissions, Scope},
    organizations, users,
};
use diesel::prelude::*;

/// Locks the organization and reads the caller's permissions again. They stay valid until the transaction ends. The
/// result is never wider than `scope`, so that a token with reduced permissions stays reduced.
///
/// # Errors
/// [`Fault::SignedOut`] if the caller is no longer an active member or their session was ended.
pub fn reauthorize(tx: &mut Tx<'_>, scope: &Scope) -> Result<Scope, Fault> {
    organizations::lock(tx, scope.organization)?;
    read_again(tx, scope)
}

/// [`reauthorize`] for an operation that may run beside others of its kind, because all that it decides about is the row that
/// it changes.
///
/// # Errors
/// As [`reauthorize`].
pub(super) fn reauthorize_shared(tx: &mut Tx<'_>, scope: &Scope) -> Result<Scope, Fault> {
    organizations::lock_shared(tx, scope.organization)?;
    read_again(tx, scope)
}

fn read_again(tx: &mut Tx<'_>, scope: &Scope) -> Result<Scope, Fault> {
    let (id, user) = match scope.actor {
        Actor::Member { id, user, .. } => (id, user),
        // Read again by `provisioning`, in this transaction.
        Actor::Provisioner { .. } | Actor::System => return Ok(scope.clone()),
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
    let held = authorization::permissions(tx, scope.organization, id, scope.now())?;
    Ok(Scope {
        permissions: scope.permissions.intersection(&held),
        // Whom they administer is read again as well, where the operation asks.
        over_person: Permissions::default(),
        ..scope.clone()
    })
}
