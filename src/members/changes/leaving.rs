//! A person leaves the organization: the only change that members make to their own membership. Otherwise it is the
//! deletion of a member, with its guards and all its effects.

use super::{
    action::Change,
    administrators::usable_administrators,
    apply,
    authority::Authority,
    evaluation::Evaluation,
    events,
    grantable::Joining,
    guards::{MemberFacts, Refusal, load_facts},
    outcome::Outcome,
};
use crate::{
    audit,
    db::{Conn, Tx},
    kit::{Fault, MemberKind, OperationError, Scope},
    members::{break_glass, managed::managed_by, reauthorize::reauthorize},
};

/// Why the caller cannot leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeaveRefusal {
    #[error(
        "You are the last administrator who can sign in. Make somebody else an administrator first; or, if nobody needs this organization any more, delete it in Settings."
    )]
    LastAdministrator,
    #[error(
        "You are the last break-glass administrator, who can sign in when the identity provider fails. Name another one first, in Settings, Single sign-on."
    )]
    LastBreakGlass,
    #[error(
        "{0} manages you for your identity provider, and would add you again. Ask those who run the identity provider to take you out there."
    )]
    Managed(String),
}

/// Why the caller cannot leave, if so. The page shows it, and [`leave`] asks again.
pub fn refuse_leaving(conn: &mut Conn, scope: &Scope) -> Result<Option<LeaveRefusal>, Fault> {
    Ok(judge(conn, scope)?.1)
}

fn judge(conn: &mut Conn, scope: &Scope) -> Result<(MemberFacts, Option<LeaveRefusal>), Fault> {
    let (id, _) = scope.actor.member_id().zip(scope.actor.user_id()).ok_or(Fault::Missing)?;
    let facts = load_facts(conn, scope, MemberKind::User, &[id])?.pop().ok_or(Fault::Missing)?;
    if let Some(by) = managed_by(conn, scope.organization, &[id])?.remove(&id) {
        return Ok((facts, Some(LeaveRefusal::Managed(by))));
    }
    let mut left = Evaluation {
        authority: Authority::All,
        administrators: usable_administrators(conn, scope)?,
        break_glass: break_glass::guarded(conn, scope)?.len(),
        seats: None,
        joining: Joining::default(),
    };
    let refusal = match left.without(&facts, Outcome::Unchanged) {
        Outcome::Refused(Refusal::LastAdministrator) => Some(LeaveRefusal::LastAdministrator),
        Outcome::Refused(_) => Some(LeaveRefusal::LastBreakGlass),
        _ => None,
    };
    Ok((facts, refusal))
}

/// Ends the caller's own membership. If they belong to no other organization, their identity is deleted too.
///
/// # Errors
/// A [`LeaveRefusal`].
pub fn leave(tx: &mut Tx<'_>, scope: &Scope) -> Result<(), OperationError<LeaveRefusal>> {
    // The lock makes two last administrators who leave at the same instant run one after the other.
    let scope = &reauthorize(tx, scope)?;
    let (facts, refusal) = judge(tx, scope)?;
    if let Some(refusal) = refusal {
        return Err(OperationError::Refused(refusal));
    }
    let events = events::events(tx, scope, &Change::Delete, &[&facts])?;
    apply(tx, scope, &Change::Delete, &[&facts])?;
    Ok(audit::record_all(tx, scope, events)?)
}
