//! Who may attach which policy.

use super::{Change, Refusal};
use crate::{
    authorization::Ceiling,
    db::Conn,
    kit::{Fault, OperationError, PolicyId, Scope},
    policies,
};

/// Checks that the policy exists and that a caller who attaches it holds as much. A caller who detaches it need not.
pub(super) fn may(conn: &mut Conn, scope: &Scope, change: &Change, id: PolicyId) -> Result<(), OperationError<Refusal>> {
    let policy = match policies::find(conn, scope.organization, id) {
        Ok(policy) => policy,
        Err(Fault::Missing) => return Err(OperationError::Refused(Refusal::NoSuchChoice)),
        Err(fault) => return Err(fault.into()),
    };
    match Ceiling::of(conn, scope)?.lacking_rule(&policy.rules) {
        Some(permission) if matches!(change, Change::AttachPolicy { .. }) => Err(OperationError::Refused(Refusal::PolicyTooWide {
            policy: policy.name,
            permission,
        })),
        _ => Ok(()),
    }
}
