//! Requests for access: a member asks for a role or a team, until a day or without an end, and gives a reason. Those who could give it
//! by hand decide.
//!
//! Invariants: granting is the usual change of a member, with its guards, by the one who decides; nobody decides their own request; a
//! request is decided once; a member has one open request for the same thing at most.

mod decidable;
mod forms;
mod listed;
mod mail;
mod model;
mod offer;
mod own_routes;
mod pages;
mod routes;
mod store;
mod worker;

pub use decidable::may_decide_some;
pub use listed::{Listed, find, list, list_own};
pub use model::{Asked, AskedKind, Decision, LONGEST_REASON, LONGEST_TICKET, MOST_OPEN, NewRequest, RequestState, Verdict};
pub use worker::{AccessRequestWorker, sweep};

use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{AccessRequestId, Actor, Fault, MemberId, MemberKind, OperationError, Scope, Timestamp},
    mail::Outbox,
    members::{self, ChangePreview, Outcome as ChangeOutcome, Privileged},
    throttle::{self, Bucket, Limit, Wait},
    web::Routes,
};
use chrono::TimeDelta;
use decidable::Decidable;
use model::{AccessRequest, Lapse};
use serde_json::{Value, json};
use store::Closing;

pub fn mount(app: &mut Routes) {
    own_routes::mount(app);
    routes::mount(app);
}

/// Requests of one member: each sends letters.
const SENT: Limit = Limit { burst: 20, every: TimeDelta::minutes(30) };

/// Why a request is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskRefusal {
    #[error("The role or team that was chosen does not exist any more. Choose again.")]
    Gone,
    #[error("Nobody asks for the role {0}. Administrators give it on their own.")]
    NotOffered(String),
    #[error("{0} decides who is in this team. Ask there.")]
    Managed(String),
    #[error("You have it already.")]
    Held,
    #[error("You have asked for it already, and nobody has decided yet.")]
    Asked,
    #[error("{MOST_OPEN} of your requests are open, which is the most. Withdraw one first.")]
    TooMany,
    #[error("You have sent many requests. The next can follow in {} minutes.", .0.minutes())]
    TooOften(Wait),
    #[error("The last day must be in the future.")]
    Ended,
}

/// Why a request is not decided or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefusal {
    #[error("This is your own request. Somebody else decides it.")]
    Yourself,
    #[error("This request is {} already.", .0.label().to_lowercase())]
    Closed(RequestState),
    #[error("This request has lapsed. {0}")]
    Lapsed(Lapse),
    #[error("The last day must be in the future.")]
    Ended,
    #[error("They have it longer than that already.")]
    HeldLonger,
    #[error(transparent)]
    Change(#[from] members::Refusal),
}

/// The person who asks.
fn person(scope: &Scope) -> Result<MemberId, Fault> {
    match scope.actor {
        Actor::Member { id, user: Some(_), .. } => Ok(id),
        _ => Err(Fault::Missing),
    }
}

/// Sends a request of the caller, and letters to those who may decide it.
///
/// # Errors
/// An [`AskRefusal`], or [`Fault::Missing`] if the caller is no person.
pub fn ask(tx: &mut Tx<'_>, scope: &Scope, outbox: &Outbox, wanted: &NewRequest) -> Result<AccessRequestId, OperationError<AskRefusal>> {
    let refuse = |refusal| Err(OperationError::Refused(refusal));
    let scope = &members::reauthorize(tx, scope)?;
    let me = person(scope)?;
    if wanted.until.is_some_and(|until| until <= scope.now()) {
        return refuse(AskRefusal::Ended);
    }
    let name = offer::check(tx, scope, me, (wanted.asked, wanted.until))?;
    let open = store::open_of(tx, scope, me)?;
    if open.contains(&wanted.asked.subject()) {
        return refuse(AskRefusal::Asked);
    }
    if i64::try_from(open.len()).is_ok_and(|open| open >= MOST_OPEN) {
        return refuse(AskRefusal::TooMany);
    }
    if let Some(wait) = throttle::count(tx, Bucket::AccessRequests, &me.to_string(), SENT, scope.now())? {
        return refuse(AskRefusal::TooOften(wait));
    }
    let id = store::insert(tx, scope, me, wanted, &name)?;
    let request = store::find(tx, scope, &Decidable::OfMember(me), id)?;
    record(tx, scope, "access_request.created", &request, scope.actor.name(), json!({}))?;
    mail::tell_deciders(tx, outbox, scope, &request)?;
    Ok(id)
}

/// Withdraws an open request of the caller.
///
/// # Errors
/// A [`DecisionRefusal`] or [`Fault::Missing`].
pub fn withdraw(tx: &mut Tx<'_>, scope: &Scope, id: AccessRequestId) -> Result<(), OperationError<DecisionRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let me = person(scope)?;
    let request = store::find(tx, scope, &Decidable::OfMember(me), id)?;
    close(tx, scope, &request, RequestState::Withdrawn, "", None)?;
    record(tx, scope, "access_request.withdrawn", &request, scope.actor.name(), json!({}))?;
    Ok(())
}

