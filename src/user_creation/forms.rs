//! Forms of `user_creation`: the fields, and how they are checked.

use super::{CreateRefusal, Wanted};
use crate::{
    kit::{
        email::Email,
        fold,
        secret::{Secret, SecretString},
    },
    members::{Details, GrantFields, GrantOptions, Grants, NameFields, PersonNames},
    own_fields::{Complaints, SentOwn},
    passwords::check_strength,
    web::{Field, complaints},
};
use serde::{Deserialize, Serialize};

/// The longest username.
const LONGEST_USERNAME: usize = 100;

/// The form of a new person.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct CreateForm {
    /// A random id for each rendered form, so that a form submitted twice creates one person.
    pub form: String,
    pub first_name: Field,
    pub last_name: Field,
    /// The display name; empty where first and last name make it.
    pub name: Field,
    pub email: Field,
    pub username: Field,
    /// `active` or `disabled`.
    pub status: Field,
    #[serde(flatten)]
    pub grants: GrantFields,
    pub own: SentOwn,
    #[serde(skip)]
    pub own_complaints: Complaints,
    /// `generated` or `typed`.
    pub choice: Field,
    #[serde(skip_serializing)]
    pub password: SecretString,
    #[serde(skip)]
    pub password_complaint: Option<String>,
}

/// The values of a form, checked without a hash or the database.
pub struct Checked {
    pub names: PersonNames,
    pub email: Email,
    pub username: String,
    pub is_active: bool,
    pub grants: Grants,
    pub own: SentOwn,
}

impl Checked {
    /// First and last name and the organization's own fields as details.
    pub fn details(&self) -> Details {
        Details {
            first_name: self.names.first.clone(),
            last_name: self.names.last.clone(),
            own: self.own.values().clone(),
            ..Details::default()
        }
    }
    /// The request, with these details and this hash of a temporary password.
    pub fn wanted(self, details: Details, hash: Option<String>) -> Wanted {
        Wanted {
            name: self.names.display,
            email: self.email,
            username: self.username,
            is_active: self.is_active,
            grants: self.grants,
            hash,
            details: Some(details),
        }
    }
}

impl CreateForm {
    /// An empty form: an active general user with the default role and a generated password.
    pub fn blank(offer: &GrantOptions) -> Self {
        Self {
            form: Secret::generate().expose().to_owned(),
            status: Field::new("active"),
            choice: Field::new("generated"),
            grants: GrantFields::blank(offer),
            ..Self::default()
        }
    }

    pub fn is_disabled(&self) -> bool {
        self.status.value == "disabled"
    }
    pub fn is_typed(&self) -> bool {
        self.choice.value == "typed"
    }
    /// [`CreateForm::complaints`] with those about the organization's own fields.
    pub fn all_complaints(&self) -> Vec<(String, &str)> {
        let fixed = self.complaints().into_iter().map(|(field, text)| (field.to_owned(), text));
        fixed.chain(self.own_complaints.of_inputs()).collect()
    }
    /// Complaints with the field each belongs to, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        let [access, roles] = self.grants.complaints();
        complaints([
            ("first_name", &self.first_name.complaint),
            ("last_name", &self.last_name.complaint),
            ("name", &self.name.complaint),
            ("email", &self.email.complaint),
            ("username", &self.username.complaint),
            ("status", &self.status.complaint),
            access,
            roles,
            ("choice", &self.choice.complaint),
            ("password", &self.password_complaint),
        ])
    }

    /// Returns the request if every field can be read.
    pub fn check(&mut self, offer: &GrantOptions, organization: &str, minimum: usize) -> Option<Checked> {
        let names = self.names();
        let email = Email::parse(self.email.trimmed()).map_err(|why| self.email.refuse(why)).ok();
        let username = self.sign_in_name(email.as_ref());
        self.status.one_of(["active", "disabled"]);
        self.choice.one_of(["generated", "typed"]);
        let grants = self.grants.check(offer);
        if self.is_typed() {
            let context = [
                &self.first_name.value,
                &self.last_name.value,
                &self.name.value,
                &self.email.value,
                &self.username.value,
            ];
            let mut context: Vec<&str> = context.map(|text| text.trim()).into();
            context.push(organization);
            self.password_complaint = check_strength(&self.password, &context, minimum).err();
        }
        if !self.complaints().is_empty() {
            return None;
        }
        Some(Checked {
            names: names?,
            email: email?,
            username: username?,
            is_active: !self.is_disabled(),
            grants,
            own: self.own.clone(),
        })
    }

    fn names(&mut self) -> Option<PersonNames> {
        let fields = NameFields { first: &mut self.first_name, last: &mut self.last_name, display: &mut self.name };
        fields.check()
    }

    /// The username, which is the email unless another was typed.
    fn sign_in_name(&mut self, email: Option<&Email>) -> Option<String> {
        if self.username.trimmed().is_empty() {
            return email.map(|email| email.as_str().to_owned());
        }
        let typed = self.username.line("a username", LONGEST_USERNAME)?;
        judge_username(&typed, email).map_err(|why| self.username.refuse(why)).ok()
    }

    /// Shows a refusal at the field it concerns.
    pub fn refuse(&mut self, refusal: &CreateRefusal) {
        let text = refusal.to_string();
        match refusal {
            CreateRefusal::Here | CreateRefusal::Elsewhere | CreateRefusal::EmailTaken | CreateRefusal::LooksTaken => {
                self.email.refuse(text);
            }
            CreateRefusal::UsernameTaken => self.username.refuse(text),
            CreateRefusal::NoSeatLeft { .. } => self.status.refuse(text),
            CreateRefusal::Grant(_) => self.grants.complaint = Some(text),
            CreateRefusal::SingleSignOn => self.choice.refuse(text),
            CreateRefusal::Own(complaints) => self.own_complaints = complaints.clone(),
        }
    }
}

/// The username, which is the email unless another was given.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn username(given: &str, email: &Email) -> Result<String, String> {
    if given.trim().is_empty() {
        return Ok(email.as_str().to_owned());
    }
    let mut field = Field::new(given);
    match field.line("a username", LONGEST_USERNAME) {
        Some(typed) => judge_username(&typed, Some(email)).map_err(str::to_owned),
        None => Err(format!("The username: {}", field.complaint.unwrap_or_default())),
    }
}

fn judge_username(typed: &str, email: Option<&Email>) -> Result<String, &'static str> {
    match email {
        _ if typed.chars().any(char::is_whitespace) => Err("A username has no spaces."),
        Some(email) if email.is_mailbox(typed) => Ok(email.as_str().to_owned()),
        // Otherwise the username could block another person's address.
        _ if fold::canonical(typed).contains('@') => {
            Err("A username that looks like an address must be the email itself. Leave it empty to use that.")
        }
        _ => Ok(typed.to_owned()),
    }
}
