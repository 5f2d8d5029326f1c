//! Erasing a deleted person's names: which names the trail holds, which events would change, and the change itself. Rows, ids,
//! times and order stay.

use super::{
    exceptions::{Purpose, except},
    model::{DEPARTURES, EventRow, OWN_FIELD},
};
use crate::{
    db::{
        Conn, Json, MultiBackend, Tx,
        query::{Direction, beyond},
        schema::audit_events,
    },
    kit::{AuditEventId, Fault, MemberId, OrganizationId, Pseudonym, Timestamp},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Text},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Events read in one query.
const PART: i64 = 500;
/// Fields of events about a member that hold a name of theirs.
const WHOLE_NAMES: [&str; 3] = ["name", "username", "user_name"];
const NAME_PARTS: [&str; 2] = ["first_name", "last_name"];
/// What people typed into requests for access and decisions about them.
const TYPED: [&str; 3] = ["request_reason", "ticket", "decision_reason"];
/// What stands in the place of a contact detail or of what people typed.
const ERASED: &str = "erased";

/// How somebody ceased to be a member, as the trail tells it.
#[derive(Clone, Debug)]
pub struct Departure {
    pub at: Timestamp,
    pub name: String,
    /// They were a program.
    pub was_machine: bool,
}

/// The latest departure of this member.
pub fn departure(conn: &mut Conn, organization: OrganizationId, id: MemberId) -> Result<Option<Departure>, Fault> {
    let latest = audit_events::table
        .filter(audit_events::organization_id.eq(organization))
        .filter(audit_events::target_id.eq(Some(id)))
        .order((audit_events::at.desc(), audit_events::id.desc()))
        .select(EventRow::as_select());
    let rows: Vec<EventRow> = latest.limit(PART).load(conn)?;
    let found = rows.into_iter().find(|row| DEPARTURES.contains(&row.action.as_str()));
    Ok(found.map(|row| Departure {
        at: row.at,
        was_machine: row.before.as_ref().is_some_and(|Json(before)| before["kind"] == "system_account"),
        name: row.target_name,
    }))
}

/// Whether another member, or a role, a team or whatever else there is, has or had this name in the trail.
pub fn is_name_of_others(conn: &mut Conn, organization: OrganizationId, id: MemberId, name: &str) -> Result<bool, Fault> {
    let others = audit_events::table
        .filter(audit_events::organization_id.eq(organization))
        .filter(audit_events::target_name.eq(name))
        .filter(audit_events::target_id.ne(Some(id)).assume_not_null());
    Ok(others.select(audit_events::id).first::<AuditEventId>(conn).optional()?.is_some())
}

/// The events of one index, or those that mention one of the names.
#[derive(Clone, Copy, Debug)]
enum Way {
    ByThem,
    AboutThem,
    /// Neither, but with the name at this place in the list.
    Mentioning(usize),
}

/// A walk through all events that may hold a name.
struct Walk<'a> {
    organization: OrganizationId,
    id: MemberId,
    elsewhere: &'a Pseudonym,
    way: Way,
    after: Option<(Timestamp, AuditEventId)>,
}

impl<'a> Walk<'a> {
    fn new(organization: OrganizationId, id: MemberId, elsewhere: &'a Pseudonym) -> Self {
        Self { organization, id, elsewhere, way: Way::ByThem, after: None }
    }

