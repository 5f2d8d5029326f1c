//! The form of a field: what is typed, and how it is read.

use super::operations::FieldRefusal;
use crate::{
    kit::{fold, permission::is_word},
    members::Details,
    own_fields::{Bearers, Choice, FieldKind, Identity, MOST_CHOICES, NewField, OwnField, SeenBy, choice_key, word_of},
    web::{Field, Ticked, complaints},
};
use serde::Deserialize;

const LONGEST_NAME: usize = 60;
const LONGEST_KEY: usize = 40;
const LONGEST_HELP: usize = 200;
const LONGEST_CHOICE: usize = 60;
/// What Roster itself calls columns of files, besides the contact details.
const RESERVED: [&str; 18] = [
    "id",
    "name",
    "first_name",
    "last_name",
    "display_name",
    "email",
    "username",
    "status",
    "role",
    "roles",
    "team",
    "teams",
    "policy",
    "policies",
    "provider",
    "kind",
    "joined",
    "fields",
];

/// The form that declares a field or changes one.
#[derive(Deserialize, Default, Debug, Clone)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FieldForm {
    pub version: i64,
    pub name: Field,
    /// Empty: made from the name.
    pub key: Field,
    pub kind: Field,
    pub bearers: Field,
    pub help: Field,
    /// The keys of the choices that are there, and their labels in the same order.
    pub choice: Vec<String>,
    pub label: Vec<String>,
    /// New choices, one on each line.
    pub choices: Field,
    pub seen_by: Field,
    pub self_edited: Ticked,
    pub asked: Ticked,
    pub required: Ticked,
}

