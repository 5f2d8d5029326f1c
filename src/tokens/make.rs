//! What is done with tokens: made, renamed, given another value, retired and revoked. Nobody makes one wider than what
//! they may do themselves, and nothing of it changes afterwards but its name, its value and its end.

use super::{
    model::{Mode, Token, Wish, allowed, warning},
    store::{self, NewValue},
    text::TokenText,
};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx, schema::api_access},
    kit::{Fault, MemberId, Permission, Permissions, Scope, Stop, Timestamp, TokenId, fold},
    members::{self, Member, MemberKind, MemberStatus},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;

/// Live tokens of one member: enough for anything, few enough to be looked over.
pub const MOST: usize = 100;

/// Why nothing is done with a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    #[error("This token would allow {0}, which you may not do yourself. Narrow it to what you may do.")]
    TooWide(Permission),
    #[error(
        "This token may do whatever its account may do later, which may be more than you. Make a new one, which keeps to what it may do today."
    )]
    Unbounded,
    #[error("{0} is not among the permissions of whose token this is.")]
    NotHeld(Permission),
    #[error("A read-only token with these permissions could do nothing. Choose one that is to read.")]
    NothingToRead,
    #[error("A token can only be made for somebody who is active.")]
    NotActive,
    #[error("API access is off. An administrator turns it on in the directory.")]
    NoApiAccess,
    #[error("Tokens here live {0} days at most. Choose an earlier end.")]
    TooLong(i64),
    #[error("Another token that lives has this name.")]
    NameTaken,
    #[error("There are {MOST} tokens already. Revoke some that are not used any more.")]
    TooMany,
    #[error("This token is over. Make a new one.")]
    Ended,
    #[error("Somebody gave it another value meanwhile. Look who it was before you do it again.")]
    Meanwhile,
    #[error("The old value does not work any more anyway.")]
    NoOverlap,
    #[error("Tokens make no tokens. Sign in to the console.")]
    ByToken,
}

/// Whether the member may use the API: a person needs to be let, a system account is for nothing else.
///
/// # Errors
/// What the database says.
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

/// Whose tokens these are, for whoever may make, renew and revoke them: one's own, or those of a system account.
///
/// # Errors
/// [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn run(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Member, Fault> {
    if scope.is_me(id) {
        scope.demand_own("token", "manage")?;
        return members::find(conn, scope, id);
    }
    members::may_run(conn, scope, id)?;
    members::find_of(conn, scope, MemberKind::SystemAccount, id)
}

