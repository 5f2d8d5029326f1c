//! The form of a policy: rows of rules, or the same as JSON.

use super::{MOST_RULES, PolicyRefusal};
use crate::{
    policies::{Content, Policy, Rule},
    web::Field,
};
use serde::Deserialize;

const LONGEST_NAME: usize = 60;
const LONGEST_DESCRIPTION: usize = 300;

/// A row of the editor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub resource_type: String,
    pub actions: Vec<String>,
    /// Ids, one in a line or with commas between them.
    pub ids: String,
}

impl Row {
    fn of(rule: &Rule) -> Self {
        Self {
            resource_type: rule.resource_type.clone(),
            actions: rule.actions.clone(),
            ids: rule.resource_ids.join("\n"),
        }
    }
    fn rule(&self) -> Rule {
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
}

/// What the button that was pressed is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Wish {
    #[default]
    Save,
    /// One more row.
    Add,
    /// A row less, counted from nought.
    Remove(usize),
    /// The actions of the types that were chosen.
    Refresh,
    /// To the other editor.
    Advanced,
    Rows,
}

/// What is typed. Rows are numbered in the names of their fields, so that each keeps its own boxes.
#[derive(Deserialize, Debug, Clone, Default)]
#[serde(try_from = "Vec<(String, String)>")]
pub(super) struct PolicyForm {
    pub version: i64,
    pub name: Field,
    pub description: Field,
    pub rows: Vec<Row>,
    /// The rules as JSON, where that is what is typed.
    pub json: Option<Field>,
    pub wish: Wish,
    pub complaint: Option<String>,
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
                "json" => form.json = Some(Field::new(value)),
                "do" => form.wish = wish(&value).ok_or("an unknown button")?,
                other => form.part(other, value)?,
            }
        }
        Ok(form)
    }
}

fn wish(text: &str) -> Option<Wish> {
    Some(match text {
        "save" => Wish::Save,
        "add" => Wish::Add,
        "refresh" => Wish::Refresh,
        "advanced" => Wish::Advanced,
        "rows" => Wish::Rows,
        other => Wish::Remove(other.strip_prefix("remove-")?.parse().ok()?),
    })
}

impl PolicyForm {
    /// A field of a row: `rule-2-type`.
    fn part(&mut self, name: &str, value: String) -> Result<(), String> {
        let unknown = || format!("unknown field {name:?}");
        let (number, part) = name
            .strip_prefix("rule-")
            .and_then(|rest| rest.split_once('-'))
            .ok_or_else(unknown)?;
        let number: usize = number.parse().map_err(|_| unknown())?;
        // One more than can be saved, so that whoever has too many is told so.
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
        Self {
            rows: vec![Row::default()],
            ..Self::default()
        }
    }
    pub fn of(policy: &Policy) -> Self {
        Self {
            version: policy.version,
            name: Field::new(&policy.name),
            description: Field::new(&policy.description),
            rows: policy.rules.iter().map(Row::of).collect(),
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

    /// Does what a button asks for that saves nothing; says whether one did.
    pub fn turn(&mut self) -> bool {
        match self.wish {
            Wish::Save => return false,
            Wish::Refresh => {}
            Wish::Add => self.rows.push(Row::default()),
            Wish::Remove(at) => {
                if at < self.rows.len() {
                    self.rows.remove(at);
                }
            }
            Wish::Advanced => {
                let rules: Vec<Rule> = self.rows.iter().map(Row::rule).collect();
                self.json = Some(Field::new(serde_json::to_string_pretty(&rules).unwrap_or_default()));
            }
            Wish::Rows => {
                if let Some(rules) = self.rules() {
                    self.rows = rules.iter().map(Row::of).collect();
                    self.json = None;
                }
            }
        }
        true
    }

    /// The rules as they are typed, in whichever editor; a complaint where they are no JSON.
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

    pub fn check(&mut self) -> Option<Content> {
        let name = self.name.line("a name", LONGEST_NAME);
        let description = self.description.optional_line(LONGEST_DESCRIPTION);
        let rules = self.rules();
        Some(Content {
            name: name?,
            description: description?,
            rules: rules?,
        })
    }
    /// Puts a refusal where it belongs.
    pub fn complain(&mut self, refusal: &PolicyRefusal) {
        match (refusal, &mut self.json) {
            (PolicyRefusal::NameTaken, _) => self.name.refuse(refusal.to_string()),
            (PolicyRefusal::Rule(..), Some(json)) => json.refuse(refusal.to_string()),
            _ => self.complaint = Some(refusal.to_string()),
        }
    }
    /// What is wrong, with where it stands, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        let json = self.json.as_ref().and_then(|json| json.complaint.as_deref());
        let all = [
            ("name", self.name.complaint.as_deref()),
            ("description", self.description.complaint.as_deref()),
            ("json", json),
            (if self.json.is_some() { "json" } else { "rules" }, self.complaint.as_deref()),
        ];
        all.into_iter().filter_map(|(field, text)| text.map(|text| (field, text))).collect()
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
        let rule = form.check().unwrap().rules.remove(0);
        assert_eq!(rule.to_string(), "contract: read, sign on 7, 8, 9");
        assert_eq!(rule.actions, ["read", "sign"]);
        form.wish = Wish::Advanced;
        form.turn();
        form.rows.clear();
        form.wish = Wish::Rows;
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
    fn json_is_told_by_line_and_column() {
        let complaint = |json: &str| {
            let mut form = PolicyForm::try_from(pairs(&[("name", "x"), ("json", json)])).unwrap();
            assert!(form.check().is_none(), "{json}");
            form.json.unwrap().complaint.unwrap()
        };
        assert!(
            complaint("[\n  {]\n]").starts_with("Line 2, column 4: "),
            "{}",
            complaint("[\n  {]\n]")
        );
        assert!(complaint("[{\"resource_type\": \"a\"}]").contains("missing field `actions`"));
        assert!(complaint("[{\"resource_type\": \"a\", \"deny\": true}]").contains("unknown field `deny`"));
        assert!(complaint(&"[".repeat(100_000)).starts_with("Line 1, "));
        assert!(complaint("").starts_with("Line 1, column 0"));
    }
}
