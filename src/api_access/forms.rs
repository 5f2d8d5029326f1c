//! The form of an API password.

use crate::{kit::secret::SecretString, passwords::check_choice, web};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PasswordForm {
    pub choice: String,
    /// For password managers, which must not take it for the administrator's own.
    #[serde(rename = "username")]
    _username: String,
    pub password: SecretString,
    #[serde(skip)]
    pub complaint: Option<String>,
}

impl PasswordForm {
    pub fn is_typed(&self) -> bool {
        self.choice == "typed"
    }
    /// An unknown choice sets no password.
    pub fn understood(self) -> web::Result<Self> {
        check_choice(&self.choice)?;
        Ok(self)
    }
}
