//! The registry of columns: every column that a list can have besides the name, which always stands first. A page, a file and
//! the API know columns from here only.
//!
//! To add one: a variant of [`Column`], its text in `Display` and `FromStr`, where it stands in [`Column::of`], its label, what
//! its rows are loaded with ([`Column::aspect`]) and what stands in its cell ([`Column::cell`]). A column of an organization's
//! own field carries the id of the field: whether there is one, and its label, say the fields that the caller sees.

use super::choices::{Sort, Tab};
use crate::{
    kit::{MemberKind, OwnFieldId, Scope, rights},
    members::{Aspect, Details},
    own_fields::OwnField,
    text_enum,
};
use std::{fmt, str::FromStr};

/// A column of a list of members.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Column {
    Status,
    Roles,
    Teams,
    Policies,
    Provider,
    LastSignIn,
    LastApiUse,
    Email,
    Username,
    FirstName,
    LastName,
    /// One of [`Details::CONTACT`].
    Detail(&'static str),
    /// One of the organization's own fields.
    Own(OwnFieldId),
    TwoStep,
    Tokens,
    Created,
    CreatedBy,
    Joined,
    InvitedBy,
    Mail,
    LinkEnds,
    StatusSince,
    StatusBy,
    Reason,
    Id,
}

/// Those without a value of their own, with their texts in addresses.
const NAMED: [(Column, &str); 23] = [
    (Column::Status, "status"),
    (Column::Roles, "roles"),
    (Column::Teams, "teams"),
    (Column::Policies, "policies"),
    (Column::Provider, "provider"),
    (Column::LastSignIn, "last_sign_in"),
    (Column::LastApiUse, "last_api_use"),
    (Column::Email, "email"),
    (Column::Username, "username"),
    (Column::FirstName, "first_name"),
    (Column::LastName, "last_name"),
    (Column::TwoStep, "two_step"),
    (Column::Tokens, "tokens"),
    (Column::Created, "created"),
    (Column::CreatedBy, "created_by"),
    (Column::Joined, "joined"),
    (Column::InvitedBy, "invited_by"),
    (Column::Mail, "mail"),
    (Column::LinkEnds, "link_ends"),
    (Column::StatusSince, "status_since"),
    (Column::StatusBy, "status_by"),
    (Column::Reason, "reason"),
    (Column::Id, "id"),
];

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Detail(field) => f.write_str(field),
            Self::Own(id) => write!(f, "{OWN}{id}"),
            named => f.write_str(NAMED.iter().find(|(column, _)| column == named).map_or("", |(_, text)| text)),
        }
    }
}

impl FromStr for Column {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let named = NAMED.iter().find(|(_, known)| *known == text).map(|(column, _)| *column);
        let detail = || Details::CONTACT.into_iter().find(|field| *field == text).map(Self::Detail);
        let own = || text.strip_prefix(OWN)?.parse().ok().map(Self::Own);
        named.or_else(detail).or_else(own).ok_or_else(|| format!("{text:?} is not a column"))
    }
}

/// Before the id of one of the organization's own fields.
const OWN: &str = "field-";

/// The text of the column that every list has. By itself it says that there is no other.
pub const NAME: &str = "name";

