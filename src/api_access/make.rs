//! What administrators decide about somebody's API access.

use super::store::{self, Access};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Fault, MemberId, OperationError, Permission, Permissions, Scope, rights},
    mail::Outbox,
    members::{self, Member, MemberKind, MemberStatus},
    tokens::Notice,
};

/// Why nothing is done about it.
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
}

/// Why the caller does nothing about this member's API access, for controls that say so. One's own is decided
/// by oneself only where one may do everything anyway.
///
/// # Errors
/// What the database says.
pub fn may_decide(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<Option<AccessRefusal>, Fault> {
    if scope.is_me(member.id) && scope.permissions.lacking(&Permissions::everything()).is_some() {
        return Ok(Some(AccessRefusal::Yourself));
    }
    if member.status == MemberStatus::Invited {
        return Ok(Some(AccessRefusal::Invited));
    }
    Ok(members::above(conn, scope, member.id)?.map(AccessRefusal::AboveYou))
}

/// Whose API access, for anyone who may decide about it.
fn decide(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<(Member, Option<Access>), OperationError<AccessRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
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

/// Lets a person use the API, and tells them.
///
/// # Errors
/// An [`AccessRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
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

/// Ends it: the API password is gone, and tokens open nothing until it is on again.
///
/// # Errors
/// As of [`enable`].
pub fn disable(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<Member, OperationError<AccessRefusal>> {
    let (member, access) = decide(tx, scope, id)?;
    if access.is_none() {
        return Err(OperationError::Refused(AccessRefusal::Off));
    }
    store::delete(tx, scope, id)?;
    record(tx, scope, "api_access.disabled", &member)?;
    Ok(member)
}

/// Puts an API password in the place of the one there was, if any, and tells the person, but not what it is.
///
/// # Errors
/// As of [`enable`].
pub fn set_password(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    id: MemberId,
    hash: &str,
) -> Result<Member, OperationError<AccessRefusal>> {
    let (member, access) = decide(tx, scope, id)?;
    let Some(access) = access else {
        return Err(OperationError::Refused(AccessRefusal::Off));
    };
    store::set_hash(tx, scope, id, Some(hash))?;
    record(tx, scope, "api_password.set", &member)?;
    let notice = Notice::ApiPasswordSet {
        is_reset: access.changed_at.is_some(),
    };
    notice.send(tx, outbox, scope, &member)?;
    Ok(member)
}

/// Takes the API password away.
///
/// # Errors
/// As of [`enable`].
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
