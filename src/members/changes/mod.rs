//! Changes that an administrator makes to members, one or a thousand at once: one operation for buttons, the bulk bar
//! and the API. Each member is judged separately; a refusal for one does not stop the others.
//!
//! Disabling or deleting a member ends access from the next request on, because sessions, links and tokens check the
//! member's status each time they are used.

mod action;
mod administrators;
mod authority;
mod evaluation;
mod events;
mod grantable;
mod guards;
mod latest;
mod leaving;
mod outcome;
mod preview;
mod reauthentication;
mod team;
mod words;

pub use action::{Action, AsksFor, Change, Parameters, Subject};
pub(super) use administrators::administrator;
pub use administrators::{named_usable_administrators, usable_administrators};
pub use authority::{Authority, demand_authority, may_run, may_run_some};
pub use grantable::why_not_join;
pub use guards::{MemberFacts, Refusal, first_above, out_of_reach};
pub use latest::{LeftBy, erase_from_latest_changes};
pub use leaving::{LeaveRefusal, leave, refuse_leaving};
pub use outcome::{Answer, Held, Outcome};
pub use preview::{ChangePreview, WhyNot, refusals, refusals_before_choice, why_not};
pub use reauthentication::{Privileged, any_privileged};
pub use words::{Confirmation, fill_in};

use super::{assign, batch_queries, break_glass, reauthorize::reauthorize, team as teams};
use crate::{
    audit,
    db::Tx,
    identities,
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, Scope, TeamId},
    users,
};
use std::collections::HashMap;

/// Makes the change for every member for whom it is allowed, in the order given.
///
/// # Errors
/// A [`Refusal`] if the change is impossible for every member, or [`Fault::Denied`].
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    ids: &[MemberId],
) -> Result<Vec<Answer>, OperationError<Refusal>> {
    make(tx, scope, kind, change, ids, None)
}

/// Undoes an action by its opposite change, for members whose state has not changed since. Others are refused with
/// [`Refusal::ChangedSince`].
///
/// # Errors
/// As [`change()`].
pub fn undo(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    ids: &[MemberId],
    left_by: LeftBy,
) -> Result<Vec<Answer>, OperationError<Refusal>> {
    make(tx, scope, kind, change, ids, Some(left_by))
}

fn make(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    ids: &[MemberId],
    left_by: Option<LeftBy>,
) -> Result<Vec<Answer>, OperationError<Refusal>> {
    // This lock makes two administrators who remove each other at the same instant run one after the other.
    let scope = &reauthorize(tx, scope)?;
    let (answers, facts) = ChangePreview::begin(tx, scope, kind, change, left_by)?.evaluate(tx, ids)?;
    let by_id: HashMap<MemberId, &MemberFacts> = facts.iter().map(|one| (one.id, one)).collect();
    let done = answers.iter().filter(|answer| answer.outcome.is_done());
    let doing: Vec<&MemberFacts> = done.filter_map(|answer| by_id.get(&answer.id).copied()).collect();
    if !doing.is_empty() {
        let events = events::events(tx, scope, change, &doing)?;
        apply(tx, scope, change, &doing)?;
        latest::record(tx, scope, change, &doing.iter().map(|one| one.id).collect::<Vec<_>>())?;
        audit::record_all(tx, scope, events)?;
        break_glass::withdraw(tx, scope, &doing.iter().map(|one| one.id).collect::<Vec<_>>())?;
    }
    Ok(answers)
}

fn apply(tx: &mut Tx<'_>, scope: &Scope, change: &Change, doing: &[&MemberFacts]) -> Result<(), Fault> {
    let ids: Vec<MemberId> = doing.iter().map(|one| one.id).collect();
    match change {
        Change::Disable { reason } => batch_queries::set_status(tx, scope, &ids, MemberStatus::Disabled, reason),
        Change::Enable => batch_queries::set_status(tx, scope, &ids, MemberStatus::Active, ""),
        Change::AddRole { role, until } => assign::put_role(tx, scope, &ids, *role, *until),
        Change::RemoveRole { role } => assign::take_role(tx, scope, &ids, *role),
        Change::MakeAdministrator => administrators::promote(tx, scope, &ids),
        Change::RemoveAdministrator => administrators::demote(tx, scope, doing),
        Change::JoinTeam { team } => teams::join_all(tx, scope.organization, *team, &ids),
        Change::LeaveTeam { team } => teams::leave_all(tx, scope.organization, *team, &ids),
        Change::MakeTeamAdministrator { team } => appoint(tx, scope, *team, doing, true),
        Change::RemoveTeamAdministrator { team } => appoint(tx, scope, *team, doing, false),
        Change::AttachPolicy { policy } => assign::attach_policy(tx, scope, &ids, *policy),
        Change::DetachPolicy { policy } => assign::detach_policy(tx, scope, &ids, *policy),
        Change::Delete => {
            let gone = doing.iter().filter_map(|one| Some((one.user?, one.name.clone()))).collect();
            identities::forget(tx, scope.organization, &gone, scope.now())?;
            batch_queries::delete_all(tx, scope.organization, &ids)?;
            users::delete_unused(tx, &doing.iter().filter_map(|one| one.user).collect::<Vec<_>>())
        }
    }
}

/// Makes members administrators of a team (they join it if they are not in it), or ordinary members again.
fn appoint(tx: &mut Tx<'_>, scope: &Scope, team: TeamId, doing: &[&MemberFacts], is_administrator: bool) -> Result<(), Fault> {
    let missing: Vec<MemberId> = doing.iter().filter(|one| !one.teams.contains(&team)).map(|one| one.id).collect();
    if !missing.is_empty() {
        teams::join_all(tx, scope.organization, team, &missing)?;
    }
    let ids: Vec<MemberId> = doing.iter().map(|one| one.id).collect();
    teams::set_administrators(tx, scope.organization, team, &ids, is_administrator)
}
