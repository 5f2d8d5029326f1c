//! Break-glass administrators: they enter with their own password or passkey although the organization requires single
//! sign-on, so that nobody is locked out when its identity provider fails.
//!
//! Invariants: there are at most [`MOST`]; each is an active Administrator without an end, and is named no longer when
//! that ends; while the organization requires single sign-on, one stays who has a password and a second factor.

use super::{changes::administrator, find, reauthorize};
use crate::{
    audit::{self, Event},
    db::{
        Among, Conn, Tx,
        schema::{member_roles, members, passkeys, passwords, sign_ins, totps, users},
    },
    kit::{Fault, MemberId, MemberStatus, OperationError, Scope, Timestamp, UserId, rights},
    organizations,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// The most break-glass administrators of an organization.
pub const MOST: usize = 5;
/// For how many days a sign-in shows that a break-glass administrator can enter.
pub const RECENT_DAYS: i64 = 30;

/// An active Administrator without an end: a break-glass administrator, or one who could be.
#[derive(Clone, Debug)]
pub struct BreakGlassAdministrator {
    pub member: MemberId,
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub is_named: bool,
    /// They chose it themselves.
    pub has_password: bool,
    pub has_second_factor: bool,
    /// Their latest sign-in with a second factor of their own in the last [`RECENT_DAYS`].
    pub last_entered_at: Option<Timestamp>,
}

impl BreakGlassAdministrator {
    pub fn can_enter(&self) -> bool {
        self.is_named && self.has_password && self.has_second_factor
    }
}

/// Why a break-glass administrator is not named, or stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BreakGlassRefusal {
    #[error("Choose an active Administrator whose role has no end.")]
    NotAdministrator,
    #[error("They have no password of their own. They choose one by “Forgot your password?” on the sign-in page.")]
    NoPassword,
    #[error("They have no second factor. They set one up on My profile, Two-step sign-in.")]
    NoSecondFactor,
    #[error("There are {MOST} already. Remove one first.")]
    TooMany,
    #[error("This is the last break-glass administrator who can enter. Name another one first.")]
    Last,
}

type Refused = OperationError<BreakGlassRefusal>;