impl FieldForm {
    /// The form of a new field.
    pub fn blank() -> Self {
        Self {
            kind: Field::new(FieldKind::Text.as_str()),
            bearers: Field::new(Bearers::People.as_str()),
            seen_by: Field::new(SeenBy::Everybody.as_str()),
            ..Self::default()
        }
    }
    /// The form of a declared field.
    pub fn of(field: &OwnField) -> Self {
        Self {
            version: field.version,
            name: Field::new(&field.name),
            key: Field::new(&field.key),
            kind: Field::new(field.kind.as_str()),
            bearers: Field::new(field.bearers.as_str()),
            help: Field::new(&field.help),
            choice: field.choices.iter().map(|choice| choice.key.clone()).collect(),
            label: field.choices.iter().map(|choice| choice.label.clone()).collect(),
            choices: Field::default(),
            seen_by: Field::new(field.seen_by.as_str()),
            self_edited: Ticked(field.is_self_edited),
            asked: Ticked(field.is_asked),
            required: Ticked(field.is_required),
        }
    }
    /// The complaints, each with the id of its field, for the summary above the form.
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([
            ("name", &self.name.complaint),
            ("key", &self.key.complaint),
            ("kind", &self.kind.complaint),
            ("bearers", &self.bearers.complaint),
            ("help", &self.help.complaint),
            ("choices", &self.choices.complaint),
            ("seen_by", &self.seen_by.complaint),
        ])
    }
    pub fn is_kind(&self, kind: &FieldKind) -> bool {
        self.kind.value == kind.as_str()
    }
    pub fn is_of(&self, bearers: &Bearers) -> bool {
        self.bearers.value == bearers.as_str()
    }
    pub fn is_for_managers(&self) -> bool {
        self.seen_by.value == SeenBy::Managers.as_str()
    }
    /// The keys and labels of the choices that are there.
    pub fn rows(&self) -> impl Iterator<Item = (&String, &String)> {
        self.choice.iter().zip(&self.label)
    }

    /// What is declared, or complaints at the fields.
    pub fn check_new(&mut self) -> Option<(Identity, NewField)> {
        let kind = self.kind.value.parse::<FieldKind>().map_err(|_| self.kind.refuse("Choose one of the kinds.")).ok();
        let bearers = self
            .bearers
            .value
            .parse::<Bearers>()
            .map_err(|_| self.bearers.refuse("Choose one of the three."))
            .ok();
        let (kind, bearers) = (kind?, bearers?);
        let new = self.check(kind, bearers);
        let key = self.read_key();
        Some((Identity { key: key?, kind, bearers }, new?))
    }
    fn read_key(&mut self) -> Option<String> {
        let typed = self.key.trimmed();
        let key = if typed.is_empty() {
            word_of(&self.name.value, LONGEST_KEY)
        } else {
            typed.to_owned()
        };
        let begins = key.starts_with(|c: char| c.is_ascii_lowercase());
        if !is_word(&key) || !begins || key.len() > LONGEST_KEY {
            self.key.refuse("Write one word of small letters, digits and underscores, such as cost_center.");
            return None;
        }
        if RESERVED.contains(&key.as_str()) || Details::CONTACT.contains(&key.as_str()) {
            self.key.refuse("Roster itself calls something so. Choose another word.");
            return None;
        }
        Some(key)
    }
    /// What can be changed of a field, or complaints at the fields.
    pub fn check(&mut self, kind: FieldKind, bearers: Bearers) -> Option<NewField> {
        let name = self.name.line("a name", LONGEST_NAME);
        let help = self.help.optional_line(LONGEST_HELP);
        let seen_by = self.seen_by.value.parse::<SeenBy>().map_err(|_| self.seen_by.refuse("Choose one of the two.")).ok();
        let choices = if kind == FieldKind::Choice {
            self.read_choices()
        } else {
            Some(Vec::new())
        };
        let is_of_people = bearers != Bearers::SystemAccounts;
        Some(NewField {
            name: name?,
            help: help?,
            choices: choices?,
            seen_by: seen_by?,
            is_self_edited: self.self_edited.0 && is_of_people,
            // Who joins does not see yet who else is here.
            is_asked: self.asked.0 && is_of_people && kind != FieldKind::Person,
            is_required: self.required.0,
        })
    }
    /// The choices that stay, under the labels they have now, and then the new ones.
    fn read_choices(&mut self) -> Option<Vec<Choice>> {
        let mut all: Vec<Choice> = Vec::new();
        let kept = self.rows().map(|(key, label)| (Some(key.clone()), label.clone()));
        let new = self.choices.value.lines().map(|label| (None, label.to_owned()));
        let wanted: Vec<_> = kept.chain(new).filter(|(_, label)| !label.trim().is_empty()).collect();
        for (key, label) in wanted {
            let mut read = Field::new(label);
            let Some(label) = read.line("a choice", LONGEST_CHOICE) else {
                self.choices.refuse(read.complaint.unwrap_or_default());
                return None;
            };
            if all.iter().any(|known| fold::canonical(&known.label) == fold::canonical(&label)) {
                self.choices.refuse(format!("{label} stands here twice."));
                return None;
            }
            let key = key.unwrap_or_else(|| choice_key(&label, &all));
            all.push(Choice { key, label });
        }
        if all.is_empty() {
            self.choices.refuse("Write at least one choice.");
        } else if all.len() > MOST_CHOICES {
            self.choices.refuse(format!("At most {MOST_CHOICES} choices fit here."));
        }
        (!self.choices.is_refused()).then_some(all)
    }
    /// Shows a refusal at the field it concerns.
    pub fn refuse(&mut self, refusal: &FieldRefusal) {
        let text = refusal.to_string();
        match refusal {
            FieldRefusal::KeyTaken => self.key.refuse(text),
            FieldRefusal::ChoiceUsed(..) => self.choices.refuse(text),
            FieldRefusal::NameTaken | FieldRefusal::TooMany | FieldRefusal::Meanwhile => self.name.refuse(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_keep_their_keys_when_they_are_renamed() {
        let mut form = FieldForm {
            choice: vec!["zurich".into(), "bern".into()],
            label: vec!["Zürich HQ".into(), " ".into()],
            choices: Field::new("Bern\nZurich\n\n"),
            ..FieldForm::blank()
        };
        let choices = form.read_choices().expect("choices");
        let pairs: Vec<_> = choices.iter().map(|choice| (choice.key.as_str(), choice.label.as_str())).collect();
        assert_eq!(pairs, [("zurich", "Zürich HQ"), ("bern", "Bern"), ("zurich_2", "Zurich")]);
        form.choices = Field::new("zürich hq");
        assert!(form.read_choices().is_none());
    }

    #[test]
    fn a_key_is_made_of_the_name_unless_it_is_typed() {
        let key = |name: &str, key: &str| {
            let mut form = FieldForm { name: Field::new(name), key: Field::new(key), ..FieldForm::blank() };
            form.check_new().map(|(identity, _)| identity.key)
        };
        assert_eq!(key("Cost Center", "").as_deref(), Some("cost_center"));
        assert_eq!(key("Kostenstelle", "cost_center").as_deref(), Some("cost_center"));
        for (name, wrong) in [("Title", ""), ("東京", ""), ("X", "Cost"), ("X", "1st"), ("X", "a b")] {
            assert_eq!(key(name, wrong), None, "{name} {wrong}");
        }
    }
}
