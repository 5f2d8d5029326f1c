//! What is stored for the lines of a file.

use crate::{
    bulk::Item,
    kit::{MemberId, OwnFieldId, email::Email},
    members::{Details, Grants},
};
use serde::{Deserialize, Serialize};

/// A person on a line, validated as far as possible without the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    pub email: Email,
    pub username: String,
    pub is_active: bool,
    pub grants: Grants,
    /// The name is empty if the invited person will type it.
    pub details: Details,
    /// What is left out of the line, and why.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// The stored payload of a line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Planned {
    pub line: u64,
    /// The person to add; `None` if there is nothing to add.
    pub person: Option<Person>,
    /// The changes to an existing member.
    #[serde(default)]
    pub update: Option<Update>,
}

impl Planned {
    pub fn of(item: &Item) -> Option<Self> {
        item.payload.clone().and_then(|payload| serde_json::from_value(payload.0).ok())
    }
}

/// A change of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub field: String,
    /// The organization's own field that changes, with its name.
    #[serde(default)]
    pub own: Option<(OwnFieldId, String)>,
    pub old: String,
    pub new: String,
}

impl Edit {
    /// The field's label on the form.
    pub fn label(&self) -> &str {
        if let Some((_, name)) = &self.own {
            return name;
        }
        let parts = Details::default();
        let known = parts.parts().into_iter().find(|(field, ..)| *field == self.field);
        known.map_or("", |(_, label, _)| label)
    }
}

/// The changes on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    pub member: MemberId,
    pub edits: Vec<Edit>,
    #[serde(default)]
    pub remarks: Vec<String>,
}
