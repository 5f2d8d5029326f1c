//! Types of `own_fields` and their pure rules.

use crate::{
    kit::{MemberKind, OwnFieldId},
    text_enum,
};
use serde::{Deserialize, Serialize};

/// The most fields of an organization.
pub const MOST: usize = 30;
/// The most choices of a field.
pub const MOST_CHOICES: usize = 100;

text_enum! {
    /// What a value is.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum FieldKind {
        Text = "text",
        Number = "number",
        Date = "date",
        Choice = "choice",
        Link = "link",
        /// A person of the organization, such as the manager.
        Person = "person",
    }
}

impl FieldKind {
    pub const ALL: [Self; 6] = [Self::Text, Self::Number, Self::Date, Self::Choice, Self::Link, Self::Person];

    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Number => "Number",
            Self::Date => "Date",
            Self::Choice => "Choice",
            Self::Link => "Link",
            Self::Person => "Person",
        }
    }
}

text_enum! {
    /// Which members have the field.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Bearers {
        People = "people",
        SystemAccounts = "system_accounts",
        Both = "both",
    }
}

impl Bearers {
    pub fn has(self, kind: MemberKind) -> bool {
        match self {
            Self::People => kind == MemberKind::User,
            Self::SystemAccounts => kind == MemberKind::SystemAccount,
            Self::Both => true,
        }
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::People => "People",
            Self::SystemAccounts => "System accounts",
            Self::Both => "People and system accounts",
        }
    }
}

text_enum! {
    /// Who sees the values.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum SeenBy {
        /// Everybody who may see the member.
        Everybody = "everybody",
        /// Those who manage members of that kind.
        Managers = "managers",
    }
}

/// One of the values that a field of kind choice can have.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored. It stays when the label is changed.
    pub key: String,
    pub label: String,
}

/// A field that an organization declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnField {
    pub id: OwnFieldId,
    /// Its name in the API and in files. Never changes.
    pub key: String,
    pub name: String,
    pub kind: FieldKind,
    pub help: String,
    pub choices: Vec<Choice>,
    pub bearers: Bearers,
    pub seen_by: SeenBy,
    /// Members change their own value.
    pub is_self_edited: bool,
    /// It is asked of people who accept an invitation.
    pub is_asked: bool,
    /// Forms do not leave it empty.
    pub is_required: bool,
    pub position: i64,
    /// Counts the changes of the declaration.
    pub version: i64,
}

/// What a caller is to the member whose field it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The caller is the member.
    pub is_me: bool,
    /// The caller manages members of this kind.
    pub may_manage: bool,
}

impl OwnField {
    /// Whether the caller sees the value. Members see what they edit.
    pub fn is_seen(&self, standing: Standing) -> bool {
        self.seen_by == SeenBy::Everybody || standing.may_manage || (standing.is_me && self.is_self_edited)
    }
    /// Whether the caller may change the value.
    pub fn is_edited(&self, standing: Standing) -> bool {
        standing.may_manage || (standing.is_me && self.is_self_edited)
    }
    /// Whether people who accept an invitation are asked for it.
    pub fn is_asked_of_invited(&self) -> bool {
        self.is_asked && self.bearers.has(MemberKind::User)
    }
    /// The label of a choice.
    pub fn label_of<'a>(&'a self, key: &'a str) -> &'a str {
        self.choices.iter().find(|choice| choice.key == key).map_or(key, |choice| &choice.label)
    }
    /// The field's key in the audit trail.
    pub fn audit_key(&self) -> String {
        format!("{}{}", crate::audit::OWN_FIELD, self.key)
    }
}

/// A declaration as it is wanted, without what never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewField {
    pub name: String,
    pub help: String,
    pub choices: Vec<Choice>,
    pub seen_by: SeenBy,
    pub is_self_edited: bool,
    pub is_asked: bool,
    pub is_required: bool,
}

impl NewField {
    /// As a field is declared.
    pub fn of(field: &OwnField) -> Self {
        Self {
            name: field.name.clone(),
            help: field.help.clone(),
            choices: field.choices.clone(),
            seen_by: field.seen_by,
            is_self_edited: field.is_self_edited,
            is_asked: field.is_asked,
            is_required: field.is_required,
        }
    }
}

/// The value of a member's field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub kind: FieldKind,
    /// As it is stored.
    pub text: String,
    /// As people read it: the label of the choice, the name of the person.
    pub told: String,
    /// As a form has it: the address of the person, the key of the choice.
    pub typed: String,
}

impl Value {
    /// As a file has it: a choice by its label, a person by their address.
    pub fn in_file(&self) -> &str {
        match self.kind {
            FieldKind::Person => &self.typed,
            _ => &self.told,
        }
    }
    /// The address of a page, if it is one.
    pub fn link(&self) -> Option<&str> {
        (self.kind == FieldKind::Link).then_some(&self.text)
    }
}
