//! A person's identity across their organizations: every organization records changes to it. Says which administrators
//! may change it.

use super::{model::Membership, store::memberships};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Actor, Fault, Permissions, RequestInfo, Scope, Timestamp, UserId},
};

/// Who changes an identity.
#[derive(Clone, Copy)]
pub enum ChangedBy<'a> {
    /// The person, with this request.
    Themselves(&'a RequestInfo),
    /// An administrator of one of the person's organizations.
    Administrator(&'a Scope),
    /// The operator, at the command line at this instant.
    Operator(Timestamp),
}

impl ChangedBy<'_> {
    /// The scope in which one of the person's organizations records the change. Only the administrator's own organization
    /// learns who they are.
    pub fn scope(self, membership: &Membership, user: UserId) -> Scope {
        match self {
            Self::Themselves(request_info) => own_scope(membership, user, request_info),
            Self::Administrator(scope) if scope.organization == membership.organization => scope.clone(),
            Self::Administrator(scope) => own_scope(membership, user, &scope.request_info),
            Self::Operator(now) => Scope::system(membership.organization, now),
        }
    }
}

/// Records an event in each of the person's organizations, where they are the target. `with` adds what was before and
/// after.
pub fn record_everywhere(
    tx: &mut Tx<'_>,
    user: UserId,
    by: ChangedBy<'_>,
    action: &'static str,
    with: impl Fn(Event) -> Event,
) -> Result<(), Fault> {
    for membership in memberships(tx, user)? {
        let scope = by.scope(&membership, user);
        let event = Event::new(action, "member", membership.id.0, &membership.name);
        audit::record(tx, &scope, with(event))?;
    }
    Ok(())
}

/// The scope in which a person changes their own identity, as one of their organizations records it. It permits nothing.
fn own_scope(membership: &Membership, user: UserId, request_info: &RequestInfo) -> Scope {
    Scope {
        organization: membership.organization,
        actor: Actor::Member { id: membership.id, user: Some(user), name: membership.name.clone() },
        over_person: Permissions::default(),
        permissions: Permissions::default(),
        request_info: request_info.clone(),
    }
}

/// Whether this organization is the person's only one, invitations included. Only then may its administrators change
/// the identity itself (`product.md`, identity against membership).
pub fn is_only_here(conn: &mut Conn, scope: &Scope, user: UserId) -> Result<bool, Fault> {
    Ok(memberships(conn, user)?.iter().all(|membership| membership.organization == scope.organization))
}
