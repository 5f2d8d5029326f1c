//! What administrators do with pending invitations: resend, cancel, copy the link.

use super::{
    send::{count_letter, send_again},
    store,
};
use crate::{
    audit::{self, Event},
    db::{
        Among, Conn, Tx,
        schema::{members as people, user_names},
    },
    kit::{
        Fault, InvitationId, MemberId, MemberKind, MemberStatus, OperationError, OperationResult, Permission, Scope,
        email::{Email, Entry},
        rights,
        secret::SecretString,
    },
    links::{self, LinkKind, Subject},
    mail::{Outbox, withdraw},
    members::{self, Details, GrantOptions},
    own_fields::{self, Complaints, Writer},
    passwords, users,
};
use diesel::prelude::*;
use serde_json::json;

/// Why an invitation gets no new link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenewRefusal {
    #[error("This invitation grants {0}, which you may not do yourself. Nobody grants what they do not hold.")]
    TooWide(Permission),
    #[error("Too many invitations. Try again in {0} minutes.")]
    TooMany(u64),
}

/// What can be given to invited people, if the caller may invite.
///
/// # Errors
/// [`Fault::Denied`].
pub fn offer(conn: &mut Conn, scope: &Scope) -> Result<GrantOptions, Fault> {
    Ok(members::offer_people(conn, scope, rights::USER_INVITE)?.0)
}

/// Whether the organization's own fields can be set like this for people who are invited.
///
/// # Errors
/// [`Complaints`].
pub(super) fn check_own(conn: &mut Conn, scope: &Scope, details: Option<&Details>) -> Result<(), OperationError<Complaints>> {
    let Some(details) = details else { return Ok(()) };
    own_fields::changes(conn, scope, (MemberKind::User, None), &details.own, Writer::Caller).map(drop)
}

/// The open invitation of a member, if there is one.
pub fn open_of(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Option<InvitationId>, Fault> {
    Ok(store::find_open_by_member(conn, scope.organization, member)?.map(|invitation| invitation.id))
}

/// An open invitation of a person whom the caller may invite.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
fn open(conn: &mut Conn, scope: &Scope, id: InvitationId) -> Result<store::Invitation, Fault> {
    // Checked first, so that a caller who may invite nobody cannot learn which ids exist.
    scope.demand_over_teams(rights::USER_INVITE)?;
    let invitation = store::find_open(conn, scope.organization, id)?;
    members::towards(conn, scope, invitation.member_id)?.demand(rights::USER_INVITE)?;
    Ok(invitation)
}

/// The caller must hold everything that the invitation grants, because making a new link makes them its sender.
fn may_stand_for(tx: &mut Tx<'_>, scope: &Scope, id: InvitationId) -> Result<store::Invitation, OperationError<RenewRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let invitation = open(tx, scope, id)?;
    match members::beyond_invitation(tx, scope, invitation.member_id, scope.now())? {
        Some(permission) => Err(OperationError::Refused(RenewRefusal::TooWide(permission))),
        None => Ok(invitation),
    }
}

/// Sends a new link. The old link stops working, and the caller becomes the sender. Returns the address. Also returns
/// the link if no mail server delivers it and the caller sees the answer.
///
/// # Errors
/// A [`RenewRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn renew(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    id: InvitationId,
    is_seen: bool,
) -> Result<(String, Option<SecretString>), OperationError<RenewRefusal>> {
    let invitation = may_stand_for(tx, scope, id)?;
    let email = Email::parse(&invitation.email).map_err(Fault::broken)?;
    if let Some(wait) = count_letter(tx, scope, &email, false)? {
        return Err(OperationError::Refused(RenewRefusal::TooMany(wait.minutes())));
    }
    let link = send_again(tx, scope, outbox, id, is_seen)?;
    Ok((invitation.email, link))
}

/// A link to hand over, with the address of the person invited.
#[derive(Debug)]
pub struct Handed {
    pub email: String,
    pub path: SecretString,
}

/// Links made for several members, and the members who got none because of what their invitation grants.
#[derive(Debug, Default)]
pub struct Handover {
    pub made: Vec<Handed>,
    pub refused: Vec<(String, RenewRefusal)>,
}

