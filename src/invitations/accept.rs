//! Accepting an invitation: looking at the link, and checking everything again when the person accepts.

use super::{
    mail,
    refusal::AcceptRefusal,
    store::{self, Invitation},
    way::Way,
};
use crate::{
    audit::{self, Event},
    authorization,
    connections::{self, Connection},
    db::{Conn, Tx},
    kit::{
        Actor, Fault, MemberKind, MemberStatus, OperationError, OrganizationId, RequestInfo, Scope, Timestamp, UserId,
        email::{Email, is_one_mailbox},
        rights,
        secret::Secret,
    },
    links::{self, Link, LinkKind},
    mail::{Outbox, queue},
    members::{self, Member, PersonNames},
    organizations,
    own_fields::{self, Line, SentOwn, Writer},
    passwords,
    sessions::{self, Outcome},
    throttle::{self, Bucket},
    users::{self, User},
};
use serde_json::json;

/// What the page behind an invitation link shows.
#[derive(Clone, Debug)]
pub struct Acceptance {
    pub organization_name: String,
    pub invited_by: Option<String>,
    pub message: String,
    pub email: String,
    /// The names known so far. The display name is empty if it is the address, or made of first and last name.
    pub names: PersonNames,
    /// How the person who follows the link gets in.
    pub way: Way,
    /// The organization's identity providers, if only they let people in.
    pub connections: Vec<Connection>,
    /// How long a new password must be.
    pub minimum: usize,
    pub user: UserId,
    /// The organization's own fields that the person is asked for.
    pub own: Vec<Line>,
    pub(super) member: Member,
    pub(super) link: Link,
}

pub(super) type Refused = OperationError<AcceptRefusal>;

/// Reads what is behind a link. Changes nothing.
///
/// # Errors
/// An [`AcceptRefusal`].
pub(super) fn look(conn: &mut Conn, secret: &Secret, now: Timestamp) -> Result<Acceptance, Refused> {
    let refuse = |refusal| Err(OperationError::Refused(refusal));
    let link = match links::find(conn, LinkKind::Invitation, secret) {
        Ok(link) => link,
        Err(Fault::Missing) => return refuse(AcceptRefusal::Unknown),
        Err(fault) => return Err(fault.into()),
    };
    match &link {
        Link { used_at: Some(_), .. } => return refuse(AcceptRefusal::Used),
        Link { voided_at: Some(_), .. } if was_accepted(conn, &link)? => return refuse(AcceptRefusal::Used),
        Link { voided_at: Some(_), .. } => return refuse(AcceptRefusal::Replaced),
        link if !link.is_open(now) => return refuse(AcceptRefusal::Expired),
        _ => {}
    }
    let (organization, id) = link.organization.zip(link.invitation).ok_or(Fault::Missing)?;
    let invitation = store::find(conn, organization, id)?;
    if invitation.void_reason.is_some() {
        return refuse(AcceptRefusal::Void);
    }
    let scope = Scope::system(organization, now);
    let member = members::find(conn, &scope, invitation.member_id)?;
    if member.status != MemberStatus::Invited {
        return refuse(AcceptRefusal::Used);
    }
    sender_may_still(conn, organization, &invitation, now)?;
    let user = users::find(conn, member.user_id.ok_or(Fault::Missing)?)?;
    if !is_one_mailbox(&user.email, &invitation.email) {
        return refuse(AcceptRefusal::Moved);
    }
    let inviting = organizations::find(conn, organization)?;
    let way = Way::of(conn, &user, &inviting, &link, now)?;
    // Another person may have chosen the password since this link was read.
    if way == Way::ResetFirst && links::find(conn, LinkKind::Invitation, secret)?.used_at.is_some() {
        return refuse(AcceptRefusal::Used);
    }
    let invited_by = match invitation.invited_by {
        Some(by) => members::find(conn, &scope, by).ok().map(|member| member.name),
        None => None,
    };
    Ok(Acceptance {
        minimum: passwords::minimum(conn, user.id, now)?,
        organization_name: inviting.name,
        connections: if way == Way::SingleSignOn {
            connections::enabled(conn, organization)?
        } else {
            vec![]
        },
        invited_by,
        message: invitation.message,
        names: names(&member, &invitation.email),
        way,
        email: invitation.email,
        user: user.id,
        own: own_fields::of_invited(conn, organization, member.id)?,
        member,
        link,
    })
}

