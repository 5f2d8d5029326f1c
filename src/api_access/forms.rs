//! The form of an API password.

use crate::{
    kit::secret::SecretString,
    passwords::{MINIMUM, check_choice, choose},
    web,
};
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
    /// The password to set; `None` if the typed one has a complaint.
    pub fn check(&mut self, words: &[&str]) -> Option<SecretString> {
        let typed = self.is_typed().then_some(&self.password);
        // The API password has no second factor beside it, whatever the organization demands of sign-ins.
        choose(typed, words, MINIMUM).map_err(|why| self.complaint = Some(why)).ok()
    }
    /// An unknown choice sets no password.
    pub fn understood(self) -> web::Result<Self> {
        check_choice(&self.choice)?;
        Ok(self)
    }
}
