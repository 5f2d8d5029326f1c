//! The form of a policy: rules as rows, or the same rules as JSON.

use super::{
    MOST_RULES, Part, PolicyRefusal, Wrong, guards,
    rows::{Row, RowsPart, as_json, fit_into_rows},
};
use crate::{
    policies::{ALL, Content, Policy, ResourceType, Rule},
    web::{Field, complaints},
};
use serde::Deserialize;

const LONGEST_NAME: usize = 60;
const LONGEST_DESCRIPTION: usize = 300;

/// The name and the description of a policy. What is wrong with them is noted at the fields.
pub fn check_names(name: &mut Field, description: &mut Field) -> Option<(String, String)> {
    let name = name.line("a name", LONGEST_NAME);
    let description = description.optional_line(LONGEST_DESCRIPTION);
    Some((name?, description?))
}

/// The submitted form. Rows are numbered in their field names, so that each row keeps its own checkboxes.
#[derive(Deserialize, Debug, Clone, Default)]
#[serde(try_from = "Vec<(String, String)>")]
pub(super) struct PolicyForm {
    pub version: i64,
    pub name: Field,
    pub description: Field,
    pub rows: Vec<Row>,
    /// The rules as JSON, if the JSON editor is used.
    pub json: Option<Field>,
    pub wanted: RowsPart,
    /// The hash of the preview that the user has seen.
    pub seen: String,
    /// The id of the element to focus after a button was pressed.
    pub focus: String,
    pub complaint: Option<String>,
    /// What is wrong with the rules, if they were typed as JSON.
    pub wrong: Vec<Wrong>,
}

impl TryFrom<Vec<(String, String)>> for PolicyForm {
    type Error = String;

    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, String> {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "version" => form.version = value.parse().map_err(|_| "a version that is no number".to_owned())?,
                "name" => form.name = Field::new(value),
                "description" => form.description = Field::new(value),
                "seen" => form.seen = value,
                "json" => form.json = Some(Field::new(value)),
                "do" => form.wanted = RowsPart::read(&value).ok_or("an unknown button")?,
                other => form.part(other, value)?,
            }
        }
        Ok(form)
    }
}

impl PolicyForm {
    /// Sets one field of a row, such as `rule-2-type`.
    fn part(&mut self, name: &str, value: String) -> Result<(), String> {
        let unknown = || format!("unknown field {name:?}");
        let (number, part) = name.strip_prefix("rule-").and_then(|rest| rest.split_once('-')).ok_or_else(unknown)?;
        let number: usize = number.parse().map_err(|_| unknown())?;
        // Accepts one row more than can be saved, so that the user gets the complaint about too many.
        if number > MOST_RULES {
            return Err("too many rules".into());
        }
        if self.rows.len() <= number {
            self.rows.resize_with(number + 1, Row::default);
        }
        let row = &mut self.rows[number];
        match part {
            "type" => row.resource_type = value,
            "action" => row.actions.push(value),
            "ids" => row.ids = value,
            _ => return Err(unknown()),
        }
        Ok(())
    }

    pub fn empty() -> Self {
        Self { rows: vec![Row::default()], ..Self::default() }
    }
    pub fn of(policy: &Policy) -> Self {
        Self {
            version: policy.version,
            name: Field::new(&policy.name),
            description: Field::new(&policy.description),
            rows: policy.rules.iter().map(Row::of).collect(),
            json: (!fit_into_rows(&policy.rules)).then(|| as_json(&policy.rules)),
            ..Self::default()
        }
    }
    pub fn copy_of(policy: &Policy) -> Self {
        Self {
            version: 0,
            name: Field::new(format!("{} (copy)", policy.name)),
            ..Self::of(policy)
        }
    }