    /// The next events; `None` at the end.
    fn next(&mut self, conn: &mut Conn) -> Result<Option<Vec<EventRow>>, Fault> {
        let mut query = audit_events::table
            .filter(audit_events::organization_id.eq(self.organization))
            .order((audit_events::at, audit_events::id))
            .limit(PART)
            .select(EventRow::as_select())
            .into_boxed::<MultiBackend>();
        match self.way {
            Way::ByThem => query = query.filter(audit_events::actor_id.eq(Some(self.id))),
            Way::AboutThem => query = query.filter(audit_events::target_id.eq(Some(self.id))),
            Way::Mentioning(place) => {
                let Some(pattern) = self.pattern(place)? else { return Ok(None) };
                query = query.filter(mentions(conn, &pattern));
            }
        }
        if let Some(after) = self.after {
            query = query.filter(beyond((audit_events::at, audit_events::id), after, Direction::Ascending));
        }
        let rows: Vec<EventRow> = query.load(conn)?;
        self.after = rows.last().map(|last| (last.at, last.id));
        if rows.is_empty() {
            self.way = match self.way {
                Way::ByThem => Way::AboutThem,
                Way::AboutThem => Way::Mentioning(0),
                Way::Mentioning(place) => Way::Mentioning(place + 1),
            };
        }
        Ok(Some(rows.into_iter().filter(|row| self.is_first_seen(row)).collect()))
    }

    /// What an event mentions that holds the name at this place; `None` after the last one.
    fn pattern(&self, place: usize) -> Result<Option<String>, Fault> {
        let Some(name) = self.elsewhere.phrases().get(place) else {
            return Ok(None);
        };
        let quoted = serde_json::to_string(name).map_err(Fault::broken)?;
        let escaped: String = quoted
            .trim_matches('"')
            .chars()
            .flat_map(|c| matches!(c, '!' | '%' | '_').then_some('!').into_iter().chain([c]))
            .collect();
        Ok(Some(format!("%{escaped}%")))
    }

    /// Whether no earlier way of the walk led to this event.
    fn is_first_seen(&self, row: &EventRow) -> bool {
        let (by, about) = (row.actor_id == Some(self.id), row.target_id == Some(self.id));
        match self.way {
            Way::ByThem => true,
            Way::AboutThem => !by,
            Way::Mentioning(place) => {
                let sides = [&row.before, &row.after].into_iter().flatten();
                let text: String = sides.map(|Json(side)| side.to_string().to_lowercase()).collect();
                let is_earlier = |name: &String| text.contains(&name.to_lowercase());
                !by && !about && !self.elsewhere.phrases().iter().take(place).any(is_earlier)
            }
        }
    }
}

/// Whether what changed holds a text like this.
fn mentions(conn: &Conn, pattern: &str) -> Box<dyn BoxableExpression<audit_events::table, MultiBackend, SqlType = Bool>> {
    let columns = match conn {
        Conn::Sqlite(_) => ["(coalesce(audit_events.before, '') LIKE ", "coalesce(audit_events.after, '') LIKE "],
        Conn::Pg(_) => [
            "(coalesce(audit_events.before::text, '') ILIKE ",
            "coalesce(audit_events.after::text, '') ILIKE ",
        ],
    };
    let [before, after] = columns;
    let either = sql::<Bool>(before)
        .bind::<Text, _>(pattern.to_owned())
        .sql(" ESCAPE '!' OR ")
        .sql(after)
        .bind::<Text, _>(pattern.to_owned())
        .sql(" ESCAPE '!')");
    Box::new(either)
}

/// The names by which the trail knows a member.
#[derive(Clone, Debug, Default)]
pub struct KnownNames {
    /// Display names, addresses and usernames.
    pub whole: BTreeSet<String>,
    /// The addresses among them that were theirs, not only asked for.
    pub addresses: BTreeSet<String>,
    /// First and last names.
    pub parts: BTreeSet<String>,
}

/// Every name by which the trail knows a member.
pub fn names_of(conn: &mut Conn, organization: OrganizationId, id: MemberId) -> Result<KnownNames, Fault> {
    let nobody = Pseudonym::new(id, [], []);
    let mut walk = Walk::new(organization, id, &nobody);
    let mut names = KnownNames::default();
    while let Some(rows) = walk.next(conn)? {
        for row in rows {
            if row.actor_id == Some(id) {
                names.whole.insert(row.actor_name.clone());
            }
            if row.target_id == Some(id) {
                names.whole.insert(row.target_name.clone());
                let is_of_member = row.action.starts_with("member.");
                for Json(side) in [row.before, row.after].into_iter().flatten() {
                    let read = |field: &&str| Some(side.get(field)?.as_str()?.to_owned());
                    names.whole.extend(["email"].iter().filter_map(read));
                    if !row.action.starts_with("email.change_") {
                        names.addresses.extend(["email"].iter().filter_map(read));
                    }
                    if is_of_member {
                        names.whole.extend(WHOLE_NAMES.iter().filter_map(read));
                        names.parts.extend(NAME_PARTS.iter().filter_map(read));
                    }
                }
            }
        }
    }
    Ok(names)
}

