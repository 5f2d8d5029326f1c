//! Who may change who is in a team.

use super::{
    action::Change,
    grantable::Joining,
    guards::{MemberFacts, Refusal, refuse_out_of_reach},
};
use crate::{
    db::Conn,
    kit::{Fault, MemberKind, Permissions, Scope, rights},
    members::team::may_manage_team_members,
};

/// Checks the extra permissions that changes of teams need. People who share a team with a system account can run it
/// (with `system_account:manage:team`). So only callers who manage system accounts decide who shares a team with one.
///
/// # Errors
/// [`Fault::Denied`].
pub(super) fn is_authorized(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change) -> Result<bool, Fault> {
    match change {
        Change::MakeTeamAdministrator { .. } | Change::RemoveTeamAdministrator { .. } => scope.demand(rights::TEAM_MANAGE).map(|()| true),
        Change::JoinTeam { team } | Change::LeaveTeam { team } if kind == MemberKind::User => {
            if may_manage_team_members(conn, scope, *team)? || scope.may(rights::USER_MANAGE) {
                return Ok(true);
            }
            scope.demand(rights::TEAM_MANAGE).map(|()| true)
        }
        _ => Ok(false),
    }
}

/// Why a member cannot become administrator of a team: they would then hold their rights over teams over the people of this one.
fn refuse_appointment(scope: &Scope, one: &MemberFacts, joining: &Joining) -> Option<Refusal> {
    let beyond = scope.permissions.first_over_teams(&one.permissions);
    let beyond = beyond.map(|lacking| Refusal::AboveYou { kind: one.kind, lacking });
    beyond.or_else(|| joining.would_be_theirs(one.teams.iter()).then_some(Refusal::WouldBeYours))
}

/// Why a member cannot join or leave a team. A team that gives nothing, or gives it by delegation, changes nothing that the
/// caller answers for, so members above the caller are allowed. But a caller who is not an administrator cannot add themselves
/// to a team to gain its rights.
pub(super) fn refuse_team_change(scope: &Scope, change: &Change, one: &MemberFacts, joining: &Joining) -> Option<Refusal> {
    let team = match change {
        Change::JoinTeam { team } | Change::LeaveTeam { team } if one.kind == MemberKind::User => team,
        Change::MakeTeamAdministrator { team }
            if one.kind == MemberKind::User && !one.teams.contains(team) && joining.refusal.is_some() =>
        {
            return joining.refusal.clone();
        }
        Change::MakeTeamAdministrator { .. } | Change::RemoveTeamAdministrator { .. } if one.kind != MemberKind::User => {
            return Some(Refusal::NotForMachines);
        }
        Change::MakeTeamAdministrator { .. } => {
            return refuse_out_of_reach(scope, one).or_else(|| refuse_appointment(scope, one, joining));
        }
        _ => return refuse_out_of_reach(scope, one),
    };
    if joining.would_be_theirs(one.teams.iter()) && matches!(change, Change::JoinTeam { .. }) {
        return Some(Refusal::WouldBeYours);
    }
    if scope.is_me(one.id) && scope.permissions.first_missing(&Permissions::everything()).is_some() {
        return Some(Refusal::Yourself);
    }
    if let Some(lacking) = one.above.clone().filter(|_| joining.is_access) {
        return Some(Refusal::AboveYou { kind: one.kind, lacking });
    }
    let runs = matches!(change, Change::LeaveTeam { .. }) && one.runs.contains(team);
    runs.then_some(Refusal::RunsTheTeam)
}
