//! What is done to many members, and how.

use super::{
    model::{Batch, Item, Verdict},
    run::Work,
};
use crate::{
    db::Tx,
    invitations,
    kit::{Fault, MemberId, OperationError, RoleId, Scope, Timestamp},
    mail::Post,
    members::{self, Change, Held, LeftBy, MemberKind, Outcome},
    passwords,
    roles::Role,
    sessions,
};
use serde::{Deserialize, Serialize};

/// Why nothing is done about an invitation.
pub(super) const NOT_INVITED: &str = "They are not invited, or have joined already.";

/// One of the acts with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    Change(Change),
    EndSessions,
    SendReset,
    Resend,
    Cancel,
    /// Gives each back what was held of a role before.
    Restore {
        role: RoleId,
    },
}

impl Deed {
    /// What takes it back, where something does.
    pub fn reversed(&self) -> Option<Self> {
        Some(match self {
            Self::Change(Change::Disable { .. }) => Self::Change(Change::Enable),
            Self::Change(Change::Enable) => Self::Change(Change::Disable {
                reason: "Taken back".into(),
            }),
            Self::Change(Change::AddRole { role, .. } | Change::RemoveRole { role }) => Self::Restore { role: *role },
            Self::Change(Change::MakeAdministrator) => Self::Change(Change::RemoveAdministrator),
            Self::Change(Change::RemoveAdministrator) => Self::Change(Change::MakeAdministrator),
            Self::Change(Change::JoinTeam { team }) => Self::Change(Change::LeaveTeam { team: *team }),
            Self::Change(Change::LeaveTeam { team }) => Self::Change(Change::JoinTeam { team: *team }),
            Self::Change(Change::AttachPolicy { policy }) => Self::Change(Change::DetachPolicy { policy: *policy }),
            Self::Change(Change::DetachPolicy { policy }) => Self::Change(Change::AttachPolicy { policy: *policy }),
            _ => return None,
        })
    }
    /// [`Change::needs_proof`], of whatever is done.
    pub fn needs_proof(&self, roles: &[Role]) -> bool {
        match self {
            Self::Change(change) => change.needs_proof(roles),
            // To some of them it may give the role.
            Self::Restore { role } => Change::AddRole { role: *role, until: None }.needs_proof(roles),
            _ => false,
        }
    }
    /// Whether it lets people in, who then have again what they had or were promised.
    pub fn lets_in(&self) -> bool {
        matches!(self, Self::Change(Change::Enable) | Self::Resend)
    }
    /// Whether it does nothing but write letters.
    pub fn is_letter(&self) -> bool {
        matches!(self, Self::SendReset | Self::Resend)
    }
}

/// Does deeds to members of one kind.
pub struct Deeds {
    kind: MemberKind,
    post: Post,
}

