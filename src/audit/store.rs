//! The log's queries: who is meant, and one part of what matches, a walk along an index.

use super::{
    model::{Line, STARTED},
    wish::{AuditQuery, Cursor, How, Who, Window},
};
use crate::{
    db::{
        Conn, MultiBackend,
        query::{Direction, beside_indexes, beyond},
        schema::{audit_events, members, policies, roles, teams},
        search::member_search,
    },
    kit::{Actor, Fault, MemberId, MemberKind, PolicyId, RoleId, Scope, TeamId, fold, rights, search::Sought},
};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// People that one typed name may mean.
const MOST: i64 = 20;
/// Fewer events than this are found by what they have in common, whatever else is asked.
const FEW: i64 = 1_000;

/// Who a filter means; none of them is Roster itself.
type Meant = Vec<Option<MemberId>>;

/// A wish with its names looked up.
#[derive(Clone, Debug)]
pub struct Search {
    wish: AuditQuery,
    actors: Option<Meant>,
    targets: Option<Meant>,
    /// What was done in bulk is told by its beginning alone.
    is_folded: bool,
    /// A name means more people than are looked at.
    pub is_cut: bool,
}

/// Along which index events are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Batch,
    Target(Option<MemberId>),
    Actor(Option<MemberId>),
    Address,
    Action,
    /// The beginnings of one kind of bulk action.
    Started(&'static str),
    Time,
}

impl Search {
    /// Looks up whom the typed names mean: living members as the directory's search finds them, and anyone who had
    /// exactly this name when something was done to them.
    ///
    /// # Errors
    /// [`Fault::Denied`] without `audit:read:*`.
    pub fn prepare(conn: &mut Conn, scope: &Scope, wish: AuditQuery) -> Result<Self, Fault> {
        scope.demand(rights::AUDIT_READ)?;
        let mut is_cut = false;
        let mut meant = |who: &Option<Who>| match who {
            None => Ok(None),
            Some(Who::Id(id)) => Ok(Some(vec![Some(*id)])),
            Some(Who::Named(name)) => named(conn, scope, name, &mut is_cut).map(Some),
        };
        let (actors, mut targets) = (meant(&wish.actor)?, meant(&wish.target)?);
        // Nothing is ever done to Roster itself.
        if let Some(targets) = &mut targets {
            targets.retain(Option::is_some);
        }
        Ok(Self {
            wish,
            actors,
            targets,
            is_folded: false,
            is_cut,
        })
    }

    /// The same for people: a bulk action is one line, unless what was done to each is what they look for.
    pub fn folded(self) -> Self {
        let wish = &self.wish;
        let is_about_each = wish.batch.is_some() || wish.about.is_some() || wish.target.is_some() || wish.action.is_some();
        Self {
            is_folded: !is_about_each,
            ..self
        }
    }

    /// So many events of one part of the log, newest first, and whether it goes on in the direction it was walked.
    ///
    /// # Errors
    /// As [`Search::prepare`].
    pub fn part(&self, conn: &mut Conn, scope: &Scope, window: Window, size: usize) -> Result<(Vec<Line>, bool), Fault> {
        scope.demand(rights::AUDIT_READ)?;
        let direction = if matches!(window, Window::NewerThan(_)) {
            Direction::Ascending
        } else {
            Direction::Descending
        };
        let wanted = i64::try_from(size + 1).unwrap_or(i64::MAX);
        let mut found = Vec::new();
        for way in self.ways(conn, scope)? {
            found.append(&mut self.walk(conn, scope, window, way, direction, wanted)?);
        }
        found.sort_by_key(|line| (line.at, line.id));
        found.dedup_by_key(|line| line.id);
        if direction == Direction::Descending {
            found.reverse();
        }
        let goes_on = found.len() > size;
        found.truncate(size);
        if direction == Direction::Ascending {
            found.reverse();
        }
        Ok((found, goes_on))
    }

    /// One way, or one for each of those who are meant: an index is in the order of time for one of them only.
    fn ways(&self, conn: &mut Conn, scope: &Scope) -> Result<Vec<Way>, Fault> {
        let wish = &self.wish;
        if wish.batch.is_some() {
            return Ok(vec![Way::Batch]);
        }
        if let Some(id) = wish.about {
            return Ok(vec![Way::Target(Some(id)), Way::Actor(Some(id))]);
        }
        if self.is_folded && wish.how == Some(How::InBulk) {
            return Ok(STARTED.map(Way::Started).into());
        }
        let mut all: Vec<Vec<Way>> = Vec::new();
        all.extend(self.targets.as_ref().map(|ids| ids.iter().copied().map(Way::Target).collect()));
        all.extend(wish.address.as_ref().map(|_| vec![Way::Address]));
        all.extend(self.actors.as_ref().map(|ids| ids.iter().copied().map(Way::Actor).collect()));
        all.extend(wish.action.as_ref().map(|_| vec![Way::Action]));
        for ways in all.iter().filter(|_| all.len() > 1) {
            if self.are_few(conn, scope, ways)? {
                return Ok(ways.clone());
            }
        }
        Ok(all.into_iter().next().unwrap_or_else(|| vec![Way::Time]))
    }