/// Whether the invitation of a link was accepted in another way: its person signed in through an identity provider.
fn was_accepted(conn: &mut Conn, link: &Link) -> Result<bool, Fault> {
    let Some((organization, id)) = link.organization.zip(link.invitation) else {
        return Ok(false);
    };
    match store::find_open(conn, organization, id) {
        Ok(_) => Ok(false),
        Err(Fault::Missing) => Ok(true),
        Err(fault) => Err(fault),
    }
}

fn names(member: &Member, address: &str) -> PersonNames {
    let names = PersonNames::of(member);
    if names.is_made() || names.display == address {
        PersonNames { display: String::new(), ..names }
    } else {
        names
    }
}

/// What a new person submits when accepting: names, and the hash of the chosen password.
#[derive(Clone, Debug)]
pub(super) struct NewPerson {
    pub names: PersonNames,
    pub hash: String,
}

/// The person who has just joined.
pub(super) struct Joined {
    pub user: User,
    pub organization: OrganizationId,
}

/// Whether the link belongs to this user.
pub(super) fn is_of(conn: &mut Conn, secret: &Secret, user: UserId) -> Result<bool, Fault> {
    match links::find(conn, LinkKind::Invitation, secret) {
        Ok(link) => Ok(link.user == Some(user)),
        Err(Fault::Missing) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Spends the link and activates the member with exactly the access that the invitation promised.
pub(super) fn accept(
    tx: &mut Tx<'_>,
    secret: &Secret,
    new_person: Option<&NewPerson>,
    own: &SentOwn,
    request_info: &RequestInfo,
) -> Result<Joined, Refused> {
    let now = request_info.now;
    let found = look(tx, secret, now)?;
    let organization = found.member.organization_id;
    organizations::lock(tx, organization)?;
    users::lock(tx, found.user)?;
    // Reads it again, now that no other transaction can change this identity.
    let found = look(tx, secret, now)?;
    match links::spend(tx, found.link.id, now) {
        Err(Fault::Missing) => return Err(OperationError::Refused(AcceptRefusal::Used)),
        spent => spent?,
    }
    let id = found.link.invitation.ok_or(Fault::Missing)?;
    let invitation = store::find_open(tx, organization, id)?;
    sender_may_still(tx, organization, &invitation, now)?;
    let seats = members::seats(tx, organization)?;
    if seats.seat_limit.is_some_and(|limit| seats.people > limit) {
        return Err(OperationError::Refused(AcceptRefusal::NoSeat));
    }
    let actor = Actor::Member {
        id: found.member.id,
        user: Some(found.user),
        name: new_person.map_or(&found.member.name, |n| &n.names.display).clone(),
    };
    let scope = Scope {
        organization,
        actor,
        over_person: Default::default(),
        permissions: Default::default(),
        request_info: request_info.clone(),
    };
    match (new_person, found.way) {
        (Some(new_person), Way::NewPerson) => {
            members::rename(tx, &found.member, &new_person.names)?;
            passwords::set(tx, found.user, &new_person.hash, None, now)?;
            if found.link.went_to(&users::find(tx, found.user)?.email) {
                users::prove(tx, found.user, now)?;
            }
        }
        (None, Way::AsBefore) => {}
        // The form no longer fits: the person got a password in the meantime, or no longer has one, or the organization
        // requires single sign-on.
        _ => return Err(OperationError::Refused(AcceptRefusal::Replaced)),
    }
    members::join(tx, organization, found.member.id, now)?;
    store::set_accepted(tx, organization, id, now)?;
    let own = own_fields::changes(tx, &scope, (MemberKind::User, Some(found.member.id)), own.values(), Writer::Invited);
    let own = own.map_err(|error| error.map_refusal(AcceptRefusal::Own))?;
    own_fields::write(tx, &scope, found.member.id, &own)?;
    let mut facts = json!({ "email": invitation.email });
    own.tell_new(&mut facts);
    let event = Event::new("invitation.accepted", "member", found.member.id.0, scope.actor.name());
    audit::record(tx, &scope, event.after(facts))?;
    if found.way == Way::NewPerson {
        members::touch_sign_in(tx, found.user, now)?;
        sessions::record(tx, found.user, Outcome::SignedIn, "invitation", request_info)?;
    }
    Ok(Joined { user: users::find(tx, found.user)?, organization })
}

/// Checks that the sender is active, may still invite, and may still grant what the invitation grants.
pub(super) fn sender_may_still(
    conn: &mut Conn,
    organization: OrganizationId,
    invitation: &Invitation,
    now: Timestamp,
) -> Result<(), Refused> {
    // An operator at the command line needs no check.
    let Some(sender) = invitation.invited_by else { return Ok(()) };
    let found = match members::find(conn, &Scope::system(organization, now), sender) {
        Ok(member) if member.status == MemberStatus::Active => Some(member),
        Ok(_) | Err(Fault::Missing) => None,
        Err(fault) => return Err(fault.into()),
    };
    let void = || Err(OperationError::Refused(AcceptRefusal::Void));
    let Some(member) = found else { return void() };
    let scope = Scope {
        organization,
        actor: Actor::Member { id: sender, user: member.user_id, name: member.name },
        over_person: Default::default(),
        permissions: authorization::permissions(conn, organization, sender, now)?,
        request_info: RequestInfo::system(now),
    };
    let may_invite = match members::towards(conn, &scope, invitation.member_id) {
        Ok(scope) => scope.may(rights::USER_INVITE),
        Err(Fault::Missing) => false,
        Err(fault) => return Err(fault.into()),
    };
    if !may_invite || members::beyond_invitation(conn, &scope, invitation.member_id, invitation.sent_at)?.is_some() {
        return void();
    }
    Ok(())
}

/// Marks an invitation as void, so that the list says so. In its own transaction, because the one that found out is
/// rolled back.
pub(super) fn remember_void(tx: &mut Tx<'_>, secret: &Secret, request_info: &RequestInfo) -> Result<(), Fault> {
    let link = links::find(tx, LinkKind::Invitation, secret)?;
    let (organization, id) = link.organization.zip(link.invitation).ok_or(Fault::Missing)?;
    let invitation = store::find_open(tx, organization, id)?;
    if invitation.void_reason.is_some() {
        return Ok(());
    }
    store::set_void(
        tx,
        organization,
        id,
        "The person who sent it may not invite or grant this any more. Send it again as your own.",
    )?;
    let mut scope = Scope::system(organization, request_info.now);
    scope.request_info = request_info.clone();
    audit::record(tx, &scope, Event::new("invitation.voided", "member", invitation.member_id.0, &invitation.email))
}

/// Records, for the sender, that a spent link was tried again.
pub(super) fn remember_second_use(tx: &mut Tx<'_>, secret: &Secret, request_info: &RequestInfo) -> Result<(), Fault> {
    let link = links::find(tx, LinkKind::Invitation, secret)?;
    let (organization, id) = link.organization.zip(link.invitation).ok_or(Fault::Missing)?;
    let invitation = store::find(tx, organization, id)?;
    let mut scope = Scope::system(organization, request_info.now);
    scope.request_info = request_info.clone();
    audit::record(tx, &scope, Event::new("invitation.used_again", "member", invitation.member_id.0, &invitation.email))
}

/// Writes to the sender of an expired or void invitation and asks for a new one. Does not reveal whether a letter could
/// be sent.
pub(super) fn ask_again(tx: &mut Tx<'_>, outbox: &Outbox, secret: &Secret, request_info: &RequestInfo) -> Result<(), Fault> {
    let link = match links::find(tx, LinkKind::Invitation, secret) {
        Ok(link) if link.used_at.is_none() => link,
        Ok(_) | Err(Fault::Missing) => return Ok(()),
        Err(fault) => return Err(fault),
    };
    let (organization, id) = link.organization.zip(link.invitation).ok_or(Fault::Missing)?;
    let Ok(invitation) = store::find_open(tx, organization, id) else {
        return Ok(());
    };
    if throttle::count(tx, Bucket::InvitationsAsked, &id.to_string(), throttle::LETTERS, request_info.now)?.is_some() {
        return Ok(());
    }
    let mut scope = Scope::system(organization, request_info.now);
    scope.request_info = request_info.clone();
    audit::record(
        tx,
        &scope,
        Event::new("invitation.asked_again", "member", invitation.member_id.0, &invitation.email),
    )?;
    let Some(sender) = invitation.invited_by else { return Ok(()) };
    let Ok(sender) = members::find(tx, &scope, sender) else {
        return Ok(());
    };
    let (MemberStatus::Active, Some(user)) = (sender.status, sender.user_id) else {
        return Ok(());
    };
    let to = users::find(tx, user)?.email;
    let to = Email::parse(&to).map_err(Fault::broken)?;
    let page = outbox.link(&format!("/o/{organization}/users/{}", invitation.member_id));
    let letter = mail::asked_again(&organizations::find(tx, organization)?.name, &invitation.email, &page)?;
    queue(tx, outbox, Some(organization), "invitation.asked_again", &to, &letter, request_info.now)?;
    Ok(())
}
