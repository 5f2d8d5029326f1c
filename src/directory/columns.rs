//! The columns of a list. A column whose value is the same for all rows is hidden, so that names get more space.

use super::{
    pages::Index,
    query::{Sort, Tab},
    store::Spread,
};
use crate::{db::query::Direction, kit::MemberKind};

/// The head of a column.
pub struct Head {
    pub class: &'static str,
    pub label: &'static str,
    /// The address that sorts by this column, if it is sortable.
    pub address: Option<String>,
    /// The current sort direction of this column.
    pub sorted: Option<&'static str>,
}

/// A column that cannot be sorted.
fn fixed(class: &'static str, label: &'static str) -> Head {
    Head { class, label, address: None, sorted: None }
}

impl Index {
    pub fn heads(&self) -> Vec<Head> {
        let mut heads: Vec<Head> = Sort::of(self.list_query.kind)
            .iter()
            .filter(|sort| self.shows(**sort))
            .map(|sort| self.head(*sort))
            .collect();
        match (self.list_query.kind, self.list_query.tab) {
            (MemberKind::SystemAccount, _) => {
                let before_last_use = heads.len() - 1;
                heads.insert(before_last_use, fixed("c-tokens", "Tokens"));
                heads.push(fixed("c-by drop-2", "Created by"));
            }
            (_, Tab::Invited) => {
                heads.push(fixed("c-by drop-3", "Invited by"));
                if self.may_see_mail() {
                    heads.push(fixed("c-mail", "Mail"));
                }
                heads.push(fixed("c-ends", "Link ends"));
            }
            (_, Tab::Disabled) => {
                heads.push(fixed("c-when", "Disabled"));
                heads.push(fixed("c-by drop-3", "By"));
                heads.push(fixed("c-why drop-2", "Reason"));
            }
            _ => {}
        }
        heads
    }

    fn head(&self, sort: Sort) -> Head {
        let class = match sort {
            Sort::Name => "c-name",
            Sort::Status => "c-status",
            Sort::Roles => "c-roles",
            Sort::Teams => "c-teams drop-3",
            Sort::Provider => "c-provider drop-2",
            Sort::LastSignIn => "c-seen",
            Sort::LastApiUse if self.list_query.kind.is_machine() => "c-seen",
            Sort::LastApiUse => "c-api drop-1",
        };
        let direction = match self.list_query.direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        };
        Head {
            class,
            label: sort.label(self.list_query.kind),
            address: Some(self.address(self.list_query.with_sort(sort))),
            sorted: (sort == self.list_query.sort).then_some(direction),
        }
    }

    /// Whether a column has information on this tab.
    fn shows(&self, sort: Sort) -> bool {
        let (tab, is_machine) = (self.list_query.tab, self.list_query.kind.is_machine());
        // The column of the current sort order is always shown.
        if sort == self.list_query.sort && !matches!(tab, Tab::Invited | Tab::Disabled) {
            return true;
        }
        match sort {
            Sort::Name | Sort::Roles => true,
            Sort::Status => matches!(tab, Tab::Current | Tab::Everything) && (!is_machine || tab == Tab::Everything),
            Sort::Teams => tab != Tab::Invited && tab != Tab::Disabled,
            Sort::Provider => {
                tab != Tab::Invited && tab != Tab::Disabled && (self.spread.has_providers || !self.list_query.providers.is_empty())
            }
            Sort::LastSignIn => tab != Tab::Invited,
            Sort::LastApiUse => is_machine || (tab != Tab::Invited && tab != Tab::Disabled && self.spread.has_api_use),
        }
    }
    pub fn shows_status(&self) -> bool {
        self.shows(Sort::Status)
    }
    pub fn shows_teams(&self) -> bool {
        self.shows(Sort::Teams)
    }
    pub fn shows_provider(&self) -> bool {
        self.shows(Sort::Provider)
    }
    pub fn shows_sign_in(&self) -> bool {
        self.shows(Sort::LastSignIn)
    }
    pub fn shows_api_use(&self) -> bool {
        self.shows(Sort::LastApiUse)
    }
    pub fn is_invited_tab(&self) -> bool {
        self.list_query.tab == Tab::Invited
    }
    pub fn is_disabled_tab(&self) -> bool {
        self.list_query.tab == Tab::Disabled
    }
    /// Only callers who may manage or invite people see whether an invitation letter was delivered.
    pub fn may_see_mail(&self) -> bool {
        self.may_manage() || self.may_invite()
    }
    /// The sort choices that phones show instead of column heads: value, label, and whether it is selected.
    pub fn orders(&self) -> Vec<(String, String, bool)> {
        let orders = Sort::of(self.list_query.kind).iter().flat_map(|sort| {
            let [first, second] = if sort.is_time() {
                [(Direction::Descending, "latest first"), (Direction::Ascending, "earliest first")]
            } else {
                [(Direction::Ascending, "A to Z"), (Direction::Descending, "Z to A")]
            };
            [first, second].map(|(direction, words)| (*sort, direction, words))
        });
        orders
            .map(|(sort, direction, words)| {
                let is_usual = sort == Sort::default() && direction == Direction::Ascending;
                let way = if direction == Direction::Ascending { "asc" } else { "desc" };
                (
                    // The default is omitted from the address.
                    if is_usual {
                        String::new()
                    } else {
                        format!("{}.{way}", sort.as_str())
                    },
                    format!("{}, {words}", sort.label(self.list_query.kind)),
                    sort == self.list_query.sort && direction == self.list_query.direction,
                )
            })
            .collect()
    }
}

impl Spread {
    /// For lists whose columns do not depend on their members.
    pub const NONE: Self = Self { has_providers: false, has_api_use: false };
}
