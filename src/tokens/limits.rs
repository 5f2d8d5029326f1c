//! Who may create, see and end whose tokens, and how wide and long-lived a token may be.

use super::model::{Mode, allowed, are_within, parsed};
use crate::{
    authorization,
    db::{
        Conn, Tx,
        schema::{api_access, organizations},
    },
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, Permission, Permissions, Scope, Timestamp, rights},
    members::{self, Member},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use ipnet::IpNet;

/// The most live tokens of one member: enough for any use, few enough to review.
pub const MOST: usize = 100;

/// Why an operation on a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    #[error("This token would allow {0}, which you may not do yourself. Narrow it to what you may do.")]
    TooWide(Permission),
    #[error(
        "This token may do whatever its account may do later, which may be more than you. Create a new one, which keeps to what it may do today."
    )]
    Unbounded,
    #[error("{0} is not among the permissions of whose token this is.")]
    NotHeld(Permission),
    #[error("A read-only token with these permissions could do nothing. Choose one that is to read.")]
    NothingToRead,
    #[error("Whose token it is to be is not active here, so it would open nothing.")]
    NotActive,
    #[error("{0} is disabled: its tokens open nothing. Enable it to create or regenerate one.")]
    Disabled(String),
    #[error("API access is off. An administrator turns it on, on the API access tab of the profile.")]
    NoApiAccess,
    #[error("API access is off for you, so your tokens open nothing. An administrator turns it on, on the API access tab of your profile.")]
    NoOwnApiAccess,
    #[error(
        "To create tokens you need the permission token:manage:own, which the role User has. Anyone who manages users can give you a role with it. The tokens you have you can revoke."
    )]
    NotYours,
    #[error("Tokens may work for {0} days at most here. Choose an earlier end.")]
    TooLong(i64),
    #[error("Another token already has this name.")]
    NameTaken,
    /// The creation form was submitted twice.
    #[error("You created it at {}, and its value was shown once. Regenerate it if you did not copy it.", clock(*.0))]
    CreatedBefore(Timestamp),
    #[error("There are {MOST} tokens already. Revoke some that are not used any more.")]
    TooMany,
    #[error("This token has ended. Create a new one.")]
    Ended,
    #[error("Somebody else gave this token a new value meanwhile. Find out who before you do it again.")]
    Meanwhile,
    /// The regeneration form was submitted twice.
    #[error("You gave it a new value at {}, which was shown once. If you did not copy it, make another one here.", clock(*.0))]
    RegeneratedBefore(Timestamp),
    #[error("The old value has stopped working already.")]
    NoOverlap,
    #[error("The credential that asks is limited to networks, and this token would work from elsewhere.")]
    BeyondNetworks,
    #[error("A credential makes no token for its own owner, nor for another person. Sign in to the console.")]
    ByToken,
}

/// The time of day, for a message.
fn clock(at: Timestamp) -> String {
    at.utc().format("%H:%M UTC").to_string()
}

/// Whether the member may use the API. A person needs API access; a system account always has it.
pub fn has_api_access(conn: &mut Conn, member: &Member) -> Result<bool, Fault> {
    if member.kind == MemberKind::SystemAccount {
        return Ok(true);
    }
    let row = api_access::table
        .filter(api_access::organization_id.eq(member.organization_id))
        .filter(api_access::member_id.eq(member.id));
    let found: Option<MemberId> = row.select(api_access::member_id).first(conn).optional()?;
    Ok(found.is_some())
}

/// The member whose tokens the caller may create, regenerate and revoke: the caller, or a system account that they run.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn run(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Member, Fault> {
    if scope.is_me(id) {
        scope.demand_own(rights::TOKEN_MANAGE)?;
        return members::find(conn, scope, id);
    }
    members::may_run(conn, scope, id)?;
    members::find_of(conn, scope, MemberKind::SystemAccount, id)
}

