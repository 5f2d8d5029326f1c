//! Sessions as people see them: which device, from where, since when; and ending them.

use super::{
    describe,
    store::{self, Found, Which, live},
};
use crate::{
    audit::{self, Event},
    authorization,
    db::{Conn, Tx},
    kit::{Fault, MemberId, OperationError, Permission, RequestInfo, Scope, SessionId, Timestamp, UserId, rights},
    members::{self, ChangedBy, Member, Membership},
};
use serde_json::json;

/// A live session.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: SessionId,
    pub device: String,
    pub address: String,
    pub signed_in_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// The session of this request.
    pub is_this: bool,
}

impl Listed {
    fn of(found: Found, this: Option<SessionId>) -> Self {
        Self {
            id: found.id,
            device: describe(&found.agent),
            signed_in_at: found.began(),
            address: found.address,
            last_seen_at: found.last_seen_at,
            is_this: this == Some(found.id),
        }
    }
}

/// All live sessions of a person, for that person; the current one first.
pub fn list_own(conn: &mut Conn, user: UserId, this: Option<SessionId>, now: Timestamp) -> Result<Vec<Listed>, Fault> {
    let mut all: Vec<Listed> = live(conn, Which::User(user), now)?.into_iter().map(|found| Listed::of(found, this)).collect();
    all.sort_by_key(|session| !session.is_this);
    Ok(all)
}

/// Ends one session of the caller. A session of another person is missing.
///
/// # Errors
/// [`Fault::Missing`].
pub fn end_own(tx: &mut Tx<'_>, user: UserId, id: SessionId, request_info: &RequestInfo) -> Result<Listed, Fault> {
    let found = live(tx, Which::User(user), request_info.now)?.into_iter().find(|found| found.id == id);
    let ended = Listed::of(found.ok_or(Fault::Missing)?, None);
    store::end(tx, user, id)?;
    members::record_everywhere(tx, user, ChangedBy::Themselves(request_info), "session.ended", |event| {
        event.after(json!({ "device": ended.device }))
    })?;
    Ok(ended)
}

/// Ends all sessions of the caller except this one, and returns how many.
pub fn end_others(tx: &mut Tx<'_>, user: UserId, this: SessionId, request_info: &RequestInfo) -> Result<usize, Fault> {
    let ended = store::end_others(tx, user, this)?;
    if ended > 0 {
        members::record_everywhere(tx, user, ChangedBy::Themselves(request_info), "session.others_ended", |event| {
            event.after(json!({ "sessions": ended }))
        })?;
    }
    Ok(ended)
}

/// Why another person's sessions are not ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndRefusal {
    #[error("These are your own sessions. End them on your own page.")]
    Yourself,
    #[error("They may do more than you: {0} is missing among your permissions.")]
    AboveYou(Permission),
    #[error(
        "They belong to other organizations too, so one session cannot be ended from here. End all: they open this organization no more."
    )]
    Elsewhere,
}

/// The sessions of a member that give access to this organization.
#[derive(Clone, Debug)]
pub struct Here {
    pub sessions: Vec<Listed>,
    /// The person belongs to other organizations too. A session is shared by all of them, and its last use may be work
    /// for another one. So this organization sees only that it exists, since when, and the kind of device; and it can
    /// end the session only for itself.
    pub is_shared: bool,
}

/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn list_here(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Here, Fault> {
    let scope = &members::towards(conn, scope, member)?;
    scope.demand(rights::USER_MANAGE)?;
    let member = members::find(conn, scope, member)?;
    let (user, membership, is_shared) = person(conn, scope, &member)?;
    let mut sessions: Vec<Listed> = live(conn, Which::User(user), scope.now())?
        .into_iter()
        .filter(|found| found.began() >= membership.sessions_from)
        .map(|found| Listed::of(found, None))
        .collect();
    if is_shared {
        sessions.sort_by_key(|session| std::cmp::Reverse(session.signed_in_at));
        for session in &mut sessions {
            session.address = String::new();
            session.last_seen_at = session.signed_in_at;
        }
    }
    Ok(Here { sessions, is_shared })
}

/// Why this actor cannot end this member's sessions, so that the page can say so before they try.
pub fn may_end(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Option<EndRefusal>, Fault> {
    if scope.is_me(member) {
        return Ok(Some(EndRefusal::Yourself));
    }
    Ok(authorization::above(conn, scope, member)?.map(EndRefusal::AboveYou))
}

/// Ends every session of a member for this organization, and returns how many. From the next request of any process
/// none of them gives access to it. If the person is in no other organization, the sessions are removed.
///
/// # Errors
/// An [`EndRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn end_here(tx: &mut Tx<'_>, scope: &Scope, member: MemberId) -> Result<usize, OperationError<EndRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let scope = &members::towards(tx, scope, member)?;
    scope.demand(rights::USER_MANAGE)?;
    let member = members::find(tx, scope, member)?;
    if let Some(refusal) = may_end(tx, scope, member.id)? {
        return Err(OperationError::Refused(refusal));
    }
    let here = list_here(tx, scope, member.id)?;
    // Also when rows are removed: this ends a sign-in that is in progress at this moment.
    members::end_sessions_before_now(tx, scope, member.id)?;
    if let (false, Some(user)) = (here.is_shared, member.user_id) {
        store::end_all(tx, user)?;
    }
    let ended = here.sessions.len();
    let event = Event::new("session.all_ended", "member", member.id.0, &member.name);
    audit::record(tx, scope, event.after(json!({ "sessions": ended })))?;
    Ok(ended)
}

/// Ends one session of a member who belongs to no other organization.
///
/// # Errors
/// As [`end_here`].
pub fn end_one_here(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, id: SessionId) -> Result<Listed, OperationError<EndRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let scope = &members::towards(tx, scope, member)?;
    scope.demand(rights::USER_MANAGE)?;
    let member = members::find(tx, scope, member)?;
    let here = list_here(tx, scope, member.id)?;
    let ended = here.sessions.into_iter().find(|session| session.id == id).ok_or(Fault::Missing)?;
    if let Some(refusal) = may_end(tx, scope, member.id)? {
        return Err(OperationError::Refused(refusal));
    }
    if here.is_shared {
        return Err(OperationError::Refused(EndRefusal::Elsewhere));
    }
    store::end(tx, member.user_id.ok_or(Fault::Missing)?, id)?;
    let event = Event::new("session.ended", "member", member.id.0, &member.name);
    audit::record(tx, scope, event.after(json!({ "device": ended.device })))?;
    Ok(ended)
}

/// The member's identity, their membership here, and whether they have another one.
fn person(conn: &mut Conn, scope: &Scope, member: &Member) -> Result<(UserId, Membership, bool), Fault> {
    let user = member.user_id.ok_or(Fault::Missing)?;
    let memberships = members::memberships(conn, user)?;
    let is_shared = memberships.len() > 1;
    let here = memberships.into_iter().find(|membership| membership.organization == scope.organization);
    Ok((user, here.ok_or(Fault::Missing)?, is_shared))
}
