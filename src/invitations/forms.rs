use super::Wanted;
use crate::{
    kit::email::read_list,
    roles::{Predefined, Role},
    web::Field,
};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Addresses that one form takes. More come as a file.
const MOST_ADDRESSES: usize = 500;
const LONGEST_MESSAGE: usize = 1_000;

#[derive(Deserialize, Default, Debug)]
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
    pub fn blank(roles: &[Role]) -> Self {
        let default = roles
            .iter()
            .filter(|role| role.predefined == Some(Predefined::User))
            .map(|role| role.id.to_string());
        Self {
            access: Field::new("general"),
            roles: default.collect(),
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
        let fields = [
            ("addresses", &self.addresses.complaint),
            ("access", &self.access.complaint),
            ("roles", &self.choice_complaint),
            ("message", &self.message.complaint),
        ];
        fields
            .into_iter()
            .filter_map(|(name, complaint)| complaint.as_deref().map(|text| (name, text)))
            .collect()
    }

    /// What is wanted, if all of it can be read. Administrators need no other role and take no policies.
    pub fn check(&mut self, known: &[Role]) -> Option<Wanted> {
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
        if !matches!(self.access.value.as_str(), "administrator" | "general") {
            self.access.refuse("Choose one of the two.");
        }
        // The same one twice is one choice.
        fn ids<T: std::str::FromStr + Ord>(texts: &[String]) -> Option<Vec<T>> {
            let chosen: Option<BTreeSet<T>> = texts.iter().map(|text| text.parse().ok()).collect();
            Some(chosen?.into_iter().collect())
        }
        let administrator = known.iter().find(|role| role.is_administrator()).map(|role| role.id);
        let (roles, policies) = match (self.is_administrator(), administrator) {
            (true, Some(id)) => (Some(vec![id]), Some(vec![])),
            _ => (ids(&self.roles), ids(&self.policies)),
        };
        let (Some(roles), Some(teams), Some(policies)) = (roles, ids(&self.teams), policies) else {
            self.choice_complaint = Some("A role, team or policy that was chosen does not exist any more. Choose again.".into());
            return None;
        };
        if roles.is_empty() {
            self.choice_complaint = Some("Choose at least one role: without any they could do nothing.".into());
        }
        self.complaints().is_empty().then(|| Wanted {
            entries,
            roles,
            teams,
            policies,
            message: self.message.trimmed().to_owned(),
        })
    }
}
