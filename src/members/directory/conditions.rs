//! What an address asks of members, as both engines are asked it.

use super::{
    few::{Filter, holders, under, within},
    wish::{DirectoryQuery, Seen, Sort, Tab, TwoStep},
};
use crate::{
    db::{
        MultiBackend,
        query::beside_indexes,
        schema::{member_policies, member_roles, members, passkeys, team_members, totps},
        search::member_search,
    },
    kit::{MemberId, MemberKind, Scope, Timestamp, rights, search::Sought},
    members::MemberStatus,
};
use chrono::TimeDelta;
use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::Bool,
};

pub type Condition = Box<dyn BoxableExpression<members::table, MultiBackend, SqlType = Bool>>;

/// How the members who match are found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// All of them, to be counted: along the index that holds what is counted by.
    Count,
    /// Few: gathered by the filter that few pass, or by all of them where none is known to be, then sorted.
    Gather(Option<Filter>),
    /// Many: along the index that the list is sorted by, each asked whether it matches.
    Walk,
}

impl Way {
    /// Whether each member is asked about this filter, rather than found by it.
    fn asks(self, filter: Filter) -> bool {
        match self {
            Self::Count | Self::Gather(None) => false,
            Self::Gather(Some(by)) => by != filter,
            Self::Walk => true,
        }
    }
}

/// The filters, without the tab.
pub fn conditions(scope: &Scope, wish: &DirectoryQuery, way: Way) -> Vec<Condition> {
    // Anyone who is found by a filter is not looked for along an index of everybody.
    let is_found = matches!(way, Way::Gather(Some(_)));
    let mut all: Vec<Condition> = vec![
        Box::new(beside_indexes(members::organization_id, is_found).eq(scope.organization)),
        Box::new(beside_indexes(members::kind, is_found).eq(wish.kind)),
    ];
    if let Some(sought) = Sought::read(&wish.search) {
        all.push(Box::new(member_search(&sought, !way.asks(Filter::Search))));
    }
    // Both ways of asking whether somebody has one of several things.
    macro_rules! having {
        ($filter:expr, $having:expr, $member:expr) => {
            if way.asks($filter) {
                all.push(Box::new(exists($having.filter($member.eq(members::id)))));
            } else {
                all.push(Box::new(
                    beside_indexes(members::id, way == Way::Count).eq_any($having.select($member)),
                ));
            }
        };
    }
    if !wish.roles.is_empty() {
        having!(Filter::Roles, holders!(scope, wish.roles), member_roles::member_id);
    }
    if !wish.teams.is_empty() {
        having!(Filter::Teams, within!(scope, wish.teams), team_members::member_id);
    }
    // Lists do not show who is under which policy: anyone who may not see policies finds nobody by them.
    if !wish.policies.is_empty() && !scope.may(rights::POLICY_READ) {
        all.push(Box::new(members::id.eq_any(Vec::<MemberId>::new())));
    } else if !wish.policies.is_empty() {
        having!(Filter::Policies, under!(scope, wish.policies), member_policies::member_id);
    }
    if !wish.providers.is_empty() {
        all.push(Box::new(members::provider.eq_any(wish.providers.clone())));
    }
    if let Some(seen) = wish.seen {
        let sorted_by = if wish.kind.is_machine() {
            Sort::LastApiUse
        } else {
            Sort::LastSignIn
        };
        let by_key = matches!(way, Way::Gather(_)) || wish.sort == sorted_by && way != Way::Count;
        all.push(seen_condition(scope, wish.kind, seen, by_key));
    }
    if let Some(two_step) = wish.two_step {
        let app = exists(totps::table.filter(totps::user_id.nullable().eq(members::user_id)));
        let key = exists(passkeys::table.filter(passkeys::user_id.nullable().eq(members::user_id)));
        all.push(match two_step {
            TwoStep::On => Box::new(app.or(key)),
            // Each by itself, which both engines answer by a join.
            TwoStep::None => Box::new(not(app).and(not(key))),
        });
    }
    all
}

/// How long ago somebody signed in, or a machine called: by what lists are sorted by, or by the fact itself, which an index holds beside
/// what is counted by. A machine that never called has been unused since it was created: an administrator looks for both.
fn seen_condition(scope: &Scope, kind: MemberKind, seen: Seen, by_key: bool) -> Condition {
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
            match (before, by_key) {
                (None, true) => Box::new($key.eq(Timestamp::EPOCH)),
                (None, false) => Box::new($fact.is_null()),
                (Some(before), true) => Box::new($key.gt(Timestamp::EPOCH).and($key.lt(before))),
                (Some(before), false) => Box::new($fact.lt(Some(before)).assume_not_null()),
            }
        };
    }
    match kind {
        MemberKind::User => seen!(members::last_sign_in_key, members::last_sign_in_at),
        MemberKind::SystemAccount => seen!(members::last_api_use_key, members::last_api_use_at),
    }
}

/// The tab, in the words of the indexes: most lead with `is_current`, so a list sorted by any column walks along one
/// of them. Invitations are few, so they are gathered by status and then sorted.
pub fn tab_condition(tab: Tab) -> Condition {
    match tab {
        Tab::Current => Box::new(members::is_current.eq(true)),
        Tab::Active => Box::new(members::is_current.eq(true).and(members::status.ne(MemberStatus::Invited))),
        Tab::Invited => Box::new(members::status.eq(MemberStatus::Invited)),
        Tab::Disabled => Box::new(members::is_current.eq(false)),
        Tab::Everything => Box::new(members::is_current.eq_any([true, false])),
    }
}
