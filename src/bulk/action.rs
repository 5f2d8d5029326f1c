//! Bulk actions: what is done to many members, and how.

use super::{
    job::BatchJob,
    model::{Batch, Item, ItemResult},
};
use crate::{
    db::Tx,
    invitations,
    kit::{Fault, MemberId, MemberKind, OperationError, OperationResult, RoleId, Scope, Timestamp, rights},
    mail::Outbox,
    members::{self, Action, Change, Held, LeftBy, Outcome, Parameters, Privileged},
    passwords, sessions,
};
use serde::{Deserialize, Serialize};

/// Why an action on an invitation is refused.
pub(super) const NOT_INVITED: &str = "They are not invited, or have joined already.";

/// A bulk action with its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BulkAction {
    Change(Change),
    EndSessions,
    SendReset,
    Resend,
    Cancel,
    /// Restores each member's earlier assignment of a role.
    Restore {
        role: RoleId,
    },
}

impl BulkAction {
    /// The action of a batch.
    pub fn read(batch: &Batch) -> Result<Self, Fault> {
        serde_json::from_value(batch.action.0.clone()).map_err(Fault::broken)
    }
    /// The action with these parameters. `None` for the restoration of a role, which only undo makes.
    pub fn of(action: Action, with: Parameters) -> Option<Self> {
        match action {
            Action::EndSessions => Some(Self::EndSessions),
            Action::SendReset => Some(Self::SendReset),
            Action::Resend => Some(Self::Resend),
            Action::Cancel => Some(Self::Cancel),
            change => Change::of(change, with).map(Self::Change),
        }
    }
    pub fn action(&self) -> Action {
        match self {
            Self::Change(change) => change.action(),
            Self::EndSessions => Action::EndSessions,
            Self::SendReset => Action::SendReset,
            Self::Resend => Action::Resend,
            Self::Cancel => Action::Cancel,
            Self::Restore { .. } => Action::RestoreRole,
        }
    }
    /// The action that undoes this one, if there is one.
    pub fn reversed(&self) -> Option<Self> {
        match self {
            Self::Change(Change::AddRole { role, .. } | Change::RemoveRole { role }) => Some(Self::Restore { role: *role }),
            Self::Change(change) => change.inverse().map(Self::Change),
            _ => None,
        }
    }
    /// [`Change::needs_reauthentication`] for any bulk action.
    pub fn needs_reauthentication(&self, known: &Privileged) -> bool {
        match self {
            Self::Change(change) => change.needs_reauthentication(known),
            // It may give the role to some members.
            Self::Restore { role } => Change::AddRole { role: *role, until: None }.needs_reauthentication(known),
            other => other.action().needs_reauthentication(),
        }
    }
}

/// Runs bulk actions on members of one kind.
pub struct MemberActions {
    kind: MemberKind,
    outbox: Outbox,
}

