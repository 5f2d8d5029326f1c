//! How many members match a list, by status.

use super::{
    conditions::{Condition, conditions, ranges, row_tests},
    plan::ScanPlan,
    query::{DirectoryQuery, Tab},
    selectivity::{Selectivity, looked_through},
    total::Total,
};
use crate::{
    db::{Conn, MultiBackend, query::CountedByValue, schema::members},
    kit::{Fault, MemberKind, MemberStatus, Scope, rights},
    members::{AssignedId, Reach, assignment_counts, giving_teams, tallies},
};
use diesel::{dsl::count_star, prelude::*};

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

/// Counts the members that match the filters, by status.
pub fn counts(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Counts, Fault> {
    if let Some(tallied) = tallied(conn, scope, list_query)? {
        return Ok(tallied);
    }
    let gathering = Selectivity::for_all(conn, scope, list_query)?.gathering();
    counted(conn, scope, list_query, gathering.unwrap_or(ScanPlan::Count))
}

/// [`counts`] for a page: unless the address asks for the exact numbers, it looks through few members of each status.
pub fn counts_for_page(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, selectivity: Selectivity) -> Result<Counts, Fault> {
    if list_query.is_exact {
        return counts(conn, scope, list_query);
    }
    if let Some(tallied) = tallied(conn, scope, list_query)? {
        return Ok(tallied);
    }
    if let Some(gathering) = selectivity.gathering() {
        return counted(conn, scope, list_query, gathering);
    }
    Ok(Counts {
        invited: found(conn, scope, list_query, MemberStatus::Invited)?,
        active: found(conn, scope, list_query, MemberStatus::Active)?,
        disabled: found(conn, scope, list_query, MemberStatus::Disabled)?,
    })
}

fn counted(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, plan: ScanPlan) -> Result<Counts, Fault> {
    let mut query = members::table
        .group_by(members::status)
        .select((members::status, count_star()))
        .into_boxed::<MultiBackend>();
    for condition in conditions(scope, list_query, plan) {
        query = query.filter(condition);
    }
    Ok(Counts::sum(query.load::<(MemberStatus, i64)>(conn)?))
}

/// How many of a status match among the first of them, up to [`looked_through`].
fn found(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, status: MemberStatus) -> Result<Total, Fault> {
    let of_status: Condition = Box::new(members::status.eq(status));
    let matches = row_tests(scope, list_query, ScanPlan::Look)
        .into_iter()
        .fold(of_status, |all, one| Box::new(all.and(one)));
    let mut looked = members::table.select(matches).into_boxed::<MultiBackend>();
    for condition in ranges(scope, list_query, ScanPlan::Look) {
        looked = looked.filter(condition);
    }
    let most = looked_through(list_query);
    let looked = looked.filter(members::status.eq(status)).limit(most + 1);
    let counts: Vec<(bool, i64)> = CountedByValue(looked).load(conn)?;
    let matching = counts.iter().filter(|(is_match, _)| *is_match).map(|(_, count)| count).sum();
    if counts.iter().map(|(_, count)| count).sum::<i64>() > most {
        Ok(Total::AtLeast(matching))
    } else {
        Ok(Total::Exactly(matching))
    }
}

/// Everybody, or those who have one role, team or policy, if nothing else is asked: triggers count them anyway. Not for what
/// teams give: who has it by themselves may have it through a team too.
fn tallied(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Option<Counts>, Fault> {
    if let Reach::Teams(teams) = &list_query.reach {
        return match teams[..] {
            [team] if !list_query.is_filtered() => assigned(conn, scope, list_query.kind, team),
            _ => Ok(None),
        };
    }
    if !list_query.is_filtered() {
        let of_kind = |(kind, status, members)| (kind == list_query.kind).then_some((status, members));
        return Ok(Some(Counts::sum(tallies(conn, scope.organization)?.into_iter().filter_map(of_kind))));
    }
    let is_all = |filter: &str| !list_query.without(filter).is_filtered();
    match (&list_query.roles[..], &list_query.teams[..], &list_query.policies[..]) {
        ([role], [], []) if is_all("role") => assigned(conn, scope, list_query.kind, *role),
        ([], [team], []) if is_all("team") => assigned(conn, scope, list_query.kind, *team),
        ([], [], [policy]) if is_all("policy") && scope.may(rights::POLICY_READ) => assigned(conn, scope, list_query.kind, *policy),
        _ => Ok(None),
    }
}

fn assigned(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: impl AssignedId) -> Result<Option<Counts>, Fault> {
    if !giving_teams(conn, scope, Some(&[id]))?.is_empty() {
        return Ok(None);
    }
    let found = assignment_counts(conn, scope, Some(&[id]))?;
    let of_kind = |(_, of, status, members)| (of == kind).then_some((status, members));
    Ok(Some(Counts::sum(found.into_iter().filter_map(of_kind))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_counted_to_the_end_is_told_as_a_round_number() {
        let counts = Counts {
            invited: Total::Exactly(12),
            active: Total::AtLeast(3_001),
            disabled: Total::Exactly(1_234),
        };
        let told = [Tab::Current, Tab::Invited, Tab::Disabled, Tab::Everything].map(|tab| counts.of(tab).to_string());
        assert_eq!(told, ["over 3,000", "12", "1,234", "over 4,000"]);
        assert_eq!((counts.of(Tab::Current).at_least(), counts.disabled.at_least()), (3_013, 1_234));
        assert!(!counts.of(Tab::Current).is_exact() && counts.of(Tab::Disabled).is_exact());
        let told = [0, 1, 2, 10, 11, 100, 2_500].map(|count| Total::AtLeast(count).to_string());
        assert_eq!(told, ["?", "some", "over 1", "over 9", "over 10", "over 90", "over 2,000"]);
    }
}
