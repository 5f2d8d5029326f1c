use super::{
    store::{Counts, Page},
    wish::{PAGE_SIZES, Seen, Sort, Tab, TwoStep, Window, Wish},
};
use crate::{
    db::query::Direction,
    kit::Timestamp,
    members::{
        MemberStatus, Seats,
        furnish::{Granted, Pending, Row},
        provider_name,
    },
    web::{Shell, filters, picture::Picture},
};
use askama::Template;
use std::borrow::Borrow;

/// Something a filter offers.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

/// One filter of the bar.
#[derive(Clone, Debug)]
pub struct Filter {
    pub name: &'static str,
    pub label: &'static str,
    pub choices: Vec<Choice>,
    /// Whether only one choice can be made.
    pub is_single: bool,
    /// The address without this filter.
    pub clear: String,
}

impl Filter {
    pub fn is_on(&self) -> bool {
        self.choices.iter().any(|choice| choice.is_chosen)
    }
    /// The chosen ones, for the chip.
    pub fn chosen(&self) -> String {
        self.choices
            .iter()
            .filter(|choice| choice.is_chosen)
            .map(|choice| choice.label.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

#[derive(Template)]
#[template(path = "members/directory.html")]
pub struct Index {
    pub shell: Shell,
    pub wish: Wish,
    pub counts: Counts,
    pub list: Page,
    pub seats: Seats,
    pub picture: Picture,
    pub filters: Vec<Filter>,
    /// The only administrator who can sign in, who therefore cannot be disabled.
    pub is_lone: bool,
}

/// How full the plan is with one kind of member.
pub struct Meter {
    pub label: &'static str,
    pub used: i64,
    pub limit: Option<i64>,
    pub percent: i64,
    pub is_near: bool,
    pub is_full: bool,
}

impl Meter {
    fn of([one, many]: [&'static str; 2], used: i64, limit: Option<i64>) -> Self {
        let percent = limit.map_or(0, |limit| (100 * used / limit.max(1)).min(100));
        Self {
            label: if limit.is_none() && used == 1 { one } else { many },
            used,
            limit,
            percent,
            is_near: limit.is_some() && percent >= 90,
            is_full: limit.is_some_and(|limit| used >= limit),
        }
    }
}

impl Row {
    /// Roles that have room in the list.
    pub fn shown_roles(&self) -> &[Granted] {
        // Besides Administrator nothing matters much, so it stands alone.
        let shown = if self.roles.first().is_some_and(|role| role.is_administrator) {
            1
        } else {
            SHOWN_ROLES
        };
        &self.roles[..self.roles.len().min(shown)]
    }
    /// How many more there are, and which.
    pub fn other_roles(&self) -> Option<(usize, String)> {
        let others: Vec<&str> = self
            .roles
            .iter()
            .skip(self.shown_roles().len())
            .map(|role| role.name.as_str())
            .collect();
        (!others.is_empty()).then(|| (others.len(), others.join(", ")))
    }
}

const SHOWN_ROLES: usize = 2;

impl Index {
    pub fn now(&self) -> &Timestamp {
        &self.shell.scope.occasion.now
    }
    /// The address of this very page.
    pub fn here(&self) -> String {
        self.address(&self.wish)
    }
    pub fn meters(&self) -> [Meter; 2] {
        let seats = &self.seats;
        [
            Meter::of(["seat", "seats"], seats.people, seats.seat_limit),
            Meter::of(
                ["system account", "system accounts"],
                seats.system_accounts,
                seats.system_account_limit,
            ),
        ]
    }
    pub fn column_class(&self, sort: &Sort) -> &'static str {
        match sort {
            Sort::Name => "c-name",
            Sort::Status => "c-status",
            Sort::Roles => "c-roles",
            Sort::Teams => "c-teams drop-3",
            Sort::Provider => "c-provider drop-2",
            Sort::LastSignIn => "c-seen",
            Sort::LastApiUse => "c-api drop-1",
        }
    }
    /// The invitation of somebody who has not accepted it.
    pub fn pending<'a>(&self, row: &'a Row) -> Option<&'a Pending> {
        row.invitation.as_ref().filter(|_| row.member.status == MemberStatus::Invited)
    }
    pub fn tabs(&self) -> Vec<(Tab, i64, String, bool)> {
        let tab = |tab: Tab| {
            (
                tab,
                self.counts.of(tab),
                self.address(self.wish.with_tab(tab)),
                tab == self.wish.tab,
            )
        };
        Tab::ALL.map(tab).into()
    }
    /// The columns: label, address that sorts by it, and how it is sorted now.
    pub fn columns(&self) -> Vec<(Sort, String, Option<&'static str>)> {
        let sorted = |sort: Sort| {
            (sort == self.wish.sort).then_some(match self.wish.direction {
                Direction::Ascending => "ascending",
                Direction::Descending => "descending",
            })
        };
        Sort::ALL
            .map(|sort| (sort, self.address(self.wish.with_sort(sort)), sorted(sort)))
            .into()
    }
    pub fn address(&self, wish: impl Borrow<Wish>) -> String {
        self.shell.path("/users") + &wish.borrow().query()
    }
    pub fn total(&self) -> i64 {
        self.counts.of(self.wish.tab)
    }
    pub fn may_invite(&self) -> bool {
        self.shell.scope.may("user", "invite")
    }
    pub fn may_manage(&self) -> bool {
        self.shell.scope.may("user", "manage")
    }
    /// Nobody is here but whoever looks, and nothing hides anybody.
    pub fn is_lonely(&self) -> bool {
        !self.wish.is_filtered() && self.counts.of(Tab::Current) <= 1 && self.counts.disabled == 0
    }
    fn shown(&self) -> i64 {
        i64::try_from(self.list.rows.len()).unwrap_or(0)
    }
    /// The numbers of the first and the last row on this page.
    pub fn range(&self) -> (i64, i64) {
        let total = self.total();
        let first = match self.wish.window {
            Window::Last => total - self.shown() + 1,
            // A page that is the first again, because rows before it are gone, says so.
            _ if self.list.previous.is_none() => 1,
            _ => self.wish.first_row.min((total - self.shown() + 1).max(1)),
        };
        (first, (first + self.shown() - 1).max(0))
    }
    pub fn first_page(&self) -> Option<String> {
        self.list.previous.as_ref().map(|_| self.address(self.wish.at(Window::First, 1)))
    }
    pub fn previous_page(&self) -> Option<String> {
        let row = (self.range().0 - self.wish.page_size).max(1);
        self.list
            .previous
            .clone()
            .map(|cursor| self.address(self.wish.at(Window::Before(cursor), row)))
    }
    pub fn next_page(&self) -> Option<String> {
        let row = self.range().1 + 1;
        self.list
            .next
            .clone()
            .map(|cursor| self.address(self.wish.at(Window::After(cursor), row)))
    }
    pub fn last_page(&self) -> Option<String> {
        self.list.next.as_ref().map(|_| self.address(self.wish.at(Window::Last, 1)))
    }
    /// Page sizes with their addresses, and which one is in use.
    pub fn page_sizes(&self) -> Vec<(i64, String, bool)> {
        let address = |size: i64| {
            let query = self.wish.at(Window::First, 1).query();
            let glue = if query.is_empty() { "?" } else { "&" };
            format!("{}{query}{glue}per={size}", self.shell.path("/users"))
        };
        PAGE_SIZES.map(|size| (size, address(size), size == self.wish.page_size)).into()
    }
    /// Why the person in this row cannot be disabled, if so.
    pub fn why_not_disable(&self, row: &Row) -> Option<&'static str> {
        if row.is_me {
            return Some("You cannot change your own status.");
        }
        if row.roles.iter().any(|role| role.is_administrator) && !self.shell.scope.may("*", "*") {
            return Some("They may do more than you.");
        }
        let is_last = self.is_lone && row.roles.iter().any(|role| role.is_administrator) && row.member.status == MemberStatus::Active;
        is_last.then_some("The last administrator who can sign in.")
    }
}

/// The filter for the last sign-in.
pub fn seen_choices(chosen: Option<Seen>) -> Vec<Choice> {
    Seen::ALL
        .map(|seen| Choice {
            value: seen.as_str().into(),
            label: seen.label().into(),
            is_chosen: chosen == Some(seen),
        })
        .into()
}

/// The filter for second factors.
pub fn two_step_choices(chosen: Option<TwoStep>) -> Vec<Choice> {
    TwoStep::ALL
        .map(|two_step| Choice {
            value: two_step.as_str().into(),
            label: two_step.label().into(),
            is_chosen: chosen == Some(two_step),
        })
        .into()
}

/// The filter for the identity provider.
pub fn provider_choices(chosen: &[String]) -> Vec<Choice> {
    ["local", "google", "github", "oidc", "saml"]
        .map(|provider| Choice {
            value: provider.into(),
            label: provider_name(provider).into(),
            is_chosen: chosen.iter().any(|c| c == provider),
        })
        .into()
}
