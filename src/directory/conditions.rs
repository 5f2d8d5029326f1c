//! SQL conditions for the filters of a list, for both database engines.

use super::{
    own_filters,
    plan::{ScanPlan, SelectiveFilter},
    query::{DirectoryQuery, Seen, Sort, Tab, TwoStep},
};
use crate::{
    db::{
        Among, MultiBackend,
        query::{beside_indexes, per_row},
        schema::{members, passkeys, team_members, totps},
        search::member_search,
        views::{held_policies, held_roles},
    },
    kit::{MemberId, MemberKind, MemberStatus, Scope, Timestamp, rights, search::Sought},
    members::Reach,
};
use chrono::TimeDelta;
use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::Bool,
};

pub type Condition = Box<dyn BoxableExpression<members::table, MultiBackend, SqlType = Bool>>;

/// Members who hold one of these roles now, by themselves or through a team.
macro_rules! holders {
    ($scope:expr, $roles:expr) => {
        held_roles::table
            .filter(held_roles::organization_id.eq($scope.organization))
            .filter(held_roles::role_id.among($roles.clone()))
            .filter(crate::roles::in_force!(held_roles::until_at, $scope.now()))
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
/// Members to whom one of these policies is attached, by themselves or through a team.
macro_rules! under {
    ($scope:expr, $policies:expr) => {
        held_policies::table
            .filter(held_policies::organization_id.eq($scope.organization))
            .filter(held_policies::policy_id.among($policies.clone()))
            .filter(crate::roles::in_force!(held_policies::until_at, $scope.now()))
    };
}

/// The conditions of all filters except the tab.
pub fn conditions(scope: &Scope, list_query: &DirectoryQuery, way: ScanPlan) -> Vec<Condition> {
    let mut all = ranges(scope, list_query, way);
    all.extend(row_tests(scope, list_query, way));
    all
}

/// The conditions that an index finds the rows of, together with a status.
pub fn ranges(scope: &Scope, list_query: &DirectoryQuery, way: ScanPlan) -> Vec<Condition> {
    // Candidates come from a filter, so SQLite must not use an index over all members.
    let is_found = matches!(way, ScanPlan::Gather(Some(_)));
    let mut all: Vec<Condition> = vec![
        Box::new(beside_indexes(members::organization_id, is_found).eq(scope.organization)),
        Box::new(beside_indexes(members::kind, is_found).eq(list_query.kind)),
    ];
    if !list_query.providers.is_empty() {
        let providers = list_query.providers.clone();
        all.push(match way {
            ScanPlan::Walk if list_query.sort != Sort::Provider => Box::new(per_row(members::provider).among(providers)),
            _ => Box::new(members::provider.among(providers)),
        });
    }
    if let Some(seen) = list_query.seen {
        let sorted_by = if list_query.kind.is_machine() {
            Sort::LastApiUse
        } else {
            Sort::LastSignIn
        };
        let column = match way {
            ScanPlan::Gather(_) => SeenColumn::Key,
            ScanPlan::Look if list_query.providers.is_empty() => SeenColumn::Key,
            ScanPlan::Walk if list_query.sort == sorted_by => SeenColumn::Key,
            ScanPlan::Walk => SeenColumn::PerRow,
            ScanPlan::Look | ScanPlan::Count => SeenColumn::Fact,
        };
        all.push(seen_condition(scope, list_query.kind, seen, column));
    }
    all
}

/// The conditions that are tested row by row, unless the plan takes its candidates from them.
pub fn row_tests(scope: &Scope, list_query: &DirectoryQuery, way: ScanPlan) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    if let Some(sought) = Sought::read(&list_query.search) {
        all.push(Box::new(member_search(&sought, !way.asks(SelectiveFilter::Search))));
    }
    // Builds both forms of the condition "has one of these": `EXISTS`, tested per row, or `IN`, the source of
    // candidates.
    macro_rules! having {
        ($filter:expr, $having:expr, $member:expr) => {
            if way.asks($filter) {
                all.push(Box::new(per_row(exists($having.filter($member.eq(members::id))))));
            } else {
                all.push(Box::new(beside_indexes(members::id, way == ScanPlan::Count).eq_any($having.select($member))));
            }
        };
    }
    if let Reach::Teams(teams) = &list_query.reach {
        having!(SelectiveFilter::Reach, within!(scope, teams), team_members::member_id);
    }
    if !list_query.roles.is_empty() {
        having!(SelectiveFilter::Roles, holders!(scope, list_query.roles), held_roles::member_id);
    }
    if !list_query.teams.is_empty() {
        having!(SelectiveFilter::Teams, within!(scope, list_query.teams), team_members::member_id);
    }
    // Lists do not show which policies a member has. For a caller who may not see policies, this filter matches nobody,
    // so that it reveals nothing.
    if !list_query.policies.is_empty() && !scope.may(rights::POLICY_READ) {
        all.push(Box::new(members::id.among(Vec::<MemberId>::new())));
    } else if !list_query.policies.is_empty() {
        having!(SelectiveFilter::Policies, under!(scope, list_query.policies), held_policies::member_id);
    }
    let is_asked = way.asks(SelectiveFilter::Own);
    all.extend(own_filters::conditions(
        scope,
        list_query.kind,
        &list_query.fields,
        (is_asked, way == ScanPlan::Count),
    ));
    if let Some(two_step) = list_query.two_step {
        let app = exists(totps::table.filter(totps::user_id.nullable().eq(members::user_id)));
        let key = exists(passkeys::table.filter(passkeys::user_id.nullable().eq(members::user_id)));
        all.push(match two_step {
            TwoStep::On => Box::new(app.or(key)),
            // Two separate conditions: both engines run each as a join.
            TwoStep::None => Box::new(not(app).and(not(key))),
        });
    }
    all
}

/// By what the last sign-in or use is compared.
enum SeenColumn {
    /// The sort key, which has an index of its own.
    Key,
    /// The plain column, which the counting index covers.
    Fact,
    /// The sort key of each row that another index finds.
    PerRow,
}

/// The last sign-in of a person or the last API use of a system account. A system account that was never used counts as
/// unused since its creation, because an administrator looks for both.
fn seen_condition(scope: &Scope, kind: MemberKind, seen: Seen, column: SeenColumn) -> Condition {
    let ago = |days| Some(scope.now() - TimeDelta::days(days));
    let before = match seen {
        Seen::Never => None,
        Seen::Over30Days => ago(30),
        Seen::Over90Days => ago(90),
    };
    if let (MemberKind::SystemAccount, Some(before)) = (kind, before) {
        let is_older = members::created_at.lt(before);
        return Box::new(members::last_api_use_key.lt(before).and(is_older));
    }
    macro_rules! seen {
        ($key:expr, $fact:expr) => {
            match (before, column) {
                (None, SeenColumn::Key) => Box::new($key.eq(Timestamp::EPOCH)),
                (None, SeenColumn::PerRow) => Box::new(per_row($key).eq(Timestamp::EPOCH)),
                (None, SeenColumn::Fact) => Box::new($fact.is_null()),
                (Some(before), SeenColumn::Key) => Box::new($key.gt(Timestamp::EPOCH).and($key.lt(before))),
                (Some(before), SeenColumn::PerRow) => Box::new(per_row($key).gt(Timestamp::EPOCH).and(per_row($key).lt(before))),
                (Some(before), SeenColumn::Fact) => Box::new($fact.lt(Some(before)).assume_not_null()),
            }
        };
    }
    match kind {
        MemberKind::User => seen!(members::last_sign_in_key, members::last_sign_in_at),
        MemberKind::SystemAccount => seen!(members::last_api_use_key, members::last_api_use_at),
    }
}

/// The tab, written to match the indexes: most begin with `is_current`, so a list with any sort order scans one of
/// them. Invitations are few, so they are selected by status and then sorted.
pub fn tab_condition(tab: Tab) -> Condition {
    match tab {
        Tab::Current => Box::new(members::is_current.eq(true)),
        Tab::Active => Box::new(members::is_current.eq(true).and(members::status.ne(MemberStatus::Invited))),
        Tab::Invited => Box::new(members::status.eq(MemberStatus::Invited)),
        Tab::Disabled => Box::new(members::is_current.eq(false)),
        Tab::Everything => Box::new(members::is_current.among([true, false])),
    }
}
