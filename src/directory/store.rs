//! The directory's queries: which members match, how many, and one page of them by keyset paging.

use super::{
    column::{Column, aspects},
    conditions::{conditions, tab_condition},
    plan::ScanPlan,
    query::{Cursor, DirectoryQuery, Sort, Tab, Window},
    selectivity::Selectivity,
};
use crate::{
    db::{
        Conn, MultiBackend,
        keyset::KeyCursor,
        query::{Direction, beside_indexes, beyond},
        schema::{members, sign_in_days},
    },
    kit::{Fault, MemberId, MemberStatus, Scope, Timestamp},
    members::{Member, Row, load_rows_with},
    web::chart::{DAYS, DayCount},
};
use diesel::prelude::*;

/// One page of the list.
#[derive(Debug)]
pub struct Page {
    pub rows: Vec<Row>,
    pub previous: Option<Cursor>,
    pub next: Option<Cursor>,
}

/// All matching members on the tab, by name.
pub fn all(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Vec<MemberId>, Fault> {
    let mut query = members::table
        .order((members::name_key, members::id))
        .select(members::id)
        .into_boxed::<MultiBackend>();
    let gathering = Selectivity::for_all(conn, scope, list_query)?.gathering();
    for condition in conditions(scope, list_query, gathering.unwrap_or(ScanPlan::Count)) {
        query = query.filter(condition);
    }
    Ok(query.filter(tab_condition(list_query.tab)).load(conn)?)
}

/// One page of the matches.
pub fn page(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, way: ScanPlan, columns: &[Column]) -> Result<Page, Fault> {
    let mut found = part(conn, scope, list_query, way)?;
    // The rows at this cursor were deleted meanwhile: shows the first or last page, so that a list with matches is
    // never empty.
    if found.members.is_empty() && list_query.window != Window::First {
        let window = match list_query.window {
            Window::Before(_) => Window::First,
            _ => Window::Last,
        };
        found = part(conn, scope, &list_query.at(window, 1), way)?;
    }
    Ok(Page {
        rows: load_rows_with(conn, scope, found.members, &aspects(list_query.kind, columns))?,
        previous: found.previous,
        next: found.next,
    })
}

/// The members of one page, and whether there are pages before and after it.
pub struct Part {
    pub members: Vec<Member>,
    pub previous: Option<Cursor>,
    pub next: Option<Cursor>,
}

/// Same as [`page`], but only the members.
pub fn part(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery, way: ScanPlan) -> Result<Part, Fault> {
    let direction = list_query.window.direction(list_query.direction);
    let page = list_query.window.page(walk(conn, scope, list_query, way, direction)?, list_query.page_size);
    let cursor = |(member, key): &(Member, String)| KeyCursor(key.clone(), member.id);
    let (previous, next) = (page.previous().map(cursor), page.next().map(cursor));
    let members = page.rows.into_iter().map(|(member, _)| member).collect();
    Ok(Part { members, previous, next })
}

/// Members from the cursor on, one more than the page size, each with its sort key.
fn walk(
    conn: &mut Conn,
    scope: &Scope,
    list_query: &DirectoryQuery,
    way: ScanPlan,
    direction: Direction,
) -> Result<Vec<(Member, String)>, Fault> {
    let from = list_query.window.cursor();
    // The indexes begin with `is_current`, so the tab with all members needs two index scans, whose results are merged.
    let tabs: &[Tab] = match &list_query.tab {
        Tab::Everything => &[Tab::Current, Tab::Disabled],
        one => std::slice::from_ref(one),
    };
    macro_rules! walk {
        ($column:expr, $type:ty, $read:expr, $write:expr, $compare:expr) => {{
            let column = beside_indexes($column, matches!(way, ScanPlan::Gather(_)));
            let mut found: Vec<(Member, $type)> = Vec::new();
            for tab in tabs {
                let mut query = members::table
                    .select((Member::as_select(), $column))
                    .limit(list_query.page_size + 1)
                    .into_boxed::<MultiBackend>();
                for condition in conditions(scope, list_query, way) {
                    query = query.filter(condition);
                }
                query = query.filter(tab_condition(*tab));
                if let Some(KeyCursor(key, id)) = from.cloned() {
                    // A cursor whose key has the wrong type for this column matches nothing.
                    let Some(key) = $read(key) else { return Ok(vec![]) };
                    query = query.filter(beyond((column, members::id), (key, id), direction));
                }
                query = match direction {
                    Direction::Ascending => query.order((column.asc(), members::id.asc())),
                    Direction::Descending => query.order((column.desc(), members::id.desc())),
                };
                found.extend(query.load::<(Member, $type)>(conn)?);
            }
            if tabs.len() > 1 {
                found.sort_by(|(a, x), (b, y)| {
                    let order = $compare(x, y).then(a.id.cmp(&b.id));
                    if direction == Direction::Descending {
                        order.reverse()
                    } else {
                        order
                    }
                });
                found.truncate(usize::try_from(list_query.page_size + 1).unwrap_or(usize::MAX));
            }
            found.into_iter().map(|(member, key)| (member, $write(key))).collect()
        }};
    }
    let text = |key: String| Some(key);
    let instant = |key: String| key.parse().ok().and_then(Timestamp::from_micros);
    let micros = |key: Timestamp| key.micros().to_string();
    let same = |key: String| key;
    Ok(match list_query.sort {
        Sort::Name => walk!(members::name_key, String, text, same, String::cmp),
        Sort::Status => walk!(
            members::status,
            MemberStatus,
            |key: String| key.parse::<MemberStatus>().ok(),
            |key: MemberStatus| key.as_str().to_owned(),
            |x: &MemberStatus, y: &MemberStatus| x.as_str().cmp(y.as_str())
        ),
        Sort::Roles => walk!(members::role_key, String, text, same, String::cmp),
        Sort::Teams => walk!(members::team_key, String, text, same, String::cmp),
        Sort::Provider => walk!(members::provider, String, text, same, String::cmp),
        Sort::LastSignIn => walk!(members::last_sign_in_key, Timestamp, instant, micros, Timestamp::cmp),
        Sort::LastApiUse => walk!(members::last_api_use_key, Timestamp, instant, micros, Timestamp::cmp),
    })
}

/// Which values differ between the members of a tab and so deserve a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    pub has_providers: bool,
    pub has_api_use: bool,
}