    /// Whether these ways lead to few events.
    fn are_few(&self, conn: &mut Conn, scope: &Scope, ways: &[Way]) -> Result<bool, Fault> {
        for way in ways {
            let mut query = audit_events::table
                .filter(audit_events::organization_id.eq(scope.organization))
                .select(audit_events::at)
                .offset(FEW)
                .limit(1)
                .into_boxed::<MultiBackend>();
            query = match way {
                Way::Target(id) => query.filter(audit_events::target_id.eq(*id)),
                Way::Actor(Some(id)) => query.filter(audit_events::actor_id.eq(*id)),
                Way::Actor(None) => query.filter(audit_events::actor_id.is_null()),
                Way::Address => query.filter(audit_events::address.eq(self.wish.address.clone().unwrap_or_default())),
                Way::Action => query.filter(audit_events::action.eq(self.wish.action.clone().unwrap_or_default())),
                Way::Batch | Way::Started(_) | Way::Time => return Ok(true),
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
        way: Way,
        direction: Direction,
        wanted: i64,
    ) -> Result<Vec<Line>, Fault> {
        use audit_events::{action, actor_id, address, at, batch_id, id, organization_id, target_id};
        let wish = self.wish.clone();
        let mut query = audit_events::table
            .filter(organization_id.eq(scope.organization))
            .select(Line::as_select())
            .limit(wanted)
            .into_boxed::<MultiBackend>();
        if let Some(batch) = wish.batch {
            query = query.filter(batch_id.eq(Some(batch)));
        }
        // What is found by goes by an index; the rest is asked of each event.
        let asked = |other: bool| !other;
        match (way, &self.targets) {
            (Way::Target(one), _) => query = query.filter(target_id.eq(one)),
            (_, Some(ids)) => query = query.filter(beside_indexes(target_id, true).eq_any(living(ids))),
            (_, None) => {}
        }
        match (way, &self.actors) {
            (Way::Actor(Some(one)), _) => query = query.filter(actor_id.eq(Some(one))),
            (Way::Actor(None), _) => query = query.filter(actor_id.is_null()),
            (_, Some(ids)) if ids.contains(&None) => {
                let column = beside_indexes(actor_id, true);
                query = query.filter(column.eq_any(living(ids)).or(column.is_null()));
            }
            (_, Some(ids)) => query = query.filter(beside_indexes(actor_id, true).eq_any(living(ids))),
            (_, None) => {}
        }
        query = match (way, wish.how) {
            (Way::Started(started), _) => query.filter(action.eq(started)),
            (_, None) if self.is_folded => query.filter(batch_id.is_null()),
            (_, None) => query,
            (_, Some(How::OneByOne)) => query
                .filter(batch_id.is_null())
                .filter(beside_indexes(action, true).ne_all(STARTED)),
            (_, Some(How::InBulk)) => query.filter(batch_id.is_not_null().or(beside_indexes(action, true).eq_any(STARTED))),
        };
        if let Some(wanted) = wish.action {
            query = query.filter(beside_indexes(action, asked(way == Way::Action)).eq(wanted));
        }
        if let Some(wanted) = wish.address {
            query = query.filter(beside_indexes(address, asked(way == Way::Address)).eq(wanted));
        }
        if let Some(since) = self.wish.since() {
            query = query.filter(at.ge(since));
        }
        if let Some(until) = self.wish.until() {
            query = query.filter(at.lt(until));
        }
        if let Window::OlderThan(Cursor(place, event)) | Window::NewerThan(Cursor(place, event)) = window {
            query = query.filter(beyond((at, id), (place, event), direction));
        }
        // The id of the member who did it is one and the same, but PostgreSQL knows that of no NULL.
        query = match (way, direction) {
            (Way::Actor(_), Direction::Ascending) => query.order((actor_id.asc(), at.asc(), id.asc())),
            (Way::Actor(_), Direction::Descending) => query.order((actor_id.desc(), at.desc(), id.desc())),
            (_, Direction::Ascending) => query.order((at.asc(), id.asc())),
            (_, Direction::Descending) => query.order((at.desc(), id.desc())),
        };
        Ok(query.load(conn)?)
    }
}

fn living(meant: &Meant) -> Vec<MemberId> {
    meant.iter().copied().flatten().collect()
}

/// Whom a typed name means.
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
    if fold::search(name) == fold::search(Actor::System.name()) {
        meant.push(None);
    }
    Ok(meant)
}

/// Who of them is in this organization still, and of which kind.
pub fn still_here(conn: &mut Conn, scope: &Scope, ids: Vec<MemberId>) -> Result<HashMap<MemberId, MemberKind>, Fault> {
    let here: Vec<(MemberId, MemberKind)> = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq_any(ids))
        .select((members::id, members::kind))
        .load(conn)?;
    Ok(here.into_iter().collect())
}

/// The name somebody has, or had when something was last done by or to them.
pub fn name_of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Option<String>, Fault> {
    let own = members::table
        .filter(members::organization_id.eq(scope.organization))
        .filter(members::id.eq(id));
    if let Some(name) = own.select(members::name).first(conn).optional()? {
        return Ok(Some(name));
    }
    let last = audit_events::table
        .filter(audit_events::organization_id.eq(scope.organization))
        .filter(audit_events::target_id.eq(Some(id)))
        .order((audit_events::at.desc(), audit_events::id.desc()));
    Ok(last.select(audit_events::target_name).first(conn).optional()?)
}

/// Names of the roles, teams and policies among these ids.
pub fn things(conn: &mut Conn, scope: &Scope, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>, Fault> {
    let mut names = HashMap::new();
    if ids.is_empty() {
        return Ok(names);
    }
    macro_rules! add {
        ($table:ident, $id:ident) => {
            let rows: Vec<($id, String)> = $table::table
                .filter($table::organization_id.eq(scope.organization))
                .filter($table::id.eq_any(ids.iter().copied().map($id).collect::<Vec<_>>()))
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