/// Closes an open request. One that somebody else closed at the same moment is refused.
fn close(
    tx: &mut Tx<'_>,
    scope: &Scope,
    request: &AccessRequest,
    state: RequestState,
    answer: &str,
    granted_until: Option<Timestamp>,
) -> Result<(), OperationError<DecisionRefusal>> {
    let leaves_at = granted_until.filter(|_| request.kind == AskedKind::Team);
    let closing = Closing { state, answer, granted_until, leaves_at };
    if request.is_open() && store::close(tx, scope, request.id, &closing)? {
        return Ok(());
    }
    Err(OperationError::Refused(DecisionRefusal::Closed(request.state)))
}

/// Decides a request: gives what is asked for by the usual change, or refuses it. The member gets a letter.
///
/// # Errors
/// A [`DecisionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn decide(
    tx: &mut Tx<'_>,
    scope: &Scope,
    outbox: &Outbox,
    id: AccessRequestId,
    decision: &Decision,
) -> Result<(), OperationError<DecisionRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    let listed = listed::find_decidable(tx, scope, id)?;
    if let Some(refusal) = refuse_decision(scope, &listed) {
        return Err(OperationError::Refused(refusal));
    }
    let Listed { request, member, .. } = &listed;
    let (state, until) = match decision.verdict {
        Verdict::Refuse => (RequestState::Refused, None),
        Verdict::Grant => (RequestState::Granted, request.until_at),
        Verdict::GrantUntil(until) => (RequestState::Granted, until),
    };
    if state == RequestState::Granted {
        grant(tx, scope, request, until)?;
    }
    close(tx, scope, request, state, &decision.answer, until)?;
    let (action, more) = match state {
        RequestState::Granted => ("access_request.granted", json!({ "until": until, "decision_reason": decision.answer })),
        _ => ("access_request.refused", json!({ "decision_reason": decision.answer })),
    };
    record(tx, scope, action, request, member, more)?;
    mail::tell_member(tx, outbox, scope, &listed, state, until, &decision.answer)?;
    Ok(())
}

/// Why nobody, or not the caller, decides this request.
pub(crate) fn refuse_decision(scope: &Scope, listed: &Listed) -> Option<DecisionRefusal> {
    match (listed.request.state, listed.lapse) {
        (RequestState::Open, None) => scope.is_me(listed.request.member_id).then_some(DecisionRefusal::Yourself),
        (RequestState::Open, Some(lapse)) => Some(DecisionRefusal::Lapsed(lapse)),
        (closed, _) => Some(DecisionRefusal::Closed(closed)),
    }
}

/// Gives what is asked for, as by hand.
fn grant(tx: &mut Tx<'_>, scope: &Scope, request: &AccessRequest, until: Option<Timestamp>) -> Result<(), OperationError<DecisionRefusal>> {
    let refuse = |refusal| Err(OperationError::Refused(refusal));
    if until.is_some_and(|until| until <= scope.now()) {
        return refuse(DecisionRefusal::Ended);
    }
    if offer::is_held(tx, scope, request.member_id, request.asked(), until)? {
        return refuse(DecisionRefusal::HeldLonger);
    }
    let change = request.asked().change(until);
    let done = members::change(tx, scope, MemberKind::User, &change, &[request.member_id]);
    for answer in done.map_err(|error| error.map_refusal(DecisionRefusal::Change))? {
        if let ChangeOutcome::Refused(refusal) = answer.outcome {
            return refuse(refusal.into());
        }
    }
    Ok(())
}

/// Why the caller cannot grant this request; pages say it beforehand.
///
/// # Errors
/// [`Fault::Denied`].
pub fn why_not_grant(conn: &mut Conn, scope: &Scope, listed: &Listed) -> Result<Option<DecisionRefusal>, Fault> {
    if let Some(refusal) = refuse_decision(scope, listed) {
        return Ok(Some(refusal));
    }
    let change = listed.request.asked().change(listed.request.until_at);
    let preview = ChangePreview::begin(conn, scope, MemberKind::User, &change, None);
    let mut preview = match preview {
        Ok(preview) => preview,
        Err(OperationError::Refused(refusal)) => return Ok(Some(refusal.into())),
        Err(OperationError::Fault(fault)) => return Err(fault),
    };
    let answers = preview.of(conn, &[listed.request.member_id])?;
    Ok(answers.into_iter().find_map(|answer| match answer.outcome {
        ChangeOutcome::Refused(refusal) => Some(refusal.into()),
        _ => None,
    }))
}

/// Whether granting one of these requests needs reauthentication.
pub fn needs_reauthentication(conn: &mut Conn, scope: &Scope, asked: &[Asked]) -> Result<bool, Fault> {
    let known = Privileged::load(conn, scope)?;
    Ok(asked.iter().any(|asked| asked.change(None).needs_reauthentication(&known)))
}

/// Records an event about the member who asks: with the reason and the ticket.
fn record(tx: &mut Tx<'_>, scope: &Scope, action: &'static str, request: &AccessRequest, member: &str, more: Value) -> Result<(), Fault> {
    let mut after = json!({
        "access_request": request.id,
        "asked_for": request.told(),
        "until": request.until_at,
        "request_reason": request.reason,
    });
    if !request.ticket.is_empty() {
        after["ticket"] = json!(request.ticket);
    }
    if let (Value::Object(after), Value::Object(more)) = (&mut after, more) {
        after.extend(more);
    }
    audit::record(tx, scope, Event::new(action, "member", request.member_id.0, member).after(after))
}
