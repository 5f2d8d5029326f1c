//! The form that sets a temporary password.

use super::{RevokeChoice, check_strength, generate};
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

/// The password that an administrator sets: the typed one, if it is good enough, or a generated one. Otherwise the
/// complaint.
///
/// # Errors
/// A sentence that says what is wrong with the typed password.
pub fn choose(typed: Option<&SecretString>, words: &[&str], minimum: usize) -> Result<SecretString, String> {
    match typed {
        Some(typed) => check_strength(typed, words, minimum).map(|()| typed.clone()),
        None => Ok(generate()),
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
    /// The password to set; `None` if the typed one has a complaint.
    pub fn check(&mut self, words: &[&str], minimum: usize) -> Option<SecretString> {
        let typed = self.is_typed().then_some(&self.password);
        choose(typed, words, minimum).map_err(|why| self.complaint = Some(why)).ok()
    }
    pub fn tick(&self) -> RevokeChoice {
        RevokeChoice::read(&self.keys_asked, &self.keys)
    }
}
