//! What administrators decide about a person's API access.

use super::store::{self, Access};
use crate::{
    audit::{self, Event},
    authorization,
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, Permission, Permissions, Scope, rights},
    mail::Outbox,
    members::{self, Member},
    tokens::Notice,
};

/// Why the API access of a person is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefusal {
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
    #[error("Nobody decides about their own API access but administrators. Ask somebody else who manages users.")]
    Yourself,
    #[error("They are invited and have not joined yet.")]
    Invited,
    #[error("API access is off already.")]
    Off,
    #[error("API access is on already.")]
    On,
    #[error("There is no API password to remove.")]
    NoPassword,
    #[error("An API password works from anywhere, and the credential that asks is limited to networks.")]
    BeyondNetworks,
    #[error("A credential makes no other credential for its own owner. Sign in to the console.")]
    ByCredential,
}

/// Why the caller may not decide about this member's API access, for controls that show the reason. Callers decide
/// about their own access only if they hold every permission.
pub fn may_decide(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<Option<AccessRefusal>, Fault> {
    if scope.is_me(member.id) && scope.permissions.first_missing(&Permissions::everything()).is_some() {
        return Ok(Some(AccessRefusal::Yourself));
    }
    if member.status == MemberStatus::Invited {
        return Ok(Some(AccessRefusal::Invited));
    }
    Ok(authorization::above(conn, scope, member.id)?.map(AccessRefusal::AboveYou))
}

/// The person and their API access, if the caller may decide about it.
fn decide(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<(Member, Option<Access>), OperationError<AccessRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let scope = &members::towards(tx, scope, id)?;
    scope.demand(rights::USER_MANAGE)?;
    let member = members::find(tx, scope, id)?;
    if member.kind != MemberKind::User {
        return Err(Fault::Missing.into());
    }
    if let Some(refusal) = may_decide(tx, scope, &member)? {
        return Err(OperationError::Refused(refusal));
    }
    let access = store::find(tx, scope, id)?;
    Ok((member, access))
}

fn record(tx: &mut Tx<'_>, scope: &Scope, action: &'static str, member: &Member) -> Result<(), Fault> {
    audit::record(tx, scope, Event::new(action, "member", member.id.0, &member.name))
}

/// Turns API access on for a person, and tells them by mail.
///
/// # Errors
/// An [`AccessRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn enable(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, id: MemberId) -> Result<Member, OperationError<AccessRefusal>> {
    let (member, access) = decide(tx, scope, id)?;
    if access.is_some() {
        return Err(OperationError::Refused(AccessRefusal::On));
    }
    store::insert(tx, scope, id)?;
    record(tx, scope, "api_access.enabled", &member)?;
    Notice::ApiAccessOn.send(tx, outbox, scope, &member)?;
    Ok(member)
}

/// Turns API access off: deletes the API password. Tokens stop working until it is on again.
///
/// # Errors
/// As [`enable`].
pub fn disable(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<Member, OperationError<AccessRefusal>> {
    let (member, access) = decide(tx, scope, id)?;
    if access.is_none() {
        return Err(OperationError::Refused(AccessRefusal::Off));
    }
    store::delete(tx, scope, id)?;
    record(tx, scope, "api_access.disabled", &member)?;
    Ok(member)
}

/// Sets or replaces the API password. The letter tells the person that it was set, but does not contain it.
///
/// # Errors
/// As [`enable`].
pub fn set_password(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    id: MemberId,
    hash: &str,
) -> Result<Member, OperationError<AccessRefusal>> {
    let (member, access) = decide(tx, scope, id)?;
    // An attacker who steals a credential must not be able to keep another one of the same owner.
    if scope.is_me(id) && scope.request_info.credential.is_some() {
        return Err(OperationError::Refused(AccessRefusal::ByCredential));
    }
    if !scope.request_info.networks.is_empty() {
        return Err(OperationError::Refused(AccessRefusal::BeyondNetworks));
    }
    let Some(access) = access else {
        return Err(OperationError::Refused(AccessRefusal::Off));
    };
    store::set_hash(tx, scope, id, Some(hash))?;
    record(tx, scope, "api_password.set", &member)?;
    let notice = Notice::ApiPasswordSet { is_reset: access.changed_at.is_some() };
    notice.send(tx, outbox, scope, &member)?;
    Ok(member)
}

/// Removes the API password.
///
/// # Errors
/// As [`enable`].
pub fn remove_password(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<Member, OperationError<AccessRefusal>> {
    let (member, access) = decide(tx, scope, id)?;
    match access {
        None => return Err(OperationError::Refused(AccessRefusal::Off)),
        Some(access) if access.changed_at.is_none() => return Err(OperationError::Refused(AccessRefusal::NoPassword)),
        Some(_) => {}
    }
    store::set_hash(tx, scope, id, None)?;
    record(tx, scope, "api_password.removed", &member)?;
    Ok(member)
}
