//! What stands in the cells of a list: the same for pages and files.

use super::column::Column;
use crate::{
    kit::{MemberStatus, Timestamp},
    members::{Details, Pending, Row},
    own_fields::Value,
};
use std::borrow::Cow;

/// What stands in a cell.
#[derive(Debug, PartialEq, Eq)]
pub enum Cell<'r> {
    Text(Cow<'r, str>),
    Names(Vec<&'r str>),
    /// The value of one of the organization's own fields.
    Own(&'r Value),
    Time(Option<Timestamp>),
}

impl Cell<'_> {
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Names(names) => names.is_empty(),
            Self::Own(_) => false,
            Self::Time(at) => at.is_none(),
        }
    }
    /// The address of another page, if it is one.
    pub fn link(&self) -> Option<&str> {
        match self {
            Self::Own(value) => value.link(),
            _ => None,
        }
    }
    /// The text on a page.
    pub fn told(&self) -> String {
        match self {
            Self::Names(names) => names.join(", "),
            Self::Own(value) => value.told.clone(),
            _ => self.in_file(),
        }
    }
    /// The text in a file.
    pub fn in_file(&self) -> String {
        match self {
            Self::Text(text) => text.clone().into_owned(),
            Self::Names(names) => names.join("; "),
            Self::Own(value) => value.in_file().to_owned(),
            Self::Time(at) => at.map(Timestamp::iso).unwrap_or_default(),
        }
    }
}

impl Column {
    /// What stands in its cell.
    pub fn cell(self, row: &Row) -> Cell<'_> {
        let member = &row.member;
        let open = row.invitation.as_ref().filter(|_| member.status == MemberStatus::Invited);
        let text = |text: &'_ str| Cell::Text(Cow::Owned(text.to_owned()));
        let name = |name: &Option<String>| Cell::Text(Cow::Owned(name.clone().unwrap_or_default()));
        match self {
            Self::Status => text(member.status.label()),
            Self::Roles => Cell::Names(row.roles.iter().map(|role| role.name.as_str()).collect()),
            Self::Teams => Cell::Names(row.teams.iter().map(String::as_str).collect()),
            Self::Policies => Cell::Names(row.policies.iter().map(String::as_str).collect()),
            Self::Provider => Cell::Text(member.provider_name().into()),
            Self::LastSignIn => Cell::Time(member.last_sign_in_at),
            Self::LastApiUse => Cell::Time(member.last_api_use_at),
            Self::Email => Cell::Text(row.email.as_str().into()),
            Self::Username => Cell::Text(row.username.as_str().into()),
            Self::FirstName => Cell::Text(member.first_name.as_str().into()),
            Self::LastName => Cell::Text(member.last_name.as_str().into()),
            Self::Detail(field) => {
                let found = Details::CONTACT.into_iter().zip(member.contact_details()).find(|(known, _)| *known == field);
                Cell::Text(found.map_or("", |(_, value)| value).into())
            }
            Self::Own(id) => row.own.get(&id).map_or(Cell::Text("".into()), Cell::Own),
            Self::TwoStep => text(row.has_two_step.map_or("", |has| if has { "On" } else { "None" })),
            Self::Tokens => text(&row.tokens.live.to_string()),
            Self::Created => Cell::Time(Some(member.created_at)),
            Self::CreatedBy => name(&row.created_by),
            Self::Joined => Cell::Time(member.joined_at),
            Self::InvitedBy => name(&row.invitation.as_ref().and_then(|invitation| invitation.invited_by.clone())),
            Self::Mail => text(&open.map(Pending::delivery).unwrap_or_default()),
            Self::LinkEnds => Cell::Time(open.map(|invitation| invitation.expires_at)),
            Self::StatusSince => Cell::Time(Some(member.status_at)),
            Self::StatusBy => name(&row.status_by),
            Self::Reason => Cell::Text(member.status_reason.as_str().into()),
            Self::Id => text(&member.id.to_string()),
        }
    }
}
