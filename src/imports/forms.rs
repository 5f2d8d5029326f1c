//! The upload form of an import.

use super::ImportMode;
use crate::{
    kit::{Scope, rights},
    members::{GrantFields, GrantOptions, GrantRefusal, Grants},
    web::{Error, Field, complaints},
};
use serde::Deserialize;

/// Why a file is refused before its lines are judged.
pub(super) enum FileRefusal {
    File(String),
    Grant(GrantRefusal),
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ImportForm {
    /// `invite`, `create` or `update`.
    pub way: Field,
    /// Pasted lines, instead of a file.
    pub text: Field,
    /// For an update: whether an empty cell clears its field.
    pub empties: String,
    #[serde(flatten)]
    pub grants: GrantFields,
}

impl ImportForm {
    /// An empty form. For a caller who may do everything, invitation is preselected.
    pub fn blank(offer: &GrantOptions, scope: &Scope) -> Self {
        let way = if scope.may(rights::USER_INVITE) { "invite" } else { "create" };
        Self { way: Field::new(way), grants: GrantFields::blank(offer), ..Self::default() }
    }
    pub fn is(&self, way: &str) -> bool {
        self.way.value == way
    }
    pub fn empties(&self) -> bool {
        self.empties == "1"
    }
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        let [_, roles] = self.grants.complaints();
        complaints([("way", &self.way.complaint), ("text", &self.text.complaint), roles])
    }

    /// Refuses a form with unknown values; they are never replaced by a default.
    ///
    /// # Errors
    /// [`Error::Malformed`] if a value cannot come from our form.
    pub fn is_understood(&self) -> Result<(), Error> {
        let is_way = ["", "invite", "create", "update"].contains(&self.way.value.as_str());
        if is_way && ["", "1"].contains(&self.empties.as_str()) && self.grants.access.value.is_empty() {
            return Ok(());
        }
        Err(Error::Malformed("What is to become of the people is not understood.".into()))
    }

    /// What to do with the people, and what they are given.
    pub fn check(&mut self, offer: &GrantOptions) -> Option<(ImportMode, Grants)> {
        let way = match self.way.value.as_str() {
            "invite" => Some(ImportMode::Invite),
            "create" => Some(ImportMode::Create),
            // An update gives no roles, teams or policies.
            "update" => return Some((ImportMode::Update, Grants::default())),
            _ => {
                self.way.refuse("Choose one of them.");
                None
            }
        };
        let grants = self.grants.choose(offer);
        self.grants.complaint.is_none().then_some((way?, grants))
    }

    /// Shows why the file is refused, at the field it concerns.
    pub fn refuse(&mut self, refusal: FileRefusal) {
        match refusal {
            FileRefusal::File(why) => self.text.refuse(why),
            FileRefusal::Grant(refusal) => self.grants.complaint = Some(refusal.to_string()),
        }
    }

    /// The uploaded file, or the pasted lines.
    pub fn source(&mut self, file_name: String, file: Vec<u8>) -> Option<(String, Vec<u8>)> {
        let pasted = self.text.value.trim();
        match (file.is_empty(), pasted.is_empty()) {
            (false, false) => {
                self.text
                    .refuse("There is a file, and there are lines. Choose the file again and remove the lines, or leave the file out.");
                None
            }
            (false, true) if file_name.is_empty() => Some(("a file".into(), file)),
            (false, true) => Some((file_name, file)),
            (true, _) => Some(("pasted lines".into(), self.text.value.clone().into_bytes())),
        }
    }
}
