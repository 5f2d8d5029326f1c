//! Sending invitations: several addresses at once, with an answer for each.

use super::{
    Outcome, Sent, Wanted, mail,
    model::{Answer, only},
    store,
};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{
        Fault, InvitationId, MemberId, MemberKind, MemberStatus, OperationError, OperationResult, Scope, UserId,
        email::{Email, Entry},
        fold, rights,
        secret::SecretString,
    },
    links::{self, LinkKind, Subject},
    mail::{Outbox, queue, withdraw},
    members::{self, GrantRefusal, Member, NewMember},
    organizations::{self, Organization},
    own_fields::{self, Writer},
    passwords,
    throttle::{self, Bucket, Wait},
    users::{self, Taken, User},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// What all addresses of a batch share.
struct Batch<'a> {
    scope: &'a Scope,
    outbox: &'a Outbox,
    organization: Organization,
    wanted: &'a Wanted,
}

/// Invites everybody on the list who can be invited, and returns the outcome for each. One transaction: either all of
/// the answers are true or nothing happened.
///
/// # Errors
/// A [`GrantRefusal`] or [`Fault::Denied`].
pub fn send(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, wanted: &Wanted) -> Result<Vec<Sent>, OperationError<GrantRefusal>> {
    // Locks, so that two simultaneous batches count seats one after the other and the caller's permissions do not
    // change meanwhile.
    let scope = &members::reauthorize(tx, scope)?;
    if let Some(refusal) = members::refuse_teams(tx, scope, rights::USER_INVITE, &wanted.grants.teams)? {
        return Err(OperationError::Refused(refusal));
    }
    let organization = organizations::find(tx, scope.organization)?;
    members::may_grant(tx, scope, &wanted.grants)?;
    let batch = Batch { scope, outbox, organization, wanted };
    let mut seen = HashSet::new();
    let mut answers = Vec::new();
    for entry in &wanted.entries {
        answers.push(match Email::parse(&entry.address) {
            Err(complaint) => Sent {
                address: fold::visible(&entry.address),
                outcome: Outcome::Refused(complaint.into()),
                link: None,
            },
            Ok(email) if !seen.insert(email.mailbox()) => Sent { address: email.into(), outcome: Outcome::Twice, link: None },
            Ok(email) => invite(tx, &batch, entry, &email)?,
        });
    }
    Ok(answers)
}

fn invite(tx: &mut Tx<'_>, batch: &Batch<'_>, entry: &Entry, email: &Email) -> Result<Sent, Fault> {
    let told = |email: &Email, (outcome, link): Answer| Sent { address: email.as_str().to_owned(), outcome, link };
    let refused = |why: &str| told(email, only(Outcome::Refused(why.to_owned())));
    if let Some(wait) = count_letter(tx, batch.scope, email, batch.wanted.is_import)? {
        return Ok(refused(&format!("Too many invitations. Try again in {} minutes.", wait.minutes())));
    }
    // Another organization may be cancelling this person's only invitation, or changing the parts of their identity
    // that it may change. So the identity is read again after it is locked.
    let known = match users::find_by_likeness(tx, email.as_str())? {
        Some(user) if users::keep(tx, user.id)? => Some(users::find(tx, user.id)?),
        _ => None,
    };
    let Some(user) = known else {
        return Ok(told(email, invite_stranger(tx, batch, entry, email)?));
    };
    // The address only looks like the stored one and is another person's mailbox. Neither ever gets anything of the
    // other.
    if !user.goes_by(email.as_str()) {
        return Ok(refused(users::LOOKS_TAKEN));
    }
    // A person's address never leads to another person who merely signs in with it as a username.
    if !user.has_mailbox(email) {
        return Ok(refused(&Taken.to_string()));
    }
    let stored = user.address()?;
    let answer = match members::find_by_user(tx, batch.scope.organization, user.id)? {
        None => invite_known(tx, batch, entry, &stored, &user)?,
        // Whether and how they are here is not told to those who see the people of their teams only.
        Some(member) if !is_within_reach(tx, batch.scope, member.id)? => only(Outcome::Refused(BEYOND_REACH.into())),
        Some(member) => match member.status {
            MemberStatus::Active => only(Outcome::AlreadyMember),
            MemberStatus::Disabled => only(Outcome::Disabled(member.id)),
            MemberStatus::Invited => invite_again(tx, batch, &member, &stored)?,
        },
    };
    Ok(told(&stored, answer))
}

/// What is said of an address whose person the caller does not reach.
const BEYOND_REACH: &str = "You cannot invite this address. Ask somebody who manages everybody.";

