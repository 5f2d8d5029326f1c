//! Decides the change for one member after the other, and updates the remaining seats and administrators.

use super::{
    action::Change,
    authority::Authority,
    grantable::Joining,
    guards::{MemberFacts, Refusal, refuse_running},
    outcome::{Held, Outcome},
    team::refuse_team_change,
};
use crate::{
    kit::{MemberStatus, RoleId, Scope, Timestamp},
    members::seats::SeatUsage,
    roles::{self, Role},
};

/// What remains while changes are made one after the other.
pub(super) struct Evaluation {
    pub authority: Authority,
    pub administrators: usize,
    pub break_glass: usize,
    /// Seats used and allowed; `None` means no limit.
    pub seats: Option<SeatUsage>,
    /// What it means to be in the team of the change.
    pub joining: Joining,
}

impl Evaluation {
    /// Decides the change for one member and updates the remaining seats and administrators.
    pub fn evaluate(&mut self, scope: &Scope, change: &Change, one: &MemberFacts, roles: &[Role]) -> Outcome {
        let beyond = if !self.authority.covers(one) {
            Some(if one.kind.is_machine() {
                Refusal::NotYourTeam
            } else {
                Refusal::NotYourPeople
            })
        } else if one.kind.is_machine() && change.action().belongs_to_running() {
            // A caller who only runs the account must not enable it again if somebody else disabled it, as that may
            // have had a good reason.
            let is_theirs = self.authority == Authority::All || one.status_by.is_some_and(|by| scope.is_me(by));
            let is_off = *change == Change::Enable && one.status == MemberStatus::Disabled && !is_theirs;
            refuse_running(scope, one).or(is_off.then_some(Refusal::SwitchedOff))
        } else {
            refuse_team_change(scope, change, one, &self.joining)
        };
        if let Some(refusal) = beyond {
            return Outcome::Refused(refusal);
        }
        let administrator = roles::administrator(roles);
        let is_administrators = |role: &RoleId| Some(*role) == administrator;
        let done = Outcome::Done { was: None };
        let had = |until: Option<Timestamp>| Outcome::Done { was: Some(Held { until }) };
        match change {
            Change::Disable { .. } | Change::Enable | Change::Delete if one.status == MemberStatus::Invited => {
                Outcome::Refused(Refusal::Invited)
            }
            Change::Disable { .. } if one.status == MemberStatus::Disabled => Outcome::Unchanged,
            Change::Disable { .. } | Change::Delete => self.without(one, done),
            Change::Enable if one.status == MemberStatus::Active => Outcome::Unchanged,
            Change::Enable => self.with_a_seat(done),
            Change::AddRole { role, until } => match one.roles.get(role) {
                Some(held) if held == until => Outcome::Unchanged,
                // An administrator role with an end does not count as a usable administrator.
                Some(None) if is_administrators(role) => self.without(one, had(None)),
                Some(held) => had(*held),
                None => done,
            },
            Change::RemoveRole { role } => match one.roles.get(role) {
                None => Outcome::Unchanged,
                Some(until) if is_administrators(role) => self.without(one, had(*until)),
                Some(until) => had(*until),
            },
            Change::MakeAdministrator => match administrator.and_then(|role| one.roles.get(&role)) {
                Some(None) => Outcome::Unchanged,
                Some(held) => had(*held),
                None => done,
            },
            Change::RemoveAdministrator => match administrator.and_then(|role| one.roles.get(&role)) {
                None => Outcome::Unchanged,
                Some(until) => self.without(one, had(*until)),
            },
            Change::JoinTeam { team } if one.teams.contains(team) => Outcome::Unchanged,
            Change::LeaveTeam { team } if !one.teams.contains(team) => Outcome::Unchanged,
            Change::MakeTeamAdministrator { team } if one.runs.contains(team) => Outcome::Unchanged,
            Change::RemoveTeamAdministrator { team } if !one.runs.contains(team) => Outcome::Unchanged,
            Change::AttachPolicy { policy } if one.policies.contains(policy) => Outcome::Unchanged,
            Change::AttachPolicy { .. } if one.is_administrator => Outcome::Refused(Refusal::NeedsNoPolicy),
            Change::DetachPolicy { policy } if !one.policies.contains(policy) => Outcome::Unchanged,
            Change::JoinTeam { .. }
            | Change::LeaveTeam { .. }
            | Change::MakeTeamAdministrator { .. }
            | Change::RemoveTeamAdministrator { .. }
            | Change::AttachPolicy { .. }
            | Change::DetachPolicy { .. } => done,
        }
    }
    /// Removes this administrator, unless the organization would be left without a usable one, or without a break-glass
    /// administrator that it needs.
    pub fn without(&mut self, one: &MemberFacts, done: Outcome) -> Outcome {
        if one.is_usable_administrator && self.administrators <= 1 {
            return Outcome::Refused(Refusal::LastAdministrator);
        }
        if one.is_break_glass && self.break_glass <= 1 {
            return Outcome::Refused(Refusal::LastBreakGlass);
        }
        self.administrators -= usize::from(one.is_usable_administrator);
        self.break_glass -= usize::from(one.is_break_glass);
        done
    }
    fn with_a_seat(&mut self, done: Outcome) -> Outcome {
        if let Some(seat_usage) = &mut self.seats {
            if seat_usage.is_full() {
                return Outcome::Refused(Refusal::NoSeatLeft(*seat_usage));
            }
            seat_usage.used += 1;
        }
        done
    }
}
