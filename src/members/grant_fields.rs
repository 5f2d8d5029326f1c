//! The fields of a form with the roles, teams and policies of a new member. Invitations, new people, new system accounts
//! and imports have them.

use super::grants::{ACCESS, GrantOptions, Grants};
use crate::web::{Field, PickerSearch};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;

/// Flattened into the form that has them.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(default)]
pub struct GrantFields {
    /// `administrator` or `general`.
    pub access: Field,
    #[serde(rename = "role", deserialize_with = "one_or_several")]
    pub roles: Vec<String>,
    #[serde(rename = "team", deserialize_with = "one_or_several")]
    pub teams: Vec<String>,
    #[serde(rename = "policy", deserialize_with = "one_or_several")]
    pub policies: Vec<String>,
    /// Why the choice cannot be given.
    #[serde(skip)]
    pub complaint: Option<String>,
    /// What was searched for among the choices.
    #[serde(skip)]
    pub search: PickerSearch,
}

impl GrantFields {
    /// A general member with the default role and the default team.
    pub fn blank(options: &GrantOptions) -> Self {
        Self {
            access: Field::new("general"),
            roles: options.default_role(),
            teams: options.default_team(),
            ..Self::default()
        }
    }
    /// These grants as a form has them.
    pub fn of(grants: &Grants) -> Self {
        Self {
            access: Field::new("general"),
            roles: grants.roles.iter().map(ToString::to_string).collect(),
            teams: grants.teams.iter().map(ToString::to_string).collect(),
            policies: grants.policies.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }
    pub fn is_administrator(&self) -> bool {
        self.access.value == "administrator"
    }
    pub fn has(&self, chosen: &[String], id: impl ToString) -> bool {
        chosen.contains(&id.to_string())
    }
    /// The complaints for the summary above the form, with the field each belongs to.
    pub fn complaints(&self) -> [(&'static str, &Option<String>); 2] {
        [("access", &self.access.complaint), ("roles", &self.complaint)]
    }
    /// What is chosen. If it cannot be read, the fields hold the complaint.
    pub fn check(&mut self, options: &GrantOptions) -> Grants {
        self.access.one_of(ACCESS);
        self.choose(options)
    }
    /// [`GrantFields::check`] for a form without the field `access`: for general members only.
    pub fn choose(&mut self, options: &GrantOptions) -> Grants {
        let chosen = options.chosen(self.is_administrator(), &self.roles, &self.teams, &self.policies);
        chosen.map_err(|why| self.complaint = Some(why.into())).unwrap_or_default()
    }
}

/// A form field that was sent once arrives as text, not as a list of one, where a part of the form is flattened.
///
/// # Errors
/// The format's own.
pub fn one_or_several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    struct Texts;
    impl<'de> de::Visitor<'de> for Texts {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text, once or several times")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![text.to_owned()])
        }
        fn visit_seq<A: de::SeqAccess<'de>>(self, mut texts: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(text) = texts.next_element()? {
                all.push(text);
            }
            Ok(all)
        }
    }
    from.deserialize_any(Texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default)]
    #[serde(deny_unknown_fields, default)]
    struct Form {
        name: Field,
        #[serde(flatten)]
        grants: GrantFields,
    }

    #[test]
    fn a_field_comes_never_once_or_several_times_and_an_unknown_one_is_refused() {
        let form: Form = serde_html_form::from_str("name=x&role=1&team=2&team=3&access=general").expect("it is read");
        assert_eq!((form.name.value.as_str(), form.grants.access.value.as_str()), ("x", "general"));
        assert_eq!((form.grants.roles, form.grants.teams), (vec!["1".to_owned()], vec!["2".to_owned(), "3".to_owned()]));
        assert!(form.grants.policies.is_empty());
        assert!(serde_html_form::from_str::<Form>("name=x&rolle=1").is_err());
    }
}
