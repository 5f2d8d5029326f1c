//! The query of a directory address. An invalid value is ignored, as if it were absent.

use super::column::{self, Column};
pub use super::{
    choices::{Seen, Sort, Tab, TwoStep, ViewChoice},
    own_filter::OwnFilter,
};
use crate::{
    db::{keyset, query::Direction},
    kit::{MemberId, MemberKind, PolicyId, RoleId, TeamId},
    members::Reach,
};
use std::str::FromStr;

/// The sort key and the id of the member beside the page.
pub type Cursor = keyset::KeyCursor<MemberId>;

/// Which page of the list.
pub type Window = keyset::Window<Cursor>;

pub const PAGE_SIZES: [i64; 3] = [25, 50, 100];
pub const PAGE_SIZE: i64 = 50;
/// Longer search text is cut: it finds nothing more.
const LONGEST_SEARCH: usize = 200;
/// The most choices of one filter.
const MOST_CHOICES: usize = 50;

/// Everything an address of the directory can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryQuery {
    /// The list of this address.
    pub kind: MemberKind,
    pub tab: Tab,
    pub search: String,
    pub roles: Vec<RoleId>,
    pub teams: Vec<TeamId>,
    pub policies: Vec<PolicyId>,
    pub providers: Vec<String>,
    /// Filters by the organization's own fields.
    pub fields: Vec<OwnFilter>,
    pub seen: Option<Seen>,
    pub two_step: Option<TwoStep>,
    pub sort: Sort,
    pub direction: Direction,
    /// The columns in their order, if the address says which.
    pub columns: Option<Vec<Column>>,
    /// The saved view that this list began as.
    pub view: ViewChoice,
    pub window: Window,
    pub page_size: i64,
    /// Whether the page counts all matches, however many.
    pub is_exact: bool,
    /// The number of the first row, as the paging links counted it; only for display.
    pub first_row: i64,
    /// Whom the caller sees. Nobody until [`DirectoryQuery::within_reach`] has asked.
    pub reach: Reach,
}

impl DirectoryQuery {
    /// Parses the query of an address.
    pub fn read(kind: MemberKind, query: &str, remembered_page_size: Option<i64>) -> Self {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
        let one = |name: &str| pairs.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        fn values<T: FromStr>(pairs: &[(String, String)], name: &str) -> Vec<T> {
            pairs
                .iter()
                .filter(|(n, _)| n == name)
                .filter_map(|(_, value)| value.parse().ok())
                .take(MOST_CHOICES)
                .collect()
        }
        fn known<T: FromStr>(text: Option<&str>) -> Option<T> {
            text.and_then(|text| text.parse().ok())
        }
        // On phones one control sets both column and direction.
        let (by, way) = match one("order").and_then(|order| order.split_once('.')) {
            Some((by, way)) => (Some(by), Some(way)),
            None => (one("sort"), one("dir")),
        };
        let sort: Sort = known(by).filter(|sort| Sort::of(kind).contains(sort)).unwrap_or_default();
        let direction = match way {
            Some("asc") => Direction::Ascending,
            Some("desc") => Direction::Descending,
            _ => sort.first_direction(),
        };
        let window = match Window::read(known(one("after")), known(one("before"))) {
            Window::First if one("last").is_some() => Window::Last,
            window => window,
        };
        let offered = |size: &i64| PAGE_SIZES.contains(size);
        let page_size = known(one("per")).filter(offered).or(remembered_page_size.filter(offered)).unwrap_or(PAGE_SIZE);
        let tab = match kind {
            MemberKind::User => known(one("tab")).filter(|tab| Tab::ALL.contains(tab)),
            MemberKind::SystemAccount => one("disabled").filter(|text| !text.is_empty()).map(|_| Tab::Everything),
        };
        Self {
            kind,
            tab: tab.unwrap_or_default(),
            search: one("q").unwrap_or_default().trim().replace('\0', "").chars().take(LONGEST_SEARCH).collect(),
            roles: values(&pairs, "role"),
            teams: values(&pairs, "team"),
            policies: values(&pairs, "policy"),
            providers: values::<String>(&pairs, "provider").into_iter().filter(|p| !p.contains('\0')).collect(),
            fields: values(&pairs, "field"),
            seen: known(one("seen")),
            two_step: known(one("two_step")),
            sort,
            direction,
            columns: one("columns").filter(|text| !text.is_empty()).map(|text| column::read(kind, text)),
            view: ViewChoice::read(one("view")),
            first_row: if window == Window::First {
                1
            } else {
                known(one("row")).filter(|row| *row > 0).unwrap_or(1)
            },
            window,
            page_size,
            is_exact: one("exact").is_some(),
            reach: Reach::Teams(vec![]),
        }
    }

