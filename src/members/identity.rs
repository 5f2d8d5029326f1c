//! A person's identity across their organizations: every organization records changes to it. Says which administrators
//! may change it.

use super::store::memberships;
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Actor, Fault, RequestInfo, Scope, UserId},
};
use serde_json::Value;

/// Records the event in each of the person's organizations, with the person as actor and target.
pub fn record_own(
    tx: &mut Tx<'_>,
    user: UserId,
    request_info: &RequestInfo,
    action: &'static str,
    after: Option<&Value>,
) -> Result<(), Fault> {
    for membership in memberships(tx, user)? {
        let event = Event::new(action, "member", membership.id.0, &membership.name);
        let event = match after {
            Some(after) => event.after(after.clone()),
            None => event,
        };
        let actor = Actor::Member {
            id: membership.id,
            user: Some(user),
            name: membership.name,
        };
        let scope = Scope {
            organization: membership.organization,
            actor,
            permissions: Default::default(),
            request_info: request_info.clone(),
        };
        audit::record(tx, &scope, event)?;
    }
    Ok(())
}

/// Whether this organization is the person's only one, invitations included. Only then may its administrators change
/// the identity itself (`product.md`, identity against membership).
pub fn is_only_here(conn: &mut Conn, scope: &Scope, user: UserId) -> Result<bool, Fault> {
    Ok(memberships(conn, user)?
        .iter()
        .all(|membership| membership.organization == scope.organization))
}
