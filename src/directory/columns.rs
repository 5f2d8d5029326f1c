//! The columns of a list. Unless the caller chose them, a column whose value is the same for all rows is hidden, so that names
//! get more space.

use super::{
    column::Column,
    pages::Index,
    query::{DirectoryQuery, Sort, Tab},
    store::Spread,
};
use crate::{
    db::query::Direction,
    kit::{MemberKind, Scope},
};

/// The head of a column.
pub struct Head {
    pub class: String,
    pub label: String,
    /// The address that sorts by this column, if it is sortable.
    pub address: Option<String>,
    /// The current sort direction of this column.
    pub sorted: Option<&'static str>,
}

/// The columns that a list has if nobody chose others: those with information on its tab.
pub fn standard(scope: &Scope, list_query: &DirectoryQuery, spread: Spread) -> Vec<Column> {
    let (tab, sort) = (list_query.tab, list_query.sort);
    let mut columns = match (list_query.kind, tab) {
        (MemberKind::SystemAccount, _) => {
            let mut columns = vec![Column::Roles, Column::Teams, Column::Tokens, Column::LastApiUse, Column::CreatedBy];
            if tab == Tab::Everything || sort == Sort::Status {
                columns.insert(0, Column::Status);
            }
            columns
        }
        (MemberKind::User, Tab::Invited) => vec![Column::Roles, Column::InvitedBy, Column::Mail, Column::LinkEnds],
        (MemberKind::User, Tab::Disabled) => vec![
            Column::Roles,
            Column::LastSignIn,
            Column::StatusSince,
            Column::StatusBy,
            Column::Reason,
        ],
        (MemberKind::User, _) => {
            // The column of the current sort order is always shown.
            let is_shown = |column: &Column| match column {
                Column::Status => tab != Tab::Active || sort == Sort::Status,
                Column::Provider => spread.has_providers || !list_query.providers.is_empty() || sort == Sort::Provider,
                Column::LastApiUse => spread.has_api_use || sort == Sort::LastApiUse,
                _ => true,
            };
            let all = [
                Column::Status,
                Column::Roles,
                Column::Teams,
                Column::Provider,
                Column::LastSignIn,
                Column::LastApiUse,
            ];
            all.into_iter().filter(is_shown).collect()
        }
    };
    columns.retain(|column| column.is_for(scope));
    columns
}

impl Column {
    /// Whether its texts may need two lines.
    pub fn is_long(self) -> bool {
        matches!(self, Self::Policies | Self::Reason | Self::Own(_))
    }
    /// The class of its cells.
    fn class(self, kind: MemberKind) -> &'static str {
        match self {
            Self::Status => "c-status",
            Self::Roles => "c-roles",
            Self::Teams => "c-teams drop-3",
            Self::Provider => "c-provider drop-2",
            Self::LastSignIn => "c-seen",
            Self::LastApiUse if kind.is_machine() => "c-seen",
            Self::LastApiUse => "c-api drop-1",
            Self::Tokens => "c-tokens",
            Self::CreatedBy => "c-by drop-2",
            Self::InvitedBy | Self::StatusBy => "c-by drop-3",
            Self::Mail => "c-mail",
            Self::LinkEnds => "c-ends",
            Self::StatusSince => "c-when",
            Self::Reason => "c-why drop-2",
            _ => "c-plain",
        }
    }
}

impl Index {
    pub fn heads(&self) -> Vec<Head> {
        let name = Head {
            class: "c-name".into(),
            label: Sort::Name.label(self.list_query.kind).into(),
            ..self.head(Some(Sort::Name))
        };
        let others = self.columns.iter().map(|column| Head {
            class: self.class(column).into(),
            label: self.label(column).to_owned(),
            ..self.head(column.sort())
        });
        std::iter::once(name).chain(others).collect()
    }

    fn head(&self, sort: Option<Sort>) -> Head {
        let direction = match self.list_query.direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        };
        Head {
            class: String::new(),
            label: String::new(),
            address: sort.map(|sort| self.address(self.list_query.with_sort(sort))),
            sorted: sort.filter(|sort| *sort == self.list_query.sort).map(|_| direction),
        }
    }

    /// The class of a column. What the caller chose is never dropped for lack of room.
    pub fn class(&self, column: &Column) -> &'static str {
        let class = column.class(self.list_query.kind);
        if self.is_chosen {
            class.split(' ').next().unwrap_or(class)
        } else {
            class
        }
    }
    pub fn label<'a>(&'a self, column: &'a Column) -> &'a str {
        column.label(self.list_query.kind, self.list_query.tab, &self.own_fields)
    }
    pub fn shows(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }
    /// Only callers who may manage or invite people see whether an invitation letter was delivered.
    pub fn may_see_mail(&self) -> bool {
        self.may_manage() || self.may_invite()
    }
    /// The address of the page on which the columns of this list are chosen.
    pub fn columns_address(&self) -> String {
        format!(
            "{}/columns{}",
            self.context.path(self.list_query.kind.path()),
            self.list_query.without_page().query()
        )
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
