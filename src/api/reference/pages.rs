//! The pages of the reference.

use super::model::{Group, Operation};
use crate::{
    api::problem_kinds::ProblemKind,
    kit::count,
    web::{Site, filters},
};
use actix_web::web::Data;
use askama::Template;

/// The front page: how requests are made, and every operation in one list, or those that a search found.
#[derive(Template)]
#[template(path = "api/index.html")]
pub(super) struct Index {
    pub groups: &'static [Group],
    pub site: Data<Site>,
    pub q: String,
    pub found: Vec<&'static Operation>,
}

impl Index {
    /// How many operations were found.
    pub fn count(&self) -> String {
        count(self.found.len(), "operation", "operations")
    }
}

/// The operations of one resource, or all of them.
#[derive(Template)]
#[template(path = "api/operations.html")]
pub(super) struct Operations {
    pub groups: &'static [Group],
    pub shown: Vec<&'static Group>,
}

impl Operations {
    /// The resource, if only one is shown.
    pub fn only(&self) -> Option<&Group> {
        self.shown.first().copied().filter(|_| self.shown.len() == 1)
    }
}

/// Kinds of problem.
#[derive(Template)]
#[template(path = "api/problems.html")]
pub(super) struct Problems {
    pub groups: &'static [Group],
    pub kinds: Vec<&'static ProblemKind>,
}

impl Problems {
    /// The kind, if only one is shown.
    pub fn only(&self) -> Option<&'static ProblemKind> {
        self.kinds.first().copied().filter(|_| self.kinds.len() == 1)
    }
}

/// A text with pieces of code between backticks: whether each piece is code.
pub(super) fn pieces(text: &str) -> Vec<(bool, &str)> {
    text.split('`').enumerate().map(|(at, piece)| (at % 2 == 1, piece)).collect()
}
