//! Changing one's own email: the present password, a letter to the new address, and the link in it. Only the link makes
//! the change. Until then the new address belongs to nobody, and the request can be cancelled.

use super::mail::{asked_letter, confirm_letter, taken_letter};
use crate::{
    db::{Conn, Tx},
    kit::{Fault, LinkId, OperationError, RequestInfo, Timestamp, UserId, email::Email, secret::Secret},
    links::{self, Link, LinkKind, Subject},
    mail::{Outbox, queue},
    members::{self, ChangedBy},
    passwords,
    throttle::{self, Bucket},
    users::{self, Taken, User},
};
use serde_json::json;

/// Why no letter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum AskRefusal {
    #[error("This is your email already.")]
    Unchanged,
    #[error("Your organization's identity provider manages your address. It is changed there.")]
    Managed,
    #[error("Too many letters. Try again in {0} minutes.")]
    TooMany(u64),
    #[error("Your password was changed in another window meanwhile.")]
    Meanwhile,
    #[error("No change of your email is waiting any more.")]
    NonePending,
}

/// Why a link confirms nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConfirmRefusal {
    #[error("This link is not valid, or was used, replaced or taken back, or is older than an hour.")]
    DeadLink,
    #[error("Meanwhile this address belongs to somebody else.")]
    Taken,
}

/// A requested change whose link was not followed yet.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub address: String,
    pub expires_at: Timestamp,
}

/// The change that waits, if there is one.
pub(super) fn pending(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Option<Pending>, Fault> {
    let Some(link) = links::find_open(conn, LinkKind::Email, user, now)? else {
        return Ok(None);
    };
    let is_stale = is_stale(conn, user, &link)?;
    Ok(link.address.filter(|_| !is_stale).map(|address| Pending { address, expires_at: link.expires_at }))
}

/// Whether the link is dead. It is if the password was changed since, because somebody who knew the old one may have
/// asked; and if the person was locked out since, who then has to ask again.
fn is_stale(conn: &mut Conn, user: UserId, link: &Link) -> Result<bool, Fault> {
    let is_in = members::memberships(conn, user)?.iter().any(|membership| membership.is_open_since(link.created_at));
    let has_changed = passwords::find(conn, user)?.is_some_and(|password| password.changed_at > link.created_at);
    Ok(!is_in || has_changed)
}

/// Sends a link to the new address and a notice to the old one. `compared` is the hash that the typed password matched.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: UserId,
    compared: Option<&str>,
    new: &Email,
    request_info: &RequestInfo,
) -> Result<(), OperationError<AskRefusal>> {
    users::lock(tx, user)?;
    let present = passwords::find(tx, user)?.map(|password| password.hash);
    if present.as_deref() != compared {
        return Err(OperationError::Refused(AskRefusal::Meanwhile));
    }
    let user = users::find(tx, user)?;
    if is_managed(tx, &user)? {
        return Err(OperationError::Refused(AskRefusal::Managed));
    }
    if user.email == new.as_str() {
        return Err(OperationError::Refused(AskRefusal::Unchanged));
    }
    send(tx, outbox, &user, new, request_info)?;
    let old = Email::parse(&user.email).map_err(Fault::broken)?;
    let letter = asked_letter(new.as_str(), request_info)?;
    queue(tx, outbox, None, "email.change_requested", &old, &letter, request_info.now)?;
    let by = ChangedBy::Themselves(request_info);
    members::record_everywhere(tx, user.id, by, "email.change_requested", |event| event.after(json!({ "email": new.as_str() })))?;
    Ok(())
}

/// Whether an identity provider decides their address. It changes that only of people who belong to its organization alone.
fn is_managed(conn: &mut Conn, user: &User) -> Result<bool, Fault> {
    match &members::memberships(conn, user.id)?[..] {
        [only] => members::decides_address(conn, only.organization, only.id, &user.address()?),
        _ => Ok(false),
    }
}

/// Sends the letter again with a new link. The old link is void.
pub(super) fn ask_again(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: UserId,
    request_info: &RequestInfo,
) -> Result<String, OperationError<AskRefusal>> {
    users::lock(tx, user)?;
    let Some(waiting) = pending(tx, user, request_info.now)? else {
        return Err(OperationError::Refused(AskRefusal::NonePending));
    };
    let new = Email::parse(&waiting.address).map_err(Fault::broken)?;
    let user = users::find(tx, user)?;
    send(tx, outbox, &user, &new, request_info)?;
    let by = ChangedBy::Themselves(request_info);
    members::record_everywhere(tx, user.id, by, "email.change_requested", |event| event.after(json!({ "email": new.as_str() })))?;
    Ok(waiting.address)
}

