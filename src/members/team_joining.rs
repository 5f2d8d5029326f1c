//! Who may add members to a team that gives something: adding them is granting what the team gives.

use super::{
    grant_refusal::{GrantRefusal, refuse_policy, refuse_role},
    team::{self, Team, may_manage_team_members},
    team_access::{Given, TeamAccess, TeamGrant, team_access, told_grants},
};
use crate::{
    authorization::{self, Ceiling},
    db::{
        Conn,
        schema::{team_members, teams},
    },
    kit::{Fault, MemberId, MemberKind, Permission, Scope, TeamId, Timestamp},
};
use diesel::prelude::*;

/// By which right the caller adds members to a team.
pub(super) struct Adding<'a> {
    team_name: &'a str,
    /// The caller may grant roles and policies to these members one by one.
    is_by_hand: bool,
    /// The caller decides who is in the team: what is delegated, they need not hold.
    is_delegate: bool,
}

impl<'a> Adding<'a> {
    pub fn of(
        conn: &mut Conn,
        scope: &Scope,
        kind: MemberKind,
        (team, team_name): (TeamId, &'a str),
        is_by_hand: bool,
    ) -> Result<Self, Fault> {
        let is_delegate = kind == MemberKind::User && may_manage_team_members(conn, scope, team)?;
        Ok(Self { team_name, is_by_hand, is_delegate })
    }

    /// What of it the caller gives by their own right.
    pub fn own<'g>(&self, grants: &'g [TeamGrant]) -> impl Iterator<Item = &'g TeamGrant> {
        let is_delegate = self.is_delegate;
        grants.iter().filter(move |grant| !(grant.is_delegated && is_delegate))
    }

    /// Why the caller cannot add members to the team, because of what it gives them.
    pub fn refuse(&self, scope: &Scope, ceiling: &Ceiling, grants: &[TeamGrant]) -> Option<GrantRefusal> {
        self.own(grants).find_map(|grant| {
            let (team, what) = (self.team_name.to_owned(), grant.given.told());
            if !self.is_by_hand {
                return Some(GrantRefusal::TeamGives { team, what });
            }
            refuse_given(scope, ceiling, &grant.given)
                .map(|permission| GrantRefusal::TeamTooWide { given: format!("The team {team} gives its members {what}"), permission })
        })
    }
}

/// Every team with what it gives and whether the caller may give that to members of this kind, for forms that offer teams.
pub fn teams_to_offer(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<(Vec<Team>, TeamAccess), Fault> {
    let access = team_access(conn, scope.organization, None, scope.now())?;
    let mut all = team::teams(conn, scope.organization)?;
    if access.is_empty() {
        return Ok((all, access));
    }
    let ceiling = Ceiling::of(conn, scope)?;
    for team in &mut all {
        if let Some(grants) = access.get(&team.id) {
            let refusal = Adding::of(conn, scope, kind, (team.id, &team.name), true)?.refuse(scope, &ceiling, grants);
            team.is_too_wide = refusal.is_some();
            team.gives = Some(told_grants(grants));
        }
    }
    Ok((all, access))
}

/// A permission of what an invitation gives that the caller may not give: of the roles and policies that it assigns, or of what
/// its teams gave before this instant. What a team was made to give later, somebody else answers for.
pub fn beyond_invitation(conn: &mut Conn, scope: &Scope, member: MemberId, before: Timestamp) -> Result<Option<Permission>, Fault> {
    let ceiling = Ceiling::of(conn, scope)?;
    let (promised, rules) = authorization::assigned(conn, scope.organization, member)?;
    if let Some(permission) = ceiling.first_not_grantable(&promised, &rules) {
        return Ok(Some(permission));
    }
    let joined: Vec<(TeamId, String)> = team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq(member))
        .select((teams::id, teams::name))
        .load(conn)?;
    let ids: Vec<TeamId> = joined.iter().map(|(id, _)| *id).collect();
    let mut access = team_access(conn, scope.organization, Some(&ids), scope.now())?;
    for (id, name) in &joined {
        let mut grants = access.remove(id).unwrap_or_default();
        grants.retain(|grant| grant.attached_at <= before);
        let adding = Adding::of(conn, scope, MemberKind::User, (*id, name), true)?;
        if let Some(GrantRefusal::TeamTooWide { permission, .. }) = adding.refuse(scope, &ceiling, &grants) {
            return Ok(Some(permission));
        }
    }
    Ok(None)
}

/// The permission for want of which the caller cannot give this.
pub fn refuse_given(scope: &Scope, ceiling: &Ceiling, given: &Given) -> Option<Permission> {
    let refusal = match given {
        Given::Role(role) => refuse_role(scope, role),
        Given::Policy(policy) => refuse_policy(ceiling, policy),
    };
    match refusal {
        Some(GrantRefusal::TooWide { permission, .. } | GrantRefusal::PolicyTooWide { permission, .. }) => Some(permission),
        _ => None,
    }
}
