//! Forms of saved views.

use super::{LONGEST_NAME, NewView, ViewChange};
use crate::{
    directory::ViewChoice,
    kit::MemberKind,
    web::{Field, Ticked, complaints},
};
use serde::Deserialize;

/// The form of a new view, and of the name of a present one.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct ViewForm {
    pub name: Field,
    /// The query of the list.
    pub query: String,
    pub is_shared: Ticked,
}

impl ViewForm {
    pub fn complaints(&self) -> Vec<(&'static str, &str)> {
        complaints([("name", &self.name.complaint)])
    }
    pub fn check(&mut self, kind: MemberKind) -> Option<NewView> {
        let name = self.name.line("a name", LONGEST_NAME)?;
        Some(NewView { kind, name, query: self.query.clone(), is_shared: self.is_shared.0 })
    }
}

/// The form that changes a view: its name, or what it shows.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct ViewChangeForm {
    pub name: Option<Field>,
    pub query: Option<String>,
}

impl ViewChangeForm {
    pub fn check(&mut self) -> Option<ViewChange> {
        let name = match &mut self.name {
            Some(name) => Some(name.line("a name", LONGEST_NAME)?),
            None => None,
        };
        Some(ViewChange { name, query: self.query.clone() })
    }
}

/// The form that chooses what a list shows without parameters.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct DefaultForm {
    /// A view, `none` for the plain list, or nothing for what everybody is shown.
    pub view: String,
    /// Chooses for everybody who has not chosen another one.
    pub everybody: Ticked,
}

impl DefaultForm {
    /// The choice, if it can be read.
    pub fn chosen(&self) -> Option<ViewChoice> {
        match ViewChoice::read(Some(&self.view)) {
            ViewChoice::Unsaid if !self.view.is_empty() => None,
            choice => Some(choice),
        }
    }
}
