//! How many members match a list, by status.

use super::{
    conditions::{ScanPlan, conditions, tab_condition},
    query::{DirectoryQuery, Tab},
    selectivity::passed_by_few,
};
use crate::{
    db::{Conn, MultiBackend, query::CountedByValue, schema::members},
    kit::{Fault, MemberId, MemberKind, MemberStatus, Scope, grouped, rights},
    members::{AssignedId, assignment_counts, tallies},
};
use diesel::{dsl::count_star, prelude::*};
use std::{fmt, ops::Add};

/// Up to this number pages count those that match a filter. Counting a million would take a thousand times as long as
/// showing fifty.
pub const BOUND: i64 = 10_000;

/// How many match: exactly, or that they are more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    Exactly(i64),
    Over(i64),
}

impl Total {
    /// The number, or the next one that is known to be no more than it.
    pub fn at_least(self) -> i64 {
        match self {
            Self::Exactly(count) => count,
            Self::Over(count) => count + 1,
        }
    }
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Exactly(_))
    }
}

impl Default for Total {
    fn default() -> Self {
        Self::Exactly(0)
    }
}

impl Add for Total {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exactly(a), Self::Exactly(b)) => Self::Exactly(a + b),
            // Of two bounds that are passed, the sum is no round number to tell.
            (Self::Over(a), Self::Over(b)) => Self::Over(a.max(b)),
            (Self::Over(over), Self::Exactly(_)) | (Self::Exactly(_), Self::Over(over)) => Self::Over(over),
        }
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(count) => f.write_str(&grouped(count)),
            Self::Over(count) => write!(f, "over {}", grouped(count)),
        }
    }
}

/// The number of matches by status.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub invited: Total,
    pub active: Total,
    pub disabled: Total,
}

impl Counts {
    pub fn of(self, tab: Tab) -> Total {
        match tab {
            Tab::Current => self.active + self.invited,
            Tab::Active => self.active,
            Tab::Invited => self.invited,
            Tab::Disabled => self.disabled,
            Tab::Everything => self.active + self.invited + self.disabled,
        }
    }

    fn add(&mut self, status: MemberStatus, count: i64) {
        let total = match status {
            MemberStatus::Invited => &mut self.invited,
            MemberStatus::Active => &mut self.active,
            MemberStatus::Disabled => &mut self.disabled,
        };
        *total = *total + Total::Exactly(count);
    }

    fn sum(counts: impl IntoIterator<Item = (MemberStatus, i64)>) -> Self {
        let mut sum = Self::default();
        for (status, count) in counts {
            sum.add(status, count);
        }
        sum
    }
}

/// Matching members before anything of them is selected.
macro_rules! matching {
    ($scope:expr, $list_query:expr, $plan:expr, $select:expr) => {{
        let mut query = members::table.select($select).into_boxed::<MultiBackend>();
        for condition in conditions($scope, $list_query, $plan) {
            query = query.filter(condition);
        }
        query
    }};
}

/// Counts the members that match the filters, by status.
pub fn counts(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Counts, Fault> {
    if !list_query.is_filtered() {
        let of_kind = |(kind, status, members)| (kind == list_query.kind).then_some((status, members));
        return Ok(Counts::sum(tallies(conn, scope.organization)?.into_iter().filter_map(of_kind)));
    }
    if let Some(tallied) = tallied(conn, scope, list_query)? {
        return Ok(tallied);
    }
    let plan = plan(conn, scope, list_query)?;
    let mut query = members::table
        .group_by(members::status)
        .select((members::status, count_star()))
        .into_boxed::<MultiBackend>();
    for condition in conditions(scope, list_query, plan) {
        query = query.filter(condition);
    }
    Ok(Counts::sum(query.load::<(MemberStatus, i64)>(conn)?))
}

/// [`counts`] for a page: of each status up to [`BOUND`], unless the address asks for the exact numbers.
pub fn counts_for_page(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Counts, Fault> {
    if !list_query.is_filtered() || list_query.is_exact {
        return counts(conn, scope, list_query);
    }
    if let Some(tallied) = tallied(conn, scope, list_query)? {
        return Ok(tallied);
    }
    let plan = plan(conn, scope, list_query)?;
    let few = CountedByValue(matching!(scope, list_query, plan, members::status).limit(BOUND + 1), "status");
    let few: Vec<(MemberStatus, i64)> = few.load(conn)?;
    if few.iter().map(|(_, count)| count).sum::<i64>() <= BOUND {
        return Ok(Counts::sum(few));
    }
    let mut count = |tab: Tab| -> Result<Total, Fault> {
        let beyond = matching!(scope, list_query, plan, members::id).filter(tab_condition(tab)).offset(BOUND).limit(1);
        if beyond.first::<MemberId>(conn).optional()?.is_some() {
            return Ok(Total::Over(BOUND));
        }
        let counted = matching!(scope, list_query, plan, count_star()).filter(tab_condition(tab));
        Ok(Total::Exactly(counted.first(conn)?))
    };
    Ok(Counts {
        invited: count(Tab::Invited)?,
        active: count(Tab::Active)?,
        disabled: count(Tab::Disabled)?,
    })
}

/// Those who have one role, team or policy, if nothing else is asked: triggers count them anyway.
fn tallied(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Option<Counts>, Fault> {
    let is_all = |filter: &str| !list_query.without(filter).is_filtered();
    match (&list_query.roles[..], &list_query.teams[..], &list_query.policies[..]) {
        ([role], [], []) if is_all("role") => assigned(conn, scope, list_query.kind, *role).map(Some),
        ([], [team], []) if is_all("team") => assigned(conn, scope, list_query.kind, *team).map(Some),
        ([], [], [policy]) if is_all("policy") && scope.may(rights::POLICY_READ) => {
            assigned(conn, scope, list_query.kind, *policy).map(Some)
        }
        _ => Ok(None),
    }
}

fn assigned(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: impl AssignedId) -> Result<Counts, Fault> {
    let found = assignment_counts(conn, scope, Some(&[id]))?;
    let of_kind = |(_, of, status, members)| (of == kind).then_some((status, members));
    Ok(Counts::sum(found.into_iter().filter_map(of_kind)))
}

fn plan(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<ScanPlan, Fault> {
    let few = passed_by_few(conn, scope, list_query)?;
    Ok(few.map_or(ScanPlan::Count, |few| ScanPlan::Gather(Some(few))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_counted_to_the_end_is_told_as_a_bound() {
        let counts = Counts {
            invited: Total::Exactly(12),
            active: Total::Over(BOUND),
            disabled: Total::Exactly(1_234),
        };
        let told = [Tab::Current, Tab::Invited, Tab::Disabled, Tab::Everything].map(|tab| counts.of(tab).to_string());
        assert_eq!(told, ["over 10,000", "12", "1,234", "over 10,000"]);
        assert_eq!((counts.of(Tab::Current).at_least(), counts.disabled.at_least()), (10_001, 1_234));
        assert!(!counts.of(Tab::Current).is_exact() && counts.of(Tab::Disabled).is_exact());
    }
}
