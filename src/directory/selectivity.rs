//! Picks the most selective filter for SQLite's planner: candidates come from it, the other filters are tested per row.
//! PostgreSQL plans by itself.

use super::query::DirectoryQuery;
use crate::{
    db::{Conn, search::matches_more_than},
    kit::{Fault, Scope, SubjectId, search::Sought},
    members::{Assigned, assignment_tallies, tallies},
};
use uuid::Uuid;

/// The filters that can supply a list of members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectiveFilter {
    Search,
    Roles,
    Teams,
    Policies,
}

/// Up to this number, testing candidates one by one is faster than counting all members.
const FEW: i64 = 5_000;
/// In large organizations that is so up to one of this many members.
const SHARE: i64 = 10;

/// Members who hold one of these roles now.
macro_rules! holders {
    ($scope:expr, $roles:expr) => {
        member_roles::table
            .filter(member_roles::organization_id.eq($scope.organization))
            .filter(member_roles::role_id.among($roles.clone()))
            .filter(crate::roles::in_force!(member_roles::until_at, $scope.now()))
    };
}
/// Members who are in one of these teams.
macro_rules! within {
    ($scope:expr, $teams:expr) => {
        team_members::table
            .filter(team_members::organization_id.eq($scope.organization))
            .filter(team_members::team_id.among($teams.clone()))
    };
}
/// Members to whom one of these policies is attached.
macro_rules! under {
    ($scope:expr, $policies:expr) => {
        member_policies::table
            .filter(member_policies::organization_id.eq($scope.organization))
            .filter(member_policies::policy_id.among($policies.clone()))
    };
}
pub(super) use holders;
pub(super) use under;
pub(super) use within;

/// The first filter with few matches, if there is one.
pub fn passed_by_few(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Option<SelectiveFilter>, Fault> {
    if let Conn::Pg(_) = conn {
        return Ok(None);
    }
    let members: i64 = tallies(conn, scope.organization)?.into_iter().map(|(.., members)| members).sum();
    let few = FEW.max(members / SHARE);
    let filters = [
        (SelectiveFilter::Policies, Assigned::Policy, subjects(&list_query.policies, |id| id.0)),
        (SelectiveFilter::Teams, Assigned::Team, subjects(&list_query.teams, |id| id.0)),
        (SelectiveFilter::Roles, Assigned::Role, subjects(&list_query.roles, |id| id.0)),
    ];
    for (filter, assigned, ids) in filters.into_iter().filter(|(.., ids)| !ids.is_empty()) {
        // Roles that end on a date are not tallied; those are so few that they do not matter here.
        let tallied = assignment_tallies(conn, scope.organization, assigned, Some(&ids))?;
        if tallied.into_iter().map(|(.., members)| members).sum::<i64>() <= few {
            return Ok(Some(filter));
        }
    }
    match Sought::read(&list_query.search) {
        Some(sought) if !matches_more_than(conn, &sought, FEW)? => Ok(Some(SelectiveFilter::Search)),
        _ => Ok(None),
    }
}

fn subjects<K>(ids: &[K], read: impl Fn(&K) -> Uuid) -> Vec<SubjectId> {
    ids.iter().map(|id| SubjectId(read(id))).collect()
}
