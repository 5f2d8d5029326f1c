//! The form of an API password.

use crate::{
    kit::secret::SecretString,
    members::Header,
    passwords::{MINIMUM, check_choice, choose},
    web,
};
use serde::Deserialize;

/// The API password to set: the typed one, if it is good enough, or a generated one.
///
/// # Errors
/// A sentence that says what is wrong with the typed password.
pub fn password(typed: Option<&SecretString>, words: &[&str]) -> Result<SecretString, String> {
    // It has no second factor beside it, whatever the organization demands of sign-ins.
    choose(typed, words, MINIMUM)
}

/// Words that an API password of this person must not contain.
pub fn words<'a>(header: &'a Header, organization: &'a str) -> [&'a str; 4] {
    [&header.member.name, &header.username, &header.email, organization]
}

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
        password(typed, words).map_err(|why| self.complaint = Some(why)).ok()
    }
    /// An unknown choice sets no password.
    pub fn understood(self) -> web::Result<Self> {
        check_choice(&self.choice)?;
        Ok(self)
    }
}
