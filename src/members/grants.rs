//! Roles, teams and policies given to a new member. Every operation that gives them checks here that the caller holds
//! at least as much.

use super::{
    assign::{grant_policies, grant_roles},
    grant_refusal::{GrantRefusal, refuse_policy, refuse_role},
    managed,
    reach::Reach,
    seats::Seats,
    team::{Team, join_all, may_manage_team_members},
    team_access::{TeamAccess, TeamGrant},
    team_joining::{Adding, teams_to_offer},
};
use crate::{
    authorization::Ceiling,
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, OperationError, PolicyId, RoleId, Scope, TeamId, rights},
    policies::{self, Policy},
    roles::{self, Predefined, Role},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

/// What is to be given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    pub roles: Vec<RoleId>,
    pub teams: Vec<TeamId>,
    pub policies: Vec<PolicyId>,
}

/// Same as [`may_grant_to`] for people.
///
/// # Errors
/// A [`GrantRefusal`].
pub fn may_grant(conn: &mut Conn, scope: &Scope, wanted: &Grants) -> Result<(), OperationError<GrantRefusal>> {
    may_grant_to(conn, scope, MemberKind::User, wanted)
}

/// Checks that everything to be given exists here and is for members of that kind, and that the caller holds at least
/// as much.
///
/// # Errors
/// A [`GrantRefusal`].
pub fn may_grant_to(conn: &mut Conn, scope: &Scope, kind: MemberKind, wanted: &Grants) -> Result<(), OperationError<GrantRefusal>> {
    let known = grant_options_for(conn, scope, kind)?;
    for id in &wanted.roles {
        let role = known.roles.iter().find(|role| role.id == *id && role.is_for(kind));
        let role = role.ok_or(OperationError::Refused(GrantRefusal::Gone))?;
        if let Some(refusal) = refuse_role(scope, role) {
            return Err(OperationError::Refused(refusal));
        }
    }
    let teams: HashSet<TeamId> = known.teams.iter().map(|team| team.id).collect();
    if !wanted.teams.iter().all(|id| teams.contains(id)) {
        return Err(OperationError::Refused(GrantRefusal::Gone));
    }
    for team in known.teams.iter().filter(|team| wanted.teams.contains(&team.id) && !team.is_default) {
        // A team member can run the team's system accounts, so inviting somebody into a team must not bypass that
        // check.
        if kind == MemberKind::User && !scope.may(rights::USER_MANAGE) && !may_manage_team_members(conn, scope, team.id)? {
            return Err(OperationError::Refused(GrantRefusal::NotYourTeam(team.name.clone())));
        }
    }
    for team in known.teams.iter().filter(|team| wanted.teams.contains(&team.id)) {
        let adding = Adding::of(conn, scope, kind, (team.id, &team.name), true)?;
        if let Some(refusal) = adding.refuse(scope, &known.ceiling, known.given_by(team.id)) {
            return Err(OperationError::Refused(refusal));
        }
    }
    if kind == MemberKind::User && !managed::may_change_managed(scope) {
        let managed = managed::teams_managed_by(conn, scope.organization, &wanted.teams)?;
        if let Some(team) = known.teams.iter().find(|team| managed.contains_key(&team.id)) {
            return Err(OperationError::Refused(GrantRefusal::ManagedTeam(team.name.clone())));
        }
    }
    for id in &wanted.policies {
        let policy = known.policies.iter().find(|policy| policy.id == *id);
        let policy = policy.ok_or(OperationError::Refused(GrantRefusal::Gone))?;
        if let Some(refusal) = refuse_policy(&known.ceiling, policy) {
            return Err(OperationError::Refused(refusal));
        }
    }
    Ok(())
}

/// Gives it to a new member and refreshes the sort keys of lists.
pub fn assign(tx: &mut Tx<'_>, scope: &Scope, member: MemberId, wanted: &Grants) -> Result<(), Fault> {
    grant_roles(tx, scope, member, &wanted.roles)?;
    grant_policies(tx, scope, member, &wanted.policies)?;
    for team in &wanted.teams {
        join_all(tx, scope.organization, *team, &[member])?;
    }
    Ok(())
}

/// What a form can offer.
#[derive(Clone, Debug)]
pub struct GrantOptions {
    /// The kind of member it is offered to.
    pub kind: MemberKind,
    pub roles: Vec<Role>,
    pub teams: Vec<Team>,
    /// Those of the teams whose people an identity provider decides.
    pub managed_teams: HashSet<TeamId>,
    /// What comes with the teams.
    pub team_access: TeamAccess,
    pub policies: Vec<Policy>,
    pub ceiling: Ceiling,
    /// The caller brings people into the teams that they administer only, and these are offered.
    pub is_limited: bool,
}

/// Values of the form field `access`: whether the new member becomes an administrator.
pub(super) const ACCESS: [&str; 2] = ["administrator", "general"];

/// Everything that can be given to people of this organization.
pub fn grant_options(conn: &mut Conn, scope: &Scope) -> Result<GrantOptions, Fault> {
    grant_options_for(conn, scope, MemberKind::User)
}

