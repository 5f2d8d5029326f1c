//! Forms of `system_accounts`: the fields, and how they are checked.

use super::{CreateRefusal, Wanted};
use crate::{
    members::{ACCESS, GrantOptions},
    web::{Field, told},
};
use serde::{Deserialize, Serialize};

/// The longest name, as for every member.
const LONGEST: usize = 100;

#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CreateForm {
    pub name: Field,
    pub title: Field,
    /// `administrator` or `general`.
    pub access: Field,
    #[serde(rename = "role")]
    pub roles: Vec<String>,
    #[serde(rename = "team")]
    pub teams: Vec<String>,
    #[serde(rename = "policy")]
    pub policies: Vec<String>,
    #[serde(skip)]
    pub choice_complaint: Option<String>,
    /// A complaint that belongs to no single field.
    #[serde(skip)]
    pub complaint: Option<String>,
}

impl CreateForm {
    /// An empty form: a general system account with the default role.
    pub fn blank(offer: &GrantOptions) -> Self {
        Self {
            access: Field::new("general"),
            roles: offer.default_role(),
            ..Self::default()
        }
    }
    pub fn is_administrator(&self) -> bool {
        self.access.value == "administrator"
    }
    pub fn has(&self, chosen: &[String], id: impl ToString) -> bool {
        chosen.contains(&id.to_string())
    }
    /// Complaints with the field each belongs to, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        told([
            ("name", &self.name.complaint),
            ("title", &self.title.complaint),
            ("access", &self.access.complaint),
            ("roles", &self.choice_complaint),
        ])
    }

    /// Returns the request if every field can be read.
    pub fn check(&mut self, offer: &GrantOptions) -> Option<Wanted> {
        let (name, title) = (self.name.line("a name", LONGEST), self.title.optional_line(LONGEST));
        self.access.one_of(ACCESS);
        let chosen = offer.chosen(self.is_administrator(), &self.roles, &self.teams, &self.policies);
        let grants = chosen.map_err(|why| self.choice_complaint = Some(why.into())).unwrap_or_default();
        if !self.complaints().is_empty() {
            return None;
        }
        Some(Wanted {
            name: name?,
            title: title?,
            grants,
        })
    }

    /// Shows a refusal at the field it concerns.
    pub fn refuse(&mut self, refusal: &CreateRefusal) {
        let text = refusal.to_string();
        match refusal {
            CreateRefusal::NameTaken => self.name.refuse(text),
            CreateRefusal::NoneLeft(_) => self.complaint = Some(text),
            CreateRefusal::Grant(_) => self.choice_complaint = Some(text),
        }
    }
}
