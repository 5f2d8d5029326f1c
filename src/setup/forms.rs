//! The form that founds the first organization.

use crate::{
    kit::{email::Email, secret::SecretString},
    members::{NameFields, PersonNames},
    passwords::{MINIMUM, check_strength},
    web::Field,
};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SetupForm {
    pub organization: Field,
    pub first_name: Field,
    pub last_name: Field,
    pub name: Field,
    pub email: Field,
    pub password: SecretString,
    /// The id of the link that the page showed.
    pub link: String,
    #[serde(skip)]
    pub password_complaint: Option<String>,
}

impl SetupForm {
    pub fn check(&mut self) -> Option<(String, PersonNames, Email)> {
        let organization = self.organization.line("the name of your organization", 100);
        let fields = NameFields { first: &mut self.first_name, last: &mut self.last_name, display: &mut self.name };
        let names = fields.check();
        let email = Email::parse(&self.email.value).map_err(|complaint| self.email.refuse(complaint)).ok();
        self.password_complaint = check_strength(
            &self.password,
            &[
                &self.organization.value,
                &self.first_name.value,
                &self.last_name.value,
                &self.name.value,
                &self.email.value,
            ],
            MINIMUM,
        )
        .err();
        if self.password_complaint.is_some() {
            return None;
        }
        Some((organization?, names?, email?))
    }
}