    /// Handles a button that saves nothing, such as adding a row. Returns whether one was pressed.
    pub fn turn(&mut self) -> bool {
        match self.wanted {
            RowsPart::Save => return false,
            RowsPart::Refresh(at) => self.focus = format!("rule-{at}-actions"),
            RowsPart::Add => {
                if self.has_room() {
                    self.rows.push(Row::default());
                }
                self.focus = format!("rule-{}-type", self.rows.len() - 1);
            }
            RowsPart::Remove(at) => {
                if at < self.rows.len() {
                    self.rows.remove(at);
                }
                self.focus = format!("rule-{}-type", at.min(self.rows.len().saturating_sub(1)));
            }
            RowsPart::Advanced => {
                let rules: Vec<Rule> = self.rows.iter().map(Row::rule).collect();
                self.json = Some(as_json(&rules));
                self.focus = "json".into();
            }
            RowsPart::Form => self.turn_to_rows(),
        }
        true
    }
    fn turn_to_rows(&mut self) {
        self.focus = "rule-0-type".into();
        let Some(rules) = self.rules() else { return };
        if fit_into_rows(&rules) {
            self.rows = rules.iter().map(Row::of).collect();
            self.json = None;
        } else if let Some(json) = &mut self.json {
            json.refuse(format!(
                "This does not fit into the form, which has at most {MOST_RULES} rules and reads a comma as the end of an id. Save it here."
            ));
        }
    }
    /// Whether another row can be added.
    pub fn has_room(&self) -> bool {
        self.rows.len() < MOST_RULES
    }
    /// After a new type was chosen, removes the actions of the previous type.
    pub fn settle(&mut self, types: &[ResourceType]) {
        let RowsPart::Refresh(at) = self.wanted else { return };
        let Some(row) = self.rows.get_mut(at) else { return };
        if let Some(chosen) = types.iter().find(|one| one.name == row.resource_type) {
            row.actions.retain(|action| action == ALL || chosen.actions.contains(action));
        }
    }

    /// The rules from either editor. Sets a complaint if the JSON is invalid.
    fn rules(&mut self) -> Option<Vec<Rule>> {
        let Some(json) = &mut self.json else {
            return Some(self.rows.iter().map(Row::rule).collect());
        };
        match serde_json::from_str(&json.value) {
            Ok(rules) => Some(rules),
            Err(why) => {
                let text = why.to_string();
                let what = text.split(" at line ").next().unwrap_or_default();
                json.refuse(format!("Line {}, column {}: {what}.", why.line(), why.column()));
                None
            }
        }
    }

