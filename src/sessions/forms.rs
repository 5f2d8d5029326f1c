//! Forms of `sessions`.

use crate::{kit::secret::SecretString, second_factors::Answer, web::Field};
use serde::Deserialize;

/// The query of a sign-in page: the path to open afterwards.
#[derive(Deserialize)]
pub(super) struct NextQuery {
    #[serde(default)]
    pub next: String,
}

#[derive(Default)]
pub(super) struct Complaints {
    pub password: Option<String>,
    pub code: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AgainForm {
    /// For password managers; the session says which person it is.
    #[serde(rename = "username")]
    _username: String,
    pub password: SecretString,
    pub code: SecretString,
    pub credential: String,
    pub challenge: String,
    pub next: String,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ResetForm {
    pub reason: Field,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StepForm {
    pub code: SecretString,
    pub credential: String,
    pub challenge: String,
}

impl StepForm {
    /// The answer that was sent, if any.
    pub(super) fn answer(&self) -> Option<Answer> {
        if !self.credential.is_empty() {
            return Some(Answer::Passkey { credential: self.credential.clone(), sealed: self.challenge.clone() });
        }
        (!self.code.expose().trim().is_empty()).then(|| Answer::Code(self.code.clone()))
    }
}
