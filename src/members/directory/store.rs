//! The directory's queries. The page is one walk along an index; what its rows show besides comes in one query per
//! kind of thing, never one per row.

use super::wish::{Cursor, Seen, Sort, Tab, Window, Wish};
use crate::{
    db::{
        Conn, MultiBackend,
        query::{Direction, beyond, member_search},
        schema::{invitations, member_policies, member_roles, members, outbox, roles, sign_in_days, team_members, teams, users},
    },
    kit::{Fault, InvitationId, MemberId, Scope, Timestamp, fold},
    mail::LetterState,
    members::{
        MemberKind, MemberStatus,
        model::Member,
        profile::{Granted, Pending},
    },
    roles::Predefined,
    web::picture::{DAYS, Tally},
};
use chrono::TimeDelta;
use diesel::{dsl::count_star, prelude::*, sql_types::Bool};
use std::collections::HashMap;

/// A line of the directory.
#[derive(Clone, Debug)]
pub struct Row {
    pub member: Member,
    pub email: String,
    pub roles: Vec<Granted>,
    pub teams: Vec<String>,
    pub invitation: Option<Pending>,
    pub status_by: Option<String>,
    pub is_me: bool,
}

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
        }
    }
}

type Condition = Box<dyn BoxableExpression<members::table, MultiBackend, SqlType = Bool>>;

/// The filters, without the tab.
fn conditions(scope: &Scope, wish: &Wish) -> Vec<Condition> {
    let organization = scope.organization;
    let mut all: Vec<Condition> = vec![
        Box::new(members::organization_id.eq(organization)),
        Box::new(members::kind.eq(MemberKind::User)),
    ];
    if let Some(needle) = fold::needle(&wish.search) {
        all.push(Box::new(member_search(&needle)));
    }
    if !wish.roles.is_empty() {
        let in_force = member_roles::until_at.is_null().or(member_roles::until_at.gt(Some(scope.now())));
        let holders = member_roles::table
            .filter(member_roles::organization_id.eq(organization))
            .filter(member_roles::role_id.eq_any(wish.roles.clone()))
            .filter(in_force.assume_not_null());
        all.push(Box::new(members::id.eq_any(holders.select(member_roles::member_id))));
    }
    if !wish.teams.is_empty() {
        let within = team_members::table
            .filter(team_members::organization_id.eq(organization))
            .filter(team_members::team_id.eq_any(wish.teams.clone()));
        all.push(Box::new(members::id.eq_any(within.select(team_members::member_id))));
    }
    if !wish.policies.is_empty() {
        let under = member_policies::table
            .filter(member_policies::organization_id.eq(organization))
            .filter(member_policies::policy_id.eq_any(wish.policies.clone()));
        all.push(Box::new(members::id.eq_any(under.select(member_policies::member_id))));
    }
    if !wish.providers.is_empty() {
        all.push(Box::new(members::provider.eq_any(wish.providers.clone())));
    }
    let ago = |days| scope.now() - TimeDelta::days(days);
    match wish.seen {
        None => {}
        Some(Seen::Never) => all.push(Box::new(members::last_sign_in_key.eq(Timestamp::EPOCH))),
        Some(Seen::Over30Days) => all.push(Box::new(
            members::last_sign_in_key
                .gt(Timestamp::EPOCH)
                .and(members::last_sign_in_key.lt(ago(30))),
        )),
        Some(Seen::Over90Days) => all.push(Box::new(
            members::last_sign_in_key
                .gt(Timestamp::EPOCH)
                .and(members::last_sign_in_key.lt(ago(90))),
        )),
    }
    all
}

/// The tab, in the words of the indexes: most lead with `is_current`, so a list sorted by any column walks along one
/// of them. Invitations are few, so they are gathered by status and then sorted.
fn tab_condition(tab: Tab) -> Condition {
    match tab {
        Tab::Current => Box::new(members::is_current.eq(true)),
        Tab::Active => Box::new(members::is_current.eq(true).and(members::status.ne(MemberStatus::Invited))),
        Tab::Invited => Box::new(members::status.eq(MemberStatus::Invited)),
        Tab::Disabled => Box::new(members::is_current.eq(false)),
    }
}