impl MemberActions {
    pub fn new(kind: MemberKind, outbox: Outbox) -> Self {
        Self { kind, outbox }
    }
    /// The batch kind of bulk actions on members of that kind.
    pub const fn to(kind: MemberKind) -> &'static str {
        match kind {
            MemberKind::User => "members",
            MemberKind::SystemAccount => "system_accounts",
        }
    }
    /// The member kind of such a batch, if it is a bulk action on members.
    pub fn kind_of(batch: &str) -> Option<MemberKind> {
        MemberKind::ALL.into_iter().find(|kind| Self::to(*kind) == batch)
    }

    /// Runs an action that has no batch operation, for one member, in its own savepoint.
    fn one(&self, tx: &mut Tx<'_>, scope: &Scope, action: &BulkAction, id: MemberId) -> Result<ItemResult, Fault> {
        fn told<T, R: std::fmt::Display>(result: Result<T, OperationError<R>>) -> Result<ItemResult, OperationError<String>> {
            result.map(|_| ItemResult::done()).map_err(|error| error.map_refusal(|refusal| refusal.to_string()))
        }
        let right = match action {
            BulkAction::Resend | BulkAction::Cancel => rights::USER_INVITE,
            _ => rights::USER_MANAGE,
        };
        // Whom the caller does not see is gone for them.
        let is_theirs = members::reached(tx, scope, right, &[id])?.contains(&id);
        if !is_theirs && members::seen(tx, scope, self.kind, &[id])?.contains(&id) {
            return Ok(ItemResult::refused(members::Refusal::NotYourPeople));
        }
        let done = tx.part(|tx| match action {
            BulkAction::EndSessions => told(sessions::end_here(tx, scope, id)),
            BulkAction::SendReset => told(passwords::send_reset(tx, scope, &self.outbox, id)),
            BulkAction::Resend => match invitations::open_of(tx, scope, id)? {
                Some(invitation) => told(invitations::renew(tx, scope, &self.outbox, invitation, false)),
                None => Err(OperationError::Refused(NOT_INVITED.into())),
            },
            BulkAction::Cancel => match invitations::open_of(tx, scope, id)? {
                Some(invitation) => Ok(invitations::cancel(tx, scope, invitation).map(|_| ItemResult::done())?),
                None => Err(OperationError::Refused(NOT_INVITED.into())),
            },
            BulkAction::Change(_) | BulkAction::Restore { .. } => Err(OperationError::Fault(Fault::broken("this is done to many"))),
        });
        match done {
            Ok(result) => Ok(result),
            Err(OperationError::Refused(why)) => Ok(ItemResult::refused(why)),
            Err(OperationError::Fault(Fault::Missing)) => Ok(ItemResult::refused(members::Refusal::Gone)),
            Err(OperationError::Fault(fault)) => Err(fault),
        }
    }

    /// Restores each member's own end of a role; members with the same end are changed together.
    fn restore(&self, tx: &mut Tx<'_>, scope: &Scope, role: RoleId, batch: &Batch, items: &[Item]) -> Result<Vec<ItemResult>, Fault> {
        let mut verdicts = vec![ItemResult::unchanged(); items.len()];
        for (change, places) in restorations(role, items, scope.now()) {
            let some: Vec<Item> = places.iter().map(|at| items[*at].clone()).collect();
            for (at, result) in places.iter().zip(many(tx, scope, self.kind, &change, batch, &some)?) {
                verdicts[*at] = result;
            }
        }
        Ok(verdicts)
    }
}

/// The changes that restore each member's own end of a role, each with the indexes of its items. An end that has passed
/// meanwhile is not restored: the role is removed.
pub(super) fn restorations(role: RoleId, items: &[Item], now: Timestamp) -> Vec<(Change, Vec<usize>)> {
    let mut groups: Vec<(Change, Vec<usize>)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let was: Option<Held> = item.payload.clone().and_then(|held| serde_json::from_value(held.0).ok());
        let change = match was.filter(|held| held.until.is_none_or(|until| until > now)) {
            Some(Held { until }) => Change::AddRole { role, until },
            None => Change::RemoveRole { role },
        };
        match groups.iter_mut().find(|(other, _)| *other == change) {
            Some((_, places)) => places.push(at),
            None => groups.push((change, vec![at])),
        }
    }
    groups
}

fn many(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    batch: &Batch,
    items: &[Item],
) -> Result<Vec<ItemResult>, Fault> {
    let ids: Vec<MemberId> = items.iter().filter_map(|item| item.member_id).collect();
    let answered = match batch.undoes {
        Some(undone) => members::undo(tx, scope, kind, change, &ids, LeftBy::Batch(undone)),
        None => members::change(tx, scope, kind, change, &ids),
    };
    let answers = match answered.refused()? {
        Ok(answers) => answers,
        Err(refusal) => return Ok(vec![ItemResult::refused(refusal); items.len()]),
    };
    let result = |answer: members::Answer| match answer.outcome {
        Outcome::Done { was } => ItemResult {
            payload: was.and_then(|held| serde_json::to_value(held).ok()),
            ..ItemResult::done()
        },
        Outcome::Unchanged => ItemResult::unchanged(),
        Outcome::Refused(refusal) => ItemResult::refused(refusal),
    };
    Ok(answers.into_iter().map(result).collect())
}

impl BatchJob for MemberActions {
    fn run(&self, tx: &mut Tx<'_>, scope: &Scope, batch: &Batch, items: &[Item]) -> Result<Vec<ItemResult>, Fault> {
        match &BulkAction::read(batch)? {
            BulkAction::Change(change) => many(tx, scope, self.kind, change, batch, items),
            BulkAction::Restore { role } => self.restore(tx, scope, *role, batch, items),
            one => items
                .iter()
                .map(|item| self.one(tx, scope, one, item.member_id.ok_or_else(|| Fault::broken("an item without a member"))?))
                .collect(),
        }
    }
}
