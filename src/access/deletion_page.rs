//! The confirmation page before a deletion: it shows what is affected, and the user types the name again.

use crate::web::Field;
use actix_web::http::StatusCode;
use serde::Deserialize;

/// What all these pages show (`access/deletion.html`).
pub(super) struct DeletionPage {
    pub what: &'static str,
    pub name: String,
    /// The list that the item is in: its title, and its path in the organization.
    pub list: (&'static str, &'static str),
    /// The name, typed again, because the deletion cannot be undone.
    pub typed: Field,
    /// Why the item cannot be deleted, if so.
    pub refusal: Option<String>,
}

impl DeletionPage {
    pub fn status(&self) -> StatusCode {
        if self.refusal.is_some() || self.typed.is_refused() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        }
    }
}

/// The submitted form.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DeletionForm {
    pub name: Field,
}

impl DeletionForm {
    /// Whether the typed name matches. If not, sets a complaint.
    pub fn repeats(&mut self, name: &str) -> bool {
        self.name.repeats(name)
    }
}
