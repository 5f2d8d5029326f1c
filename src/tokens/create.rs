//! Creating, regenerating and renaming tokens. Afterwards only the name, value and expiry of a token change.

use super::{
    format::TokenText,
    limits::{MOST, TokenRefusal, check_limits, check_networks, may_outgrow, networks, run},
    model::{NewToken, Token, allowed, parsed, warning},
    store::{self, NewValue},
};
use crate::{
    audit::{self, Event},
    authorization,
    db::Tx,
    kit::{Fault, MemberId, OperationError, Scope, Timestamp, TokenId, fold},
    members::{self, Member},
};
use chrono::TimeDelta;
use serde_json::json;

pub(super) fn told(token: &Token) -> serde_json::Value {
    json!({
        "token": token.name,
        "prefix": token.prefix,
        "mode": token.mode.as_str(),
        "permissions": token.narrowed().map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "addresses": token.networks(),
        "expires": token.expires_at.map(Timestamp::iso),
    })
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: &Member,
    action: &'static str,
    details: serde_json::Value,
) -> Result<(), Fault> {
    audit::record(tx, scope, Event::new(action, "member", member.id.0, &member.name).after(details))
}

/// Checks that no other live token of the member has this name. Returns the number of live tokens.
fn check_name(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: &Member,
    name: &str,
    own: Option<TokenId>,
) -> Result<usize, OperationError<TokenRefusal>> {
    let live = store::live_names(tx, scope, member.id)?;
    let is_taken = |(id, known): &(TokenId, String)| Some(*id) != own && fold::canonical(known) == fold::canonical(name);
    if let Some((id, known)) = live.iter().find(|known| is_taken(known)) {
        let taken = store::find(tx, scope, member.id, *id)?;
        let before = taken.created_before(scope.actor.member_id(), scope.now());
        let before = before.filter(|_| own.is_none() && known == name);
        return Err(OperationError::Refused(before.map_or(TokenRefusal::NameTaken, TokenRefusal::CreatedBefore)));
    }
    Ok(live.len())
}

/// Creates a token. Returns its text, which the caller shows once.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: MemberId,
    wanted: &NewToken,
) -> Result<(Token, TokenText), OperationError<TokenRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let member = run(tx, scope, member)?;
    let held = authorization::permissions(tx, scope.organization, member.id, scope.now())?;
    // The token of a system account must not grow beyond its creator when the account is given more.
    let frozen = may_outgrow(tx, scope, &member)?.then(|| allowed(None, wanted.mode, &held));
    let wanted = &NewToken {
        permissions: wanted.permissions.clone().or(frozen),
        addresses: wanted.addresses.clone().or_else(|| networks(scope)),
        ..wanted.clone()
    };
    let narrowed = wanted.permissions.as_ref();
    check_limits(tx, scope, &member, (wanted.mode, narrowed), wanted.expires_at)?;
    check_networks(scope, wanted.addresses.as_deref())?;
    if let Some(narrowed) = narrowed {
        if let Some(beyond) = held.first_missing(narrowed) {
            return Err(OperationError::Refused(TokenRefusal::NotHeld(beyond.clone())));
        }
        if allowed(Some(narrowed), wanted.mode, &held).is_empty() {
            return Err(OperationError::Refused(TokenRefusal::NothingToRead));
        }
    }
    if check_name(tx, scope, &member, &wanted.name, None)? >= MOST {
        return Err(OperationError::Refused(TokenRefusal::TooMany));
    }
    let text = TokenText::generate(member.kind);
    // A creator who chooses a near expiry knows of it, so that warning counts as sent.
    let warned = wanted.expires_at.and_then(|at| warning(at, scope.now()));
    let id = store::insert(tx, scope, member.id, wanted, &text, warned)?;
    let token = store::find(tx, scope, member.id, id)?;
    record(tx, scope, &member, "token.created", told(&token))?;
    Ok((token, text))
}

/// Renames a token.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn rename(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, id: TokenId, name: &str) -> Result<(), OperationError<TokenRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let member = run(tx, scope, member)?;
    let token = store::find(tx, scope, member.id, id)?;
    check_name(tx, scope, &member, name, Some(id))?;
    if token.name == name {
        return Ok(());
    }
    store::rename(tx, scope, id, name)?;
    let event = Event::new("token.renamed", "member", member.id.0, &member.name)
        .before(json!({ "token": token.name, "prefix": token.prefix }))
        .after(json!({ "token": name, "prefix": token.prefix }));
    Ok(audit::record(tx, scope, event)?)
}

/// The new value and expiry of a token.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    /// The version that the caller read. A caller with an earlier version does not regenerate what somebody else has
    /// just regenerated.
    pub version: i64,
    pub expires_at: Option<Timestamp>,
    /// How long the present value keeps working.
    pub overlap: TimeDelta,
}

/// Regenerates a token. Returns its new text, which the caller shows once.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn regenerate(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: MemberId,
    id: TokenId,
    renewal: Renewal,
) -> Result<(Token, TokenText), OperationError<TokenRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let member = run(tx, scope, member)?;
    let token = store::find(tx, scope, member.id, id)?;
    let now = scope.now();
    if !token.is_live(now) {
        return Err(OperationError::Refused(TokenRefusal::Ended));
    }
    if token.narrowed().is_none() && may_outgrow(tx, scope, &member)? {
        return Err(OperationError::Refused(TokenRefusal::Unbounded));
    }
    if token.version != renewal.version {
        let before = token.regenerated_before(scope.actor.member_id(), now);
        return Err(OperationError::Refused(before.map_or(TokenRefusal::Meanwhile, TokenRefusal::RegeneratedBefore)));
    }
    let narrowed = token.narrowed();
    check_limits(tx, scope, &member, (token.mode, narrowed.as_ref()), renewal.expires_at)?;
    check_networks(scope, Some(&parsed(token.networks()).collect::<Vec<_>>()))?;
    let text = TokenText::generate(member.kind);
    // The old value never outlives the expiry that it was given.
    let until = now + renewal.overlap.max(TimeDelta::zero());
    let new = NewValue {
        text: &text,
        expires_at: renewal.expires_at,
        old_until: token.expires_at.map_or(until, |end| end.min(until)),
        warned: renewal.expires_at.and_then(|at| warning(at, now)),
    };
    if !store::replace(tx, scope, &token, &new)? {
        return Err(OperationError::Refused(TokenRefusal::Meanwhile));
    }
    let after = store::find(tx, scope, member.id, id)?;
    let event = Event::new("token.regenerated", "member", member.id.0, &member.name)
        .before(json!({ "token": token.name, "prefix": token.prefix, "expires": token.expires_at.map(Timestamp::iso) }))
        .after(json!({
            "token": after.name,
            "prefix": after.prefix,
            "expires": after.expires_at.map(Timestamp::iso),
            "old_value_works_until": after.overlap(now).map(Timestamp::iso),
        }));
    audit::record(tx, scope, event)?;
    Ok((after, text))
}
