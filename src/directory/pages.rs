//! Pages of `directory`: one struct per template.

use super::{
    bulk_bar::BulkBar,
    cell::Cell,
    column::Column,
    filters::Filter,
    own_filters::Chip,
    own_matches::OwnMatch,
    query::{DirectoryQuery, PAGE_SIZES, Tab, ViewChoice, Window},
    store::Page,
    total::Total,
    totals::Counts,
    views::ViewBar,
};
use crate::{
    kit::{MemberKind, MemberStatus, Timestamp, rights},
    members::{Action, Authority, Granted, Pending, Row, Seats},
    own_fields::OwnField,
    web::{ApiCall, MemberContext, chart::Chart, filters},
};
use askama::Template;
use std::{borrow::Borrow, ops::Deref};

#[derive(Template)]
#[template(path = "directory/index.html", whitespace = "minimize")]
pub struct Index {
    pub context: MemberContext,
    pub list_query: DirectoryQuery,
    pub counts: Counts,
    pub list: Page,
    pub seats: Seats,
    /// Whether the caller sees everybody, and so the numbers of the plan.
    pub is_everybody: bool,
    /// Absent when filters are set, because the chart covers all members.
    pub chart: Option<Chart>,
    /// Whether the chart is open, if the caller opened or closed it before.
    pub is_picture_open: Option<bool>,
    pub columns: Vec<Column>,
    /// Whether somebody chose the columns.
    pub is_chosen: bool,
    pub views: ViewBar,
    pub filters: Vec<Filter>,
    /// The filters by the organization's own fields, and those that the caller sees.
    pub own_filters: Vec<Chip>,
    pub own_fields: Vec<OwnField>,
    pub own_matches: Vec<OwnMatch>,
    /// The members that the caller may change.
    pub authority: Authority,
    /// A filter of the address is unknown, or not for the caller.
    pub is_partly_ignored: bool,
}

/// Same for system accounts, which have other columns.
#[derive(Template)]
#[template(path = "directory/system_accounts.html", whitespace = "minimize")]
pub struct Machines(pub Index);

impl Deref for Machines {
    type Target = Index;
    fn deref(&self) -> &Index {
        &self.0
    }
}

impl Row {
    /// The roles that fit into the row.
    pub fn shown_roles(&self) -> &[Granted] {
        // Administrator includes every other role, so it is shown alone.
        let shown = if self.roles.first().is_some_and(|role| role.is_administrator) {
            1
        } else {
            SHOWN_ROLES
        };
        &self.roles[..self.roles.len().min(shown)]
    }
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(|role| role.is_administrator)
    }
    /// The number and names of the roles that do not fit.
    pub fn other_roles(&self) -> Option<(usize, String)> {
        let others: Vec<&str> = self.roles.iter().skip(self.shown_roles().len()).map(|role| role.name.as_str()).collect();
        (!others.is_empty()).then(|| (others.len(), others.join(", ")))
    }
}

const SHOWN_ROLES: usize = 2;

