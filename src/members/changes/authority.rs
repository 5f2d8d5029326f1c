//! Who may change whom. Every member of a kind is managed with `user:manage:*` or `system_account:manage:*`. A caller
//! with `user:manage:team` manages the people of the teams that they administer. A caller with `system_account:manage:team` runs
//! the system accounts of the teams that they are in: they may disable and enable them and make and revoke their tokens, nothing
//! more.

use super::{
    action::{Action, Change},
    guards::{MemberFacts, Refusal, load_facts, refuse_running},
    team::is_authorized,
};
use crate::{
    db::{Among, Conn, schema::team_members},
    kit::{Fault, MemberId, MemberKind, Scope, TeamId, rights},
    members::reach::administered,
};
use diesel::prelude::*;
use std::collections::HashSet;

/// The members that the caller may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    All,
    /// Members of these teams; system accounts only to run them.
    Teams(HashSet<TeamId>),
    /// No member.
    None,
}

impl Authority {
    /// Reads the caller's authority over members of this kind.
    pub fn of(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<Self, Fault> {
        if scope.may(rights::manage(kind)) {
            return Ok(Self::All);
        }
        let Some(me) = scope.actor.member_id().filter(|_| may_run_some(scope, kind)) else {
            return Ok(Self::None);
        };
        if kind == MemberKind::User {
            return Ok(Self::Teams(administered(conn, scope)?.into_iter().collect()));
        }
        let teams: Vec<TeamId> = team_members::table
            .filter(team_members::organization_id.eq(scope.organization))
            .filter(team_members::member_id.eq(me))
            .select(team_members::team_id)
            .load(conn)?;
        Ok(Self::Teams(teams.into_iter().collect()))
    }
    /// Those of these members that it covers.
    pub fn covered(&self, conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashSet<MemberId>, Fault> {
        let teams = match self {
            Self::All => return Ok(ids.iter().copied().collect()),
            Self::None => return Ok(HashSet::new()),
            Self::Teams(teams) => teams,
        };
        let shared: Vec<MemberId> = team_members::table
            .filter(team_members::organization_id.eq(scope.organization))
            .filter(team_members::member_id.among(ids))
            .filter(team_members::team_id.among(teams))
            .select(team_members::member_id)
            .load(conn)?;
        Ok(shared.into_iter().collect())
    }
    /// Whether it covers this member.
    pub fn covers_one(&self, conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<bool, Fault> {
        Ok(self.covered(conn, scope, &[id])?.contains(&id))
    }
    pub fn covers(&self, one: &MemberFacts) -> bool {
        match self {
            Self::All => true,
            Self::Teams(teams) => !teams.is_disjoint(&one.teams),
            Self::None => false,
        }
    }
}

impl Action {
    /// Checks that the caller may do it to some members of that kind. Each member is checked separately.
    ///
    /// # Errors
    /// [`Fault::Denied`]; [`Fault::Missing`] if the action does not exist for members of that kind.
    pub fn demand(self, scope: &Scope, kind: MemberKind) -> Result<(), Fault> {
        match self {
            _ if !self.is_for(kind) => Err(Fault::Missing),
            Self::Resend | Self::Cancel => scope.demand_over_teams(rights::USER_INVITE),
            _ if kind == MemberKind::User => scope.demand_over_teams(rights::USER_MANAGE),
            _ if self.belongs_to_running() && may_run_some(scope, kind) => Ok(()),
            _ => scope.demand(rights::manage(kind)),
        }
    }
}

/// Whether the caller may run some members of a kind, at least those of their teams.
pub fn may_run_some(scope: &Scope, kind: MemberKind) -> bool {
    scope.may_over_teams(rights::manage(kind))
}

/// Whether the caller may make this change to members of this kind at all. Each member is checked separately.
///
/// # Errors
/// [`Fault::Denied`].
pub fn demand_authority(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change) -> Result<Authority, Fault> {
    if is_authorized(conn, scope, kind, change)? {
        return Ok(Authority::All);
    }
    let is_partly = kind == MemberKind::User || change.action().belongs_to_running();
    if !(is_partly && may_run_some(scope, kind)) {
        scope.demand(rights::manage(kind))?;
    }
    Authority::of(conn, scope, kind)
}

/// Checks that the caller may run this system account: see, make, renew and revoke its tokens. The caller must hold
/// every Roster permission that such a token would have.
///
/// # Errors
/// [`Fault::Missing`] if it is not a system account of this organization; [`Fault::Denied`] with the missing
/// permission.
pub fn may_run(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<(), Fault> {
    let kind = MemberKind::SystemAccount;
    let denied = || Fault::Denied(rights::manage(kind).over_all());
    if !may_run_some(scope, kind) {
        return Err(denied());
    }
    let facts = load_facts(conn, scope, kind, &[id])?;
    let one = facts.first().ok_or(Fault::Missing)?;
    if !Authority::of(conn, scope, kind)?.covers(one) {
        return Err(denied());
    }
    match refuse_running(scope, one) {
        Some(Refusal::AboveYou { lacking, .. }) => Err(Fault::Denied(lacking)),
        Some(_) => Err(denied()),
        None => Ok(()),
    }
}