/// The columns of an address, in order: their texts with a dot between them. What no list of this kind has is left out.
pub fn read(kind: MemberKind, text: &str) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for column in text.split('.').filter_map(|text| text.parse().ok()) {
        if is_of(kind, column) && !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

/// Whether lists of this kind can have the column. Of an organization's own fields, some are for the other kind only.
pub fn is_of(kind: MemberKind, column: Column) -> bool {
    matches!(column, Column::Own(_)) || Column::of(kind).contains(&column)
}

/// Those of these columns that the caller sees. `own` are the organization's own fields that they see.
pub fn seen(scope: &Scope, columns: &[Column], own: &[OwnField]) -> Vec<Column> {
    let is_seen = |column: &Column| match column {
        Column::Own(id) => own.iter().any(|field| field.id == *id),
        column => column.is_for(scope),
    };
    columns.iter().copied().filter(is_seen).collect()
}

/// The text of these columns in an address.
pub fn write(columns: &[Column]) -> String {
    if columns.is_empty() {
        return NAME.to_owned();
    }
    columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// What the rows of these columns are loaded with.
pub fn aspects(kind: MemberKind, columns: &[Column]) -> Vec<Aspect> {
    let mut aspects: Vec<Aspect> = Vec::new();
    for aspect in columns.iter().filter_map(|column| column.aspect(kind)) {
        if !aspects.contains(&aspect) {
            aspects.push(aspect);
        }
    }
    aspects
}

text_enum! {
    /// The lists whose columns a person chooses: on two of its tabs, the list of people tells other things.
    pub enum ColumnList {
        People = "users",
        Invited = "users_invited",
        Disabled = "users_disabled",
        SystemAccounts = "system_accounts",
    }
}

impl ColumnList {
    pub fn of(kind: MemberKind, tab: Tab) -> Self {
        match (kind, tab) {
            (MemberKind::SystemAccount, _) => Self::SystemAccounts,
            (MemberKind::User, Tab::Invited) => Self::Invited,
            (MemberKind::User, Tab::Disabled) => Self::Disabled,
            (MemberKind::User, _) => Self::People,
        }
    }
}

/// A column that a list can have, for those who choose.
#[derive(Clone, Debug)]
pub struct OfferedColumn {
    pub column: Column,
    pub label: String,
}

/// The columns that the caller may choose, in their usual order: those of Roster, then the organization's own fields that they
/// see.
pub fn offered(scope: &Scope, kind: MemberKind, own: &[OwnField]) -> Vec<OfferedColumn> {
    let all = Column::of(kind).into_iter().filter(|column| column.is_for(scope));
    let all = all.chain(own.iter().map(|field| Column::Own(field.id)));
    let offered = |column: Column| {
        let label = column.label(kind, Tab::default(), own).to_owned();
        OfferedColumn { column, label }
    };
    all.map(offered).collect()
}

impl Column {
    /// The columns that a list of this kind can have, in their usual order.
    pub fn of(kind: MemberKind) -> Vec<Self> {
        let details = Details::CONTACT.into_iter().filter(|field| Details::label(kind, field).is_some()).map(Self::Detail);
        let (mut first, last) = match kind {
            MemberKind::User => (
                vec![
                    Self::Status,
                    Self::Roles,
                    Self::Teams,
                    Self::Policies,
                    Self::Provider,
                    Self::LastSignIn,
                    Self::LastApiUse,
                    Self::Email,
                    Self::Username,
                    Self::FirstName,
                    Self::LastName,
                ],
                vec![
                    Self::TwoStep,
                    Self::Created,
                    Self::CreatedBy,
                    Self::Joined,
                    Self::InvitedBy,
                    Self::Mail,
                    Self::LinkEnds,
                ],
            ),
            MemberKind::SystemAccount => (
                vec![
                    Self::Status,
                    Self::Roles,
                    Self::Teams,
                    Self::Policies,
                    Self::Tokens,
                    Self::LastApiUse,
                    Self::CreatedBy,
                ],
                vec![Self::Created],
            ),
        };
        first.extend(details);
        first.extend(last);
        first.extend([Self::StatusSince, Self::StatusBy, Self::Reason, Self::Id]);
        first
    }

    /// Whether the caller may see what it tells.
    pub fn is_for(self, scope: &Scope) -> bool {
        match self {
            Self::Policies => scope.may(rights::POLICY_READ),
            Self::TwoStep => scope.may(rights::USER_MANAGE),
            Self::Mail => scope.may(rights::USER_MANAGE) || scope.may(rights::USER_INVITE),
            _ => true,
        }
    }

    /// `own` are the organization's own fields that the caller sees.
    pub fn label(self, kind: MemberKind, tab: Tab, own: &[OwnField]) -> &str {
        match self {
            Self::Own(id) => own.iter().find(|field| field.id == id).map_or("", |field| &field.name),
            Self::Detail(field) => Details::label(kind, field).unwrap_or(field),
            Self::StatusSince if tab == Tab::Disabled => "Disabled",
            Self::StatusBy if tab == Tab::Disabled => "By",
            Self::StatusSince => "Status since",
            Self::StatusBy => "Status set by",
            Self::Reason => "Reason",
            Self::Policies => "Policies",
            Self::Email => "Email",
            Self::Username => "Username",
            Self::FirstName => "First name",
            Self::LastName => "Last name",
            Self::TwoStep => "Two-step",
            Self::Tokens => "Tokens",
            Self::Created => "Created",
            Self::CreatedBy => "Created by",
            Self::Joined => "Joined",
            Self::InvitedBy => "Invited by",
            Self::Mail => "Mail",
            Self::LinkEnds => "Link ends",
            Self::Id => "ID",
            Self::Status | Self::Roles | Self::Teams | Self::Provider | Self::LastSignIn | Self::LastApiUse => {
                self.sort().map_or("", |sort| sort.label(kind))
            }
        }
    }

    /// The order that a click on its head gives the list, where an index walks it.
    pub fn sort(self) -> Option<Sort> {
        match self {
            Self::Status => Some(Sort::Status),
            Self::Roles => Some(Sort::Roles),
            Self::Teams => Some(Sort::Teams),
            Self::Provider => Some(Sort::Provider),
            Self::LastSignIn => Some(Sort::LastSignIn),
            Self::LastApiUse => Some(Sort::LastApiUse),
            _ => None,
        }
    }

    /// What the rows are loaded with, if the member itself does not hold it.
    pub fn aspect(self, kind: MemberKind) -> Option<Aspect> {
        match self {
            Self::Roles => Some(Aspect::Roles),
            Self::Teams => Some(Aspect::Teams),
            Self::Policies => Some(Aspect::Policies),
            Self::TwoStep => Some(Aspect::TwoStep),
            Self::InvitedBy => Some(Aspect::Invitations),
            Self::CreatedBy | Self::StatusBy => Some(Aspect::Actors),
            // The badge of a disabled system account says who disabled it.
            Self::Status if kind.is_machine() => Some(Aspect::UsualActors),
            Self::Tokens => Some(Aspect::Tokens),
            Self::Own(_) => Some(Aspect::Own),
            // Its address is told beneath the last use.
            Self::LastApiUse if kind.is_machine() => Some(Aspect::Tokens),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Timestamp;

    #[test]
    fn every_column_of_a_list_has_a_text_that_is_read_again() {
        for kind in MemberKind::ALL {
            let mut all = Column::of(kind);
            assert!(all.iter().all(|column| !column.label(kind, Tab::default(), &[]).is_empty()));
            all.push(Column::Own(OwnFieldId::new(Timestamp::EPOCH)));
            assert_eq!(read(kind, &write(&all)), all);
        }
        assert_eq!(read(MemberKind::User, &write(&[])), []);
        assert_eq!(read(MemberKind::User, "teams.teams.tokens.nothing..status"), [Column::Teams, Column::Status]);
    }
}
