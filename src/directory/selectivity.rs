//! Picks the most selective filter for SQLite's planner: candidates come from it, the other filters are tested per row.
//! PostgreSQL plans by itself.

use super::query::DirectoryQuery;
use crate::{
    db::{Conn, search::matches_more_than},
    kit::{Fault, Scope, search::Sought},
    members::{AssignedId, assignment_counts, tallies},
};

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

/// The first filter with few matches, if there is one.
pub fn passed_by_few(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Option<SelectiveFilter>, Fault> {
    if let Conn::Pg(_) = conn {
        return Ok(None);
    }
    let members: i64 = tallies(conn, scope.organization)?.into_iter().map(|(.., members)| members).sum();
    let few = FEW.max(members / SHARE);
    if is_few(conn, scope, &list_query.policies, few)? {
        return Ok(Some(SelectiveFilter::Policies));
    }
    if is_few(conn, scope, &list_query.teams, few)? {
        return Ok(Some(SelectiveFilter::Teams));
    }
    if is_few(conn, scope, &list_query.roles, few)? {
        return Ok(Some(SelectiveFilter::Roles));
    }
    match Sought::read(&list_query.search) {
        Some(sought) if !matches_more_than(conn, &sought, FEW)? => Ok(Some(SelectiveFilter::Search)),
        _ => Ok(None),
    }
}

/// Whether something is chosen, and at most so many members have it.
fn is_few<K: AssignedId>(conn: &mut Conn, scope: &Scope, ids: &[K], few: i64) -> Result<bool, Fault> {
    if ids.is_empty() {
        return Ok(false);
    }
    let counts = assignment_counts(conn, scope, Some(ids))?;
    Ok(counts.into_iter().map(|(.., members)| members).sum::<i64>() <= few)
}
