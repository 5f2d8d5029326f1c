//! Pickers: the choices of a form where they are too many to look through. They are searched, and what is chosen stands
//! first. A script narrows them while one types (`static/roster.js`). Without it the form has a button that answers with
//! the same page, its choices narrowed and everything typed kept, and changes nothing.

use super::{Error, form};
use crate::kit::fold;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use std::{future::Future, pin::Pin};

/// The button that only searches. Its value is the field of the picker.
const BUTTON: &str = "find";
/// Before the name of a field: the search above its choices.
const SEARCH: &str = "find_";

/// What was typed into the search fields of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PickerSearch {
    /// The field whose search button was pressed.
    pressed: Option<String>,
    typed: Vec<(String, String)>,
}

impl PickerSearch {
    /// Takes the search fields and buttons out of the fields of a form, which knows nothing of them.
    pub fn take(pairs: &mut Vec<(String, String)>) -> Self {
        let own = |(name, _): &mut (String, String)| name == BUTTON || name.starts_with(SEARCH);
        let mut search = Self::default();
        for (name, value) in pairs.extract_if(.., own) {
            match name.strip_prefix(SEARCH) {
                Some(field) => search.typed.push((field.to_owned(), value)),
                None => search.pressed = Some(value),
            }
        }
        search
    }
    /// Whether the form was only sent to search.
    pub fn is_asked(&self) -> bool {
        self.pressed.is_some()
    }
    /// What is searched for among the choices of a field.
    pub fn of(&self, field: &str) -> &str {
        let found = self.typed.iter().find(|(name, _)| name == field);
        found.map_or("", |(_, typed)| typed.trim())
    }
}

/// A form with pickers, posted from one of our pages. Otherwise like [`super::Posted`].
pub struct WithPickers<F> {
    pub form: F,
    pub search: PickerSearch,
}

impl<F: DeserializeOwned + 'static> FromRequest for WithPickers<F> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let pairs = form::pairs(req, payload);
        let req = req.clone();
        Box::pin(async move {
            let mut pairs = pairs.await?;
            let search = PickerSearch::take(&mut pairs);
            Ok(Self { form: form::typed(&req, pairs)?, search })
        })
    }
}

/// What a picker can show in a row.
pub trait Pickable {
    fn is_chosen(&self) -> bool;
    /// The text that the search reads.
    fn text(&self) -> String;
}

/// A choice of a picker.
#[derive(Clone, Debug, Default)]
pub struct PickerChoice {
    pub value: String,
    pub name: String,
    /// What it is, or why it cannot be chosen.
    pub note: String,
    pub is_chosen: bool,
    pub is_disabled: bool,
    /// It stays chosen: somebody else decides.
    pub is_fixed: bool,
}

impl Pickable for PickerChoice {
    fn is_chosen(&self) -> bool {
        self.is_chosen
    }
    fn text(&self) -> String {
        format!("{} {}", self.name, self.note)
    }
}

/// The choices of one field. Up to [`FEW`](Self::FEW) of them stand as they are.
#[derive(Clone, Debug)]
pub struct Picker<C = PickerChoice> {
    pub field: &'static str,
    /// The choices in words, such as `roles`.
    pub what: &'static str,
    /// The rows to show: all, or those that are chosen and then those that match.
    pub rows: Vec<C>,
    pub total: usize,
    pub chosen: usize,
    pub search: String,
    /// Its search button was pressed.
    pub is_asked: bool,
    /// Something is searched for that none of the choices has.
    pub is_fruitless: bool,
}

impl Picker<PickerChoice> {
    /// Whether the caller can choose nothing: then the list itself takes the focus, so that the keyboard can scroll it.
    pub fn is_inert(&self) -> bool {
        self.rows.iter().all(|row| row.is_disabled || row.is_fixed)
    }
}

impl<C: Pickable> Picker<C> {
    /// The most choices that one looks through without searching.
    pub const FEW: usize = 12;

    pub fn new(field: &'static str, what: &'static str, all: Vec<C>, search: &PickerSearch) -> Self {
        let total = all.len();
        let chosen = all.iter().filter(|row| row.is_chosen()).count();
        let mut picker = Self {
            field,
            what,
            rows: all,
            total,
            chosen,
            search: search.of(field).to_owned(),
            is_asked: search.pressed.as_deref() == Some(field),
            is_fruitless: false,
        };
        if picker.is_large() {
            let matches = |row: &C| fold::has_words(&row.text(), &picker.search);
            picker.is_fruitless = !picker.rows.iter().any(matches);
            picker.rows.retain(|row| row.is_chosen() || matches(row));
            picker.rows.sort_by_key(|row| !row.is_chosen());
        }
        picker
    }
    pub fn is_large(&self) -> bool {
        self.total > Self::FEW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(name: &str, is_chosen: bool) -> PickerChoice {
        PickerChoice {
            value: name.to_lowercase(),
            name: name.into(),
            is_chosen,
            ..PickerChoice::default()
        }
    }

    fn searched(pairs: &[(&str, &str)]) -> (PickerSearch, Vec<(String, String)>) {
        let mut pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        (PickerSearch::take(&mut pairs), pairs)
    }

    fn names(picker: &Picker) -> Vec<&str> {
        picker.rows.iter().map(|row| row.name.as_str()).collect()
    }

    #[test]
    fn search_fields_and_their_button_are_no_part_of_the_form() {
        let (search, rest) = searched(&[("name", "x"), ("find_role", " lod "), ("find_team", ""), ("find", "role")]);
        assert_eq!(rest, [("name".to_owned(), "x".to_owned())]);
        assert!(search.is_asked());
        assert_eq!((search.of("role"), search.of("team"), search.of("policy")), ("lod", "", ""));
        assert!(!searched(&[("find_role", "lod")]).0.is_asked());
    }

    #[test]
    fn many_are_narrowed_and_the_chosen_stand_first() {
        let all = |count: usize| {
            let mut all: Vec<_> = (0..count - 2).map(|at| choice(&format!("Team {at}"), at == 5)).collect();
            all.extend([choice("Łódź harbour", false), choice("Zagreb", true)]);
            all
        };
        let (search, _) = searched(&[("find_team", "HARBOUR lodz"), ("find", "team")]);
        let picker = Picker::new("team", "teams", all(13), &search);
        assert_eq!(names(&picker), ["Team 5", "Zagreb", "Łódź harbour"]);
        assert_eq!((picker.total, picker.chosen, picker.is_asked, picker.is_fruitless), (13, 2, true, false));
        let (search, _) = searched(&[("find_team", "nothing like it")]);
        let picker = Picker::new("team", "teams", all(13), &search);
        assert_eq!((names(&picker), picker.is_fruitless), (vec!["Team 5", "Zagreb"], true));
        // A dozen stand as they are.
        assert_eq!(names(&Picker::new("team", "teams", all(12), &search))[0], "Team 0");
    }
}
