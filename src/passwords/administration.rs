//! What administrators do about a member's password: send a reset link, or set a temporary password. The latter only
//! where the person belongs to no other organization.

use super::{
    TEMPORARY_DAYS,
    keys::{CredentialCount, ProgramCredentials, RevokeChoice},
    mail::{self, Reason, Temporary},
    recovery::{queue_for, write_link},
    store,
};
use crate::{
    audit::{self, Event},
    authorization,
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, Permission, Scope, UserId, rights, secret::SecretString},
    links::{self, LinkKind, Subject},
    mail::Outbox,
    members::{self, Action, Answer, ChangedBy, Member, Outcome, Refusal},
    organizations,
    throttle::{self, Bucket, Limit},
    users,
};
use chrono::TimeDelta;
use serde_json::json;
use std::collections::HashMap;

/// Limit of letters with a reset link that administrators send to one person.
const LETTERS: Limit = Limit { burst: 3, every: TimeDelta::minutes(10) };

/// Why an administrator cannot reset this password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    #[error("This is your own password. Change it on your own page.")]
    Yourself,
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
    #[error("They were invited and have no password yet. Resend the invitation.")]
    Invited,
    #[error("They are disabled. Enable them first.")]
    Disabled,
    #[error("They sign in through {0}, where their password is kept.")]
    Federated(String),
    #[error("This organization lets people in through its identity provider only, so a password would open nothing.")]
    SingleSignOn,
    #[error("They belong to other organizations too, so their password is theirs alone. Send a link to choose a new one.")]
    Elsewhere,
    #[error("Three letters were sent to them within half an hour. The next can follow in {0} minutes.")]
    TooMany(u64),
}

