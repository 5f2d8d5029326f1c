//! What teams give to their members.

use super::assignment_tallies::{Assigned, AssignedId, assignment_counts};
use crate::{
    db::{
        Among, Conn, MultiBackend,
        schema::{self, team_policies, team_roles},
    },
    kit::{Fault, MemberId, OrganizationId, PolicyId, RoleId, Scope, SubjectId, TeamId, Timestamp, grouped, sentence_list},
    policies::{self, Policy},
    roles::{self, Role},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// What a team can give.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    Role(Role),
    Policy(Policy),
}

impl Given {
    pub fn name(&self) -> &str {
        match self {
            Self::Role(role) => &role.name,
            Self::Policy(policy) => &policy.name,
        }
    }
    /// `role` or `policy`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Role(_) => "role",
            Self::Policy(_) => "policy",
        }
    }
    /// `the role Editor`.
    pub fn told(&self) -> String {
        format!("the {} {}", self.kind(), self.name())
    }
    /// Whether to give it needs reauthentication.
    pub fn is_privileged(&self) -> bool {
        match self {
            Self::Role(role) => role.rules(),
            Self::Policy(_) => true,
        }
    }
}

/// A role or a policy that a team gives to its members.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamGrant {
    pub given: Given,
    pub until: Option<Timestamp>,
    /// Team administrators may add people, although that gives them this.
    pub is_delegated: bool,
    pub attached_at: Timestamp,
    pub attached_by: Option<MemberId>,
}

impl TeamGrant {
    /// `Editor until 4 Mar 2027`.
    fn told(&self) -> String {
        match self.until {
            Some(until) => format!("{} until {}", self.given.name(), until.last_day_told()),
            None => self.given.name().to_owned(),
        }
    }
}

/// What each team gives at this instant: roles by name, then policies by name. A team that gives nothing is absent.
pub type TeamAccess = HashMap<TeamId, Vec<TeamGrant>>;

/// What comes with a team, in words: `Editor and Contracts until 4 Mar 2027`.
pub fn told_grants(grants: &[TeamGrant]) -> String {
    sentence_list(&grants.iter().map(TeamGrant::told).collect::<Vec<_>>())
}

type Line<K> = (TeamId, K, Option<Timestamp>, bool, Timestamp, Option<MemberId>);

/// What these teams give now; without `ids`, all of the organization.
pub fn team_access(conn: &mut Conn, organization: OrganizationId, ids: Option<&[TeamId]>, now: Timestamp) -> Result<TeamAccess, Fault> {
    macro_rules! lines {
        ($table:ident, $column:ident) => {{
            let mut rows = $table::table
                .filter($table::organization_id.eq(organization))
                .filter(roles::in_force!($table::until_at, now))
                .into_boxed::<MultiBackend>();
            if let Some(ids) = ids {
                rows = rows.filter($table::team_id.among(ids));
            }
            let columns = (
                $table::team_id,
                $table::$column,
                $table::until_at,
                $table::is_delegated,
                $table::attached_at,
                $table::attached_by,
            );
            rows.select(columns).load(conn)?
        }};
    }
    let given_roles: Vec<Line<RoleId>> = lines!(team_roles, role_id);
    let given_policies: Vec<Line<PolicyId>> = lines!(team_policies, policy_id);
    let mut all = TeamAccess::new();
    if !given_roles.is_empty() {
        for role in roles::list(conn, organization)? {
            gather(&mut all, &given_roles, role.id, &Given::Role(role));
        }
    }
    if !given_policies.is_empty() {
        for policy in policies::list(conn, organization)? {
            gather(&mut all, &given_policies, policy.id, &Given::Policy(policy));
        }
    }
    Ok(all)
}

fn gather<K: PartialEq>(all: &mut TeamAccess, lines: &[Line<K>], id: K, given: &Given) {
    for (team, _, until, is_delegated, attached_at, attached_by) in lines.iter().filter(|line| line.1 == id) {
        all.entry(*team).or_default().push(TeamGrant {
            given: given.clone(),
            until: *until,
            is_delegated: *is_delegated,
            attached_at: *attached_at,
            attached_by: *attached_by,
        });
    }
}

/// A team that gives a role or a policy to its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivingTeam {
    pub id: TeamId,
    pub name: String,
    /// How many are in it, disabled ones too.
    pub members: i64,
    pub until: Option<Timestamp>,
}

impl GivingTeam {
    /// `the 12 members of the team Fish`.
    pub fn told(&self) -> String {
        match self.members {
            0 => format!("the team {}, in which nobody is", self.name),
            1 => format!("the member of the team {}", self.name),
            many => format!("the {} members of the team {}", grouped(many), self.name),
        }
    }
}

/// Which teams give these roles or policies now, by name; without `ids`, all of the organization.
pub fn giving_teams<K: AssignedId>(conn: &mut Conn, scope: &Scope, ids: Option<&[K]>) -> Result<Vec<(K, GivingTeam)>, Fault> {
    let ids: Option<Vec<SubjectId>> = ids.map(|ids| ids.iter().map(|id| id.subject()).collect());
    macro_rules! teams {
        ($table:ident, $column:ident) => {{
            let mut rows = $table::table
                .inner_join(schema::teams::table)
                .filter($table::organization_id.eq(scope.organization))
                .filter(roles::in_force!($table::until_at, scope.now()))
                .order(schema::teams::name_key)
                .select(($table::$column, schema::teams::id, schema::teams::name, $table::until_at))
                .into_boxed::<MultiBackend>();
            if let Some(ids) = ids {
                rows = rows.filter($table::$column.among(ids));
            }
            rows.load(conn)?
        }};
    }
    let rows: Vec<(SubjectId, TeamId, String, Option<Timestamp>)> = match K::ASSIGNED {
        Assigned::Role => teams!(team_roles, role_id),
        Assigned::Policy => teams!(team_policies, policy_id),
        Assigned::Team => vec![],
    };
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let known: Vec<TeamId> = rows.iter().map(|row| row.1).collect();
    let mut members: HashMap<TeamId, i64> = HashMap::new();
    for (team, .., count) in assignment_counts(conn, scope, Some(&known))? {
        *members.entry(team).or_default() += count;
    }
    let team = |(given, id, name, until): (SubjectId, TeamId, String, Option<Timestamp>)| {
        let members = members.get(&id).copied().unwrap_or_default();
        (K::of_subject(given), GivingTeam { id, name, members, until })
    };
    Ok(rows.into_iter().map(team).collect())
}