/// Everything that can be given to members of that kind.
pub fn grant_options_for(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<GrantOptions, Fault> {
    let (teams, access) = teams_to_offer(conn, scope, kind)?;
    let ids: Vec<TeamId> = teams.iter().filter(|_| !kind.is_machine()).map(|team| team.id).collect();
    let managed = managed::teams_managed_by(conn, scope.organization, &ids)?;
    Ok(GrantOptions {
        kind,
        roles: roles::list(conn, scope.organization)?,
        teams,
        managed_teams: managed.into_keys().collect(),
        team_access: access,
        policies: policies::list(conn, scope.organization)?,
        ceiling: Ceiling::of(conn, scope)?,
        is_limited: false,
    })
}

/// The names of what is given.
#[derive(Clone, Debug, Default)]
pub struct GivenNames {
    pub roles: Vec<String>,
    pub teams: Vec<String>,
    pub policies: Vec<String>,
}

impl GivenNames {
    /// The only name among them.
    pub fn only(self) -> Option<String> {
        self.roles.into_iter().chain(self.teams).chain(self.policies).next()
    }
}

impl GrantOptions {
    /// What comes with a team.
    pub fn given_by(&self, team: TeamId) -> &[TeamGrant] {
        self.team_access.get(&team).map_or(&[], Vec::as_slice)
    }
    /// The names of grants. What was deleted since is left out.
    pub fn names_of(&self, grants: &Grants) -> GivenNames {
        fn named<T, I: PartialEq>(all: &[T], wanted: &[I], of: impl Fn(&T) -> (&I, &str)) -> Vec<String> {
            all.iter().map(of).filter(|(id, _)| wanted.contains(id)).map(|(_, name)| name.to_owned()).collect()
        }
        GivenNames {
            roles: named(&self.roles, &grants.roles, |role| (&role.id, &role.name)),
            teams: named(&self.teams, &grants.teams, |team| (&team.id, &team.name)),
            policies: named(&self.policies, &grants.policies, |policy| (&policy.id, &policy.name)),
        }
    }
    /// [`Seats::full`] for the kind of member this is offered to.
    pub fn full(&self, seats: &Seats) -> Option<String> {
        seats.full(self.kind)
    }
    /// Roles that a general member can be given. The preselected one comes first, so that it is visible.
    pub fn general_roles(&self) -> impl Iterator<Item = &Role> {
        let (first, others): (Vec<_>, Vec<_>) = self
            .roles
            .iter()
            .filter(|role| role.is_for(self.kind) && !role.is_administrator())
            .partition(|role| self.is_default(role));
        first.into_iter().chain(others)
    }
    /// Teams that a person here may put a new member into.
    pub fn offered_teams(&self) -> Vec<&Team> {
        self.teams.iter().filter(|team| !self.managed_teams.contains(&team.id)).collect()
    }
    fn is_default(&self, role: &Role) -> bool {
        role.predefined == Some(Predefined::default_of(self.kind))
    }
    /// Whether the caller holds everything that the role allows.
    pub fn may_grant(&self, scope: &Scope, role: &Role) -> bool {
        refuse_role(scope, role).is_none()
    }
    /// Whether the caller holds everything that the policy allows.
    pub fn may_attach(&self, policy: &Policy) -> bool {
        refuse_policy(&self.ceiling, policy).is_none()
    }
    pub fn may_make_administrators(&self, scope: &Scope) -> bool {
        self.roles.iter().any(|role| role.is_administrator() && self.may_grant(scope, role))
    }
    /// Offers the teams that these callers bring people into.
    pub fn within(mut self, reach: &Reach) -> Self {
        if let Reach::Teams(mine) = reach {
            self.teams.retain(|team| mine.contains(&team.id));
            self.is_limited = true;
        }
        self
    }
    /// The team preselected on a form for new people, if the organization has set one, or if there is only one to choose.
    pub fn default_team(&self) -> Vec<String> {
        if self.is_limited && self.teams.len() == 1 {
            return self.teams.iter().map(|team| team.id.to_string()).collect();
        }
        let default = self
            .offered_teams()
            .into_iter()
            .filter(|team| team.is_default && !team.is_too_wide && !self.kind.is_machine());
        default.map(|team| team.id.to_string()).collect()
    }
    /// The role preselected on a form for general members.
    pub fn default_role(&self) -> Vec<String> {
        self.roles.iter().filter(|role| self.is_default(role)).map(|role| role.id.to_string()).collect()
    }

    /// Reads the choices of a form. Administrators need no other role and take no policies.
    ///
    /// # Errors
    /// A sentence for the field.
    pub fn chosen(&self, is_administrator: bool, roles: &[String], teams: &[String], policies: &[String]) -> Result<Grants, &'static str> {
        // A repeated choice counts once.
        fn ids<T: std::str::FromStr + Ord>(texts: &[String]) -> Option<Vec<T>> {
            let chosen: Option<BTreeSet<T>> = texts.iter().map(|text| text.parse().ok()).collect();
            Some(chosen?.into_iter().collect())
        }
        let administrator = roles::administrator(&self.roles);
        let (roles, policies) = match (is_administrator, administrator) {
            (true, Some(id)) => (Some(vec![id]), Some(vec![])),
            _ => (ids(roles), ids(policies)),
        };
        let (Some(roles), Some(teams), Some(policies)) = (roles, ids(teams), policies) else {
            return Err("A role, team or policy that was chosen does not exist any more. Choose again.");
        };
        if roles.is_empty() {
            return Err("Choose at least one role: without any they could do nothing.");
        }
        Ok(Grants { roles, teams, policies })
    }
}
