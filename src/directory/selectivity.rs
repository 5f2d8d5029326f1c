//! Picks the most selective filter for SQLite's planner: candidates come from it, the other filters are tested per row.
//! PostgreSQL plans by itself.

use super::query::DirectoryQuery;
use crate::{
    db::{
        Conn,
        schema::{member_policies, member_roles, team_members},
        search::matches_more_than,
    },
    kit::{Fault, MemberId, Scope, search::Sought},
};
use diesel::prelude::*;

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

/// Members who hold one of these roles now.
macro_rules! holders {
    ($scope:expr, $roles:expr) => {
        member_roles::table
            .filter(member_roles::organization_id.eq($scope.organization))
            .filter(member_roles::role_id.eq_any($roles.clone()))
            .filter(crate::roles::in_force!(member_roles::until_at, $scope.now()))
    };
}
/// Members who are in one of these teams.
macro_rules! within {
    ($scope:expr, $teams:expr) => {
        team_members::table
            .filter(team_members::organization_id.eq($scope.organization))
            .filter(team_members::team_id.eq_any($teams.clone()))
    };
}
/// Members to whom one of these policies is attached.
macro_rules! under {
    ($scope:expr, $policies:expr) => {
        member_policies::table
            .filter(member_policies::organization_id.eq($scope.organization))
            .filter(member_policies::policy_id.eq_any($policies.clone()))
    };
}
pub(super) use holders;
pub(super) use under;
pub(super) use within;

/// The first filter with at most `FEW` matches, if there is one.
pub fn passed_by_few(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Option<SelectiveFilter>, Fault> {
    if let Conn::Pg(_) = conn {
        return Ok(None);
    }
    macro_rules! is_few {
        ($list:expr, $member:expr) => {
            $list.select($member).offset(FEW).limit(1).first::<MemberId>(conn).optional()?.is_none()
        };
    }
    if !list_query.policies.is_empty() && is_few!(under!(scope, list_query.policies), member_policies::member_id) {
        return Ok(Some(SelectiveFilter::Policies));
    }
    if !list_query.teams.is_empty() && is_few!(within!(scope, list_query.teams), team_members::member_id) {
        return Ok(Some(SelectiveFilter::Teams));
    }
    if !list_query.roles.is_empty() && is_few!(holders!(scope, list_query.roles), member_roles::member_id) {
        return Ok(Some(SelectiveFilter::Roles));
    }
    match Sought::read(&list_query.search) {
        Some(sought) if !matches_more_than(conn, &sought, FEW)? => Ok(Some(SelectiveFilter::Search)),
        _ => Ok(None),
    }
}
