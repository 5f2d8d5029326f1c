//! The form that sets a temporary password.

use super::RevokeChoice;
use crate::{kit::secret::SecretString, web};
use serde::Deserialize;

/// Refuses a form that does not say whether the password is typed or generated.
///
/// # Errors
/// [`web::Error::Malformed`] for an unknown choice.
pub fn check_choice(choice: &str) -> web::Result<()> {
    match choice {
        "typed" | "generated" => Ok(()),
        _ => Err(web::Error::Malformed("The form does not say how the password is chosen.".into())),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TemporaryForm {
    pub choice: String,
    /// For password managers, which must not take the password for the administrator's own.
    #[serde(rename = "username")]
    _username: String,
    pub password: SecretString,
    keys_asked: String,
    keys: String,
    #[serde(skip)]
    pub complaint: Option<String>,
}

impl TemporaryForm {
    pub fn is_typed(&self) -> bool {
        self.choice == "typed"
    }
    /// Refuses a form whose choice is unknown.
    pub fn understood(self) -> web::Result<Self> {
        check_choice(&self.choice)?;
        Ok(self)
    }
    pub fn tick(&self) -> RevokeChoice {
        RevokeChoice::read(&self.keys_asked, &self.keys)
    }
}
