//! What forms offer to new members, as pickers.

use super::{grant_fields::GrantFields, grant_refusal::GrantRefusal, grants::GrantOptions};
use crate::{
    kit::Scope,
    web::{Picker, PickerChoice, PickerSearch},
};

/// Why a role or policy cannot be chosen.
const TOO_WIDE: &str = "It allows more than you may do, so you cannot give it";

/// A choice that the caller may make, or is told why not.
pub fn guarded_choice(value: String, name: &str, description: &str, is_chosen: bool, may_choose: bool) -> PickerChoice {
    PickerChoice {
        value,
        name: name.to_owned(),
        note: if may_choose { description } else { TOO_WIDE }.to_owned(),
        is_chosen,
        is_disabled: !may_choose,
        is_fixed: false,
    }
}

impl GrantOptions {
    pub fn role_picker(&self, scope: &Scope, form: &GrantFields) -> Picker {
        let choices = self.general_roles().map(|role| {
            let is_chosen = form.has(&form.roles, role.id);
            guarded_choice(role.id.to_string(), &role.name, &role.description, is_chosen, self.may_grant(scope, role))
        });
        Picker::new("role", "roles", choices.collect(), &form.search)
    }
    pub fn team_picker(&self, form: &GrantFields) -> Picker {
        let choices = self.offered_teams().into_iter().map(|team| PickerChoice {
            value: team.id.to_string(),
            name: team.name.clone(),
            note: team.note(),
            is_chosen: form.has(&form.teams, team.id),
            is_disabled: team.is_too_wide && !form.has(&form.teams, team.id),
            is_fixed: false,
        });
        Picker::new("team", "teams", choices.collect(), &form.search)
    }
    pub fn policy_picker(&self, form: &GrantFields) -> Picker {
        let choices = self.policies.iter().map(|policy| {
            let is_chosen = form.has(&form.policies, policy.id);
            guarded_choice(policy.id.to_string(), &policy.name, &policy.description, is_chosen, self.may_attach(policy))
        });
        Picker::new("policy", "policies", choices.collect(), &form.search)
    }
}

impl GrantFields {
    /// Takes over what was searched for. Returns whether that is all that the form was sent for: then it is shown again,
    /// and complains if something chosen does not exist.
    pub fn narrow(&mut self, search: PickerSearch, options: &GrantOptions, scope: &Scope) -> bool {
        self.search = search;
        let pickers = [
            (options.role_picker(scope, self).chosen, &self.roles),
            (options.team_picker(self).chosen, &self.teams),
            (options.policy_picker(self).chosen, &self.policies),
        ];
        let is_gone = pickers.into_iter().any(|(known, sent)| {
            let mut sent: Vec<&String> = sent.iter().collect();
            sent.sort_unstable();
            sent.dedup();
            known < sent.len()
        });
        if self.search.is_asked() && is_gone {
            self.complaint = Some(GrantRefusal::Gone.to_string());
        }
        self.search.is_asked()
    }
}