/// Whose tokens these are, for whoever may see and revoke them: an administrator those of people too.
///
/// # Errors
/// As of [`run`].
pub fn see(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Member, Fault> {
    if scope.is_me(id) {
        return members::find(conn, scope, id);
    }
    let member = members::find(conn, scope, id)?;
    if member.kind == MemberKind::SystemAccount {
        return run(conn, scope, id);
    }
    scope.demand("user", "manage")?;
    match members::above(conn, scope, id)? {
        Some(beyond) => Err(Fault::Denied(beyond)),
        None => Ok(member),
    }
}

/// What somebody who runs the tokens of a member may give one: what both of them may do.
///
/// # Errors
/// What the database says.
pub fn offered(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<(Permissions, Option<Permission>), Fault> {
    let held = members::permissions(conn, scope.organization, member.id, scope.now())?;
    // One's own is never beyond one, and what policies allow counts as well.
    let beyond = if scope.is_me(member.id) {
        None
    } else {
        members::above(conn, scope, member.id)?
    };
    Ok((held.meet(&scope.permissions), beyond))
}

/// The longest life that the organization allows a token, in days.
///
/// # Errors
/// [`Fault::Missing`], or what the database says.
pub fn longest(conn: &mut Conn, scope: &Scope) -> Result<Option<i64>, Fault> {
    use crate::db::schema::organizations;
    let row = organizations::table.find(scope.organization);
    Ok(row.select(organizations::token_days_max).first(conn)?)
}

/// Whether a token may exist that is so wide and lives so long, now and by whoever acts.
fn judge(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: &Member,
    (mode, narrowed): (Mode, Option<&Permissions>),
    expires_at: Option<Timestamp>,
) -> Result<(), Stop<TokenRefusal>> {
    let refuse = |why| Err(Stop::Refused(why));
    // Whoever steals a token must not be able to make another one of it.
    if scope.occasion.credential.is_some() {
        return refuse(TokenRefusal::ByToken);
    }
    if member.status != MemberStatus::Active {
        return refuse(TokenRefusal::NotActive);
    }
    if !has_api_access(tx, member)? {
        return refuse(TokenRefusal::NoApiAccess);
    }
    let held = members::effective(tx, scope.organization, member.id, scope.now())?;
    let wide = allowed(narrowed, mode, &held.permissions());
    // What it is narrowed to counts whole: its member may be given more tomorrow. What policies allow beyond permissions
    // a narrowed token does not have.
    let asked = narrowed.unwrap_or(&wide);
    let of_policies = held.policies.iter().filter(|_| narrowed.is_none());
    let rules: Vec<_> = of_policies.flat_map(|policy| policy.rules.iter().cloned()).collect();
    let beyond = members::Ceiling::of(tx, scope)?.lacking(&wide, &rules);
    if let Some(beyond) = beyond.or_else(|| scope.permissions.lacking(asked).cloned()) {
        return refuse(TokenRefusal::TooWide(beyond));
    }
    if let Some(longest) = longest(tx, scope)?
        && expires_at.is_none_or(|at| at > scope.now() + TimeDelta::days(longest))
    {
        return refuse(TokenRefusal::TooLong(longest));
    }
    Ok(())
}

fn told(token: &Token) -> serde_json::Value {
    json!({
        "token": token.name,
        "prefix": token.prefix,
        "mode": token.mode.as_str(),
        "permissions": token.narrowed().map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "addresses": token.networks(),
        "expires": token.expires_at.map(Timestamp::iso),
    })
}

fn record(tx: &mut Tx<'_>, scope: &Scope, member: &Member, action: &'static str, details: serde_json::Value) -> Result<(), Fault> {
    audit::record(tx, scope, Event::new(action, "member", member.id.0, &member.name).after(details))
}

/// Whether the member could be given more than whoever acts holds, who would still know a token of it.
fn may_outgrow(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<bool, Fault> {
    Ok(!scope.is_me(member.id) && !members::Ceiling::of(conn, scope)?.is_open())
}

/// A name that no other live token of the member has.
fn check_name(tx: &mut Tx<'_>, scope: &Scope, member: &Member, name: &str, own: Option<TokenId>) -> Result<usize, Stop<TokenRefusal>> {
    let live = store::live_names(tx, scope, member.id)?;
    let is_taken = |(id, known): &(TokenId, String)| Some(*id) != own && fold::unique(known) == fold::unique(name);
    if live.iter().any(is_taken) {
        return Err(Stop::Refused(TokenRefusal::NameTaken));
    }
    Ok(live.len())
}

/// Makes a token. Its text is the caller's to show, once.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn create(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, wish: &Wish) -> Result<(Token, TokenText), Stop<TokenRefusal>> {
    let scope = &members::afresh(tx, scope)?;
    let member = run(tx, scope, member)?;
    let held = members::permissions(tx, scope.organization, member.id, scope.now())?;
    // A token of a machine does not grow beyond whoever made it when the machine is given more.
    let frozen = may_outgrow(tx, scope, &member)?.then(|| allowed(None, wish.mode, &held));
    let wish = &Wish {
        permissions: wish.permissions.clone().or(frozen),
        ..wish.clone()
    };
    let narrowed = wish.permissions.as_ref();
    judge(tx, scope, &member, (wish.mode, narrowed), wish.expires_at)?;
    if let Some(narrowed) = narrowed {
        if let Some(beyond) = held.lacking(narrowed) {
            return Err(Stop::Refused(TokenRefusal::NotHeld(beyond.clone())));
        }
        if allowed(Some(narrowed), wish.mode, &held).is_empty() {
            return Err(Stop::Refused(TokenRefusal::NothingToRead));
        }
    }
    if check_name(tx, scope, &member, &wish.name, None)? >= MOST {
        return Err(Stop::Refused(TokenRefusal::TooMany));
    }
    let text = TokenText::generate(member.kind);
    // Whoever chooses an end that is near knows it.
    let warned = wish.expires_at.and_then(|at| warning(at, scope.now()));
    let id = store::insert(tx, scope, member.id, wish, &text, warned)?;
    let token = store::find(tx, scope, member.id, id)?;
    record(tx, scope, &member, "token.created", told(&token))?;
    Ok((token, text))
}

/// Gives a token another name.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn rename(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, id: TokenId, name: &str) -> Result<(), Stop<TokenRefusal>> {
    let scope = &members::afresh(tx, scope)?;
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

/// What a token's new value is to be.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    /// The edition that was read: whoever read an earlier one does not renew what somebody else has renewed.
    pub version: i64,
    pub expires_at: Option<Timestamp>,
    /// How long the value of now works on.
    pub overlap: TimeDelta,
}

/// Gives a token another value. Its text is the caller's to show, once.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn regenerate(
    tx: &mut Tx<'_>,
    scope: &Scope,
    member: MemberId,
    id: TokenId,
    renewal: Renewal,
) -> Result<(Token, TokenText), Stop<TokenRefusal>> {
    let scope = &members::afresh(tx, scope)?;
    let member = run(tx, scope, member)?;
    let token = store::find(tx, scope, member.id, id)?;
    let now = scope.now();
    if !token.is_live(now) {
        return Err(Stop::Refused(TokenRefusal::Ended));
    }
    if token.narrowed().is_none() && may_outgrow(tx, scope, &member)? {
        return Err(Stop::Refused(TokenRefusal::Unbounded));
    }
    if token.version != renewal.version {
        return Err(Stop::Refused(TokenRefusal::Meanwhile));
    }
    let narrowed = token.narrowed();
    judge(tx, scope, &member, (token.mode, narrowed.as_ref()), renewal.expires_at)?;
    let text = TokenText::generate(member.kind);
    // The old value does not outlive the end that it was given.
    let until = now + renewal.overlap.max(TimeDelta::zero());
    let new = NewValue {
        text: &text,
        expires_at: renewal.expires_at,
        old_until: token.expires_at.map_or(until, |end| end.min(until)),
        warned: renewal.expires_at.and_then(|at| warning(at, now)),
    };
    if !store::replace(tx, scope, &token, &new)? {
        return Err(Stop::Refused(TokenRefusal::Meanwhile));
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

/// Ends the value before the last regeneration now.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn retire(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, id: TokenId) -> Result<Token, Stop<TokenRefusal>> {
    let member = see(tx, scope, member)?;
    let token = store::find(tx, scope, member.id, id)?;
    if !store::retire(tx, scope, id)? {
        return Err(Stop::Refused(TokenRefusal::NoOverlap));
    }
    let details = json!({ "token": token.name, "prefix": token.old_prefix });
    record(tx, scope, &member, "token.old_value_retired", details)?;
    Ok(token)
}

/// Ends a token for good, with every value it had.
///
/// # Errors
/// A [`TokenRefusal`], [`Fault::Denied`], [`Fault::Missing`], or what the database says.
pub fn revoke(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, id: TokenId) -> Result<Token, Stop<TokenRefusal>> {
    let member = see(tx, scope, member)?;
    let token = store::find(tx, scope, member.id, id)?;
    if !store::revoke(tx, scope, id)? {
        return Err(Stop::Refused(TokenRefusal::Ended));
    }
    record(tx, scope, &member, "token.revoked", told(&token))?;
    Ok(token)
}
