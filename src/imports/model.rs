//! What is written down of the lines of a file.

use crate::{
    bulk::Item,
    kit::{MemberId, email::Email},
    members::{Details, Grants},
};
use serde::{Deserialize, Serialize};

/// Somebody on a line, checked as far as that can be without the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    pub email: Email,
    pub username: String,
    pub is_active: bool,
    pub grants: Grants,
    /// Whose name is empty where who is invited is to type it.
    pub details: Details,
    /// What of the line is left out, and why.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// What is written down of a line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Planned {
    pub line: u64,
    /// Who is to come in; nothing, where nothing is to be done.
    pub person: Option<Person>,
    /// What is to be changed of somebody who is here.
    #[serde(default)]
    pub update: Option<Update>,
}

impl Planned {
    pub fn of(item: &Item) -> Option<Self> {
        item.payload.clone().and_then(|payload| serde_json::from_value(payload.0).ok())
    }
}

/// One field that is to be another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub field: String,
    pub old: String,
    pub new: String,
}

impl Edit {
    /// What the field is called on the form.
    pub fn label(&self) -> &'static str {
        let parts = Details::default();
        let known = parts.parts().into_iter().find(|(field, ..)| *field == self.field);
        known.map_or("", |(_, label, _)| label)
    }
}

/// What a line changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    pub member: MemberId,
    pub edits: Vec<Edit>,
    #[serde(default)]
    pub remarks: Vec<String>,
}
