//! The query of the Audit Log as its URL holds it. Invalid parameters are ignored.

use crate::{
    db::keyset::{self, TimeCursor},
    kit::{AuditEventId, BatchId, MemberId, Timestamp},
    text_enum,
};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use std::fmt::Display;

/// A position between two events.
pub type Cursor = TimeCursor<AuditEventId>;

/// The part of the log to show. It is sorted newest first, so that older events come after the cursor.
pub type Window = keyset::Window<Cursor>;

/// A person, by id or by a typed name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Id(MemberId),
    Named(String),
}

impl Who {
    /// Reads an id or a name, as far as a name goes.
    pub fn read(text: &str) -> Option<Self> {
        let text: String = text.trim().replace('\0', "").chars().take(LONGEST).collect();
        match text.parse() {
            _ if text.is_empty() => None,
            Ok(id) => Some(Self::Id(id)),
            Err(_) => Some(Self::Named(text)),
        }
    }
}
impl Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Named(name) => name.fmt(f),
        }
    }
}

text_enum! {
    /// Whether to show events of bulk actions.
    pub enum How {
        /// Only events outside bulk actions.
        OneByOne = "one",
        InBulk = "bulk",
    }
}

/// The filter parameters of the URL.
const FILTERS: [&str; 8] = ["actor", "target", "what", "from", "to", "address", "batch", "how"];
/// Longer names and values are cut or ignored.
const LONGEST: usize = 200;

/// All parameters of the log's URL.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AuditQuery {
    pub actor: Option<Who>,
    pub target: Option<Who>,
    /// The actor or the target: the history of one member.
    pub about: Option<MemberId>,
    pub action: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub address: Option<String>,
    pub batch: Option<BatchId>,
    pub how: Option<How>,
    pub window: Window,
}

impl AuditQuery {
    /// Parses a query string.
    pub fn read(query: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
        let one = |name: &str| pairs.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.trim());
        let text = |name: &str| {
            one(name)
                .filter(|text| !text.is_empty() && text.chars().count() <= LONGEST && !text.contains('\0'))
                .map(str::to_owned)
        };
        let cursor = |name: &str| one(name).and_then(|text| text.parse().ok());
        Self {
            actor: one("actor").and_then(Who::read),
            target: one("target").and_then(Who::read),
            about: None,
            action: text("what"),
            from: one("from").and_then(date),
            to: one("to").and_then(date),
            address: text("address"),
            batch: one("batch").and_then(|text| text.parse().ok()),
            how: one("how").and_then(|text| text.parse().ok()),
            window: Window::read(cursor("older"), cursor("newer")),
        }
    }

    /// Whether all filters of a query string are valid. Paging and export format are not filters.
    pub fn is_understood(query: &str) -> bool {
        let Ok(pairs) = serde_html_form::from_str::<Vec<(String, String)>>(query) else {
            return false;
        };
        let kept = Self::read(query).query_pairs();
        pairs.iter().all(|(name, value)| match (name.as_str(), value.trim()) {
            ("older" | "newer" | "format", _) => true,
            (name, "") => FILTERS.contains(&name),
            (name, value) => kept.iter().any(|(known, kept)| *known == name && kept == value),
        })
    }

    /// The query string of this query, with the question mark.
    pub fn query(&self) -> String {
        let mut pairs = self.query_pairs();
        match self.window {
            Window::First | Window::Last => {}
            Window::After(cursor) => pairs.push(("older", cursor.to_string())),
            Window::Before(cursor) => pairs.push(("newer", cursor.to_string())),
        }
        let query = serde_html_form::to_string(&pairs).unwrap_or_default();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// The filters as URL parameters.
    pub fn query_pairs(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("actor", self.actor.as_ref().map(Who::to_string)),
            ("target", self.target.as_ref().map(Who::to_string)),
            ("what", self.action.clone()),
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
            ("address", self.address.clone()),
            ("batch", self.batch.map(|batch| batch.to_string())),
            ("how", self.how.map(|how| how.as_str().to_owned())),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    pub fn is_filtered(&self) -> bool {
        !self.query_pairs().is_empty()
    }
    pub fn at(&self, window: Window) -> Self {
        Self { window, ..self.clone() }
    }
    pub fn without(&self, filter: &str) -> Self {
        let mut list_query = self.at(Window::First);
        match filter {
            "actor" => list_query.actor = None,
            "target" => list_query.target = None,
            "what" => list_query.action = None,
            "from" => list_query.from = None,
            "to" => list_query.to = None,
            "address" => list_query.address = None,
            "how" => list_query.how = None,
            _ => list_query.batch = None,
        }
        list_query
    }

    /// Whether databases and calendars support the year of this day.
    pub fn is_day(day: NaiveDate) -> bool {
        (1970..=9998).contains(&day.year())
    }

    /// The first included instant.
    pub fn since(&self) -> Option<Timestamp> {
        self.from.map(midnight)
    }
    /// The first excluded instant: the last day is included completely.
    pub fn until(&self) -> Option<Timestamp> {
        self.to.map(|day| midnight(day) + TimeDelta::days(1))
    }
}

/// Parses `2026-11-22`. Only years that databases and calendars support.
fn date(text: &str) -> Option<NaiveDate> {
    let day: NaiveDate = (text.len() == 10).then(|| text.parse().ok())??;
    AuditQuery::is_day(day).then_some(day)
}

fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_everything_and_nothing_twice() {
        let id = uuid::Uuid::from_u128(7);
        let query = format!(
            "actor=Grace+Hopper&target={id}&what=member.disabled&from=2026-11-01&to=2026-11-22&address=203.0.113.7&batch={id}&how=bulk&older=5-{id}"
        );
        let list_query = AuditQuery::read(&query);
        assert_eq!(list_query.actor, Some(Who::Named("Grace Hopper".into())));
        assert_eq!(list_query.target, Some(Who::Id(MemberId(id))));
        assert_eq!(AuditQuery::read(list_query.query().trim_start_matches('?')), list_query);
        assert_eq!(list_query.until().map(Timestamp::iso).as_deref(), Some("2026-11-23T00:00:00Z"));
        assert!(list_query.is_filtered());
        assert_eq!(AuditQuery::read("").query(), "");
        assert!(!AuditQuery::read(&format!("older=5-{id}")).is_filtered());
    }

    #[test]
    fn a_filter_that_is_not_understood_is_found_out() {
        for good in ["", "actor=+ada+&what=&format=csv&older=x", "from=2026-11-01&how=one"] {
            assert!(AuditQuery::is_understood(good), "{good}");
        }
        for wrong in ["from=2026-13-01", "how=all", "who=ada", "batch=x", "what=a&what=b"] {
            assert!(!AuditQuery::is_understood(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_an_address_says_wrongly_is_as_if_it_were_not_said() {
        let wrong =
            "actor=+&target=%00&what=&from=2026-13-01&to=+12345-01-01&address=&batch=x&how=none&older=9223372036854775807-x&newer=-5-7";
        assert_eq!(AuditQuery::read(wrong), AuditQuery::default());
        assert_eq!(AuditQuery::read("from=0001-01-01&to=9999-12-31&older=9223372036854775808-"), AuditQuery::default());
    }
}
