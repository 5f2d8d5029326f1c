//! Rules as rows of the editor, and as JSON.

use super::{MOST_RULES, Part};
use crate::{policies::Rule, web::Field};

/// A row of the editor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub resource_type: String,
    pub actions: Vec<String>,
    /// Ids, separated by lines or commas.
    pub ids: String,
    pub wrong: Vec<(Part, String)>,
}

impl Row {
    pub fn of(rule: &Rule) -> Self {
        Self {
            resource_type: rule.resource_type.clone(),
            actions: rule.actions.clone(),
            ids: rule.resource_ids.join("\n"),
            wrong: Vec::new(),
        }
    }
    pub fn rule(&self) -> Rule {
        let mut ids: Vec<String> = Vec::new();
        for id in self.ids.split(['\n', ',']).map(str::trim).filter(|id| !id.is_empty()) {
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        Rule {
            resource_type: self.resource_type.clone(),
            actions: self.actions.clone(),
            resource_ids: ids,
        }
    }
    pub fn has(&self, action: &str) -> bool {
        self.actions.iter().any(|one| one == action)
    }
    pub fn wrong_type(&self) -> Option<&str> {
        self.wrong_in(Part::Type)
    }
    pub fn wrong_actions(&self) -> Option<&str> {
        self.wrong_in(Part::Actions)
    }
    pub fn wrong_ids(&self) -> Option<&str> {
        self.wrong_in(Part::Ids)
    }
    fn wrong_in(&self, part: Part) -> Option<&str> {
        self.wrong.iter().find(|(of, _)| *of == part).map(|(_, text)| text.as_str())
    }
}

/// Whether rows can express these rules exactly. In rows, commas separate ids and the number of rows is limited.
pub(super) fn fit_into_rows(rules: &[Rule]) -> bool {
    rules.len() <= MOST_RULES && rules.iter().all(|rule| Row::of(rule).rule() == *rule)
}

pub(super) fn as_json(rules: &[Rule]) -> Field {
    Field::new(serde_json::to_string_pretty(rules).unwrap_or_default())
}

/// The button that was pressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum RowsPart {
    #[default]
    Save,
    /// Adds a row.
    Add,
    /// Removes a row, counted from zero.
    Remove(usize),
    /// Shows the actions of the type chosen in a row.
    Refresh(usize),
    /// Switches to the other editor.
    Advanced,
    Form,
}

impl RowsPart {
    pub fn read(text: &str) -> Option<Self> {
        Some(match text {
            "save" => Self::Save,
            "add" => Self::Add,
            "advanced" => Self::Advanced,
            "rows" => Self::Form,
            other => match other.split_once('-')? {
                ("refresh", row) => Self::Refresh(row.parse().ok()?),
                ("remove", row) => Self::Remove(row.parse().ok()?),
                _ => return None,
            },
        })
    }
}