    /// Returns the request if the declared types permit it; reports everything that is wrong at once. Rules that the
    /// policy already has are not checked.
    pub fn check(&mut self, types: &[ResourceType], present: &[Rule]) -> Option<Content> {
        let names = check_names(&mut self.name, &mut self.description);
        let rules = self.rules()?;
        if rules != present {
            self.point_out(guards::all_wrong(types, &rules));
        }
        let is_right = self.complaints().is_empty();
        let (name, description) = names?;
        Some(Content { name, description, rules: is_right.then_some(rules)? })
    }
    /// Shows a refusal at the field it concerns.
    pub fn complain(&mut self, refusal: &PolicyRefusal) {
        match refusal {
            PolicyRefusal::NameTaken => self.name.refuse(refusal.to_string()),
            PolicyRefusal::Rules(wrong) => self.point_out(wrong.clone()),
            _ => self.complaint = Some(refusal.to_string()),
        }
    }
    fn point_out(&mut self, all: Vec<Wrong>) {
        if self.json.is_some() {
            self.wrong = all;
            return;
        }
        for wrong in all {
            if let Some(row) = self.rows.get_mut(wrong.rule) {
                row.wrong.push((wrong.part, wrong.text));
            }
        }
    }
    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(String, String)> {
        let json = self.json.as_ref().map_or(&None, |json| &json.complaint);
        let fields = complaints([
            ("name", &self.name.complaint),
            ("description", &self.description.complaint),
            ("json", json),
        ]);
        let mut all: Vec<_> = fields.into_iter().map(|(at, text)| (at.to_owned(), text.to_owned())).collect();
        let mut add = |at: String, text: String| all.push((at, text));
        if let Some(text) = &self.complaint {
            let editor = if self.json.is_some() { "json" } else { "rules" };
            add(editor.into(), text.clone());
        }
        for wrong in &self.wrong {
            add("json".into(), wrong.to_string());
        }
        for (at, row) in self.rows.iter().enumerate() {
            for (part, text) in &row.wrong {
                let part = match part {
                    Part::Type => "type",
                    Part::Actions => "actions",
                    Part::Ids => "ids",
                };
                add(format!("rule-{at}-{part}"), format!("Rule {}: {text}", at + 1));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn rows_keep_their_own_boxes() {
        let fields = [
            ("name", "Signers"),
            ("rule-0-type", "contract"),
            ("rule-0-action", "read"),
            ("rule-0-action", "sign"),
            ("rule-0-ids", "7, 8\r\n 9,,7"),
            ("rule-1-type", "*"),
            ("rule-1-ids", "*"),
            ("do", "remove-1"),
        ];
        let mut form = PolicyForm::try_from(pairs(&fields)).unwrap();
        assert!(form.turn());
        assert_eq!(form.rows.len(), 1);
        let rule = form.rules().unwrap().remove(0);
        assert_eq!(rule.to_string(), "contract: read, sign on 7, 8, 9");
        assert_eq!(rule.actions, ["read", "sign"]);
        form.wanted = RowsPart::Advanced;
        form.turn();
        form.rows.clear();
        form.wanted = RowsPart::Form;
        form.turn();
        assert_eq!(form.rows[0].rule(), rule);
    }

    #[test]
    fn what_no_page_offers_is_not_read() {
        for (name, value) in [
            ("rule-51-type", "contract"),
            ("rule-x-type", "contract"),
            ("rule-0-until", "never"),
            ("administrator", "1"),
            ("version", "one"),
            ("do", "remove-"),
        ] {
            assert!(PolicyForm::try_from(pairs(&[(name, value)])).is_err(), "{name}");
        }
    }

    #[test]
    fn what_rows_cannot_say_stays_as_json() {
        let json = r#"[{"resource_type": "contract", "actions": ["read"], "resource_ids": ["cn=a,dc=b"]}]"#;
        let mut form = PolicyForm::try_from(pairs(&[("json", json), ("do", "rows")])).unwrap();
        assert!(form.turn());
        assert_eq!(form.json.as_ref().unwrap().value, json);
        assert!(form.json.unwrap().complaint.unwrap().contains("comma"));
        let rule: Rule = serde_json::from_str::<Vec<Rule>>(json).unwrap().remove(0);
        assert!(!fit_into_rows(std::slice::from_ref(&rule)));
        assert!(!fit_into_rows(&vec![Rule { resource_ids: vec!["7".into()], ..rule.clone() }; MOST_RULES + 1]));
    }

    #[test]
    fn there_are_never_more_rows_than_can_be_sent() {
        let mut form = PolicyForm::empty();
        form.wanted = RowsPart::Add;
        for _ in 0..2 * MOST_RULES {
            form.turn();
        }
        assert_eq!(form.rows.len(), MOST_RULES);
        assert_eq!(form.focus, format!("rule-{}-type", MOST_RULES - 1));
    }

    #[test]
    fn json_is_told_by_line_and_column() {
        let complaint = |json: &str| {
            let mut form = PolicyForm::try_from(pairs(&[("name", "x"), ("json", json)])).unwrap();
            assert!(form.check(&[], &[]).is_none(), "{json}");
            form.json.unwrap().complaint.unwrap()
        };
        assert!(complaint("[\n  {]\n]").starts_with("Line 2, column 4: "), "{}", complaint("[\n  {]\n]"));
        assert!(complaint("[{\"resource_type\": \"a\"}]").contains("missing field `actions`"));
        assert!(complaint("[{\"resource_type\": \"a\", \"deny\": true}]").contains("unknown field `deny`"));
        assert!(complaint(&"[".repeat(100_000)).starts_with("Line 1, "));
        assert!(complaint("").starts_with("Line 1, column 0"));
    }
}