/// Sends the link; or, if the address belongs to somebody else, tells its reader that it stays theirs. The asker cannot
/// tell the two cases apart (account enumeration): what is counted, recorded and shown is the same. In the second case
/// the link exists too, but nobody receives it.
fn send(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, new: &Email, request_info: &RequestInfo) -> Result<(), OperationError<AskRefusal>> {
    let now = request_info.now;
    for (kind, subject) in [(Bucket::Letters, new.mailbox()), (Bucket::LettersEmail, user.id.to_string())] {
        if let Some(wait) = throttle::count(tx, kind, &subject, throttle::LETTERS, now)? {
            return Err(OperationError::Refused(AskRefusal::TooMany(wait.minutes())));
        }
    }
    let subject = Subject { address: Some(new.as_str()), ..Subject::user(user.id) };
    let path = links::create(tx, LinkKind::Email, subject, now)?;
    let is_free = users::find_by_likeness(tx, new.as_str())?.is_none_or(|other| other.id == user.id);
    let letter = if is_free {
        confirm_letter(&user.username, new.as_str(), &outbox.link(&path), now + LinkKind::Email.lifetime())?
    } else {
        taken_letter(new.as_str(), request_info)?
    };
    queue(tx, outbox, None, "email.confirm", new, &letter, now)?;
    Ok(())
}

/// Cancels the change: its link is void.
pub(super) fn cancel(tx: &mut Tx<'_>, user: UserId, request_info: &RequestInfo) -> Result<(), OperationError<AskRefusal>> {
    users::lock(tx, user)?;
    let waiting = pending(tx, user, request_info.now)?;
    links::void(tx, LinkKind::Email, Subject::user(user), request_info.now)?;
    let address = waiting.ok_or(OperationError::Refused(AskRefusal::NonePending))?.address;
    let by = ChangedBy::Themselves(request_info);
    members::record_everywhere(tx, user, by, "email.change_cancelled", |event| event.before(json!({ "email": address })))?;
    Ok(())
}

/// What a link leads to.
pub(super) struct Behind {
    link: LinkId,
    pub user: User,
    pub address: Email,
}

/// Finds what a link leads to; changes nothing. A link is for one person and exactly one address, both in its row.
pub(super) fn look(conn: &mut Conn, secret: &Secret, now: Timestamp) -> Result<Behind, OperationError<ConfirmRefusal>> {
    let dead = || OperationError::Refused(ConfirmRefusal::DeadLink);
    let link = match links::find(conn, LinkKind::Email, secret) {
        Ok(link) if link.is_open(now) => link,
        Ok(_) | Err(Fault::Missing) => return Err(dead()),
        Err(fault) => return Err(fault.into()),
    };
    let user = users::find(conn, link.user.ok_or_else(dead)?)?;
    if is_stale(conn, user.id, &link)? {
        return Err(dead());
    }
    let address = Email::parse(link.address.as_deref().ok_or_else(dead)?).map_err(Fault::broken)?;
    Ok(Behind { link: link.id, user, address })
}

/// Spends the link: the address becomes the person's. Sessions go on, and the link signs nobody in.
///
/// The new address counts as proven only if the old one was proven and the same person follows the link while signed
/// in. The link alone shows who reads the mailbox, not who knows the password: an attacker could ask for the address of
/// somebody else and hope that its owner presses the button.
pub(super) fn confirm(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    secret: &Secret,
    signed_in: Option<UserId>,
    request_info: &RequestInfo,
) -> Result<Email, OperationError<ConfirmRefusal>> {
    let now = request_info.now;
    let user = look(tx, secret, now)?.user.id;
    users::lock(tx, user)?;
    // Checked again under the lock: now nobody else changes this identity.
    let found = look(tx, secret, now)?;
    match links::spend(tx, found.link, now) {
        Err(Fault::Missing) => return Err(OperationError::Refused(ConfirmRefusal::DeadLink)),
        spent => spent?,
    }
    let old = members::change_email(tx, user, &found.address, now).map_err(|error| error.map_refusal(|Taken| ConfirmRefusal::Taken))?;
    if found.user.address_proven_at.is_some() && signed_in == Some(user) {
        users::prove(tx, user, now)?;
    }
    let (before, after) = (json!({ "email": old }), json!({ "email": found.address.as_str() }));
    let by = ChangedBy::Themselves(request_info);
    members::record_everywhere(tx, user, by, "email.changed", |event| event.before(before.clone()).after(after.clone()))?;
    members::tell_of_change(tx, outbox, &old, &found.address, None, request_info)?;
    Ok(found.address)
}