fn is_within_reach(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<bool, Fault> {
    let reached = members::reached(conn, scope, rights::USER_INVITE, &[member])?;
    Ok(reached.contains(&member) || scope.may(rights::USER_READ))
}

/// Resends an open invitation. The caller becomes its sender, so they must hold everything it grants.
fn invite_again(tx: &mut Tx<'_>, batch: &Batch<'_>, member: &Member, email: &Email) -> Result<Answer, Fault> {
    // The import preview says what the file grants. It does not show what this older invitation grants.
    if batch.wanted.is_import && members::any_privileged(tx, batch.scope, &[member.id])? {
        let why = "Their invitation promises rights to rule here. Resend it from the list of those who are invited.";
        return Ok(only(Outcome::Refused(why.into())));
    }
    if !members::reached(tx, batch.scope, rights::USER_INVITE, &[member.id])?.contains(&member.id) {
        return Ok(only(Outcome::Refused(BEYOND_REACH.into())));
    }
    if let Some(permission) = members::beyond_invitation(tx, batch.scope, member.id, batch.scope.now())? {
        return Ok(only(Outcome::Refused(format!(
            "Somebody else invited them with {permission}, which you may not do yourself. Nobody grants what they do not hold."
        ))));
    }
    let invitation = store::find_open_by_member(tx, batch.scope.organization, member.id)?.ok_or(Fault::Missing)?;
    // The person's address has changed since, and the new one is the one requested here.
    if !email.is_mailbox(&invitation.email) {
        store::readdress(tx, batch.scope.organization, invitation.id, email.as_str())?;
    }
    let link = send_again(tx, batch.scope, batch.outbox, invitation.id, !batch.wanted.is_import)?;
    Ok((Outcome::SentAgain(member.id), link))
}

/// Counts an invitation letter against the rate limits of its sender and of its recipient, before it is written. Returns how
/// long to wait, if one is reached.
pub(super) fn count_letter(tx: &mut Tx<'_>, scope: &Scope, email: &Email, is_import: bool) -> Result<Option<Wait>, Fault> {
    let now = scope.now();
    let (bucket, limit) = if is_import {
        (Bucket::InvitationsImported, throttle::IMPORTED_INVITATIONS)
    } else {
        (Bucket::Invitations, throttle::INVITATIONS)
    };
    if let Some(actor) = scope.actor.member_id()
        && let Some(wait) = throttle::count(tx, bucket, &actor.to_string(), limit, now)?
    {
        return Ok(Some(wait));
    }
    throttle::count(tx, Bucket::InvitationsRecipient, &email.mailbox(), throttle::RECIPIENT, now)
}

fn no_seat(tx: &mut Tx<'_>, batch: &Batch<'_>) -> Result<Option<Outcome>, Fault> {
    let seats = members::seats(tx, batch.scope.organization)?;
    Ok(seats.full(MemberKind::User).map(Outcome::Refused))
}

fn invite_stranger(tx: &mut Tx<'_>, batch: &Batch<'_>, entry: &Entry, email: &Email) -> Result<Answer, Fault> {
    if let Some(refused) = no_seat(tx, batch)? {
        return Ok(only(refused));
    }
    let created = tx.part(|tx| users::insert(tx, email.as_str(), email, batch.scope.now()));
    match created.refused()? {
        Ok(user) => admit(tx, batch, entry, email, user, MemberStatus::Invited),
        // Another organization took the same address first.
        Err(Taken) => Ok(only(Outcome::Refused("Somebody invited this address at the same moment. Try again.".into()))),
    }
}

/// A person who works for another organization becomes a member at once if their credentials are known to be theirs. A
/// person who has not accepted there yet, or whose address or password an administrator there chose, is invited here
/// too: otherwise that administrator could sign in here as them.
fn invite_known(tx: &mut Tx<'_>, batch: &Batch<'_>, entry: &Entry, email: &Email, user: &User) -> Result<Answer, Fault> {
    if let Some(refused) = no_seat(tx, batch)? {
        return Ok(only(refused));
    }
    let has_credentials = passwords::find(tx, user.id)?.is_some_and(|password| password.temporary_until.is_none());
    let status = if has_credentials && user.address_proven_at.is_some() {
        MemberStatus::Active
    } else {
        MemberStatus::Invited
    };
    admit(tx, batch, entry, email, user.id, status)
}

/// Creates the membership with everything that was promised, and queues the letter to the stored address.
fn admit(tx: &mut Tx<'_>, batch: &Batch<'_>, entry: &Entry, email: &Email, user: UserId, status: MemberStatus) -> Result<Answer, Fault> {
    let (scope, wanted) = (batch.scope, batch.wanted);
    let username = users::find(tx, user)?.username;
    let known_as = members::memberships(tx, user)?.into_iter().next().map(|membership| membership.name);
    let typed: String = fold::visible(&entry.name).trim().chars().take(100).collect();
    let typed = Some(typed).filter(|name| !name.is_empty());
    let name = typed.or(known_as).unwrap_or_else(|| email.as_str().to_owned());
    let none = BTreeMap::new();
    let own = wanted.details.as_ref().map_or(&none, |details| &details.own);
    let new = NewMember {
        organization: scope.organization,
        user,
        name: &name,
        email: email.as_str(),
        username: &username,
        status,
        by: None,
        details: wanted.details.as_ref(),
    };
    let own = match own_fields::changes(tx, scope, (MemberKind::User, None), own, Writer::Caller).refused()? {
        Ok(own) => own,
        Err(complaints) => return Ok(only(Outcome::Refused(complaints.to_string()))),
    };
    let member = members::insert(tx, &new, scope.now())?;
    own_fields::write(tx, scope, member, &own)?;
    members::assign(tx, scope, member, &wanted.grants)?;
    let facts = |mut facts: Value| {
        own.tell_new(&mut facts);
        facts
    };
    if status == MemberStatus::Active {
        let letter = mail::added(
            &batch.organization.name,
            scope.actor.name(),
            &wanted.message,
            &batch.outbox.link(&format!("/o/{}/users", scope.organization)),
        )?;
        queue(tx, batch.outbox, Some(scope.organization), "invitation.added", email, &letter, scope.now())?;
        audit::record(
            tx,
            scope,
            Event::new("member.added", "member", member.0, &name)
                .after(facts(json!({ "email": email.as_str(), "roles": wanted.grants.roles }))),
        )?;
        return Ok(only(Outcome::Added));
    }
    let invitation = store::insert(tx, scope, member, email.as_str(), &wanted.message)?;
    let link = write(tx, scope, batch.outbox, &batch.organization, user, invitation, email, &wanted.message)?;
    let link = link.filter(|_| !wanted.is_import);
    audit::record(
        tx,
        scope,
        Event::new("invitation.sent", "member", member.0, &name)
            .after(with_link(link.as_ref(), facts(json!({ "email": email.as_str(), "roles": wanted.grants.roles })))),
    )?;
    Ok((Outcome::Invited(member), link))
}

/// The details of the audit event. It also says that the link was shown, because the viewer may accept in the person's
/// place.
fn with_link(link: Option<&SecretString>, mut told: Value) -> Value {
    if link.is_some() {
        told["link"] = "shown to copy".into();
    }
    told
}

/// Makes a new link, which ends older ones, and queues its letter. Where mail is written to files, returns the link to
/// be handed over. Such a link proves nothing about the mailbox. So the inviter, who sees it, cannot accept and be
/// trusted by other organizations as the mailbox's owner.
#[expect(clippy::too_many_arguments, reason = "the parts of one letter")]
fn write(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    organization: &Organization,
    user: UserId,
    invitation: InvitationId,
    email: &Email,
    message: &str,
) -> Result<Option<SecretString>, Fault> {
    let is_mailed = outbox.route().is_server();
    let subject = Subject {
        invitation: Some((scope.organization, invitation)),
        mailed_to: is_mailed.then_some(email.as_str()),
        ..Subject::user(user)
    };
    let link = outbox.link(&links::create(tx, LinkKind::Invitation, subject, scope.now())?);
    let letter = mail::invitation(
        &organization.name,
        scope.actor.name(),
        message,
        &link,
        scope.now() + LinkKind::Invitation.lifetime(),
    )?;
    let letter = queue(tx, outbox, Some(scope.organization), "invitation.sent", email, &letter, scope.now())?;
    store::restart(tx, scope, invitation, Some(letter))?;
    Ok((!is_mailed).then(|| SecretString::new(link)))
}

/// Queues a new letter with a new link for an open invitation. The old letter is withdrawn if it has not gone out.
/// Returns the link where mail is written to files and the caller sees the answer.
pub(super) fn send_again(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    id: InvitationId,
    is_seen: bool,
) -> Result<Option<SecretString>, Fault> {
    let invitation = store::find_open(tx, scope.organization, id)?;
    let organization = organizations::find(tx, scope.organization)?;
    let member = members::find(tx, scope, invitation.member_id)?;
    if let Some(letter) = invitation.outbox_id {
        withdraw(tx, letter, scope.now())?;
    }
    let email = Email::parse(&invitation.email).map_err(Fault::broken)?;
    let link = write(
        tx,
        scope,
        outbox,
        &organization,
        member.user_id.ok_or(Fault::Missing)?,
        id,
        &email,
        &invitation.message,
    )?;
    let link = link.filter(|_| is_seen);
    audit::record(
        tx,
        scope,
        Event::new("invitation.sent_again", "member", member.id.0, &member.name)
            .after(with_link(link.as_ref(), json!({ "email": invitation.email }))),
    )?;
    Ok(link)
}