/// How many match the filters, by status.
///
/// # Errors
/// What the database says.
pub fn counts(conn: &mut Conn, scope: &Scope, wish: &Wish) -> Result<Counts, Fault> {
    let mut query = members::table
        .group_by(members::status)
        .select((members::status, count_star()))
        .into_boxed::<MultiBackend>();
    for condition in conditions(scope, wish) {
        query = query.filter(condition);
    }
    let mut counts = Counts::default();
    for (status, count) in query.load::<(MemberStatus, i64)>(conn)? {
        match status {
            MemberStatus::Invited => counts.invited = count,
            MemberStatus::Active => counts.active = count,
            MemberStatus::Disabled => counts.disabled = count,
        }
    }
    Ok(counts)
}

/// One page of what matches.
///
/// # Errors
/// What the database says.
pub fn page(conn: &mut Conn, scope: &Scope, wish: &Wish) -> Result<Page, Fault> {
    let backwards = matches!(wish.window, Window::Before(_) | Window::Last);
    let mut found = walk(
        conn,
        scope,
        wish,
        if backwards { wish.direction.reversed() } else { wish.direction },
    )?;
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
    Ok(Page {
        rows: furnish(conn, scope, found.into_iter().map(|(member, _)| member).collect())?,
        previous,
        next,
    })
}

/// Members from the cursor on, one more than a page holds, each with its sort key.
fn walk(conn: &mut Conn, scope: &Scope, wish: &Wish, direction: Direction) -> Result<Vec<(Member, String)>, Fault> {
    let from = match &wish.window {
        Window::After(cursor) | Window::Before(cursor) => Some(cursor.clone()),
        Window::First | Window::Last => None,
    };
    macro_rules! walk {
        ($column:expr, $type:ty, $read:expr, $write:expr) => {{
            let mut query = members::table
                .select((Member::as_select(), $column))
                .limit(wish.page_size + 1)
                .into_boxed::<MultiBackend>();
            for condition in conditions(scope, wish) {
                query = query.filter(condition);
            }
            query = query.filter(tab_condition(wish.tab));
            if let Some(Cursor(key, id)) = from {
                // A cursor whose key is of another column's kind leads nowhere.
                let Some(key) = $read(key) else { return Ok(vec![]) };
                query = query.filter(beyond(($column, members::id), (key, id), direction));
            }
            query = match direction {
                Direction::Ascending => query.order(($column.asc(), members::id.asc())),
                Direction::Descending => query.order(($column.desc(), members::id.desc())),
            };
            query
                .load::<(Member, $type)>(conn)?
                .into_iter()
                .map(|(member, key)| (member, $write(key)))
                .collect()
        }};
    }
    let text = |key: String| Some(key);
    let instant = |key: String| key.parse().ok().and_then(Timestamp::from_micros);
    let micros = |key: Timestamp| key.micros().to_string();
    let same = |key: String| key;
    Ok(match wish.sort {
        Sort::Name => walk!(members::name_key, String, text, same),
        Sort::Status => walk!(
            members::status,
            MemberStatus,
            |key: String| key.parse::<MemberStatus>().ok(),
            |key: MemberStatus| key.as_str().to_owned()
        ),
        Sort::Roles => walk!(members::role_key, String, text, same),
        Sort::Teams => walk!(members::team_key, String, text, same),
        Sort::Provider => walk!(members::provider, String, text, same),
        Sort::LastSignIn => walk!(members::last_sign_in_key, Timestamp, instant, micros),
        Sort::LastApiUse => walk!(members::last_api_use_key, Timestamp, instant, micros),
    })
}