/// Compares the first and the last entry of each index: if they are equal, all entries are.
pub fn spread(conn: &mut Conn, scope: &Scope, list_query: &DirectoryQuery) -> Result<Spread, Fault> {
    macro_rules! one {
        ($column:expr, $order:expr) => {
            members::table
                .filter(members::organization_id.eq(scope.organization))
                .filter(members::kind.eq(list_query.kind))
                .filter(members::is_current.eq(true))
                .order($order)
                .select($column)
                .limit(1)
                .single_value()
        };
    }
    type Ends = (Option<String>, Option<String>, Option<Timestamp>);
    let (first, last, used): Ends = diesel::select((
        one!(members::provider, (members::provider.asc(), members::id.asc())),
        one!(members::provider, (members::provider.desc(), members::id.desc())),
        one!(members::last_api_use_key, (members::last_api_use_key.desc(), members::id.desc())),
    ))
    .get_result(conn)?;
    Ok(Spread {
        has_providers: first != last,
        has_api_use: used.is_some_and(|used| used > Timestamp::EPOCH),
    })
}

/// The organization's sign-ins on each of the last days.
pub fn activity(conn: &mut Conn, scope: &Scope) -> Result<Vec<(i64, DayCount)>, Fault> {
    let rows: Vec<(i64, i64, i64)> = sign_in_days::table
        .filter(sign_in_days::organization_id.eq(scope.organization))
        .filter(sign_in_days::day.gt(scope.now().day() - DAYS))
        .select((sign_in_days::day, sign_in_days::succeeded, sign_in_days::failed))
        .load(conn)?;
    Ok(rows.into_iter().map(|(day, succeeded, failed)| (day, DayCount { succeeded, failed })).collect())
}
