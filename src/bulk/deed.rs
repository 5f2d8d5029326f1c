//! What is done to many members, and how.

use super::{
    model::{Item, Verdict},
    run::Work,
};
use crate::{
    db::{Conn, Tx},
    invitations,
    kit::{Fault, MemberId, RoleId, Scope, Stop},
    mail::Post,
    members::{self, Change, Held, MemberKind, Outcome},
    passwords, policies,
    roles::{self, Role},
    sessions,
    web::grouped,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// What was done, for lists: `12 people disabled`.
    pub fn done(&self, people: &str) -> String {
        self.done_with("", people)
    }
    /// [`Self::done`], with what the role, team or policy is called: `Role Auditor added to 12 people`.
    pub fn done_with(&self, name: &str, people: &str) -> String {
        let of = |what: &str| [what, name].join(" ").trim_end().to_owned();
        let (role, team, policy) = (of("Role"), of("the team"), of("Policy"));
        match self {
            Self::Change(Change::Disable { .. }) => format!("{people} disabled"),
            Self::Change(Change::Enable) => format!("{people} enabled"),
            Self::Change(Change::AddRole { .. }) => format!("{role} added to {people}"),
            Self::Change(Change::RemoveRole { .. }) => format!("{role} removed from {people}"),
            Self::Change(Change::MakeAdministrator) => format!("{people} made administrators"),
            Self::Change(Change::RemoveAdministrator) => format!("{people} are administrators no more"),
            Self::Change(Change::JoinTeam { .. }) => format!("{people} added to {team}"),
            Self::Change(Change::LeaveTeam { .. }) => format!("{people} taken out of {team}"),
            Self::Change(Change::Appoint { .. }) => format!("{people} made team administrators"),
            Self::Change(Change::Dismiss { .. }) => format!("{people} are team administrators no more"),
            Self::Change(Change::Delete) => format!("{people} deleted"),
            Self::Change(Change::AttachPolicy { .. }) => format!("{policy} attached to {people}"),
            Self::Change(Change::DetachPolicy { .. }) => format!("{policy} detached from {people}"),
            Self::EndSessions => format!("Sessions of {people} ended"),
            Self::SendReset => format!("Password reset links made for {people}"),
            Self::Resend => format!("Invitations of {people} renewed"),
            Self::Cancel => format!("Invitations of {people} cancelled"),
            Self::Restore { .. } => format!("{role} of {people} as it was before"),
        }
    }
    /// Of how many it was so before, beside what was done to others: `1 already had it`.
    pub fn unchanged(&self, count: i64) -> String {
        let (many, were) = (grouped(count), if count == 1 { "was" } else { "were" });
        match self {
            Self::Change(Change::AddRole { .. } | Change::AttachPolicy { .. }) => format!("{many} already had it"),
            Self::Change(Change::RemoveRole { .. } | Change::DetachPolicy { .. }) => format!("{many} did not have it"),
            Self::Change(Change::JoinTeam { .. }) => format!("{many} already {were} in it"),
            Self::Change(Change::LeaveTeam { .. }) => format!("{many} {were} not in it"),
            Self::Change(Change::RemoveAdministrator | Change::Dismiss { .. }) => format!("{many} {were} none"),
            _ => format!("{many} already {were}"),
        }
    }
    /// What the role, team or policy is called that it is about; nothing where there is none any more.
    ///
    /// # Errors
    /// What the database says.
    pub fn subject(&self, conn: &mut Conn, scope: &Scope) -> Result<String, Fault> {
        let here = scope.organization;
        let name = match self {
            Self::Change(Change::AddRole { role, .. } | Change::RemoveRole { role }) | Self::Restore { role } => {
                roles::find(conn, here, *role).map(|role| role.name)
            }
            Self::Change(Change::AttachPolicy { policy } | Change::DetachPolicy { policy }) => {
                policies::find(conn, here, *policy).map(|policy| policy.name)
            }
            Self::Change(Change::JoinTeam { team } | Change::LeaveTeam { team }) => {
                let all = members::teams(conn, here)?;
                all.into_iter()
                    .find(|one| one.id == *team)
                    .map(|one| one.name)
                    .ok_or(Fault::Missing)
            }
            _ => return Ok(String::new()),
        };
        match name {
            Err(Fault::Missing) => Ok(String::new()),
            found => found,
        }
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
        fn told<T, R: std::fmt::Display>(result: Result<T, Stop<R>>) -> Result<Verdict, Stop<String>> {
            match result {
                Ok(_) => Ok(Verdict::done()),
                Err(Stop::Refused(refusal)) => Err(Stop::Refused(refusal.to_string())),
                Err(Stop::Fault(fault)) => Err(Stop::Fault(fault)),
            }
        }
        let done = tx.part(|tx| match deed {
            Deed::EndSessions => told(sessions::end_here(tx, scope, id)),
            Deed::SendReset => told(passwords::send_reset(tx, scope, &self.post, id)),
            Deed::Resend => match invitations::open_of(tx, scope, id)? {
                Some(invitation) => told(invitations::renew(tx, scope, &self.post, invitation, false)),
                None => Err(Stop::Refused("They are not invited, or have joined already.".into())),
            },
            Deed::Cancel => match invitations::open_of(tx, scope, id)? {
                Some(invitation) => Ok(invitations::cancel(tx, scope, invitation).map(|_| Verdict::done())?),
                None => Err(Stop::Refused("They are not invited, or have joined already.".into())),
            },
            Deed::Change(_) | Deed::Restore { .. } => Err(Stop::Fault(Fault::broken("this is done to many"))),
        });
        match done {
            Ok(verdict) => Ok(verdict),
            Err(Stop::Refused(why)) => Ok(Verdict::refused(why)),
            Err(Stop::Fault(Fault::Missing)) => Ok(Verdict::refused(members::Refusal::Gone)),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    }

    /// Gives each their own end of a role back, together where it is the same.
    fn restore(&self, tx: &mut Tx<'_>, scope: &Scope, role: RoleId, items: &[Item]) -> Result<Vec<Verdict>, Fault> {
        let held = |item: &Item| item.payload.clone().and_then(|held| serde_json::from_value::<Held>(held.0).ok());
        let mut verdicts = vec![Verdict::unchanged(); items.len()];
        let mut groups: Vec<(Option<Held>, Vec<usize>)> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let was = held(item);
            match groups.iter_mut().find(|(other, _)| *other == was) {
                Some((_, places)) => places.push(at),
                None => groups.push((was, vec![at])),
            }
        }
        for (was, places) in groups {
            let change = match was {
                Some(Held { until }) => Change::AddRole { role, until },
                None => Change::RemoveRole { role },
            };
            let some: Vec<Item> = places.iter().map(|at| items[*at].clone()).collect();
            for (at, verdict) in places.iter().zip(many(tx, scope, self.kind, &change, &some)?) {
                verdicts[*at] = verdict;
            }
        }
        Ok(verdicts)
    }
}

fn many(tx: &mut Tx<'_>, scope: &Scope, kind: MemberKind, change: &Change, items: &[Item]) -> Result<Vec<Verdict>, Fault> {
    let ids: Vec<MemberId> = items.iter().filter_map(|item| item.member_id).collect();
    let answers = match members::change(tx, scope, kind, change, &ids) {
        Ok(answers) => answers,
        Err(Stop::Refused(refusal)) => return Ok(vec![Verdict::refused(refusal); items.len()]),
        Err(Stop::Fault(fault)) => return Err(fault),
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
    fn perform(&self, tx: &mut Tx<'_>, scope: &Scope, deed: &Value, items: &[Item]) -> Result<Vec<Verdict>, Fault> {
        let deed: Deed = serde_json::from_value(deed.clone()).map_err(Fault::broken)?;
        match &deed {
            Deed::Change(change) => many(tx, scope, self.kind, change, items),
            Deed::Restore { role } => self.restore(tx, scope, *role, items),
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
