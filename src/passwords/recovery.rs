//! Replacing a forgotten password: a link to the address on record, which works once, within the hour.

use super::{
    keys::{CredentialCount, ProgramCredentials, RevokeChoice},
    mail::{self, Reason},
    store,
};
use crate::{
    db::{Conn, Tx},
    jobs::Jobs,
    kit::{
        Fault, MemberStatus, OperationError, OrganizationId, RequestInfo, Timestamp, UserId,
        email::{Email, likeness},
        secret::{Secret, SecretString},
    },
    links::{self, Link, LinkKind, Subject},
    mail::{Outbox, queue},
    members::{self, ChangedBy, Membership},
    throttle::{self, Bucket, Wait},
    users::{self, User},
    web::subscriber_prefix,
};
use serde::{Deserialize, Serialize};

/// Why a link sets no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResetRefusal {
    #[error("This link is not valid, or was used already, or is older than an hour.")]
    DeadLink,
}

/// Whether a person may have a reset link: they are active in an organization that their own password opens. Invited
/// people use their invitation. But if they have a password already, which is not proven to be theirs, they replace it by
/// this link.
fn is_eligible(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<bool, Fault> {
    let mut memberships = members::memberships(conn, user)?;
    memberships.retain(|membership| !membership.demands_sso(now));
    let is_any = |status| memberships.iter().any(|membership| membership.status == status);
    Ok(is_any(MemberStatus::Active) || (is_any(MemberStatus::Invited) && store::find(conn, user)?.is_some()))
}

/// The kind of job that `request` queues.
pub const FORGOTTEN: &str = "forgotten-password";

/// What a visitor asked for, until the job has run.
#[derive(Serialize, Deserialize)]
struct ResetRequest {
    typed: String,
    request_info: RequestInfo,
}

/// Queues the request as a job, within the limits of letters. The work is the same for every name, known or not: both
/// limits are counted even when the first refuses, and nothing is looked up, so that no answer tells by its time who
/// exists. Returns how long the visitor has to wait, if they asked too often.
pub(super) fn request(tx: &mut Tx<'_>, jobs: &Jobs, typed: &str, request_info: &RequestInfo) -> Result<Option<Wait>, Fault> {
    let (from, now) = (subscriber_prefix(&request_info.address), request_info.now);
    let by_address = throttle::count(tx, Bucket::LettersAddress, &from, throttle::LETTERS_BY_ADDRESS, now)?;
    let by_recipient = throttle::count(tx, Bucket::Letters, &likeness(typed), throttle::LETTERS, now)?;
    // The visitor is not told that this person's limit of letters is reached: it would reveal that they get letters.
    if by_address.is_none() && by_recipient.is_none() {
        let asked = ResetRequest { typed: typed.to_owned(), request_info: request_info.clone() };
        jobs.leave(tx, FORGOTTEN, &asked, now)?;
    }
    Ok(by_address)
}

/// Runs the job: sends a link to the person with this name or address, if there is one who may have it.
pub fn answer(tx: &mut Tx<'_>, outbox: &Outbox, job: &[u8], now: Timestamp) -> Result<(), Fault> {
    let ResetRequest { typed, request_info } = serde_json::from_slice(job).map_err(Fault::broken)?;
    let Some(user) = users::find_by_name(tx, &typed)? else {
        return Ok(());
    };
    if !send_link(tx, outbox, &user, &Reason::Forgotten, now)? {
        return Ok(());
    }
    members::record_everywhere(tx, user.id, ChangedBy::Themselves(&request_info), "password.reset_requested", |event| event)
}

/// Sends a person a link to set a new password, to the address on record. Older links become void. Returns whether it was
/// sent: not to those whose password would open nothing.
///
/// It is sent even if the address is not proven yet: the person who entered it named the mailbox through which
/// the owner gets in, as an invitation does. A second factor is still required afterwards.
pub fn send_link(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, reason: &Reason<'_>, now: Timestamp) -> Result<bool, Fault> {
    if !is_eligible(tx, user.id, now)? {
        return Ok(false);
    }
    write_link(tx, outbox, user, reason, Subject::mailed(user.id, &user.email), now)?;
    Ok(true)
}

/// Creates a link for this subject, queues the letter that contains it, and returns the link.
pub(super) fn write_link(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: &User,
    reason: &Reason<'_>,
    subject: Subject<'_>,
    now: Timestamp,
) -> Result<SecretString, Fault> {
    let link = outbox.link(&links::create(tx, LinkKind::Reset, subject, now)?);
    let letter = mail::reset(reason, &user.username, &link, now + LinkKind::Reset.lifetime())?;
    queue_for(tx, outbox, user, (reason.organization(), "password.reset"), &letter, now)?;
    Ok(SecretString::new(link))
}

/// The path of a reset link for a person who is locked out while mail is down. For the operator.
///
/// # Errors
/// [`Fault::Missing`] when nobody has this name.
pub fn issue_link(tx: &mut Tx<'_>, typed: &str, now: Timestamp) -> Result<(User, String), Fault> {
    let user = users::find_by_name(tx, typed)?.ok_or(Fault::Missing)?;
    let path = links::create(tx, LinkKind::Reset, Subject::user(user.id), now)?;
    members::record_everywhere(tx, user.id, ChangedBy::Operator(now), "password.reset_link_issued", |event| event)?;
    Ok((user, path))
}

/// Finds the open link, the person it belongs to, and their memberships.
///
/// # Errors
/// [`ResetRefusal::DeadLink`].
pub(super) fn open(
    conn: &mut Conn,
    secret: &Secret,
    now: Timestamp,
) -> Result<(Link, User, Vec<Membership>), OperationError<ResetRefusal>> {
    let dead = || OperationError::Refused(ResetRefusal::DeadLink);
    let link = match links::find(conn, LinkKind::Reset, secret) {
        Ok(link) if link.is_open(now) => link,
        Ok(_) | Err(Fault::Missing) => return Err(dead()),
        Err(fault) => return Err(fault.into()),
    };
    let user = users::find(conn, link.user.ok_or_else(dead)?)?;
    let memberships = members::memberships(conn, user.id)?;
    let password = store::find(conn, user.id)?;
    // A person who was locked out since must ask again, even if they are active again by now.
    let may = |membership: &Membership| {
        let is_theirs = membership.is_open_since(link.created_at) || (password.is_some() && membership.status == MemberStatus::Invited);
        is_theirs && !membership.demands_sso(now)
    };
    if !memberships.iter().any(may) {
        return Err(dead());
    }
    // The password was changed after this link was made, so the link is dead.
    match password {
        Some(password) if password.changed_at > link.created_at => Err(dead()),
        _ => Ok((link, user, memberships)),
    }
}

/// Spends the link and sets the password. The person's sessions and other links end.
///
/// # Errors
/// [`ResetRefusal::DeadLink`].
pub(super) fn reset(
    tx: &mut Tx<'_>,
    (outbox, credentials): (&Outbox, &dyn ProgramCredentials),
    secret: &Secret,
    (hash, tick): (&str, &RevokeChoice),
    request_info: &RequestInfo,
) -> Result<(), OperationError<ResetRefusal>> {
    let now = request_info.now;
    let (_, asked, _) = open(tx, secret, now)?;
    users::lock(tx, asked.id)?;
    // Checked again under the lock: now nobody else changes this identity.
    let (link, user, _) = open(tx, secret, now)?;
    match links::spend(tx, link.id, now) {
        Err(Fault::Missing) => return Err(OperationError::Refused(ResetRefusal::DeadLink)),
        spent => spent?,
    }
    store::set(tx, user.id, hash, None, now)?;
    links::void(tx, LinkKind::Reset, Subject::user(user.id), now)?;
    // A link that the operator handed over proves nothing about the mailbox, neither for nor against.
    if link.went_to(&user.email) {
        users::prove_anew(tx, user.id, now)?;
    }
    members::record_everywhere(tx, user.id, ChangedBy::Themselves(request_info), "password.reset", |event| event)?;
    end_keys_and_tell(tx, (outbox, credentials), &user, tick, request_info)?;
    Ok(())
}

/// After the owner replaced their password: ends their API credentials if they chose that, and tells them of both by
/// mail in case it was not them.
pub fn end_keys_and_tell(
    tx: &mut Tx<'_>,
    (outbox, credentials): (&Outbox, &dyn ProgramCredentials),
    user: &User,
    tick: &RevokeChoice,
    request_info: &RequestInfo,
) -> Result<CredentialCount, Fault> {
    let (ended, kept) = if tick.ends_keys() {
        (credentials.end(tx, user.id, ChangedBy::Themselves(request_info))?, CredentialCount::default())
    } else {
        (CredentialCount::default(), credentials.count(tx, user.id, request_info.now)?)
    };
    let letter = mail::changed(request_info.now, &request_info.address, &outbox.link("/password/forgotten"), (ended, kept))?;
    queue_for(tx, outbox, user, (None, "password.changed"), &letter, request_info.now)?;
    Ok(ended)
}

/// Queues a letter to the stored address. It belongs to the organization if an administrator caused it, else to the
/// person.
pub(super) fn queue_for(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: &User,
    (organization, kind): (Option<OrganizationId>, &'static str),
    letter: &crate::mail::Letter,
    now: Timestamp,
) -> Result<(), Fault> {
    // The stored address, never the typed one.
    let address = Email::parse(&user.email).map_err(Fault::broken)?;
    queue(tx, outbox, organization, kind, &address, letter, now)?;
    Ok(())
}