/// Makes new links to hand over for those of these members who are still invited. The old links stop working.
///
/// # Errors
/// [`Fault::Denied`].
pub fn copy_links(tx: &mut Tx<'_>, scope: &Scope, members: &[MemberId]) -> Result<Handover, Fault> {
    let reached = members::reached(tx, scope, rights::USER_INVITE, members)?;
    let mut handover = Handover::default();
    for member in members.iter().filter(|member| reached.contains(member)) {
        let Some(invitation) = store::find_open_by_member(tx, scope.organization, *member)? else {
            continue;
        };
        match copy_link(tx, scope, invitation.id).refused()? {
            Ok((email, path)) => handover.made.push(Handed { email, path: SecretString::new(path) }),
            Err(refusal) => handover.refused.push((invitation.email, refusal)),
        }
    }
    Ok(handover)
}

/// Makes a new link to hand over by other means. The old link stops working. Returns, once, the address and the path.
///
/// # Errors
/// As [`renew`].
pub fn copy_link(tx: &mut Tx<'_>, scope: &Scope, id: InvitationId) -> Result<(String, String), OperationError<RenewRefusal>> {
    let invitation = may_stand_for(tx, scope, id)?;
    let member = members::find(tx, scope, invitation.member_id)?;
    if let Some(letter) = invitation.outbox_id {
        withdraw(tx, letter, scope.now())?;
    }
    let subject = Subject {
        user: member.user_id,
        invitation: Some((scope.organization, id)),
        ..Subject::default()
    };
    let path = links::create(tx, LinkKind::Invitation, subject, scope.now())?;
    store::restart(tx, scope, id, None)?;
    audit::record(
        tx,
        scope,
        Event::new("invitation.link_copied", "member", member.id.0, &member.name).after(json!({ "email": invitation.email })),
    )?;
    Ok((invitation.email, path))
}

/// Whether copying this link requires reauthentication: it does if the invitation makes an administrator.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn needs_reauthentication(conn: &mut Conn, scope: &Scope, id: InvitationId) -> Result<bool, Fault> {
    let invitation = open(conn, scope, id)?;
    members::any_privileged(conn, scope, &[invitation.member_id])
}

/// Whether a member on the list was promised administrative rights before. Another link would give them these rights
/// again.
pub(super) fn promises_again(conn: &mut Conn, scope: &Scope, entries: &[Entry]) -> Result<bool, Fault> {
    let emails = entries.iter().filter_map(|entry| Email::parse(&entry.address).ok());
    let keys: Vec<String> = emails.map(|email| email.likeness()).collect();
    let mut known: Vec<MemberId> = Vec::new();
    for some in keys.chunks(500) {
        let names = user_names::table.filter(user_names::name_key.among(some)).select(user_names::user_id.nullable());
        let invited = people::table
            .filter(people::organization_id.eq(scope.organization))
            .filter(people::status.eq(MemberStatus::Invited))
            .filter(people::user_id.eq_any(names))
            .select(people::id);
        known.extend(invited.load::<MemberId>(conn)?);
    }
    members::any_privileged(conn, scope, &known)
}

/// The address of an open invitation, before it is cancelled.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn address(conn: &mut Conn, scope: &Scope, id: InvitationId) -> Result<String, Fault> {
    Ok(open(conn, scope, id)?.email)
}

/// Cancels an invitation: deletes the membership, its link stops working, its address is free again. Returns the
/// address.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn cancel(tx: &mut Tx<'_>, scope: &Scope, id: InvitationId) -> Result<String, Fault> {
    let scope = &members::reauthorize(tx, scope)?;
    let invitation = open(tx, scope, id)?;
    let member = members::find(tx, scope, invitation.member_id)?;
    if let Some(letter) = invitation.outbox_id {
        withdraw(tx, letter, scope.now())?;
    }
    // Deleting the member also deletes the invitation and its links.
    members::delete(tx, scope.organization, member.id)?;
    if let Some(user) = member.user_id {
        users::lock(tx, user)?;
        // An identity that was never used and belongs to no other organization existed only for this invitation.
        let is_used = passwords::find(tx, user)?.is_some() || !members::memberships(tx, user)?.is_empty();
        if !is_used {
            users::delete(tx, user)?;
        }
    }
    audit::record(
        tx,
        scope,
        Event::new("invitation.cancelled", "member", member.id.0, &member.name).before(json!({ "email": invitation.email })),
    )?;
    Ok(invitation.email)
}
