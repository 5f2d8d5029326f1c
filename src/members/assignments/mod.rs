//! Role, team and policy assignments of one member, changed together. Roles may have an end. Concurrent edits are
//! merged, never overwritten.

mod form;
mod pages;
mod routes;
mod explain;
mod shown;

pub(super) use routes::mount;

use super::{Change, LeftBy, Outcome, Refusal, change, reauthorize, towards, undo};
use crate::{
    authorization::{Effective, effective},
    db::{
        Conn, Tx,
        schema::{member_policies, member_roles, team_members},
    },
    kit::{Fault, MemberId, MemberKind, OperationError, PolicyId, RoleId, Scope, TeamId, Timestamp, rights},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// All assignments set on this form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Assignments {
    pub roles: BTreeMap<RoleId, Option<Timestamp>>,
    pub teams: BTreeSet<TeamId>,
    pub policies: BTreeSet<PolicyId>,
}

/// The member's current assignments, without expired roles.
pub fn assignments(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Assignments, Fault> {
    let roles: Vec<(RoleId, Option<Timestamp>)> = member_roles::table
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq(id))
        .filter(crate::roles::in_force!(member_roles::until_at, scope.now()))
        .select((member_roles::role_id, member_roles::until_at))
        .load(conn)?;
    let teams: Vec<TeamId> = team_members::table
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq(id))
        .select(team_members::team_id)
        .load(conn)?;
    let policies: Vec<PolicyId> = member_policies::table
        .filter(member_policies::organization_id.eq(scope.organization))
        .filter(member_policies::member_id.eq(id))
        .select(member_policies::policy_id)
        .load(conn)?;
    Ok(Assignments {
        policies: policies.into_iter().collect(),
        roles: roles.into_iter().collect(),
        teams: teams.into_iter().collect(),
    })
}

/// The changes that lead from one to the other. Additions come first, so that a member who swaps one role for another
/// is never without a role.
fn changes(base: &Assignments, wanted: &Assignments) -> Vec<Change> {
    let mut changes = Vec::new();
    for (role, until) in &wanted.roles {
        if base.roles.get(role) != Some(until) {
            changes.push(Change::AddRole { role: *role, until: *until });
        }
    }
    let gone = base.roles.keys().filter(|role| !wanted.roles.contains_key(role));
    changes.extend(gone.map(|role| Change::RemoveRole { role: *role }));
    changes.extend(wanted.teams.difference(&base.teams).map(|team| Change::JoinTeam { team: *team }));
    changes.extend(base.teams.difference(&wanted.teams).map(|team| Change::LeaveTeam { team: *team }));
    changes.extend(wanted.policies.difference(&base.policies).map(|policy| Change::AttachPolicy { policy: *policy }));
    changes.extend(base.policies.difference(&wanted.policies).map(|policy| Change::DetachPolicy { policy: *policy }));
    changes
}

/// Changes a member's assignments from one state to the other. An assignment that is in neither stays as it is, so that
/// a concurrent edit is not lost. If one change is refused, none is made. `left_by` is the action that this undoes, if
/// any.
///
/// # Errors
/// A [`Refusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn set_assignments(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    id: MemberId,
    (base, wanted): (&Assignments, &Assignments),
    left_by: Option<LeftBy>,
) -> Result<bool, OperationError<Refusal>> {
    let scope = &reauthorize(tx, scope)?;
    towards(tx, scope, id)?.demand(rights::manage(kind))?;
    let mut is_changed = false;
    for one in &changes(base, wanted) {
        let answers = match left_by {
            Some(left_by) => undo(tx, scope, kind, one, &[id], left_by)?,
            None => change(tx, scope, kind, one, &[id])?,
        };
        for answer in answers {
            match answer.outcome {
                Outcome::Refused(refusal) => return Err(OperationError::Refused(refusal)),
                outcome => is_changed |= outcome.is_done(),
            }
        }
    }
    Ok(is_changed)
}

/// Previews the change: what the member could do before and could do afterwards. Makes it, reads the result and rolls
/// it back, so that the preview is exact.
///
/// # Errors
/// As [`set_assignments`]. Always returns an error: [`PreviewOutcome::Seen`] rolls the transaction back.
fn look(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    id: MemberId,
    base: &Assignments,
    wanted: &Assignments,
) -> Result<(), OperationError<PreviewOutcome>> {
    let before = effective(tx, scope.organization, id, scope.now())?;
    let set = set_assignments(tx, scope, kind, id, (base, wanted), None);
    set.map_err(|error| error.map_refusal(PreviewOutcome::Refused))?;
    let after = effective(tx, scope.organization, id, scope.now())?;
    Err(OperationError::Refused(PreviewOutcome::Seen(Box::new((before, after)))))
}

/// The result of a preview.
enum PreviewOutcome {
    Refused(Refusal),
    Seen(Box<(Effective, Effective)>),
}

/// Encodes it for a form field.
fn pack(assignments: &Assignments) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(assignments).unwrap_or_default())
}

fn unpack(text: &str) -> Option<Assignments> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
