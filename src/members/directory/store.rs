//! The directory's queries: which members match, how many, and one page of them, a walk along an index.

use super::{
    few::{Filter, holders, passed_by_few, under, within},
    wish::{Cursor, Seen, Sort, Tab, TwoStep, Window, Wish},
};
use crate::{
    db::{
        Conn, MultiBackend,
        query::{Direction, beside_indexes, beyond, member_search},
        schema::{member_policies, member_roles, members, passkeys, sign_in_days, team_members, totps},
    },
    kit::{Fault, MemberId, Scope, Timestamp, fold},
    members::{
        MemberKind, MemberStatus,
        furnish::{Row, furnish},
        model::Member,
        seats::tallies,
    },
    web::picture::{DAYS, Tally},
};
use chrono::TimeDelta;
use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
    sql_types::Bool,
};

/// One page of the list.
#[derive(Debug)]
pub struct Page {
    pub rows: Vec<Row>,
    pub previous: Option<Cursor>,
    pub next: Option<Cursor>,
}

/// How many match, by status.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub invited: i64,
    pub active: i64,
    pub disabled: i64,
}

impl Counts {
    pub fn of(self, tab: Tab) -> i64 {
        match tab {
            Tab::Current => self.active + self.invited,
            Tab::Active => self.active,
            Tab::Invited => self.invited,
            Tab::Disabled => self.disabled,
            Tab::Everything => self.active + self.invited + self.disabled,
        }
    }
}

type Condition = Box<dyn BoxableExpression<members::table, MultiBackend, SqlType = Bool>>;

/// How the members who match are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
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

/// From so many on, walking finds a page sooner than gathering and sorting.
const MANY: i64 = 2_000;

