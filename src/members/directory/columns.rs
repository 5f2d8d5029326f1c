//! Which columns a list has: those that tell its rows apart. What is the same for everybody gives its room to the names.

use super::{
    pages::Index,
    store::Spread,
    wish::{Sort, Tab},
};
use crate::{db::query::Direction, kit::MemberKind};

/// The head of a column.
pub struct Head {
    pub class: &'static str,
    pub label: &'static str,
    /// The address that sorts by it, where lists are sorted by such a thing.
    pub address: Option<String>,
    /// How it is sorted now.
    pub sorted: Option<&'static str>,
}

/// A column that no list is sorted by.
fn fixed(class: &'static str, label: &'static str) -> Head {
    Head {
        class,
        label,
        address: None,
        sorted: None,
    }
}

impl Index {
    pub fn heads(&self) -> Vec<Head> {
        let mut heads: Vec<Head> = Sort::of(self.wish.kind)
            .iter()
            .filter(|sort| self.shows(**sort))
            .map(|sort| self.head(*sort))
            .collect();
        match (self.wish.kind, self.wish.tab) {
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
            Sort::LastApiUse if self.wish.kind.is_machine() => "c-seen",
            Sort::LastApiUse => "c-api drop-1",
        };
        let direction = match self.wish.direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        };
        Head {
            class,
            label: sort.label(self.wish.kind),
            address: Some(self.address(self.wish.with_sort(sort))),
            sorted: (sort == self.wish.sort).then_some(direction),
        }
    }

    /// Whether a column tells anything on this tab.
    fn shows(&self, sort: Sort) -> bool {
        let (tab, is_machine) = (self.wish.tab, self.wish.kind.is_machine());
        // What the list is sorted by stands in it.
        if sort == self.wish.sort && !matches!(tab, Tab::Invited | Tab::Disabled) {
            return true;
        }
        match sort {
            Sort::Name | Sort::Roles => true,
            Sort::Status => matches!(tab, Tab::Current | Tab::Everything) && (!is_machine || tab == Tab::Everything),
            Sort::Teams => tab != Tab::Invited && tab != Tab::Disabled,
            Sort::Provider => tab != Tab::Invited && tab != Tab::Disabled && (self.spread.has_providers || !self.wish.providers.is_empty()),
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
        self.wish.tab == Tab::Invited
    }
    pub fn is_disabled_tab(&self) -> bool {
        self.wish.tab == Tab::Disabled
    }
    /// What became of colleagues' invitations is told to those who can do something about it.
    pub fn may_see_mail(&self) -> bool {
        self.may_manage() || self.may_invite()
    }
    /// The orders of the select that phones have in the place of column heads: value, label, and which one stands.
    pub fn orders(&self) -> Vec<(String, String, bool)> {
        let orders = Sort::of(self.wish.kind).iter().flat_map(|sort| {
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
                    // What goes without saying is not said in the address.
                    if is_usual {
                        String::new()
                    } else {
                        format!("{}.{way}", sort.as_str())
                    },
                    format!("{}, {words}", sort.label(self.wish.kind)),
                    sort == self.wish.sort && direction == self.wish.direction,
                )
            })
            .collect()
    }
}

impl Spread {
    /// For lists that have the same columns anyone who is in them.
    pub const NONE: Self = Self {
        has_providers: false,
        has_api_use: false,
    };
}
