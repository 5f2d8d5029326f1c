//! The choices of the filters above a list.

use super::query::{Seen, TwoStep};
use crate::{
    kit::MemberKind,
    members::provider_name,
    web::{Picker, PickerChoice},
};

/// A choice of a filter.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

/// One filter of the bar.
#[derive(Clone, Debug)]
pub struct Filter {
    pub name: &'static str,
    pub label: &'static str,
    pub choices: Vec<Choice>,
    /// How many choices there are, if they are too many to look through: then these are only those that are chosen, and
    /// some others.
    pub many: Option<usize>,
    /// Whether only one choice can be made.
    pub is_single: bool,
    /// The address without this filter.
    pub clear: String,
}

impl Filter {
    /// Leaves of many choices only a few, the chosen ones first.
    pub fn shortened(mut self) -> Self {
        let few = Picker::<PickerChoice>::FEW;
        if self.choices.len() > few {
            self.many = Some(self.choices.len());
            self.choices.sort_by_key(|choice| !choice.is_chosen);
            let chosen = self.choices.iter().filter(|choice| choice.is_chosen).count();
            self.choices.truncate(few.max(chosen));
        }
        self
    }
    pub fn is_on(&self) -> bool {
        self.choices.iter().any(|choice| choice.is_chosen)
    }
    /// The selected choices, for the chip.
    pub fn chosen(&self) -> String {
        self.choices
            .iter()
            .filter(|choice| choice.is_chosen)
            .map(|choice| choice.label.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The filter for the last sign-in.
pub fn seen_choices(kind: MemberKind, chosen: Option<Seen>) -> Vec<Choice> {
    Seen::ALL
        .map(|seen| Choice {
            value: seen.as_str().into(),
            label: seen.label(kind).into(),
            is_chosen: chosen == Some(seen),
        })
        .into()
}

/// The filter for second factors.
pub fn two_step_choices(chosen: Option<TwoStep>) -> Vec<Choice> {
    TwoStep::ALL
        .map(|two_step| Choice {
            value: two_step.as_str().into(),
            label: two_step.label().into(),
            is_chosen: chosen == Some(two_step),
        })
        .into()
}

/// The filter for the identity provider.
pub fn provider_choices(chosen: &[String]) -> Vec<Choice> {
    ["local", "google", "github", "oidc", "saml"]
        .map(|provider| Choice {
            value: provider.into(),
            label: provider_name(provider).into(),
            is_chosen: chosen.iter().any(|c| c == provider),
        })
        .into()
}
