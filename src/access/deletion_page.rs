//! Asking before something is deleted: below what that touches, its name is typed again.

use crate::web::Field;
use actix_web::http::StatusCode;
use serde::Deserialize;

/// What each of these pages says, whatever it is about (`access/deletion.html`).
pub(super) struct DeletionPage {
    pub what: &'static str,
    pub name: String,
    /// The list that it stands in: what that is called, and its path in the organization.
    pub list: (&'static str, &'static str),
    /// Typed again, since there is no way back.
    pub typed: Field,
    /// Why it cannot be deleted, if so.
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

/// What such a page sends.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DeletionForm {
    pub name: Field,
}

impl DeletionForm {
    /// Whether the name is typed as it stands; a complaint otherwise.
    pub fn repeats(&mut self, name: &str) -> bool {
        self.name.repeats(name)
    }
}