/// Adds what the rows show besides the member: one query for each kind of thing.
fn furnish(conn: &mut Conn, scope: &Scope, members: Vec<Member>) -> Result<Vec<Row>, Fault> {
    let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    let mut emails = emails(conn, scope, &ids)?;
    let mut roles = granted(conn, scope, &ids)?;
    let mut teams = teams_of(conn, scope, &ids)?;
    let mut invitations = pending(conn, scope, &ids)?;
    let deeds: Vec<MemberId> = members.iter().filter_map(|member| member.status_by).collect();
    let doers = member_names(conn, scope, &deeds)?;
    let furnish = |member: Member| Row {
        roles: roles.remove(&member.id).unwrap_or_default(),
        teams: teams.remove(&member.id).unwrap_or_default(),
        invitation: invitations.remove(&member.id),
        status_by: member.status_by.and_then(|by| doers.get(&by).cloned()),
        is_me: scope.is_me(member.id),
        email: emails.remove(&member.id).unwrap_or_default(),
        member,
    };
    Ok(members.into_iter().map(furnish).collect())
}

fn emails(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, String>, Fault> {
    let rows: Vec<(MemberId, String)> = members::table
        .inner_join(users::table)
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq_any(ids))
        .select((members::id, users::email))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

fn member_names(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, String>, Fault> {
    let rows: Vec<(MemberId, String)> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq_any(ids))
        .select((members::id, members::name))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

fn granted(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Vec<Granted>>, Fault> {
    let in_force = member_roles::until_at.is_null().or(member_roles::until_at.gt(Some(scope.now())));
    let rows: Vec<(MemberId, String, Option<Predefined>, Option<Timestamp>)> = member_roles::table
        .inner_join(roles::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.eq_any(ids))
        .filter(in_force.assume_not_null())
        .order(roles::name_key)
        .select((member_roles::member_id, roles::name, roles::predefined, member_roles::until_at))
        .load(conn)?;
    let mut by_member: HashMap<MemberId, Vec<Granted>> = HashMap::new();
    for (member, name, predefined, until) in rows {
        let role = Granted {
            name,
            is_administrator: predefined == Some(Predefined::Administrator),
            until,
        };
        by_member.entry(member).or_default().push(role);
    }
    // The one role that matters most stands first.
    for roles in by_member.values_mut() {
        roles.sort_by_key(|role| !role.is_administrator);
    }
    Ok(by_member)
}

fn teams_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Vec<String>>, Fault> {
    let rows: Vec<(MemberId, String)> = team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.eq_any(ids))
        .order(teams::name_key)
        .select((team_members::member_id, teams::name))
        .load(conn)?;
    let mut by_member: HashMap<MemberId, Vec<String>> = HashMap::new();
    for (member, name) in rows {
        by_member.entry(member).or_default().push(name);
    }
    Ok(by_member)
}

fn pending(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Pending>, Fault> {
    type Line = (
        MemberId,
        InvitationId,
        Option<MemberId>,
        Timestamp,
        Timestamp,
        Option<String>,
        Option<(LetterState, Option<String>)>,
    );
    let rows: Vec<Line> = invitations::table
        .left_join(outbox::table)
        .filter(invitations::organization_id.eq(scope.organization))
        .filter(invitations::member_id.eq_any(ids))
        .select((
            invitations::member_id,
            invitations::id,
            invitations::invited_by,
            invitations::sent_at,
            invitations::expires_at,
            invitations::void_reason,
            (outbox::state, outbox::last_error).nullable(),
        ))
        .load(conn)?;
    let senders: Vec<MemberId> = rows.iter().filter_map(|row| row.2).collect();
    let senders = member_names(conn, scope, &senders)?;
    let read = |(member, id, by, sent_at, expires_at, void_reason, letter): Line| {
        let (letter, letter_error) = letter.map_or((None, None), |(state, error)| (Some(state), error));
        let invited_by = by.and_then(|by| senders.get(&by).cloned());
        (
            member,
            Pending {
                id,
                invited_by,
                sent_at,
                expires_at,
                void_reason,
                letter,
                letter_error,
            },
        )
    };
    Ok(rows.into_iter().map(read).collect())
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
