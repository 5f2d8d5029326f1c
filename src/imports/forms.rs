use super::Way;
use crate::{
    kit::Scope,
    members::{Grants, Offer},
    web::{Field, told},
};
use serde::Deserialize;

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ImportForm {
    /// `invite` or `create`.
    pub way: Field,
    /// What a file would hold, pasted.
    pub text: Field,
    #[serde(rename = "role")]
    pub roles: Vec<String>,
    #[serde(rename = "team")]
    pub teams: Vec<String>,
    #[serde(rename = "policy")]
    pub policies: Vec<String>,
    #[serde(skip)]
    pub choice_complaint: Option<String>,
}

impl ImportForm {
    /// An empty form: whoever may do both invites.
    pub fn blank(offer: &Offer, scope: &Scope) -> Self {
        let way = if scope.may("user", "invite") { "invite" } else { "create" };
        Self {
            way: Field::new(way),
            roles: offer.default_role(),
            teams: offer.default_team(),
            ..Self::default()
        }
    }
    pub fn has(&self, chosen: &[String], id: impl ToString) -> bool {
        chosen.contains(&id.to_string())
    }
    pub fn is_creating(&self) -> bool {
        self.way.value == "create"
    }
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        told([
            ("way", &self.way.complaint),
            ("text", &self.text.complaint),
            ("roles", &self.choice_complaint),
        ])
    }

    /// How people come in, and with what.
    pub fn check(&mut self, offer: &Offer) -> Option<(Way, Grants)> {
        let way = match self.way.value.as_str() {
            "invite" => Some(Way::Invite),
            "create" => Some(Way::Create),
            _ => {
                self.way.refuse("Choose one of the two.");
                None
            }
        };
        let chosen = offer.chosen(false, &self.roles, &self.teams, &self.policies);
        let grants = chosen.map_err(|why| self.choice_complaint = Some(why.into())).ok();
        Some((way?, grants?))
    }
}
