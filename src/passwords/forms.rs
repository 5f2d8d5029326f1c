//! The form of a temporary password.

use super::RevokeChoice;
use crate::{kit::secret::SecretString, web};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TemporaryForm {
    pub choice: String,
    /// For password managers, which must not think that it is the administrator's.
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
    /// A choice that is not known sets no password.
    pub fn understood(self) -> web::Result<Self> {
        match self.choice.as_str() {
            "typed" | "generated" => Ok(self),
            _ => Err(web::Error::Malformed("The form does not say how the password is chosen.".into())),
        }
    }
    pub fn tick(&self) -> RevokeChoice {
        RevokeChoice::read(&self.keys_asked, &self.keys)
    }
}
