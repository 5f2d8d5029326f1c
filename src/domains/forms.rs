//! The forms of domains.

use crate::{
    kit::{ConnectionId, Fault},
    web::Field,
};
use serde::{Deserialize, Serialize};

/// The form that adds a domain.
#[derive(Deserialize, Serialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DomainForm {
    pub name: Field,
}

/// The form that chooses where people of a domain sign in.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct BindingForm {
    /// The version that the person read.
    pub version: i64,
    /// Empty is none.
    pub connection: String,
}

impl BindingForm {
    /// The chosen connection, or none.
    ///
    /// # Errors
    /// [`Fault::Missing`] if the field holds something that the page does not offer.
    pub fn chosen(&self) -> Result<Option<ConnectionId>, Fault> {
        if self.connection.is_empty() {
            return Ok(None);
        }
        self.connection.parse().map(Some).map_err(|_| Fault::Missing)
    }
}

/// The form that removes a domain.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RemovalForm {
    pub name: Field,
}
