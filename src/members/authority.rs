//! Who may do what to whom, in one place: everybody of a kind is managed with `user:manage:*` or
//! `system_account:manage:*`; anyone who holds `system_account:manage:team` runs the system accounts of their own teams,
//! which is to disable and enable them and to make and revoke their tokens, and nothing more.

use super::{
    Change,
    guards::{MemberFacts, Refusal, beyond_run, stand},
    team,
};
use crate::{
    db::{Conn, schema::team_members},
    kit::{Fault, MemberId, MemberKind, Permission, Scope, TeamId, rights},
};
use diesel::prelude::*;
use std::collections::HashSet;

/// Over whom the caller has a say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    All,
    /// Over those who are in one of these teams, and only to run them.
    Teams(HashSet<TeamId>),
    /// Over nobody.
    None,
}

impl Authority {
    /// # Errors
    /// What the database says.
    pub fn of(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<Self, Fault> {
        if scope.may(rights::manage(kind)) {
            return Ok(Self::All);
        }
        let Some(me) = scope.actor.member_id().filter(|_| may_run_some(scope, kind)) else {
            return Ok(Self::None);
        };
        let teams: Vec<TeamId> = team_members::table
            .filter(team_members::organization_id.eq(scope.organization))
            .filter(team_members::member_id.eq(me))
            .select(team_members::team_id)
            .load(conn)?;
        Ok(Self::Teams(teams.into_iter().collect()))
    }
    /// Those of several that it covers.
    ///
    /// # Errors
    /// What the database says.
    pub fn covered(&self, conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashSet<MemberId>, Fault> {
        let teams = match self {
            Self::All => return Ok(ids.iter().copied().collect()),
            Self::None => return Ok(HashSet::new()),
            Self::Teams(teams) => teams,
        };
        let shared: Vec<MemberId> = team_members::table
            .filter(team_members::organization_id.eq(scope.organization))
            .filter(team_members::member_id.eq_any(ids))
            .filter(team_members::team_id.eq_any(teams))
            .select(team_members::member_id)
            .load(conn)?;
        Ok(shared.into_iter().collect())
    }
    /// # Errors
    /// What the database says.
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

impl Change {
    /// What anyone who runs a system account may do without managing all of them.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Disable { .. } | Self::Enable)
    }
}

/// Whether the caller may run some members of a kind, those of their teams at least.
pub fn may_run_some(scope: &Scope, kind: MemberKind) -> bool {
    let of_team = kind.is_machine() && scope.permissions.allow(&Permission::of_team(kind.noun(), "manage"));
    of_team || scope.may(rights::manage(kind))
}

/// Whether this may be done to members of a kind at all; to whom is asked of each.
///
/// # Errors
/// [`Fault::Denied`], or what the database says.
pub(super) fn demand(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change) -> Result<Authority, Fault> {
    if team::is_authorized(conn, scope, kind, change)? {
        return Ok(Authority::All);
    }
    if !(change.is_running() && may_run_some(scope, kind)) {
        scope.demand(rights::manage(kind))?;
    }
    Authority::of(conn, scope, kind)
}

/// Whether the caller may run this system account: see its tokens, make, renew and revoke them. What a token of it
/// could do in Roster, they can do themselves.
///
/// # Errors
/// [`Fault::Missing`] where it is no system account of this organization, [`Fault::Denied`] with what is missing, or
/// what the database says.
pub fn may_run(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<(), Fault> {
    let kind = MemberKind::SystemAccount;
    let denied = || Fault::Denied(rights::manage(kind).over_all());
    if !may_run_some(scope, kind) {
        return Err(denied());
    }
    let standings = stand(conn, scope, kind, &[id])?;
    let one = standings.first().ok_or(Fault::Missing)?;
    if !Authority::of(conn, scope, kind)?.covers(one) {
        return Err(denied());
    }
    match beyond_run(scope, one) {
        Some(Refusal::AboveYou { lacking, .. }) => Err(Fault::Denied(lacking)),
        Some(_) => Err(denied()),
        None => Ok(()),
    }
}