/// The member whose tokens the caller may see and revoke. Administrators may also see and revoke those of people.
/// A credential sees and revokes those of its owner only with the permission: a narrowed one must not end the others.
///
/// # Errors
/// As [`run`].
pub fn see(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Member, Fault> {
    if scope.is_me(id) {
        if scope.request_info.credential.is_some() {
            scope.demand_own(rights::TOKEN_MANAGE)?;
        }
        return members::find(conn, scope, id);
    }
    let scope = &members::towards(conn, scope, id)?;
    let member = members::find(conn, scope, id)?;
    if member.kind == MemberKind::SystemAccount {
        return run(conn, scope, id);
    }
    scope.demand(rights::USER_MANAGE)?;
    match authorization::above(conn, scope, id)? {
        Some(beyond) => Err(Fault::Denied(beyond)),
        None => Ok(member),
    }
}

/// The permissions that the caller may give a token of this member: those that both hold. Also returns a permission
/// that the member holds and the caller does not, if there is one.
pub fn offered(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<(Permissions, Option<Permission>), Fault> {
    let held = authorization::permissions(conn, scope.organization, member.id, scope.now())?;
    // Callers are never above themselves. What policies allow counts as well.
    let beyond = if scope.is_me(member.id) {
        None
    } else {
        authorization::above(conn, scope, member.id)?
    };
    Ok((held.intersection(&scope.permissions), beyond))
}

/// The longest token lifetime, in days, that the organization allows.
///
/// # Errors
/// [`Fault::Missing`].
pub fn longest(conn: &mut Conn, scope: &Scope) -> Result<Option<i64>, Fault> {
    let row = organizations::table.find(scope.organization);
    Ok(row.select(organizations::token_days_max).first(conn)?)
}

/// Checks that the caller may now create a token of this width and lifetime.
pub(super) fn check_limits(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: &Member,
    (mode, narrowed): (Mode, Option<&Permissions>),
    expires_at: Option<Timestamp>,
) -> Result<(), OperationError<TokenRefusal>> {
    let refuse = |why| Err(OperationError::Refused(why));
    // An attacker who steals a credential must not be able to keep another one of the same owner.
    let is_for_owner = scope.is_me(member.id) || member.kind == MemberKind::User;
    if scope.request_info.credential.is_some() && is_for_owner {
        return refuse(TokenRefusal::ByToken);
    }
    if member.status != MemberStatus::Active {
        return refuse(TokenRefusal::NotActive);
    }
    if !has_api_access(tx, member)? {
        return refuse(TokenRefusal::NoApiAccess);
    }
    let held = authorization::effective(tx, scope.organization, member.id, scope.now())?;
    let wide = allowed(narrowed, mode, &held.permissions());
    // The whole of what the token is narrowed to counts, because its member may be given more tomorrow. A narrowed
    // token never has what policies allow beyond permissions.
    let asked = narrowed.unwrap_or(&wide);
    let of_policies = held.policies.iter().filter(|_| narrowed.is_none());
    let rules: Vec<_> = of_policies.flat_map(|policy| policy.rules.iter().cloned()).collect();
    let beyond = authorization::Ceiling::of(tx, scope)?.first_missing(&wide, &rules);
    if let Some(beyond) = beyond.or_else(|| scope.permissions.first_missing(asked).cloned()) {
        return refuse(TokenRefusal::TooWide(beyond));
    }
    if let Some(longest) = longest(tx, scope)?
        && expires_at.is_none_or(|at| at > scope.now() + TimeDelta::days(longest))
    {
        return refuse(TokenRefusal::TooLong(longest));
    }
    Ok(())
}

/// The networks to which the caller's credential is limited. A token that it creates is limited to the same, unless to
/// narrower ones.
pub(super) fn networks(scope: &Scope) -> Option<Vec<IpNet>> {
    let networks: Vec<IpNet> = parsed(&scope.request_info.networks).collect();
    (!networks.is_empty()).then_some(networks)
}

/// Checks that a token that works from these networks works only from where the caller's credential does. An attacker
/// who uses a credential inside its networks must not take one away that works outside.
pub(super) fn check_networks(scope: &Scope, wanted: Option<&[IpNet]>) -> Result<(), OperationError<TokenRefusal>> {
    match networks(scope) {
        Some(own) if !are_within(wanted.unwrap_or_default(), &own) => Err(OperationError::Refused(TokenRefusal::BeyondNetworks)),
        _ => Ok(()),
    }
}

/// Whether the member could later be given more than the caller holds. The caller would still know the token.
pub(super) fn may_outgrow(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<bool, Fault> {
    Ok(!scope.is_me(member.id) && !authorization::Ceiling::of(conn, scope)?.is_open())
}