/// Every active Administrator without an end, by name.
pub fn administrators(conn: &mut Conn, scope: &Scope) -> Result<Vec<BreakGlassAdministrator>, Fault> {
    let role = administrator(conn, scope)?;
    let rows: Vec<(MemberId, UserId, String, String, bool)> = member_roles::table
        .inner_join(members::table.inner_join(users::table))
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::role_id.eq(role))
        .filter(member_roles::until_at.is_null())
        .filter(members::status.eq(MemberStatus::Active))
        .order((members::name_key, members::id))
        .select((members::id, users::id, members::name, users::email, members::enters_without_sso))
        .load(conn)?;
    let users: Vec<UserId> = rows.iter().map(|row| row.1).collect();
    let (with_password, with_factor) = (with_password(conn, &users)?, with_second_factor(conn, &users)?);
    let named: Vec<MemberId> = rows.iter().filter(|row| row.4).map(|row| row.0).collect();
    let mut entered = last_entered(conn, scope, &named)?;
    let one = |(member, user, name, email, is_named)| BreakGlassAdministrator {
        has_password: with_password.contains(&user),
        has_second_factor: with_factor.contains(&user),
        last_entered_at: entered.remove(&member),
        member,
        user,
        name,
        email,
        is_named,
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Which of these people have a password that they chose themselves.
fn with_password(conn: &mut Conn, users: &[UserId]) -> Result<HashSet<UserId>, Fault> {
    let found = passwords::table
        .filter(passwords::user_id.among(users))
        .filter(passwords::temporary_until.is_null());
    let found: Vec<UserId> = found.select(passwords::user_id).load(conn)?;
    Ok(found.into_iter().collect())
}

fn with_second_factor(conn: &mut Conn, users: &[UserId]) -> Result<HashSet<UserId>, Fault> {
    let mut found: Vec<UserId> = totps::table.filter(totps::user_id.among(users)).select(totps::user_id).load(conn)?;
    let keys: Vec<UserId> = passkeys::table.filter(passkeys::user_id.among(users)).select(passkeys::user_id).load(conn)?;
    found.extend(keys);
    Ok(found.into_iter().collect())
}

/// When each of these members last signed in with a second factor of their own, lately.
fn last_entered(conn: &mut Conn, scope: &Scope, members: &[MemberId]) -> Result<HashMap<MemberId, Timestamp>, Fault> {
    let has_two_steps = sign_ins::method.like("password+%").or(sign_ins::method.eq("passkey"));
    let rows: Vec<(MemberId, Timestamp)> = sign_ins::table
        .filter(sign_ins::organization_id.eq(scope.organization))
        .filter(sign_ins::member_id.among(members))
        .filter(sign_ins::at.ge(scope.now() - TimeDelta::days(RECENT_DAYS)))
        .filter(sign_ins::outcome.eq("signed_in"))
        .filter(has_two_steps)
        .order(sign_ins::at)
        .select((sign_ins::member_id, sign_ins::at))
        .load(conn)?;
    // The latest wins.
    Ok(rows.into_iter().collect())
}

/// The break-glass administrators who can enter, of whom one has to stay: none where single sign-on is not required.
pub(super) fn guarded(conn: &mut Conn, scope: &Scope) -> Result<HashSet<MemberId>, Fault> {
    if organizations::find(conn, scope.organization)?.sso_from.is_none() {
        return Ok(HashSet::new());
    }
    let all = administrators(conn, scope)?;
    Ok(all.into_iter().filter(BreakGlassAdministrator::can_enter).map(|one| one.member).collect())
}

/// Whether the organization needs this member: it requires single sign-on, and no other break-glass administrator can
/// enter.
pub fn is_last_break_glass(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<bool, Fault> {
    let left = guarded(conn, scope)?;
    Ok(left.len() == 1 && left.contains(&id))
}

/// Names a break-glass administrator. Returns whether they were none before.
///
/// # Errors
/// A [`BreakGlassRefusal`] or [`Fault::Denied`].
pub fn add_break_glass(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<Option<BreakGlassAdministrator>, Refused> {
    let scope = &reauthorize(tx, scope)?;
    scope.demand(rights::CONNECTION_MANAGE)?;
    let refuse = |refusal| Err(OperationError::Refused(refusal));
    let all = administrators(tx, scope)?;
    let named = all.iter().filter(|one| one.is_named).count();
    let Some(one) = all.into_iter().find(|one| one.member == id) else {
        return refuse(BreakGlassRefusal::NotAdministrator);
    };
    match &one {
        one if one.is_named => return Ok(None),
        one if !one.has_password => return refuse(BreakGlassRefusal::NoPassword),
        one if !one.has_second_factor => return refuse(BreakGlassRefusal::NoSecondFactor),
        _ if named >= MOST => return refuse(BreakGlassRefusal::TooMany),
        _ => {}
    }
    set(tx, scope, &[id], true)?;
    audit::record(tx, scope, Event::new("break_glass.added", "member", id.0, &one.name))?;
    Ok(Some(one))
}

/// Un-names a break-glass administrator. Returns them, unless they were none.
///
/// # Errors
/// [`BreakGlassRefusal::Last`] or [`Fault::Denied`].
pub fn remove_break_glass(tx: &mut Tx<'_>, scope: &Scope, id: MemberId) -> Result<Option<BreakGlassAdministrator>, Refused> {
    let scope = &reauthorize(tx, scope)?;
    scope.demand(rights::CONNECTION_MANAGE)?;
    find(tx, scope, id)?;
    let Some(one) = administrators(tx, scope)?.into_iter().find(|one| one.member == id && one.is_named) else {
        return Ok(None);
    };
    if is_last_break_glass(tx, scope, id)? {
        return Err(OperationError::Refused(BreakGlassRefusal::Last));
    }
    set(tx, scope, &[id], false)?;
    audit::record(tx, scope, Event::new("break_glass.removed", "member", id.0, &one.name))?;
    Ok(Some(one))
}

/// Un-names those of these members who are no active Administrators without an end any more.
pub(super) fn withdraw(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId]) -> Result<(), Fault> {
    let named: Vec<(MemberId, String)> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .filter(members::enters_without_sso)
        .select((members::id, members::name))
        .load(tx.conn())?;
    if named.is_empty() {
        return Ok(());
    }
    let still: HashSet<MemberId> = administrators(tx, scope)?.into_iter().map(|one| one.member).collect();
    let gone: Vec<&(MemberId, String)> = named.iter().filter(|(id, _)| !still.contains(id)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    set(tx, scope, &gone.iter().map(|(id, _)| *id).collect::<Vec<_>>(), false)?;
    let event = |(id, name): &&(MemberId, String)| Event::new("break_glass.removed", "member", id.0, name);
    audit::record_all(tx, scope, gone.iter().map(event).collect())
}

fn set(tx: &mut Tx<'_>, scope: &Scope, ids: &[MemberId], enters: bool) -> Result<(), Fault> {
    let rows = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids));
    diesel::update(rows).set(members::enters_without_sso.eq(enters)).execute(tx.conn())?;
    Ok(())
}
