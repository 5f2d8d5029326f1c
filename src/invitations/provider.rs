//! Accepting an invitation by signing in through the organization's identity provider.

use super::{
    accept::{Refused, sender_may_still},
    refusal::AcceptRefusal,
    store,
};
use crate::{
    audit::{self, Event},
    db::Tx,
    kit::{Actor, OperationError, RequestInfo, Scope, UserId},
    links::{self, LinkKind, Subject},
    members::{self, Member, PersonNames},
};
use serde_json::json;

/// Activates an invited member whom the organization's identity provider let in, with exactly the access that the
/// invitation promised. The organization is locked. The open link dies with the invitation.
///
/// # Errors
/// An [`AcceptRefusal`].
pub fn accept_through_provider(
    tx: &mut Tx<'_>,
    member: &Member,
    user: UserId,
    names: &PersonNames,
    request_info: &RequestInfo,
) -> Result<(), Refused> {
    let (organization, now) = (member.organization_id, request_info.now);
    let refuse = |refusal| Err(OperationError::Refused(refusal));
    let Some(invitation) = store::find_open_by_member(tx, organization, member.id)? else {
        return refuse(AcceptRefusal::Used);
    };
    if invitation.void_reason.is_some() {
        return refuse(AcceptRefusal::Void);
    }
    if invitation.expires_at <= now {
        return refuse(AcceptRefusal::Expired);
    }
    sender_may_still(tx, organization, &invitation, now)?;
    let seats = members::seats(tx, organization)?;
    if seats.seat_limit.is_some_and(|limit| seats.people > limit) {
        return refuse(AcceptRefusal::NoSeat);
    }
    if !names.display.is_empty() {
        members::rename(tx, member, names)?;
    }
    members::join(tx, organization, member.id, now)?;
    store::set_accepted(tx, organization, invitation.id, now)?;
    let link = Subject { invitation: Some((organization, invitation.id)), ..Subject::user(user) };
    links::void(tx, LinkKind::Invitation, link, now)?;
    let called = if names.display.is_empty() { &member.name } else { &names.display };
    let scope = Scope {
        organization,
        actor: Actor::Member { id: member.id, user: Some(user), name: called.clone() },
        over_person: Default::default(),
        permissions: Default::default(),
        request_info: request_info.clone(),
    };
    let event = Event::new("invitation.accepted", "member", member.id.0, called).after(json!({ "email": invitation.email }));
    Ok(audit::record(tx, &scope, event)?)
}
