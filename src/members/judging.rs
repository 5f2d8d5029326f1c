//! Whether a change is made to a member: each is judged by itself, in the order given, while seats and administrators
//! are counted down.

use super::{
    authority::Authority,
    changes::{Answer, Change, Held, Outcome},
    effective::Ceiling,
    guards::{Refusal, Standing, Surroundings, beyond_run, stand},
    model::MemberStatus,
    seats, team,
};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, PolicyId, RoleId, Scope, Stop, Timestamp},
    policies,
};
use std::collections::HashMap;

/// What would become of each, one after the other, and how each stands.
pub(super) fn judge(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    authority: Authority,
    change: &Change,
    ids: &[MemberId],
) -> Result<(Vec<Answer>, Vec<Standing>), Stop<Refusal>> {
    let (standings, surroundings) = stand(conn, scope, kind, ids)?;
    may_grant(conn, scope, kind, change, &surroundings)?;
    let mut left = Left {
        authority,
        // Each that goes may be the last.
        administrators: surroundings.others + standings.iter().filter(|one| one.holds_the_house).count(),
        seats: match change {
            Change::Enable => seats(conn, scope.organization)?.left_of(kind),
            _ => None,
        },
    };
    let by_id: HashMap<MemberId, &Standing> = standings.iter().map(|one| (one.id, one)).collect();
    let answer = |id: &MemberId| match by_id.get(id) {
        None => Answer {
            id: *id,
            name: String::new(),
            outcome: Outcome::Refused(Refusal::Gone),
        },
        Some(one) => Answer {
            id: *id,
            name: one.name.clone(),
            outcome: left.judge(scope, change, one, &surroundings),
        },
    };
    let answers = ids.iter().map(answer).collect();
    Ok((answers, standings))
}

/// What is granted exists, and whoever grants it holds as much.
fn may_grant(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change, surroundings: &Surroundings) -> Result<(), Stop<Refusal>> {
    let role = match change {
        Change::AddRole { role, .. } => surroundings.roles.iter().find(|known| known.id == *role && known.is_for(kind)),
        Change::RemoveRole { role } => surroundings.roles.iter().find(|known| known.id == *role && known.is_granted()),
        Change::MakeAdministrator => surroundings.administrator(),
        Change::JoinTeam { team } | Change::LeaveTeam { team } | Change::Appoint { team } | Change::Dismiss { team } => {
            let exists = team::teams(conn, scope.organization)?.iter().any(|known| known.id == *team);
            return if exists {
                Ok(())
            } else {
                Err(Stop::Refused(Refusal::NoSuchChoice))
            };
        }
        Change::AttachPolicy { policy } | Change::DetachPolicy { policy } => return may_attach(conn, scope, change, *policy),
        _ => return Ok(()),
    };
    let role = role.ok_or(Stop::Refused(Refusal::NoSuchChoice))?;
    match scope.permissions.lacking(&role.permissions) {
        Some(permission) if !matches!(change, Change::RemoveRole { .. }) => Err(Stop::Refused(Refusal::TooWide {
            role: role.name.clone(),
            permission: permission.clone(),
        })),
        _ => Ok(()),
    }
}

/// The same of a policy. Whoever takes one away need not hold it.
fn may_attach(conn: &mut Conn, scope: &Scope, change: &Change, id: PolicyId) -> Result<(), Stop<Refusal>> {
    let policy = match policies::find(conn, scope.organization, id) {
        Ok(policy) => policy,
        Err(Fault::Missing) => return Err(Stop::Refused(Refusal::NoSuchChoice)),
        Err(fault) => return Err(fault.into()),
    };
    match Ceiling::of(conn, scope)?.lacking_rule(&policy.rules) {
        Some(permission) if matches!(change, Change::AttachPolicy { .. }) => Err(Stop::Refused(Refusal::PolicyTooWide {
            policy: policy.name,
            permission,
        })),
        _ => Ok(()),
    }
}

/// What is left while changes are made one after the other.
struct Left {
    authority: Authority,
    administrators: usize,
    /// How many seats are left, of how many; `None` is any number.
    seats: Option<(i64, i64)>,
}

