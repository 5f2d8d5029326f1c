//! Forms of `invitations`: the fields, and how they are checked.

use super::Wanted;
use crate::{
    kit::email::read_list,
    members::{ACCESS, GrantOptions},
    web::{Field, told},
};
use serde::{Deserialize, Serialize};

/// The most addresses that one form takes. Longer lists come as a file.
const MOST_ADDRESSES: usize = 500;
const LONGEST_MESSAGE: usize = 1_000;

#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct InviteForm {
    pub addresses: Field,
    /// `administrator` or `general`.
    pub access: Field,
    #[serde(rename = "role")]
    pub roles: Vec<String>,
    #[serde(rename = "team")]
    pub teams: Vec<String>,
    #[serde(rename = "policy")]
    pub policies: Vec<String>,
    pub message: Field,
    #[serde(skip)]
    pub choice_complaint: Option<String>,
}

impl InviteForm {
    /// An empty form: general users with the default role.
    pub fn blank(offer: &GrantOptions) -> Self {
        Self {
            access: Field::new("general"),
            roles: offer.default_role(),
            teams: offer.default_team(),
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
            ("addresses", &self.addresses.complaint),
            ("access", &self.access.complaint),
            ("roles", &self.choice_complaint),
            ("message", &self.message.complaint),
        ])
    }

    /// Returns the request if every field can be read.
    pub fn check(&mut self, offer: &GrantOptions) -> Option<Wanted> {
        let entries = read_list(&self.addresses.value);
        if entries.is_empty() {
            self.addresses.refuse("Type at least one email address.");
        } else if entries.len() > MOST_ADDRESSES {
            self.addresses
                .refuse(format!("At most {MOST_ADDRESSES} addresses at once; these are {}.", entries.len()));
        }
        if self.message.trimmed().chars().count() > LONGEST_MESSAGE {
            self.message.refuse(format!("At most {LONGEST_MESSAGE} characters fit here."));
        }
        self.access.one_of(ACCESS);
        let chosen = offer.chosen(self.is_administrator(), &self.roles, &self.teams, &self.policies);
        let grants = chosen.map_err(|why| self.choice_complaint = Some(why.into())).unwrap_or_default();
        self.complaints().is_empty().then(|| Wanted {
            entries,
            grants,
            message: self.message.trimmed().to_owned(),
            details: None,
            is_import: false,
        })
    }
}
