//! Queries of the log: which people a name matches, and one page of events, read along an index.

use super::{
    model::{EventRow, STARTED},
    query::{AuditQuery, How, Who, Window},
};
use crate::{
    db::{
        Among, Conn, MultiBackend,
        keyset::{Page, TimeCursor},
        query::{Direction, beside_indexes, beyond},
        schema::{audit_events, members, policies, roles, team_members, teams},
        search::member_search,
    },
    kit::{Actor, Fault, MemberId, MemberKind, PolicyId, RoleId, Scope, TeamId, fold, rights, search::Sought},
};
use diesel::{
    dsl::not,
    prelude::*,
    sql_types::{Bool, Nullable},
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Maximum number of people that one typed name matches.
const MOST: i64 = 20;
/// A filter with fewer events than this selects the index, whatever the other filters are.
const FEW: i64 = 1_000;

/// The people that a filter matches; `None` is Roster itself.
type Meant = Vec<Option<MemberId>>;

/// A query with its names resolved.
#[derive(Clone, Debug)]
pub struct Search {
    list_query: AuditQuery,
    actors: Option<Meant>,
    targets: Option<Meant>,
    /// A bulk action is shown only by its start event.
    is_folded: bool,
    /// A name matches more people than are looked up.
    pub is_cut: bool,
}

/// The index along which events are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IndexChoice {
    Batch,
    Target(Option<MemberId>),
    Actor(Option<MemberId>),
    Address,
    Action,
    /// The start events of one kind of bulk action.
    Started(&'static str),
    Time,
}

type Condition = Box<dyn BoxableExpression<audit_events::table, MultiBackend, SqlType = Nullable<Bool>>>;

/// Whether an event is about a person of the teams that the caller administers.
fn about_people_of_their_teams(scope: &Scope) -> Condition {
    let mine = diesel::alias!(team_members as mine);
    let teams = mine
        .filter(mine.field(team_members::organization_id).eq(scope.organization))
        .filter(mine.field(team_members::member_id).nullable().eq(scope.actor.member_id()))
        .filter(mine.field(team_members::is_administrator))
        .select(mine.field(team_members::team_id));
    let people = team_members::table
        .inner_join(members::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::team_id.eq_any(teams))
        .filter(members::kind.eq(MemberKind::User))
        .select(team_members::member_id.nullable());
    Box::new(audit_events::target_id.eq_any(people))
}

impl Search {
    /// Resolves the typed names to current members, as the directory's search finds them, and to the targets of events
    /// with exactly this name.
    ///
    /// # Errors
    /// [`Fault::Denied`] without `audit:read:*` or `audit:read:team`.
    pub fn prepare(conn: &mut Conn, scope: &Scope, list_query: AuditQuery) -> Result<Self, Fault> {
        scope.demand_over_teams(rights::AUDIT_READ)?;
        let mut is_cut = false;
        let mut meant = |who: &Option<Who>| match who {
            None => Ok(None),
            Some(Who::Id(id)) => Ok(Some(vec![Some(*id)])),
            Some(Who::Named(name)) => named(conn, scope, name, &mut is_cut).map(Some),
        };
        let (actors, mut targets) = (meant(&list_query.actor)?, meant(&list_query.target)?);
        // Roster itself is never a target.
        if let Some(targets) = &mut targets {
            targets.retain(Option::is_some);
        }
        Ok(Self { list_query, actors, targets, is_folded: false, is_cut })
    }

    /// Shows a bulk action as one row, for pages. Not if the filters ask for the single events: for a batch, a target
    /// or an action.
    pub fn folded(self, scope: &Scope) -> Self {
        let list_query = &self.list_query;
        let is_about_each =
            list_query.batch.is_some() || list_query.about.is_some() || list_query.target.is_some() || list_query.action.is_some();
        // To those who see events about some people only, the start of a bulk action is not shown: it is about nobody.
        Self {
            is_folded: !is_about_each && scope.may_over_everybody(rights::AUDIT_READ),
            ..self
        }
    }

    /// One page of the log, newest first.
    ///
    /// # Errors
    /// [`Fault::Denied`] without `audit:read:*` or `audit:read:team`.
    pub fn part(&self, conn: &mut Conn, scope: &Scope, window: Window, size: i64) -> Result<Page<EventRow>, Fault> {
        scope.demand_over_teams(rights::AUDIT_READ)?;
        let direction = window.direction(Direction::Descending);
        let mut found = Vec::new();
        for way in self.ways(conn, scope)? {
            found.append(&mut self.walk(conn, scope, window, way, direction, size + 1)?);
        }
        found.sort_by_key(|line| (line.at, line.id));
        found.dedup_by_key(|line| line.id);
        if direction == Direction::Descending {
            found.reverse();
        }
        Ok(window.page(found, size))
    }

    /// One index walk, or one per matched person: an index is ordered by time only within one person.
    fn ways(&self, conn: &mut Conn, scope: &Scope) -> Result<Vec<IndexChoice>, Fault> {
        let list_query = &self.list_query;
        if list_query.batch.is_some() {
            return Ok(vec![IndexChoice::Batch]);
        }
        if let Some(id) = list_query.about {
            return Ok(vec![IndexChoice::Target(Some(id)), IndexChoice::Actor(Some(id))]);
        }
        if self.is_folded && list_query.how == Some(How::InBulk) {
            return Ok(STARTED.map(IndexChoice::Started).into());
        }
        let mut all: Vec<Vec<IndexChoice>> = Vec::new();
        all.extend(self.targets.as_ref().map(|ids| ids.iter().copied().map(IndexChoice::Target).collect()));
        all.extend(list_query.address.as_ref().map(|_| vec![IndexChoice::Address]));
        all.extend(self.actors.as_ref().map(|ids| ids.iter().copied().map(IndexChoice::Actor).collect()));
        all.extend(list_query.action.as_ref().map(|_| vec![IndexChoice::Action]));
        for ways in all.iter().filter(|_| all.len() > 1) {
            if self.are_few(conn, scope, ways)? {
                return Ok(ways.clone());
            }
        }
        Ok(all.into_iter().next().unwrap_or_else(|| vec![IndexChoice::Time]))
    }

    /// Whether each of these ways leads to few events.
    fn are_few(&self, conn: &mut Conn, scope: &Scope, ways: &[IndexChoice]) -> Result<bool, Fault> {
        for way in ways {
            let mut query = audit_events::table
                .filter(audit_events::organization_id.eq(scope.organization))
                .select(audit_events::at)
                .offset(FEW)
                .limit(1)
                .into_boxed::<MultiBackend>();
            query = match way {
                IndexChoice::Target(id) => query.filter(audit_events::target_id.eq(*id)),
                IndexChoice::Actor(Some(id)) => query.filter(audit_events::actor_id.eq(*id)),
                IndexChoice::Actor(None) => query.filter(audit_events::actor_id.is_null()),
                IndexChoice::Address => query.filter(audit_events::address.eq(self.list_query.address.clone().unwrap_or_default())),
                IndexChoice::Action => query.filter(audit_events::action.eq(self.list_query.action.clone().unwrap_or_default())),
                IndexChoice::Batch | IndexChoice::Started(_) | IndexChoice::Time => return Ok(true),
            };
            if query.first::<crate::kit::Timestamp>(conn).optional()?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn walk(
        &self,
        conn: &mut Conn,
        scope: &Scope,
        window: Window,
        way: IndexChoice,
        direction: Direction,
        wanted: i64,
    ) -> Result<Vec<EventRow>, Fault> {
        use audit_events::{action, actor_id, address, at, batch_id, id, organization_id, target_id};
        let list_query = self.list_query.clone();
        let mut query = audit_events::table
            .filter(organization_id.eq(scope.organization))
            .select(EventRow::as_select())
            .limit(wanted)
            .into_boxed::<MultiBackend>();
        if !scope.may_over_everybody(rights::AUDIT_READ) {
            query = query.filter(about_people_of_their_teams(scope));
        }
        if let Some(batch) = list_query.batch {
            query = query.filter(batch_id.eq(Some(batch)));
        }
        // The chosen filter uses its index; the other filters are tested per row.
        let asked = |other: bool| !other;
        match (way, &self.targets) {
            (IndexChoice::Target(one), _) => query = query.filter(target_id.eq(one)),
            (_, Some(ids)) => query = query.filter(beside_indexes(target_id, true).among(living(ids))),
            (_, None) => {}
        }
        match (way, &self.actors) {
            (IndexChoice::Actor(Some(one)), _) => query = query.filter(actor_id.eq(Some(one))),
            (IndexChoice::Actor(None), _) => query = query.filter(actor_id.is_null()),
            (_, Some(ids)) if ids.contains(&None) => {
                let column = beside_indexes(actor_id, true);
                query = query.filter(column.among(living(ids)).or(column.is_null()));
            }
            (_, Some(ids)) => query = query.filter(beside_indexes(actor_id, true).among(living(ids))),
            (_, None) => {}
        }
        query = match (way, list_query.how) {
            (IndexChoice::Started(started), _) => query.filter(action.eq(started)),
            (_, None) if self.is_folded => query.filter(batch_id.is_null()),
            (_, None) => query,
            (_, Some(How::OneByOne)) => query.filter(batch_id.is_null()).filter(not(beside_indexes(action, true).among(STARTED))),
            (_, Some(How::InBulk)) => query.filter(batch_id.is_not_null().or(beside_indexes(action, true).among(STARTED))),
        };
        if let Some(wanted) = list_query.action {
            query = query.filter(beside_indexes(action, asked(way == IndexChoice::Action)).eq(wanted));
        }
        if let Some(wanted) = list_query.address {
            query = query.filter(beside_indexes(address, asked(way == IndexChoice::Address)).eq(wanted));
        }
        if let Some(since) = self.list_query.since() {
            query = query.filter(at.ge(since));
        }
        if let Some(until) = self.list_query.until() {
            query = query.filter(at.lt(until));
        }
        if let Some(TimeCursor(place, event)) = window.cursor() {
            query = query.filter(beyond((at, id), (*place, *event), direction));
        }
        // The actor's id is constant here, but PostgreSQL does not know that for NULL, so it must be part of the order.
        query = match (way, direction) {
            (IndexChoice::Actor(_), Direction::Ascending) => query.order((actor_id.asc(), at.asc(), id.asc())),
            (IndexChoice::Actor(_), Direction::Descending) => query.order((actor_id.desc(), at.desc(), id.desc())),
            (_, Direction::Ascending) => query.order((at.asc(), id.asc())),
            (_, Direction::Descending) => query.order((at.desc(), id.desc())),
        };
        Ok(query.load(conn)?)
    }
}

fn living(meant: &Meant) -> Vec<MemberId> {
    meant.iter().copied().flatten().collect()
}

/// The people that a typed name matches.
fn named(conn: &mut Conn, scope: &Scope, name: &str, is_cut: &mut bool) -> Result<Meant, Fault> {
    let Some(sought) = Sought::read(name) else { return Ok(vec![]) };
    let found: Vec<MemberId> = members::table
        .filter(beside_indexes(members::organization_id, true).eq(scope.organization))
        .filter(member_search(&sought, true))
        .select(members::id)
        .limit(MOST + 1)
        .load(conn)?;
    let once: Vec<Option<MemberId>> = audit_events::table
        .filter(audit_events::organization_id.eq(scope.organization))
        .filter(audit_events::target_name.eq(name))
        .select(audit_events::target_id)
        .distinct()
        .limit(MOST + 1)
        .load(conn)?;
    let ids: HashSet<MemberId> = found.into_iter().chain(once.into_iter().flatten()).collect();
    let mut meant: Meant = ids.into_iter().map(Some).collect();
    meant.sort();
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    *is_cut |= meant.len() > most;
    meant.truncate(most);
    if fold::searchable(name) == fold::searchable(Actor::System.name()) {
        meant.push(None);
    }
    Ok(meant)
}

/// The ids that are still members of this organization, with their kinds.
pub fn still_here(conn: &mut Conn, scope: &Scope, ids: Vec<MemberId>) -> Result<HashMap<MemberId, MemberKind>, Fault> {
    let here: Vec<(MemberId, MemberKind)> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.among(ids))
        .select((members::id, members::kind))
        .load(conn)?;
    Ok(here.into_iter().collect())
}

/// The member's current name, or for a deleted member the name in the last event about them.
pub fn name_of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<String>, Fault> {
    let own = members::table.filter(members::organization_id.eq(scope.organization)).filter(members::id.eq(id));
    if let Some(name) = own.select(members::name).first(conn).optional()? {
        return Ok(Some(name));
    }
    let last = audit_events::table
        .filter(audit_events::organization_id.eq(scope.organization))
        .filter(audit_events::target_id.eq(Some(id)))
        .order((audit_events::at.desc(), audit_events::id.desc()));
    Ok(last.select(audit_events::target_name).first(conn).optional()?)
}

/// Names of the roles, teams and policies with these ids.
pub fn things(conn: &mut Conn, scope: &Scope, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>, Fault> {
    let mut names = HashMap::new();
    if ids.is_empty() {
        return Ok(names);
    }
    macro_rules! add {
        ($table:ident, $id:ident) => {
            let rows: Vec<($id, String)> = $table::table
                .filter($table::organization_id.eq(scope.organization))
                .filter($table::id.among(ids.iter().copied().map($id).collect::<Vec<_>>()))
                .select(($table::id, $table::name))
                .load(conn)?;
            names.extend(rows.into_iter().map(|(id, name)| (id.0, name)));
        };
    }
    add!(roles, RoleId);
    add!(teams, TeamId);
    add!(policies, PolicyId);
    Ok(names)
}