impl Index {
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    /// The address of this page.
    pub fn here(&self) -> String {
        self.address(&self.list_query)
    }
    /// Where the menu of a row leads back to, if not to the list as it begins.
    pub fn way_back(&self) -> Option<String> {
        Some(self.here()).filter(|here| here.contains('?'))
    }
    /// The invitation of a member who has not accepted it.
    pub fn pending<'a>(&self, row: &'a Row) -> Option<&'a Pending> {
        row.invitation.as_ref().filter(|_| row.member.status == MemberStatus::Invited)
    }
    pub fn tabs(&self) -> Vec<(Tab, Total, String, bool)> {
        let tab = |tab: Tab| {
            let is_here = tab == self.list_query.tab;
            let total = if is_here { self.total() } else { self.counts.of(tab) };
            (tab, total, self.address(self.list_query.with_tab(tab)), is_here)
        };
        Tab::ALL.map(tab).into()
    }
    pub fn address(&self, list_query: impl Borrow<DirectoryQuery>) -> String {
        self.context.path(self.list_query.kind.path()) + &list_query.borrow().query()
    }
    /// The export address of this list.
    pub fn export_address(&self) -> String {
        self.exported(None)
    }
    /// The same with only the columns that are shown.
    pub fn shown_export_address(&self) -> String {
        self.exported(Some(self.columns.clone()))
    }
    fn exported(&self, columns: Option<Vec<Column>>) -> String {
        let list_query = DirectoryQuery { columns, view: ViewChoice::Unsaid, ..self.list_query.at(Window::First, 1) };
        self.context.path(self.list_query.kind.path()) + "/export" + &list_query.query()
    }
    /// The request of the API that lists the same members.
    pub fn api_call(&self) -> ApiCall {
        let (path, page) = match self.list_query.kind {
            MemberKind::User => ("users", "users"),
            MemberKind::SystemAccount => ("system_accounts", "system-accounts"),
        };
        let named = |(name, value)| (name, if name == "disabled" { "true".into() } else { value });
        let pairs: Vec<(&str, String)> = self.list_query.query_pairs().into_iter().map(named).collect();
        ApiCall::list(&self.context.site, path, page, &pairs)
    }
    /// The page that filters by the organization's own fields.
    pub fn own_filter_address(&self) -> String {
        self.context.path(self.list_query.kind.path()) + "/filters/fields" + &self.list_query.without_page().query()
    }
    /// The number of active filters.
    pub fn filters_on(&self) -> usize {
        self.filters.iter().filter(|filter| filter.is_on()).count() + self.own_filters.len()
    }
    /// How many match on this tab. What the first page shows is known.
    pub fn total(&self) -> Total {
        match self.counts.of(self.list_query.tab) {
            Total::AtLeast(found) if self.list.previous.is_none() => match self.list.next {
                Some(_) => Total::AtLeast(found.max(self.shown() + 1)),
                None => Total::Exactly(self.shown()),
            },
            total => total,
        }
    }
    pub fn may_invite(&self) -> bool {
        self.context.scope.may_over_teams(rights::USER_INVITE)
    }
    pub fn may_manage(&self) -> bool {
        match self.list_query.kind {
            MemberKind::User => self.context.scope.may_over_teams(rights::USER_MANAGE),
            MemberKind::SystemAccount => self.context.scope.may(rights::SYSTEM_ACCOUNT_MANAGE),
        }
    }
    /// Files are for callers who invite or manage everybody.
    pub fn may_import(&self) -> bool {
        self.context.scope.may(rights::USER_INVITE) || self.context.scope.may(rights::USER_MANAGE)
    }
    /// The caller is the only member, and no filter hides others.
    pub fn is_lonely(&self) -> bool {
        !self.list_query.is_filtered() && self.counts.of(Tab::Current).at_least() <= 1 && self.counts.disabled.at_least() == 0
    }
    /// There are no system accounts, and no filter hides any.
    pub fn is_bare(&self) -> bool {
        !self.list_query.is_filtered() && self.counts.of(Tab::Everything).at_least() == 0
    }
    /// That the plan's seats for this list are used up, for callers who may add members.
    pub fn full(&self) -> Option<String> {
        let may_add = self.may_manage() || (self.may_invite() && !self.list_query.kind.is_machine());
        self.seats.full(self.list_query.kind).filter(|_| may_add)
    }
    /// Whether rows have checkboxes: for callers who may run some bulk action.
    pub fn may_pick(&self) -> bool {
        match self.list_query.kind {
            MemberKind::User => self.may_manage() || self.may_invite(),
            MemberKind::SystemAccount => self.authority != Authority::None && self.list.rows.iter().any(|row| row.may_run),
        }
    }
    /// The query of all matching members, without the page.
    pub fn matching(&self) -> String {
        self.list_query.at(Window::First, 1).query()
    }
    /// The common actions of the bulk bar on this tab: those about the status first.
    pub fn bulk_actions(&self) -> Vec<Action> {
        let is_machines = self.list_query.kind.is_machine();
        let mut actions = match self.list_query.tab {
            Tab::Invited if self.may_invite() => vec![Action::Resend, Action::Cancel],
            Tab::Invited => vec![],
            Tab::Everything if is_machines => vec![Action::Disable, Action::Enable],
            _ if !self.may_manage() && !is_machines => vec![],
            Tab::Disabled if !is_machines => vec![Action::Enable],
            Tab::Disabled | Tab::Current | Tab::Active | Tab::Everything => vec![Action::Disable],
        };
        if self.may_manage() {
            actions.extend(Action::COMMON);
        }
        actions
    }
    /// The actions under "More".
    pub fn more_bulk_actions(&self) -> Vec<Action> {
        let (kind, tab) = (self.list_query.kind, self.list_query.tab);
        let is_offered = |action: &Action| action.is_for(kind) && (tab != Tab::Invited || action.is_for_the_invited());
        let mut more: Vec<Action> = if self.may_manage() {
            Action::MORE.into_iter().filter(is_offered).collect()
        } else {
            vec![]
        };
        if self.may_invite() && tab == Tab::Current && !kind.is_machine() {
            more.extend([Action::Resend, Action::Cancel]);
        }
        more
    }
    fn bulk_bar(&self) -> BulkBar {
        let total = self.total();
        BulkBar {
            path: self.context.path("/bulk"),
            fields: vec![("kind", self.list_query.kind.as_str().to_owned()), ("query", self.matching())],
            everybody: (total.at_least() > self.shown()).then_some(total),
            own: vec![],
            common: self.bulk_actions(),
            more: self.more_bulk_actions(),
            has_deletion: self.may_manage() && self.list_query.tab != Tab::Invited,
        }
    }
    fn shown(&self) -> i64 {
        i64::try_from(self.list.rows.len()).unwrap_or(0)
    }
    /// The numbers of the first and the last row on this page. On the last page of a list that is not counted to its end,
    /// they are not known.
    pub fn range(&self) -> Option<(i64, i64)> {
        let last_first = match self.total() {
            Total::Exactly(total) => Some((total - self.shown() + 1).max(1)),
            Total::AtLeast(_) => None,
        };
        let first = match self.list_query.window {
            Window::Last => last_first?,
            // If earlier rows were deleted, this page is now the first one, so counting starts at 1.
            _ if self.list.previous.is_none() => 1,
            _ => self.list_query.first_row.min(last_first.unwrap_or(i64::MAX)),
        };
        Some((first, (first + self.shown() - 1).max(0)))
    }
    /// The address of this page with all matches counted, if they are not.
    pub fn exact_address(&self) -> Option<String> {
        (!self.total().is_exact()).then(|| self.address(self.list_query.exactly()))
    }
    pub fn first_page(&self) -> Option<String> {
        self.list.previous.as_ref().map(|_| self.address(self.list_query.at(Window::First, 1)))
    }
    pub fn previous_page(&self) -> Option<String> {
        let first = self.range().map_or(1, |(first, _)| first);
        let row = (first - self.list_query.page_size).max(1);
        self.list
            .previous
            .clone()
            .map(|cursor| self.address(self.list_query.at(Window::Before(cursor), row)))
    }
    pub fn next_page(&self) -> Option<String> {
        let row = self.range().map_or(1, |(_, last)| last + 1);
        self.list.next.clone().map(|cursor| self.address(self.list_query.at(Window::After(cursor), row)))
    }
    pub fn last_page(&self) -> Option<String> {
        self.list.next.as_ref().map(|_| self.address(self.list_query.at(Window::Last, 1)))
    }
    /// Page sizes with their addresses, and which one is in use.
    pub fn page_sizes(&self) -> Vec<(i64, String, bool)> {
        let address = |size: i64| {
            let query = self.list_query.at(Window::First, 1).query();
            let glue = if query.is_empty() { "?" } else { "&" };
            format!("{}{query}{glue}per={size}", self.context.path(self.list_query.kind.path()))
        };
        PAGE_SIZES.map(|size| (size, address(size), size == self.list_query.page_size)).into()
    }
}
