//! The pages of the Audit Log, and its part on a profile.

use super::{
    bulk::{self, Bulk},
    model::{Change, EventRow},
    query::{AuditQuery, Cursor, How, Who, Window},
    store::{self, Search},
    words::{self, Sentence, Words},
};
use crate::{
    db::{Conn, keyset::TimeCursor},
    kit::{BatchId, Fault, MemberId, MemberKind, Scope},
    web::{ApiCall, MemberContext, filters},
};
use askama::Template;
use std::borrow::Borrow;

/// Events on one page.
const PAGE: i64 = 50;

/// An event with everything that its row shows.
#[derive(Debug)]
pub struct Entry {
    pub line: EventRow,
    pub sentence: Sentence,
    pub changes: Vec<Change>,
    /// The kind of the actor and of the target, if their pages still exist.
    pub actor: Option<MemberKind>,
    pub target: Option<MemberKind>,
    /// For a bulk action: its progress and some of its events.
    pub bulk: Option<Bulk>,
}

impl Entry {
    /// Whether a person is gone since this event, whose name may be erased.
    pub fn is_departure(&self) -> bool {
        self.target.is_none() && self.line.is_departure()
    }
    /// Whether no field has a value before the event, so that one column is enough.
    pub fn is_told_only(&self) -> bool {
        self.changes.iter().all(|change| change.before.is_none())
    }
}

/// One part of the log, newest first.
#[derive(Debug)]
pub struct Trail {
    pub entries: Vec<Entry>,
    pub newer: Option<Cursor>,
    pub older: Option<Cursor>,
    /// A typed name matches more people than were looked up.
    pub is_cut: bool,
}

/// Reads the requested part of the log.
///
/// # Errors
/// [`Fault::Denied`] without `audit:read:*`.
pub fn trail(conn: &mut Conn, scope: &Scope, list_query: &AuditQuery) -> Result<Trail, Fault> {
    let search = Search::prepare(conn, scope, list_query.clone())?.folded(scope);
    let page = search.part(conn, scope, list_query.window, PAGE)?;
    let cursor = |line: &EventRow| TimeCursor(line.at, line.id);
    let (newer, older) = (page.previous().map(cursor), page.next().map(cursor));
    let lines = page.rows;
    let people: Vec<MemberId> = lines.iter().flat_map(|line| [line.actor_id, line.target_id]).flatten().collect();
    let here = store::still_here(conn, scope, people)?;
    let names = store::things(conn, scope, lines.iter().flat_map(EventRow::mentioned).collect())?;
    let kind_of = |id: Option<MemberId>| id.and_then(|id| here.get(&id).copied());
    let mut bulk = bulk::of(conn, scope, &lines)?;
    let entry = |line: EventRow| Entry {
        sentence: line.sentence(),
        changes: line.changes(&names),
        actor: kind_of(line.actor_id),
        target: kind_of(line.target_id),
        bulk: line.target_id.and_then(|id| bulk.remove(&BatchId(id.0))),
        line,
    };
    Ok(Trail {
        entries: lines.into_iter().map(entry).collect(),
        newer,
        older,
        is_cut: search.is_cut,
    })
}

/// A filter that a link sets and another link removes.
#[derive(Debug)]
pub struct Chip {
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
    pub shown: String,
    pub clear: String,
}

#[derive(Template)]
#[template(path = "audit/log.html")]
pub struct Log {
    pub context: MemberContext,
    pub list_query: AuditQuery,
    pub trail: Trail,
    pub chips: Vec<Chip>,
    /// A filter of the address is unknown.
    pub is_partly_ignored: bool,
}

impl Log {
    pub fn address(&self, list_query: impl Borrow<AuditQuery>) -> String {
        self.context.path("/audit") + &list_query.borrow().query()
    }
    /// The text of a search field. `None` if a link chose the person: then a chip shows the name.
    pub fn typed<'a>(&self, who: Option<&'a Who>) -> Option<&'a str> {
        match who {
            None => Some(""),
            Some(Who::Named(name)) => Some(name),
            Some(Who::Id(_)) => None,
        }
    }
    pub fn groups(&self) -> Vec<(&'static str, Vec<&'static Words>)> {
        words::groups()
    }
    /// The options of the filter "one by one or in bulk".
    pub fn ways(&self) -> [(&'static str, &'static str, bool); 3] {
        [
            ("", "One by one and in bulk", self.list_query.how.is_none()),
            ("one", "One by one", self.list_query.how == Some(How::OneByOne)),
            ("bulk", "In bulk", self.list_query.how == Some(How::InBulk)),
        ]
    }
    pub fn is_chosen(&self, words: &Words) -> bool {
        self.list_query.action.as_deref() == Some(words.action)
    }
    /// A filtered action without words in the list. It can only come from a URL.
    pub fn other_action(&self) -> Option<&str> {
        let action = self.list_query.action.as_deref()?;
        words::ALL.iter().all(|words| words.action != action).then_some(action)
    }
    pub fn export(&self, format: &str) -> String {
        let query = self.list_query.at(Window::First).query();
        let glue = if query.is_empty() { "?" } else { "&" };
        format!("{}{query}{glue}format={format}", self.context.path("/audit/export"))
    }
    /// The request of the API that lists the same events.
    pub fn api_call(&self) -> ApiCall {
        ApiCall::list(&self.context.site, "audit_events", "audit-log", &self.list_query.query_pairs())
    }
    pub fn newest(&self) -> Option<String> {
        (self.list_query.window != Window::First).then(|| self.address(self.list_query.at(Window::First)))
    }
    pub fn newer(&self) -> Option<String> {
        self.trail.newer.map(|cursor| self.address(self.list_query.at(Window::Before(cursor))))
    }
    pub fn older(&self) -> Option<String> {
        self.trail.older.map(|cursor| self.address(self.list_query.at(Window::After(cursor))))
    }
}

/// The filters that were set by a link: people by id, and a batch.
pub fn chips(conn: &mut Conn, scope: &Scope, list_query: &AuditQuery) -> Result<Vec<Chip>, Fault> {
    let mut chips = Vec::new();
    for (name, label, who) in [("actor", "By", &list_query.actor), ("target", "About", &list_query.target)] {
        if let Some(Who::Id(id)) = who {
            let shown = store::name_of(conn, scope, *id)?.unwrap_or_else(|| id.to_string());
            chips.push(chip(list_query, name, label, id.to_string(), shown));
        }
    }
    if let Some(batch) = list_query.batch {
        chips.push(chip(list_query, "batch", "Batch", batch.to_string(), "done in one go".into()));
    }
    Ok(chips)
}

fn chip(list_query: &AuditQuery, name: &'static str, label: &'static str, value: String, shown: String) -> Chip {
    Chip { name, label, value, shown, clear: list_query.without(name).query() }
}