/// The filters, without the tab.
fn conditions(scope: &Scope, wish: &Wish, way: Way) -> Vec<Condition> {
    // Whoever is found by a filter is not looked for along an index of everybody.
    let is_found = matches!(way, Way::Gather(Some(_)));
    let mut all: Vec<Condition> = vec![
        Box::new(beside_indexes(members::organization_id, is_found).eq(scope.organization)),
        Box::new(beside_indexes(members::kind, is_found).eq(wish.kind)),
    ];
    if let Some(needle) = fold::needle(&wish.search) {
        all.push(Box::new(member_search(&needle, !way.asks(Filter::Search))));
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
    if !wish.policies.is_empty() {
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
/// what is counted by.
fn seen_condition(scope: &Scope, kind: MemberKind, seen: Seen, by_key: bool) -> Condition {
    let ago = |days| Some(scope.now() - TimeDelta::days(days));
    let before = match seen {
        Seen::Never => None,
        Seen::Over30Days => ago(30),
        Seen::Over90Days => ago(90),
    };
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
fn tab_condition(tab: Tab) -> Condition {
    match tab {
        Tab::Current => Box::new(members::is_current.eq(true)),
        Tab::Active => Box::new(members::is_current.eq(true).and(members::status.ne(MemberStatus::Invited))),
        Tab::Invited => Box::new(members::status.eq(MemberStatus::Invited)),
        Tab::Disabled => Box::new(members::is_current.eq(false)),
        Tab::Everything => Box::new(members::is_current.eq_any([true, false])),
    }
}

/// How many match the filters, by status.
///
/// # Errors
/// What the database says.
pub fn counts(conn: &mut Conn, scope: &Scope, wish: &Wish) -> Result<Counts, Fault> {
    let found = if wish.is_filtered() {
        let mut query = members::table
            .group_by(members::status)
            .select((members::status, count_star()))
            .into_boxed::<MultiBackend>();
        let few = passed_by_few(conn, scope, wish)?;
        for condition in conditions(scope, wish, few.map_or(Way::Count, |few| Way::Gather(Some(few)))) {
            query = query.filter(condition);
        }
        query.load::<(MemberStatus, i64)>(conn)?
    } else {
        let of_kind = |(kind, status, members)| (kind == wish.kind).then_some((status, members));
        tallies(conn, scope.organization)?.into_iter().filter_map(of_kind).collect()
    };
    let mut counts = Counts::default();
    for (status, count) in found {
        match status {
            MemberStatus::Invited => counts.invited = count,
            MemberStatus::Active => counts.active = count,
            MemberStatus::Disabled => counts.disabled = count,
        }
    }
    Ok(counts)
}

/// Everybody on the tab who matches, by name, however many that are.
///
/// # Errors
/// What the database says.
pub fn all(conn: &mut Conn, scope: &Scope, wish: &Wish) -> Result<Vec<MemberId>, Fault> {
    let mut query = members::table
        .order((members::name_key, members::id))
        .select(members::id)
        .into_boxed::<MultiBackend>();
    let few = passed_by_few(conn, scope, wish)?;
    for condition in conditions(scope, wish, few.map_or(Way::Count, |few| Way::Gather(Some(few)))) {
        query = query.filter(condition);
    }
    Ok(query.filter(tab_condition(wish.tab)).load(conn)?)
}

/// One page of what matches, of which there are so many.
///
/// # Errors
/// What the database says.
pub fn page(conn: &mut Conn, scope: &Scope, wish: &Wish, matches: i64) -> Result<Page, Fault> {
    let part = part(conn, scope, wish, matches)?;
    Ok(Page {
        rows: furnish(conn, scope, part.members)?,
        previous: part.previous,
        next: part.next,
    })
}

/// Members of one page, and what lies beside it.
pub struct Part {
    pub members: Vec<Member>,
    pub previous: Option<Cursor>,
    pub next: Option<Cursor>,
}

/// [`page`], with nothing but the members.
///
/// # Errors
/// What the database says.
pub fn part(conn: &mut Conn, scope: &Scope, wish: &Wish, matches: i64) -> Result<Part, Fault> {
    let way = if wish.is_filtered() && matches < MANY {
        Way::Gather(passed_by_few(conn, scope, wish)?)
    } else {
        Way::Walk
    };
    let backwards = matches!(wish.window, Window::Before(_) | Window::Last);
    let direction = if backwards { wish.direction.reversed() } else { wish.direction };
    let mut found = walk(conn, scope, wish, way, direction)?;
    let size = usize::try_from(wish.page_size).unwrap_or(usize::MAX);
    let goes_on = found.len() > size;
    found.truncate(size);
    if backwards {
        found.reverse();
    }
    let cursor = |row: Option<&(Member, String)>| row.map(|(member, key)| Cursor(key.clone(), member.id));
    let (has_previous, has_next) = match wish.window {
        Window::First => (false, goes_on),
        Window::After(_) => (true, goes_on),
        Window::Before(_) => (goes_on, true),
        Window::Last => (goes_on, false),
    };
    let previous = cursor(found.first()).filter(|_| has_previous);
    let next = cursor(found.last()).filter(|_| has_next);
    let members = found.into_iter().map(|(member, _)| member).collect();
    Ok(Part { members, previous, next })
}

/// Members from the cursor on, one more than a page holds, each with its sort key.
fn walk(conn: &mut Conn, scope: &Scope, wish: &Wish, way: Way, direction: Direction) -> Result<Vec<(Member, String)>, Fault> {
    let from = match &wish.window {
        Window::After(cursor) | Window::Before(cursor) => Some(cursor.clone()),
        Window::First | Window::Last => None,
    };
    // Indexes lead with whether somebody is current, so a list of everything is two walks, one beside the other.
    let tabs: &[Tab] = match &wish.tab {
        Tab::Everything => &[Tab::Current, Tab::Disabled],
        one => std::slice::from_ref(one),
    };
    macro_rules! walk {
        ($column:expr, $type:ty, $read:expr, $write:expr, $compare:expr) => {{
            let column = beside_indexes($column, matches!(way, Way::Gather(_)));
            let mut found: Vec<(Member, $type)> = Vec::new();
            for tab in tabs {
                let mut query = members::table
                    .select((Member::as_select(), $column))
                    .limit(wish.page_size + 1)
                    .into_boxed::<MultiBackend>();
                for condition in conditions(scope, wish, way) {
                    query = query.filter(condition);
                }
                query = query.filter(tab_condition(*tab));
                if let Some(Cursor(key, id)) = from.clone() {
                    // A cursor whose key is of another column's kind leads nowhere.
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
                found.truncate(usize::try_from(wish.page_size + 1).unwrap_or(usize::MAX));
            }
            found.into_iter().map(|(member, key)| (member, $write(key))).collect()
        }};
    }
    let text = |key: String| Some(key);
    let instant = |key: String| key.parse().ok().and_then(Timestamp::from_micros);
    let micros = |key: Timestamp| key.micros().to_string();
    let same = |key: String| key;
    Ok(match wish.sort {
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

/// Sign-ins of the organization on each of the last days.
///
/// # Errors
/// What the database says.
pub fn activity(conn: &mut Conn, scope: &Scope) -> Result<Vec<(i64, Tally)>, Fault> {
    let rows: Vec<(i64, i64, i64)> = sign_in_days::table
        .filter(sign_in_days::organization_id.eq(scope.organization))
        .filter(sign_in_days::day.gt(scope.now().day() - DAYS))
        .select((sign_in_days::day, sign_in_days::succeeded, sign_in_days::failed))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(day, succeeded, failed)| (day, Tally { succeeded, failed }))
        .collect())
}
