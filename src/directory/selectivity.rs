//! Whether few members pass one of the filters: then candidates come from it, and the other filters are tested per row.

use super::{
    own_filters,
    plan::{ScanPlan, SelectiveFilter},
    query::DirectoryQuery,
    total::Total,
};
use crate::{
    db::{Conn, search::matches_more_than},
    kit::{Fault, Scope, search::Sought},
    members::{AssignedId, Reach, assignment_counts, giving_teams, tallies},
};

/// What decides how the members of a filtered list are found.
#[derive(Clone, Copy, Debug)]
pub struct Selectivity {
    /// The filter that the fewest members pass, if they are few.
    few: Option<SelectiveFilter>,
    /// The filter that the fewest members pass, among those whose number is known, and how many.
    fewest: Option<(SelectiveFilter, i64)>,
    /// All members of the organization.
    members: i64,
}

/// Up to so many candidates are tested one by one for a page.
const FEW: i64 = 3_000;
/// To count or gather everybody, that is faster than going through all members up to one of this many of them.
const SHARE: i64 = 10;
/// Gathering a candidate takes about as long as walking past so many rows: each is looked up by itself, and sorted.
const GATHERED: i64 = 2;
/// Up to so many rows are walked past where gathering would begin with an unknown number of candidates.
const WALKED: i64 = 7_000;
/// Up to so many who match a search are gathered, or one of [`SHARE`] members. They may stand together in the sort order, such
/// as all who are called Maria, far from where a walk begins.
const SOUGHT: i64 = 20_000;
const STATUSES: i64 = 3;

/// So many members of each status are looked through to count those who match, where no filter is passed by few: the more,
/// the less each of them takes.
pub fn looked_through(list_query: &DirectoryQuery) -> i64 {
    let is_held = !list_query.roles.is_empty() || !list_query.teams.is_empty() || !list_query.policies.is_empty();
    let is_held = is_held || list_query.reach != Reach::Everybody;
    if is_held || list_query.two_step.is_some() || !list_query.fields.is_empty() {
        // A look into other tables for each.
        1_500
    } else if Sought::read(&list_query.search).is_some() {
        3_000
    } else {
        // Counted along an index.
        10_000
    }
}