    /// The query string with its question mark. Default values are omitted.
    pub fn query(&self) -> String {
        let mut pairs = self.address_pairs();
        match &self.window {
            Window::First => {}
            Window::After(cursor) => pairs.push(("after", cursor.to_string())),
            Window::Before(cursor) => pairs.push(("before", cursor.to_string())),
            Window::Last => pairs.push(("last", "1".into())),
        }
        if self.window != Window::First {
            pairs.push(("row", self.first_row.to_string()));
        }
        if self.is_exact {
            pairs.push(("exact", "1".into()));
        }
        let query = serde_html_form::to_string(&pairs).unwrap_or_default();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// Values that the search form must keep besides its own fields.
    pub fn hidden(&self) -> Vec<(&'static str, String)> {
        let is_kept = |(name, _): &(&str, String)| matches!(*name, "tab" | "field" | "columns" | "view");
        self.address_pairs().into_iter().filter(is_kept).collect()
    }

    /// All values of the address except the page.
    pub fn address_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.saved_pairs();
        pairs.extend(self.view.text().map(|view| ("view", view)));
        pairs
    }

    /// What a saved view keeps.
    pub fn saved_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.query_pairs();
        pairs.extend(self.columns.as_ref().map(|columns| ("columns", column::write(columns))));
        pairs
    }

    /// The text of that.
    pub fn saved(&self) -> String {
        serde_html_form::to_string(self.saved_pairs()).unwrap_or_default()
    }

    /// Which members, in which order.
    pub fn query_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        match self.tab {
            Tab::Current => {}
            Tab::Everything => pairs.push(("disabled", "1".into())),
            tab => pairs.push(("tab", tab.as_str().to_owned())),
        }
        if !self.search.is_empty() {
            pairs.push(("q", self.search.clone()));
        }
        pairs.extend(self.roles.iter().map(|id| ("role", id.to_string())));
        pairs.extend(self.teams.iter().map(|id| ("team", id.to_string())));
        pairs.extend(self.policies.iter().map(|id| ("policy", id.to_string())));
        pairs.extend(self.providers.iter().map(|name| ("provider", name.clone())));
        pairs.extend(self.fields.iter().map(|filter| ("field", filter.to_string())));
        pairs.extend(self.seen.map(|seen| ("seen", seen.as_str().to_owned())));
        pairs.extend(self.two_step.map(|two_step| ("two_step", two_step.as_str().to_owned())));
        if self.sort != Sort::default() || self.direction != Direction::Ascending {
            pairs.push(("sort", self.sort.as_str().to_owned()));
        }
        if self.direction != self.sort.first_direction() {
            let direction = if self.direction == Direction::Ascending { "asc" } else { "desc" };
            pairs.push(("dir", direction.to_owned()));
        }
        pairs
    }

    /// Orders by this column, by name if there is none, and in its usual direction unless one is given.
    pub fn order(&mut self, sort: Option<Sort>, is_descending: Option<bool>) {
        self.sort = sort.unwrap_or_default();
        self.direction = match is_descending {
            Some(true) => Direction::Descending,
            Some(false) => Direction::Ascending,
            None => self.sort.first_direction(),
        };
    }

    /// The first page of the same list.
    pub fn without_page(&self) -> Self {
        self.restarted()
    }
    fn restarted(&self) -> Self {
        Self { window: Window::First, first_row: 1, is_exact: false, ..self.clone() }
    }
    pub fn with_tab(&self, tab: Tab) -> Self {
        Self { tab, ..self.restarted() }
    }
    /// Sorted by that column; in the opposite direction if it already is.
    pub fn with_sort(&self, sort: Sort) -> Self {
        let direction = if self.sort == sort {
            self.direction.reversed()
        } else {
            sort.first_direction()
        };
        Self { sort, direction, ..self.restarted() }
    }
    pub fn without_filters(&self) -> Self {
        Self {
            search: String::new(),
            roles: vec![],
            teams: vec![],
            policies: vec![],
            providers: vec![],
            fields: vec![],
            seen: None,
            two_step: None,
            ..self.restarted()
        }
    }
    pub fn without(&self, filter: &str) -> Self {
        let mut list_query = self.restarted();
        match filter {
            "role" => list_query.roles.clear(),
            "team" => list_query.teams.clear(),
            "policy" => list_query.policies.clear(),
            "provider" => list_query.providers.clear(),
            "field" => list_query.fields.clear(),
            "two_step" => list_query.two_step = None,
            _ => list_query.seen = None,
        }
        list_query
    }
    /// Without one of the filters by a field.
    pub fn without_field(&self, filter: &OwnFilter) -> Self {
        let mut list_query = self.restarted();
        list_query.fields.retain(|known| known != filter);
        list_query
    }
    /// With a filter by an own field in place of the search.
    pub fn with_field_for_search(&self, filter: OwnFilter) -> Self {
        let mut list_query = Self { search: String::new(), ..self.restarted() };
        if !list_query.fields.contains(&filter) {
            list_query.fields.push(filter);
        }
        list_query
    }
    /// The same page, with all matches counted.
    pub fn exactly(&self) -> Self {
        Self { is_exact: true, ..self.clone() }
    }
    pub fn at(&self, window: Window, first_row: i64) -> Self {
        Self { window, first_row, ..self.clone() }
    }
    pub fn is_filtered(&self) -> bool {
        *self
            != Self {
                is_exact: self.is_exact,
                ..self.without_filters().at(self.window.clone(), self.first_row)
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_everything_and_nothing_twice() {
        let role = RoleId(uuid::Uuid::from_u128(7));
        let query = format!("tab=disabled&q=ada%20l&role={role}&provider=saml&seen=30&two_step=none&sort=last_sign_in&dir=asc");
        let list_query = DirectoryQuery::read(MemberKind::User, &query, None);
        assert_eq!(list_query.search, "ada l");
        assert_eq!(list_query.roles, [role]);
        assert_eq!(DirectoryQuery::read(MemberKind::User, list_query.query().trim_start_matches('?'), None), list_query);
        assert!(list_query.is_filtered());
        assert_eq!(DirectoryQuery::read(MemberKind::User, "", None).query(), "");
        assert!(!DirectoryQuery::read(MemberKind::User, "tab=active&sort=roles", None).is_filtered());
    }

    #[test]
    fn what_an_address_says_wrongly_is_as_if_it_were_not_said() {
        let list_query = DirectoryQuery::read(
            MemberKind::User,
            "tab=x&sort=name;drop&dir=up&per=7&role=1&after=%00&seen=1000&row=-4&q=%00",
            Some(25),
        );
        assert_eq!(list_query, DirectoryQuery { page_size: 25, ..DirectoryQuery::read(MemberKind::User, "", None) });
        assert_eq!(DirectoryQuery::read(MemberKind::User, "per=9223372036854775808", None).page_size, PAGE_SIZE);
    }

    #[test]
    fn the_list_of_system_accounts_knows_its_own_words_only() {
        let read = |query: &str| DirectoryQuery::read(MemberKind::SystemAccount, query, None);
        assert_eq!(read("tab=disabled&sort=last_sign_in").query(), "");
        let list_query = read("disabled=1&q=deploy&sort=last_api_use");
        assert_eq!((list_query.tab, list_query.sort), (Tab::Everything, Sort::LastApiUse));
        assert_eq!(read(list_query.query().trim_start_matches('?')), list_query);
        assert_eq!(DirectoryQuery::read(MemberKind::User, "tab=all&disabled=1", None).tab, Tab::Current);
    }

    #[test]
    fn one_control_says_the_column_and_the_direction() {
        let read = |query: &str| DirectoryQuery::read(MemberKind::User, query, None);
        assert_eq!(read("order=last_sign_in.asc").query(), "?sort=last_sign_in&dir=asc");
        assert_eq!(read("order=roles.asc&sort=teams").query(), "?sort=roles");
        assert_eq!(read("order=nonsense.up").query(), "");
    }

    #[test]
    fn clicking_a_column_again_turns_it_round_and_starts_over() {
        let list_query = DirectoryQuery::read(MemberKind::User, "", None).with_sort(Sort::LastSignIn);
        assert_eq!(list_query.direction, Direction::Descending);
        assert_eq!(list_query.with_sort(Sort::LastSignIn).direction, Direction::Ascending);
        let cursor = keyset::KeyCursor("x".into(), MemberId(uuid::Uuid::nil()));
        assert_eq!(list_query.at(Window::After(cursor), 51).with_sort(Sort::Name).window, Window::First);
    }

    #[test]
    fn a_cursor_survives_the_address_in_any_script() {
        let cursor = keyset::KeyCursor("千代田 \"x\" &".into(), MemberId(uuid::Uuid::from_u128(3)));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert!("AAAA".parse::<Cursor>().is_err());
    }
}