impl Deeds {
    pub fn new(kind: MemberKind, post: Post) -> Self {
        Self { kind, post }
    }
    /// What batches are called whose deeds are done to members of that kind.
    pub const fn to(kind: MemberKind) -> &'static str {
        match kind {
            MemberKind::User => "members",
            MemberKind::SystemAccount => "system_accounts",
        }
    }
    /// To members of which kind the deeds of such a batch are done, if they are deeds.
    pub fn kind_of(batch: &str) -> Option<MemberKind> {
        MemberKind::ALL.into_iter().find(|kind| Self::to(*kind) == batch)
    }

    /// What has no operation for many is done one by one, each in a part of its own.
    fn one(&self, tx: &mut Tx<'_>, scope: &Scope, deed: &Deed, id: MemberId) -> Result<Verdict, Fault> {
        fn told<T, R: std::fmt::Display>(result: Result<T, OperationError<R>>) -> Result<Verdict, OperationError<String>> {
            match result {
                Ok(_) => Ok(Verdict::done()),
                Err(OperationError::Refused(refusal)) => Err(OperationError::Refused(refusal.to_string())),
                Err(OperationError::Fault(fault)) => Err(OperationError::Fault(fault)),
            }
        }
        let done = tx.part(|tx| match deed {
            Deed::EndSessions => told(sessions::end_here(tx, scope, id)),
            Deed::SendReset => told(passwords::send_reset(tx, scope, &self.post, id)),
            Deed::Resend => match invitations::open_of(tx, scope, id)? {
                Some(invitation) => told(invitations::renew(tx, scope, &self.post, invitation, false)),
                None => Err(OperationError::Refused(NOT_INVITED.into())),
            },
            Deed::Cancel => match invitations::open_of(tx, scope, id)? {
                Some(invitation) => Ok(invitations::cancel(tx, scope, invitation).map(|_| Verdict::done())?),
                None => Err(OperationError::Refused(NOT_INVITED.into())),
            },
            Deed::Change(_) | Deed::Restore { .. } => Err(OperationError::Fault(Fault::broken("this is done to many"))),
        });
        match done {
            Ok(verdict) => Ok(verdict),
            Err(OperationError::Refused(why)) => Ok(Verdict::refused(why)),
            Err(OperationError::Fault(Fault::Missing)) => Ok(Verdict::refused(members::Refusal::Gone)),
            Err(OperationError::Fault(fault)) => Err(fault),
        }
    }

    /// Gives each their own end of a role back, together where it is the same.
    fn restore(&self, tx: &mut Tx<'_>, scope: &Scope, role: RoleId, batch: &Batch, items: &[Item]) -> Result<Vec<Verdict>, Fault> {
        let mut verdicts = vec![Verdict::unchanged(); items.len()];
        for (change, places) in restorations(role, items, scope.now()) {
            let some: Vec<Item> = places.iter().map(|at| items[*at].clone()).collect();
            for (at, verdict) in places.iter().zip(many(tx, scope, self.kind, &change, batch, &some)?) {
                verdicts[*at] = verdict;
            }
        }
        Ok(verdicts)
    }
}

/// The changes that give each their own end of a role back, each with the places of those it is for. An end that is over
/// by now is none to give back.
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

fn many(tx: &mut Tx<'_>, scope: &Scope, kind: MemberKind, change: &Change, batch: &Batch, items: &[Item]) -> Result<Vec<Verdict>, Fault> {
    let ids: Vec<MemberId> = items.iter().filter_map(|item| item.member_id).collect();
    let answered = match batch.undoes {
        Some(undone) => members::undo(tx, scope, kind, change, &ids, LeftBy::Batch(undone)),
        None => members::change(tx, scope, kind, change, &ids),
    };
    let answers = match answered {
        Ok(answers) => answers,
        Err(OperationError::Refused(refusal)) => return Ok(vec![Verdict::refused(refusal); items.len()]),
        Err(OperationError::Fault(fault)) => return Err(fault),
    };
    let verdict = |answer: members::Answer| match answer.outcome {
        Outcome::Done { was } => Verdict {
            payload: was.and_then(|held| serde_json::to_value(held).ok()),
            ..Verdict::done()
        },
        Outcome::AlreadySo => Verdict::unchanged(),
        Outcome::Refused(refusal) => Verdict::refused(refusal),
    };
    Ok(answers.into_iter().map(verdict).collect())
}

impl Work for Deeds {
    fn perform(&self, tx: &mut Tx<'_>, scope: &Scope, batch: &Batch, items: &[Item]) -> Result<Vec<Verdict>, Fault> {
        let deed: Deed = serde_json::from_value(batch.deed.0.clone()).map_err(Fault::broken)?;
        match &deed {
            Deed::Change(change) => many(tx, scope, self.kind, change, batch, items),
            Deed::Restore { role } => self.restore(tx, scope, *role, batch, items),
            one => items
                .iter()
                .map(|item| {
                    self.one(
                        tx,
                        scope,
                        one,
                        item.member_id.ok_or_else(|| Fault::broken("an item without a member"))?,
                    )
                })
                .collect(),
        }
    }
}