impl Selectivity {
    /// For one page of a list.
    pub fn for_page(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Self, Fault> {
        Self::read(conn, scope, list_query, |_| FEW)
    }

    /// For everybody whom the list names.
    pub fn for_all(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Self, Fault> {
        Self::read(conn, scope, list_query, |members| FEW.max(members / SHARE))
    }

    fn read(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, few: impl Fn(i64) -> i64) -> Result<Self, Fault> {
        if !list_query.is_narrowed() {
            return Ok(Self { few: None, fewest: None, members: 0 });
        }
        let members = tallies(conn, scope.organization)?.into_iter().map(|(.., members)| members).sum();
        let mut known = vec![
            (SelectiveFilter::Policies, holders(conn, scope, &list_query.policies)?),
            (SelectiveFilter::Teams, holders(conn, scope, &list_query.teams)?),
            (SelectiveFilter::Roles, holders(conn, scope, &list_query.roles)?),
        ];
        known.push((
            SelectiveFilter::Own,
            own_filters::few(conn, scope, list_query.kind, &list_query.fields, few(members))?,
        ));
        if let Some(sought) = Sought::read(&list_query.search)
            && !matches_more_than(conn, scope.organization, &sought, FEW)?
        {
            known.push((SelectiveFilter::Search, Some(FEW)));
        }
        if let Reach::Teams(teams) = &list_query.reach {
            // No team means nobody.
            known.push((SelectiveFilter::Reach, Some(holders(conn, scope, teams)?.unwrap_or(0))));
        }
        let known = known.into_iter().filter_map(|(filter, holders)| Some((filter, holders?)));
        let fewest = known.min_by_key(|(_, holders)| *holders);
        let few = fewest.filter(|(_, holders)| *holders <= few(members)).map(|(filter, _)| filter);
        Ok(Self { few, fewest, members })
    }

    /// How to find everybody who matches, if candidates come from a filter.
    pub fn gathering(self) -> Option<ScanPlan> {
        self.few.map(|few| ScanPlan::Gather(Some(few)))
    }

    /// About how many match. Who was looked through for a number is like all members, unless an index found them.
    fn expected(self, list_query: &DirectoryQuery, matches: Total) -> i64 {
        match matches {
            Total::AtLeast(found) if list_query.providers.is_empty() && list_query.seen.is_none() => {
                found.max(found * self.members / (looked_through(list_query) * STATUSES))
            }
            known => known.at_least(),
        }
    }

    /// How to find one page of so many matches: by gathering and sorting candidates, or by walking the sort order until the
    /// page is full.
    pub fn plan(self, list_query: &DirectoryQuery, matches: Total) -> ScanPlan {
        if !list_query.is_narrowed() {
            return ScanPlan::Walk;
        }
        let expected = self.expected(list_query, matches).max(1);
        let walked = list_query.page_size * self.members / expected;
        let is_sought = Sought::read(&list_query.search).is_some();
        match self.fewest {
            Some((SelectiveFilter::Search, _)) => ScanPlan::Gather(Some(SelectiveFilter::Search)),
            Some((filter, candidates)) if candidates * GATHERED < walked => ScanPlan::Gather(Some(filter)),
            None if is_sought && expected < SOUGHT.min(self.members / SHARE) => ScanPlan::Gather(Some(SelectiveFilter::Search)),
            None if !is_sought && walked > WALKED => ScanPlan::Gather(None),
            _ => ScanPlan::Walk,
        }
    }
}

/// At most how many members have one of these roles, teams or policies, by themselves or through a team, if any are chosen.
fn holders<K: AssignedId>(conn: &mut Conn, scope: &Scope, ids: &[K]) -> Result<Option<i64>, Fault> {
    if ids.is_empty() {
        return Ok(None);
    }
    let own: i64 = assignment_counts(conn, scope, Some(ids))?.into_iter().map(|(.., members)| members).sum();
    let within: i64 = giving_teams(conn, scope, Some(ids))?.into_iter().map(|(_, team)| team.members).sum();
    Ok(Some(own + within))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::MemberKind;

    #[test]
    fn a_page_is_gathered_where_walking_would_pass_many_who_do_not_match() {
        let plan = |query: &str, members: i64, fewest: Option<(SelectiveFilter, i64)>, matches: Total| {
            let list_query = DirectoryQuery { reach: Reach::Everybody, ..DirectoryQuery::read(MemberKind::User, query, None) };
            Selectivity { few: None, fewest, members }.plan(&list_query, matches)
        };
        let (search, roles) = (Some(SelectiveFilter::Search), Some(SelectiveFilter::Roles));
        assert!(plan("", 200_000, None, Total::Exactly(200_000)) == ScanPlan::Walk);
        // Nearly everybody matches, few among many do, and few altogether.
        assert!(plan("q=example", 10_000, None, Total::AtLeast(3_900)) == ScanPlan::Walk);
        assert!(plan("q=maria", 200_000, None, Total::AtLeast(82)) == ScanPlan::Gather(search));
        assert!(plan("q=lovelace", 200_000, Some((SelectiveFilter::Search, FEW)), Total::Exactly(1)) == ScanPlan::Gather(search));
        // Of four thousand with a role, two hundred never signed in.
        let holders = Some((SelectiveFilter::Roles, 4_000));
        assert!(plan("role=018c0d16-fd2f-78f3-a730-dd29e8169c8b", 200_000, holders, Total::Exactly(4_000)) == ScanPlan::Walk);
        assert!(
            plan("role=018c0d16-fd2f-78f3-a730-dd29e8169c8b&seen=never", 200_000, holders, Total::AtLeast(200)) == ScanPlan::Gather(roles)
        );
        // Nothing but a walk can find these, unless nearly nobody matches.
        assert!(plan("two_step=none", 200_000, None, Total::AtLeast(3_000)) == ScanPlan::Walk);
        assert!(plan("two_step=on", 200_000, None, Total::AtLeast(3)) == ScanPlan::Gather(None));
    }
}
