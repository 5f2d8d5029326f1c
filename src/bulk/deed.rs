//! What can be done to many members.

use super::{
    model::{Item, Verdict},
    run::Work,
};
use crate::{
    db::Tx,
    invitations,
    kit::{Fault, MemberId, RoleId, Scope, Stop},
    mail::Post,
    members::{self, Change, Held, MemberKind, Outcome},
    passwords,
    roles::Role,
    sessions, text_enum,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

text_enum! {
    /// What the bulk bar offers.
    #[derive(Default)]
    pub enum Act {
        #[default]
        Disable = "disable",
        Enable = "enable",
        AddRole = "add_role",
        RemoveRole = "remove_role",
        JoinTeam = "join_team",
        LeaveTeam = "leave_team",
        MakeAdministrator = "make_administrator",
        RemoveAdministrator = "remove_administrator",
        EndSessions = "end_sessions",
        SendReset = "send_reset",
        Resend = "resend",
        Cancel = "cancel",
        Delete = "delete",
        AttachPolicy = "attach_policy",
        DetachPolicy = "detach_policy",
    }
}

impl Act {
    /// Whether it is done to members of that kind: machines neither sign in nor are invited.
    pub fn is_for(self, kind: MemberKind) -> bool {
        kind == MemberKind::User || !matches!(self, Self::EndSessions | Self::SendReset | Self::Resend | Self::Cancel)
    }
    /// Whether whoever acts may do it to some members of that kind; to whom is asked of each.
    ///
    /// # Errors
    /// [`Fault::Denied`]; [`Fault::Missing`] where it is not done to members of that kind at all.
    pub fn demand(self, scope: &Scope, kind: MemberKind) -> Result<(), Fault> {
        match self {
            _ if !self.is_for(kind) => Err(Fault::Missing),
            Self::Resend | Self::Cancel => scope.demand(kind.noun(), "invite"),
            Self::Disable | Self::Enable if members::may_run_some(scope, kind) => Ok(()),
            _ => scope.demand(kind.noun(), "manage"),
        }
    }
    /// Whether it takes something from people.
    pub fn is_dangerous(self) -> bool {
        matches!(
            self,
            Self::Disable
                | Self::RemoveRole
                | Self::DetachPolicy
                | Self::RemoveAdministrator
                | Self::EndSessions
                | Self::Cancel
                | Self::Delete
        )
    }
    /// Whether it is a grave one whatever is chosen, so that the proof is asked for before anything is.
    pub fn needs_proof(self) -> bool {
        matches!(self, Self::MakeAdministrator | Self::AttachPolicy | Self::Delete)
    }
    /// `Disable 12 people`, for titles and buttons.
    pub fn title(self, people: &str) -> String {
        match self {
            Self::Disable => format!("Disable {people}"),
            Self::Enable => format!("Enable {people}"),
            Self::AddRole => format!("Add a role to {people}"),
            Self::RemoveRole => format!("Remove a role from {people}"),
            Self::JoinTeam => format!("Add {people} to a team"),
            Self::LeaveTeam => format!("Take {people} out of a team"),
            Self::MakeAdministrator => format!("Make {people} administrators"),
            Self::RemoveAdministrator => format!("Remove {people} as administrators"),
            Self::EndSessions => format!("End the sessions of {people}"),
            Self::SendReset => format!("Send a password reset to {people}"),
            Self::Resend => format!("Resend the invitations of {people}"),
            Self::Cancel => format!("Cancel the invitations of {people}"),
            Self::Delete => format!("Delete {people}"),
            Self::AttachPolicy => format!("Attach a policy to {people}"),
            Self::DetachPolicy => format!("Detach a policy from {people}"),
        }
    }
    /// What follows from it, for whoever is asked to confirm.
    pub fn consequences(self, kind: MemberKind) -> &'static [&'static str] {
        match self {
            Self::Disable if kind.is_machine() => &[
                "no token opens anything any more, and whatever uses one fails",
                "the plan has room for as many others",
                "nothing is deleted; enabled again, tokens that have not expired work as before",
            ],
            Self::Enable if kind.is_machine() => &[
                "each counts toward the plan’s system accounts",
                "tokens that have not expired work again",
            ],
            Self::MakeAdministrator if kind.is_machine() => {
                &["whoever has a token of one can do everything here, as you can", "it can be undone"]
            }
            Self::RemoveAdministrator if kind.is_machine() => &[
                "each keeps the other roles it holds; one that holds none gets the role CI/CD",
                "it can be undone",
            ],
            Self::Delete if kind.is_machine() => &[
                "tokens, roles and teams are gone, and whatever uses a token fails",
                "the audit log stays readable",
                "this cannot be undone",
            ],
            Self::Disable => &[
                "sessions and tokens do not open this organization any more",
                "invitations they sent are void unless somebody sends them again",
                "their seats become free",
                "nothing is deleted, and they can be enabled again at any time",
            ],
            Self::Enable => &["each takes a seat", "sessions that had ended stay ended"],
            Self::AddRole | Self::JoinTeam | Self::AttachPolicy => &["it holds from the next request on", "it can be undone"],
            Self::RemoveRole | Self::LeaveTeam | Self::DetachPolicy => &["it is gone from the next request on", "it can be undone"],
            Self::MakeAdministrator => &["each will hold every permission here, as you do", "it can be undone"],
            Self::RemoveAdministrator => &[
                "they keep the other roles they hold; whoever holds none gets the role User",
                "it can be undone",
            ],
            Self::EndSessions => &["they must sign in again on every device"],
            Self::SendReset => &[
                "each gets a link to choose a new password, good for an hour",
                "the current password works until they do",
            ],
            Self::Resend => &["a new link is sent to each, good for 7 days", "the old links are dead"],
            Self::Cancel => &["their links are dead and their seats free", "they can be invited again"],
            Self::Delete => &[
                "they are not in this organization any more: roles, teams and login activity here are gone",
                "their emails and usernames are free unless another organization keeps them",
                "they stay readable in the audit log",
                "this cannot be undone",
            ],
        }
    }
}

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
    /// What was done, for lists and notices: `12 people are disabled`.
    pub fn done(&self, people: &str) -> String {
        match self {
            Self::Change(Change::Disable { .. }) => format!("{people} disabled"),
            Self::Change(Change::Enable) => format!("{people} enabled"),
            Self::Change(Change::AddRole { .. }) => format!("Role added to {people}"),
            Self::Change(Change::RemoveRole { .. }) => format!("Role removed from {people}"),
            Self::Change(Change::MakeAdministrator) => format!("{people} made administrators"),
            Self::Change(Change::RemoveAdministrator) => format!("{people} are administrators no more"),
            Self::Change(Change::JoinTeam { .. }) => format!("{people} added to the team"),
            Self::Change(Change::LeaveTeam { .. }) => format!("{people} taken out of the team"),
            Self::Change(Change::Appoint { .. }) => format!("{people} made team administrators"),
            Self::Change(Change::Dismiss { .. }) => format!("{people} are team administrators no more"),
            Self::Change(Change::Delete) => format!("{people} deleted"),
            Self::Change(Change::AttachPolicy { .. }) => format!("Policy attached to {people}"),
            Self::Change(Change::DetachPolicy { .. }) => format!("Policy detached from {people}"),
            Self::EndSessions => format!("Sessions of {people} ended"),
            Self::SendReset => format!("Password reset sent to {people}"),
            Self::Resend => format!("Invitations of {people} sent again"),
            Self::Cancel => format!("Invitations of {people} cancelled"),
            Self::Restore { .. } => format!("Role of {people} as it was before"),
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
                Some(invitation) => told(invitations::renew(tx, scope, &self.post, invitation)),
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
