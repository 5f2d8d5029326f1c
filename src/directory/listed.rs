//! One page of a list for programs: the members, where the next page begins, and how many there are if asked for.

use super::{
    query::{Cursor, DirectoryQuery},
    selectivity::Selectivity,
    store,
    totals::{Counts, counts, counts_for_page},
};
use crate::{
    db::Conn,
    kit::{Fault, Scope},
    members::Member,
};

/// One page of a list.
#[derive(Debug)]
pub struct Listed {
    pub members: Vec<Member>,
    pub next: Option<Cursor>,
    pub total: Option<i64>,
}

/// The members on the page that the query names. Their number is counted only if it is asked for, or decides how the page
/// is found.
///
/// # Errors
/// [`Fault::Denied`], also for a filter that reveals what the caller may not see.
pub fn list(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, with_total: bool) -> Result<Listed, Fault> {
    list_query.demand(scope)?;
    let list_query = &list_query.within_reach(conn, scope)?;
    let selectivity = Selectivity::for_page(conn, scope, list_query)?;
    let found = if with_total {
        counts(conn, scope, list_query)?
    } else if list_query.is_narrowed() {
        counts_for_page(conn, scope, list_query, selectivity)?
    } else {
        Counts::default()
    };
    let matches = found.of(list_query.tab);
    let part = store::part(conn, scope, list_query, selectivity.plan(list_query, matches))?;
    Ok(Listed {
        members: part.members,
        next: part.next,
        total: with_total.then_some(matches.at_least()),
    })
}
