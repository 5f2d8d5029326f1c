//! The page of the Access tab.

use super::{explain::Difference, form::AssignmentsForm, shown::Shown, unpack};
use crate::{
    kit::Timestamp,
    members::{MappedGrant, Refusal, guarded_choice, refuse_role},
    roles::Role,
    web::{MemberContext, Pickable, Picker, PickerChoice, PickerSearch, filters},
};
use askama::Template;
use std::ops::Deref;

/// A role as the tab shows it.
pub(super) struct RoleLine {
    role: Role,
    is_held: bool,
    /// The name of the connection whose mapping gave it.
    mapped_by: Option<String>,
    until: String,
    is_wrong: bool,
    is_too_wide: bool,
}

impl Pickable for RoleLine {
    fn is_chosen(&self) -> bool {
        self.is_held || self.mapped_by.is_some()
    }
    fn text(&self) -> String {
        format!("{} {}", self.role.name, self.role.description)
    }
}

#[derive(Template)]
#[template(path = "members/access.html")]
pub(super) struct Access {
    pub context: MemberContext,
    pub form: AssignmentsForm,
    pub shown: Shown,
    pub page_state: PageState,
}

impl Deref for Access {
    type Target = Shown;

    fn deref(&self) -> &Shown {
        &self.shown
    }
}

/// Complaints and preview of a form that is shown again.
#[derive(Default)]
pub(super) struct PageState {
    pub refusal: Option<Refusal>,
    pub preview: Option<Preview>,
    /// The page is a tab of My profile.
    pub is_own: bool,
    /// What was searched for among the choices.
    pub search: PickerSearch,
}

/// What a change would do, before it is made.
pub(super) struct Preview {
    pub difference: Difference,
    /// The page asks for confirmation because the change was submitted, not only previewed.
    pub is_asking: bool,
}

impl PageState {
    pub fn searched(search: PickerSearch) -> Self {
        Self { search, ..Self::default() }
    }
    pub fn refused(refusal: Refusal) -> Self {
        Self { refusal: Some(refusal), ..Self::default() }
    }
    pub fn preview(difference: Difference, is_asking: bool) -> Self {
        Self { preview: Some(Preview { difference, is_asking }), ..Self::default() }
    }
}

impl Access {
    /// The page with the form as it was sent, or with what the member has.
    pub fn new(context: MemberContext, shown: Shown, form: Option<AssignmentsForm>, page_state: PageState) -> Self {
        let form = form.unwrap_or_else(|| AssignmentsForm::of(&shown.assignments, &shown.roles));
        Self { context, form, shown, page_state }
    }
    fn role_picker(&self) -> Picker<RoleLine> {
        let line = |role: &Role| {
            let id = role.id.to_string();
            let at = self.form.listed.iter().position(|listed| *listed == id);
            RoleLine {
                is_held: self.form.roles.contains(&id),
                until: at.and_then(|at| self.form.until.get(at)).cloned().unwrap_or_default(),
                is_wrong: self.form.wrong.contains(&id),
                mapped_by: self.mapped.get(&MappedGrant::Role(role.id)).cloned(),
                is_too_wide: refuse_role(&self.context.scope, role).is_some(),
                role: role.clone(),
            }
        };
        let mut lines: Vec<RoleLine> = self.roles.iter().map(line).collect();
        // Held roles come first; a role that is only selected keeps its place.
        let held = unpack(&self.form.base).unwrap_or_default().roles;
        lines.sort_by_key(|line| !held.contains_key(&line.role.id));
        Picker::new("role", "roles", lines, &self.page_state.search)
    }
    fn team_picker(&self) -> Picker {
        let choices = self.teams.iter().map(|team| {
            let value = team.id.to_string();
            // The name of the connection whose mapping made them a member of the team.
            let mapped_by = self.mapped.get(&MappedGrant::Team(team.id));
            let note = mapped_by.map(|connection| format!("Given by what {connection} says at each sign-in"));
            let is_chosen = mapped_by.is_some() || self.form.teams.contains(&value);
            PickerChoice {
                is_chosen,
                is_fixed: mapped_by.is_some(),
                is_disabled: team.is_too_wide && !is_chosen,
                name: team.name.clone(),
                note: note.unwrap_or_else(|| team.note()),
                value,
            }
        });
        Picker::new("team", "teams", choices.collect(), &self.page_state.search)
    }
    fn policy_picker(&self) -> Picker {
        let choices = self.policies.iter().map(|(policy, may_give)| {
            let value = policy.id.to_string();
            let is_chosen = self.form.policies.contains(&value);
            if self.why.is_administrator && !is_chosen {
                // Administrators need none.
                return PickerChoice {
                    is_disabled: true,
                    ..guarded_choice(value, &policy.name, &policy.description, false, true)
                };
            }
            guarded_choice(value, &policy.name, &policy.description, is_chosen, is_chosen || *may_give)
        });
        Picker::new("policy", "policies", choices.collect(), &self.page_state.search)
    }
    /// Whether to show policies: administrators need none.
    fn has_policies(&self) -> bool {
        !self.policies.is_empty() && (!self.why.is_administrator || !self.form.policies.is_empty())
    }
    fn refusal(&self) -> Option<&Refusal> {
        self.page_state.refusal.as_ref().or(self.header.why_not.roles.as_ref())
    }
    fn may_edit(&self) -> bool {
        self.header.may_manage && self.header.why_not.roles.is_none()
    }
    /// What would be given and taken: sign, kind and name.
    fn exchanged(&self) -> Vec<(&'static str, &'static str, &str)> {
        let (base, wanted) = (unpack(&self.form.base), unpack(&self.form.seen));
        let (base, wanted) = (base.unwrap_or_default(), wanted.unwrap_or_default());
        let mut all = Vec::new();
        let mut tell = |was: bool, will: bool, what: &'static str, name| match (was, will) {
            (false, true) => all.push(("+", what, name)),
            (true, false) => all.push(("−", what, name)),
            _ => {}
        };
        for role in &self.roles {
            let (was, will) = (base.roles.contains_key(&role.id), wanted.roles.contains_key(&role.id));
            tell(was, will, "role", role.name.as_str());
        }
        for team in &self.teams {
            tell(base.teams.contains(&team.id), wanted.teams.contains(&team.id), "team", &team.name);
        }
        for (policy, _) in &self.policies {
            let (was, will) = (base.policies.contains(&policy.id), wanted.policies.contains(&policy.id));
            tell(was, will, "policy", &policy.name);
        }
        all
    }
    /// Roles whose end would change, with the new last day of each.
    fn ends(&self) -> Vec<(&str, Option<String>)> {
        let (base, wanted) = (unpack(&self.form.base), unpack(&self.form.seen));
        let (base, wanted) = (base.unwrap_or_default(), wanted.unwrap_or_default());
        let mut all = Vec::new();
        for role in &self.roles {
            let was = base.roles.get(&role.id).copied().flatten();
            if let Some(until) = wanted.roles.get(&role.id).filter(|until| **until != was) {
                all.push((role.name.as_str(), until.map(Timestamp::last_day_told)));
            }
        }
        all
    }
    fn they(&self) -> &'static str {
        match self.header.is_me {
            true => "you",
            false if self.header.is_machine() => "it",
            false => "they",
        }
    }
}