/// What is erased: the names in events by or about the member, and those that mean nobody else in all other events.
#[derive(Clone, Copy)]
pub struct Erasure<'a> {
    pub id: MemberId,
    pub own: &'a Pseudonym,
    pub elsewhere: &'a Pseudonym,
    /// Fields of their own events that are emptied besides.
    pub details: &'a [&'a str],
}

impl Erasure<'_> {
    /// The event without the names; `None` if it has none.
    fn without_names(&self, row: &EventRow) -> Option<EventRow> {
        let (by, about) = (row.actor_id == Some(self.id), row.target_id == Some(self.id));
        let names = if by || about { self.own } else { self.elsewhere };
        let mut new = row.clone();
        if by {
            names.text().clone_into(&mut new.actor_name);
            new.credential = row.credential.as_ref().map(|text| names.replaced(text).unwrap_or_else(|| text.clone()));
        }
        if about {
            names.text().clone_into(&mut new.target_name);
        } else if row.target_kind != "member" {
            new.target_name = names.replaced(&row.target_name).unwrap_or(new.target_name);
        }
        let mut is_changed = new.actor_name != row.actor_name || new.target_name != row.target_name || new.credential != row.credential;
        for Json(side) in [&mut new.before, &mut new.after].into_iter().flatten() {
            is_changed |= names.replace_in(side);
            if about {
                is_changed |= self.empty_details(side);
            }
        }
        is_changed.then_some(new)
    }

    fn empty_details(&self, side: &mut Value) -> bool {
        let mut is_changed = false;
        for (field, value) in side.as_object_mut().into_iter().flatten() {
            let is_detail = self.details.contains(&field.as_str()) || TYPED.contains(&field.as_str()) || field.starts_with(OWN_FIELD);
            if let Value::String(text) = value
                && is_detail
                && !text.is_empty()
                && text != ERASED
            {
                ERASED.clone_into(text);
                is_changed = true;
            }
        }
        is_changed
    }
}

/// How many events [`erase`] would change.
pub fn count_to_erase(conn: &mut Conn, organization: OrganizationId, erasure: Erasure<'_>) -> Result<usize, Fault> {
    let mut walk = Walk::new(organization, erasure.id, erasure.elsewhere);
    let mut count = 0;
    while let Some(rows) = walk.next(conn)? {
        count += rows.iter().filter(|row| erasure.without_names(row).is_some()).count();
    }
    Ok(count)
}

/// Writes the pseudonym in the place of the names. Returns how many events changed.
pub fn erase(tx: &mut Tx<'_>, organization: OrganizationId, erasure: Erasure<'_>) -> Result<usize, Fault> {
    except(tx, organization, Purpose::Erasure, |tx| {
        let mut walk = Walk::new(organization, erasure.id, erasure.elsewhere);
        let mut count = 0;
        while let Some(rows) = walk.next(tx)? {
            for new in rows.iter().filter_map(|row| erasure.without_names(row)) {
                update(tx, &new)?;
                count += 1;
            }
        }
        Ok(count)
    })
}

fn update(tx: &mut Tx<'_>, new: &EventRow) -> Result<(), Fault> {
    diesel::update(audit_events::table.find(new.id))
        .set((
            audit_events::actor_name.eq(&new.actor_name),
            audit_events::target_name.eq(&new.target_name),
            audit_events::before.eq(&new.before),
            audit_events::after.eq(&new.after),
            audit_events::credential.eq(&new.credential),
        ))
        .execute(tx.conn())?;
    Ok(())
}