impl Left {
    fn judge(&mut self, scope: &Scope, change: &Change, one: &Standing, surroundings: &Surroundings) -> Outcome {
        let beyond = if !self.authority.covers(one) {
            Some(Refusal::NotYourTeam)
        } else if one.kind.is_machine() && change.is_running() {
            beyond_run(scope, one)
        } else {
            team::beyond_team(scope, change, one)
        };
        if let Some(refusal) = beyond {
            return Outcome::Refused(refusal);
        }
        let administrator = surroundings.administrator().map(|role| role.id);
        let is_administrators = |role: &RoleId| Some(*role) == administrator;
        let done = Outcome::Done { was: None };
        let had = |until: Option<Timestamp>| Outcome::Done { was: Some(Held { until }) };
        match change {
            Change::Disable { .. } | Change::Enable | Change::Delete if one.status == MemberStatus::Invited => {
                Outcome::Refused(Refusal::Invited)
            }
            Change::Disable { .. } if one.status == MemberStatus::Disabled => Outcome::AlreadySo,
            Change::Disable { .. } | Change::Delete => self.without(one, done),
            Change::Enable if one.status == MemberStatus::Active => Outcome::AlreadySo,
            Change::Enable => self.with_a_seat(one.kind, done),
            Change::AddRole { role, until } => match one.roles.get(role) {
                Some(held) if held == until => Outcome::AlreadySo,
                // An administrator until a date is none afterwards.
                Some(None) if is_administrators(role) => self.without(one, had(None)),
                Some(held) => had(*held),
                None => done,
            },
            Change::RemoveRole { role } => match one.roles.get(role) {
                None => Outcome::AlreadySo,
                Some(until) if is_administrators(role) => self.without(one, had(*until)),
                Some(until) => had(*until),
            },
            Change::MakeAdministrator => match administrator.and_then(|role| one.roles.get(&role)) {
                Some(None) => Outcome::AlreadySo,
                Some(held) => had(*held),
                None => done,
            },
            Change::RemoveAdministrator => match administrator.and_then(|role| one.roles.get(&role)) {
                None => Outcome::AlreadySo,
                Some(until) => self.without(one, had(*until)),
            },
            Change::JoinTeam { team } if one.teams.contains(team) => Outcome::AlreadySo,
            Change::LeaveTeam { team } if !one.teams.contains(team) => Outcome::AlreadySo,
            Change::Appoint { team } if one.runs.contains(team) => Outcome::AlreadySo,
            Change::Dismiss { team } if !one.runs.contains(team) => Outcome::AlreadySo,
            Change::AttachPolicy { policy } if one.policies.contains(policy) => Outcome::AlreadySo,
            Change::AttachPolicy { .. } if one.is_administrator => Outcome::Refused(Refusal::NeedsNoPolicy),
            Change::DetachPolicy { policy } if !one.policies.contains(policy) => Outcome::AlreadySo,
            Change::JoinTeam { .. }
            | Change::LeaveTeam { .. }
            | Change::Appoint { .. }
            | Change::Dismiss { .. }
            | Change::AttachPolicy { .. }
            | Change::DetachPolicy { .. } => done,
        }
    }
    /// The organization goes on without them as an administrator, if it can.
    fn without(&mut self, one: &Standing, done: Outcome) -> Outcome {
        if one.holds_the_house {
            if self.administrators <= 1 {
                return Outcome::Refused(Refusal::LastAdministrator);
            }
            self.administrators -= 1;
        }
        done
    }
    fn with_a_seat(&mut self, kind: MemberKind, done: Outcome) -> Outcome {
        match &mut self.seats {
            Some((left, limit)) if *left <= 0 => Outcome::Refused(match kind {
                MemberKind::User => Refusal::NoSeatLeft { limit: *limit },
                MemberKind::SystemAccount => Refusal::NoAccountLeft { limit: *limit },
            }),
            Some((left, _)) => {
                *left -= 1;
                done
            }
            None => done,
        }
    }
}
