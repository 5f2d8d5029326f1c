//! Forms of `invitations`: the fields, and how they are checked.

use super::Wanted;
use crate::{
    kit::email::{Entry, read_list},
    members::{Details, GrantFields, GrantOptions},
    own_fields::{Complaints, SentOwn},
    web::{Field, complaints},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most addresses that one form takes. Longer lists come as a file.
const MOST_ADDRESSES: usize = 500;
const LONGEST_MESSAGE: usize = 1_000;

/// The form of invitations.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct InviteForm {
    pub addresses: Field,
    #[serde(flatten)]
    pub grants: GrantFields,
    pub own: SentOwn,
    #[serde(skip)]
    pub own_complaints: Complaints,
    pub message: Field,
}

impl InviteForm {
    /// An empty form: general users with the default role.
    pub fn blank(offer: &GrantOptions) -> Self {
        Self { grants: GrantFields::blank(offer), ..Self::default() }
    }

    /// [`InviteForm::complaints`] with those about the organization's own fields.
    pub fn all_complaints(&self) -> Vec<(String, &str)> {
        let fixed = self.complaints().into_iter().map(|(field, text)| (field.to_owned(), text));
        fixed.chain(self.own_complaints.of_inputs()).collect()
    }
    /// Complaints with the field each belongs to, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        let [access, roles] = self.grants.complaints();
        complaints([
            ("addresses", &self.addresses.complaint),
            access,
            roles,
            ("message", &self.message.complaint),
        ])
    }

    /// Returns the request if every field can be read.
    pub fn check(&mut self, offer: &GrantOptions) -> Option<Wanted> {
        let entries = read_list(&self.addresses.value);
        self.check_addresses(&entries);
        self.check_for(entries, offer)
    }

    /// What is known already of the people who are invited: the organization's own fields that were filled in.
    fn details(&self) -> Option<Details> {
        let typed = self.own.values().iter().filter(|(_, typed)| !typed.trim().is_empty());
        let own: BTreeMap<_, _> = typed.map(|(field, typed)| (*field, typed.clone())).collect();
        (!own.is_empty()).then(|| Details { own, ..Details::default() })
    }

    fn check_addresses(&mut self, entries: &[Entry]) {
        if entries.is_empty() {
            self.addresses.refuse("Type at least one email address.");
        } else if entries.len() > MOST_ADDRESSES {
            self.addresses
                .refuse(format!("At most {MOST_ADDRESSES} addresses at once; these are {}.", entries.len()));
        }
    }

    /// [`InviteForm::check`] for these people instead of the addresses of the form.
    pub fn check_for(&mut self, entries: Vec<Entry>, offer: &GrantOptions) -> Option<Wanted> {
        if self.message.trimmed().chars().count() > LONGEST_MESSAGE {
            self.message.refuse(format!("At most {LONGEST_MESSAGE} characters fit here."));
        }
        let grants = self.grants.check(offer);
        self.complaints().is_empty().then(|| Wanted {
            entries,
            grants,
            message: self.message.trimmed().to_owned(),
            details: self.details(),
            is_import: false,
        })
    }
}