/// Why the caller cannot send this member a reset link, if so. A page uses it to explain a disabled control.
pub fn may_send_reset(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<Option<PasswordRefusal>, Fault> {
    let refusal = match member.status {
        _ if scope.is_me(member.id) => PasswordRefusal::Yourself,
        MemberStatus::Invited => PasswordRefusal::Invited,
        MemberStatus::Disabled => PasswordRefusal::Disabled,
        MemberStatus::Active if is_federated(conn, scope, member)? => PasswordRefusal::Federated(member.provider_name().to_owned()),
        MemberStatus::Active if members::sso_only(conn, scope, &[member.id])?.contains(&member.id) => PasswordRefusal::SingleSignOn,
        MemberStatus::Active => {
            return Ok(authorization::above(conn, scope, member.id)?.map(PasswordRefusal::AboveYou));
        }
    };
    Ok(Some(refusal))
}

/// Whether the member signs in through an enabled connection. Without one they need a password.
fn is_federated(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<bool, Fault> {
    Ok(members::federated(conn, scope, &[member.id])?.contains_key(&member.id))
}

/// [`may_send_reset`] for several members, with a fixed number of queries.
pub fn preview_resets(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Vec<(Answer, Option<PasswordRefusal>)>, Fault> {
    let kind = MemberKind::User;
    let statuses = members::statuses(conn, scope, kind, ids)?;
    let statuses: HashMap<MemberId, MemberStatus> = statuses.into_iter().map(|(id, _, status)| (id, status)).collect();
    let providers = members::federated(conn, scope, ids)?;
    let sso_only = members::sso_only(conn, scope, ids)?;
    let within_reach = members::refusals_before_choice(conn, scope, kind, Action::SendReset, ids)?;
    let judge = |answer: Answer| {
        let refusal = match (statuses.get(&answer.id), providers.get(&answer.id), &answer.outcome) {
            (_, _, Outcome::Refused(Refusal::Yourself)) => Some(PasswordRefusal::Yourself),
            (Some(MemberStatus::Invited), ..) => Some(PasswordRefusal::Invited),
            (Some(MemberStatus::Disabled), ..) => Some(PasswordRefusal::Disabled),
            (_, Some(provider), _) => Some(PasswordRefusal::Federated(members::provider_name(provider).to_owned())),
            _ if sso_only.contains(&answer.id) => Some(PasswordRefusal::SingleSignOn),
            (_, _, Outcome::Refused(Refusal::AboveYou { lacking, .. })) => Some(PasswordRefusal::AboveYou(lacking.clone())),
            _ => None,
        };
        (answer, refusal)
    };
    Ok(within_reach.into_iter().map(judge).collect())
}

/// Why the caller cannot set a temporary password for this member, if so. The password belongs to the identity, so a
/// member of several organizations is refused.
pub fn may_set_temporary(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<Option<PasswordRefusal>, Fault> {
    if let Some(refusal) = may_send_reset(conn, scope, member)? {
        return Ok(Some(refusal));
    }
    let is_only_here = members::is_only_here(conn, scope, user_of(member)?)?;
    Ok((!is_only_here).then_some(PasswordRefusal::Elsewhere))
}

/// A system account has no user and no password: [`Fault::Missing`].
fn user_of(member: &Member) -> Result<UserId, Fault> {
    member.user_id.ok_or(Fault::Missing)
}

/// Mails a member a link to choose a new password. The present password works until they have chosen one.
///
/// # Errors
/// A [`PasswordRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn send_reset(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, member: MemberId) -> Result<(), OperationError<PasswordRefusal>> {
    reset(tx, scope, outbox, member, false).map(|_| ())
}

/// As [`send_reset`], but where mail is written to files it returns the link, once, for the administrator to hand over.
/// That needs the same conditions as a temporary password: the administrator who sees the link can sign in as the
/// person.
///
/// # Errors
/// As [`send_reset`].
pub fn hand_over_reset(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    member: MemberId,
) -> Result<Option<SecretString>, OperationError<PasswordRefusal>> {
    reset(tx, scope, outbox, member, !outbox.route().is_server())
}

fn reset(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    member: MemberId,
    is_asked: bool,
) -> Result<Option<SecretString>, OperationError<PasswordRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let scope = &members::towards(tx, scope, member)?;
    scope.demand(rights::USER_MANAGE)?;
    let member = members::find(tx, scope, member)?;
    if is_asked {
        // Another organization may be adding the same person at this moment.
        users::lock(tx, user_of(&member)?)?;
    }
    let user = users::find(tx, user_of(&member)?)?;
    if let Some(refusal) = may_send_reset(tx, scope, &member)? {
        return Err(OperationError::Refused(refusal));
    }
    if let Some(wait) = throttle::count(tx, Bucket::LettersAdministrator, &user.id.to_string(), LETTERS, scope.now())? {
        return Err(OperationError::Refused(PasswordRefusal::TooMany(wait.minutes())));
    }
    let organization = organizations::find(tx, scope.organization)?.name;
    let reason = Reason::Administrator { name: scope.actor.name(), organization: (scope.organization, &organization) };
    let is_shown = is_asked && may_set_temporary(tx, scope, &member)?.is_none();
    let subject = if is_shown {
        // The administrator may follow the link themselves, so it proves nothing about the mailbox. A password set by
        // it must not open organizations that trust the address.
        users::disprove(tx, user.id)?;
        Subject::user(user.id)
    } else {
        Subject::mailed(user.id, &user.email)
    };
    let link = write_link(tx, outbox, &user, &reason, subject, scope.now())?;
    let action = if is_shown {
        "password.reset_link_shown"
    } else {
        "password.reset_sent"
    };
    let mut event = Event::new(action, "member", member.id.0, &member.name);
    if !outbox.route().is_server() {
        event = event.after(json!({ "letter": "written to a file" }));
    }
    audit::record(tx, scope, event)?;
    Ok(is_shown.then_some(link))
}

/// Replaces a member's password by a temporary one. It works for `TEMPORARY_DAYS` days and must be replaced at the
/// first sign-in. Every session ends, links become void, API credentials end unless the administrator keeps them, and
/// the person gets a letter.
///
/// # Errors
/// A [`PasswordRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn set_temporary(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (outbox, credentials): (&Outbox, &dyn ProgramCredentials),
    member: MemberId,
    (hash, tick): (&str, &RevokeChoice),
) -> Result<(Member, CredentialCount), OperationError<PasswordRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let scope = &members::towards(tx, scope, member)?;
    scope.demand(rights::USER_MANAGE)?;
    let member = members::find(tx, scope, member)?;
    let user = users::find(tx, user_of(&member)?)?;
    // An invitation of another organization to this identity either waits for the lock or exists already.
    users::lock(tx, user.id)?;
    if let Some(refusal) = may_set_temporary(tx, scope, &member)? {
        return Err(OperationError::Refused(refusal));
    }
    let now = scope.now();
    let until = now + TimeDelta::days(TEMPORARY_DAYS);
    store::set(tx, user.id, hash, Some(until), now)?;
    // The administrator who set the password may sign in first and replace it by one of their own.
    users::disprove(tx, user.id)?;
    links::void(tx, LinkKind::Reset, Subject::user(user.id), now)?;
    let ended = if tick.ends_keys() {
        credentials.end(tx, user.id, ChangedBy::Administrator(scope))?
    } else {
        CredentialCount::default()
    };
    let organization = organizations::find(tx, scope.organization)?.name;
    let letter = mail::temporary(&Temporary {
        administrator: scope.actor.name(),
        organization: &organization,
        username: &user.username,
        expires: &until.exact(),
        sign_in: &outbox.link("/sign-in"),
        keys: &mail::fate((ended, CredentialCount::default())),
    })?;
    queue_for(tx, outbox, &user, (Some(scope.organization), "password.temporary"), &letter, now)?;
    let event = Event::new("password.temporary_set", "member", member.id.0, &member.name);
    audit::record(tx, scope, event.after(json!({ "until": until.iso() })))?;
    Ok((member, ended))
}
