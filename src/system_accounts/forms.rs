//! Forms of `system_accounts`: the fields, and how they are checked.

use super::{CreateRefusal, Wanted};
use crate::{
    members::{Details, GrantFields, GrantOptions},
    own_fields::{Complaints, SentOwn},
    web::{Field, complaints},
};
use serde::{Deserialize, Serialize};

/// The longest name, as for every member.
const LONGEST: usize = 100;

#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CreateForm {
    pub name: Field,
    pub title: Field,
    #[serde(flatten)]
    pub grants: GrantFields,
    pub own: SentOwn,
    #[serde(skip)]
    pub own_complaints: Complaints,
    /// A complaint that belongs to no single field.
    #[serde(skip)]
    pub complaint: Option<String>,
}

impl CreateForm {
    /// An empty form: a general system account with the default role.
    pub fn blank(offer: &GrantOptions) -> Self {
        Self { grants: GrantFields::blank(offer), ..Self::default() }
    }
    /// [`CreateForm::complaints`] with those about the organization's own fields.
    pub fn all_complaints(&self) -> Vec<(String, &str)> {
        let fixed = self.complaints().into_iter().map(|(field, text)| (field.to_owned(), text));
        fixed.chain(self.own_complaints.of_inputs()).collect()
    }
    /// Complaints with the field each belongs to, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        let [access, roles] = self.grants.complaints();
        complaints([("name", &self.name.complaint), ("title", &self.title.complaint), access, roles])
    }

    /// Returns the request if every field can be read.
    pub fn check(&mut self, offer: &GrantOptions) -> Option<Wanted> {
        let (name, title) = (self.name.line("a name", LONGEST), self.title.optional_line(LONGEST));
        let grants = self.grants.check(offer);
        if !self.complaints().is_empty() {
            return None;
        }
        let details = Details { name: name?, title: title?, own: self.own.values().clone(), ..Details::default() };
        Some(Wanted { details, grants })
    }

    /// Shows a refusal at the field it concerns.
    pub fn refuse(&mut self, refusal: &CreateRefusal) {
        let text = refusal.to_string();
        match refusal {
            CreateRefusal::NameTaken => self.name.refuse(text),
            CreateRefusal::NoneLeft(_) => self.complaint = Some(text),
            CreateRefusal::Own(complaints) => self.own_complaints = complaints.clone(),
            CreateRefusal::Grant(_) => self.grants.complaint = Some(text),
        }
    }
}
