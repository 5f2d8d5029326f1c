//! Pages of saved views.

use super::{SavedView, Views, forms::ViewForm, may_change};
use crate::{
    kit::{MemberKind, ViewId, rights},
    web::{MemberContext, filters},
};
use askama::Template;

/// All views of a list, to be renamed, deleted and chosen.
#[derive(Template)]
#[template(path = "directory/views.html")]
pub struct ViewsPage {
    pub context: MemberContext,
    pub kind: MemberKind,
    pub views: Views,
}

impl ViewsPage {
    pub fn list(&self) -> String {
        self.context.path(self.kind.path())
    }
    /// Headings, and the views beneath.
    pub fn groups(&self) -> [(&'static str, Vec<&SavedView>); 2] {
        [("Your own", self.views.own().collect()), ("Shared", self.views.shared().collect())]
    }
    pub fn may_change(&self, view: &SavedView) -> bool {
        may_change(&self.context.scope, view)
    }
    pub fn may_share(&self) -> bool {
        self.context.scope.may(rights::manage(self.kind))
    }
    pub fn is_default(&self, view: &SavedView) -> bool {
        self.views.default().is_some_and(|default| default.id == view.id)
    }
}

/// The form of a new view, or of the name of a present one.
#[derive(Template)]
#[template(path = "directory/view_form.html")]
pub struct ViewFormPage {
    pub context: MemberContext,
    pub kind: MemberKind,
    pub form: ViewForm,
    pub view: Option<ViewId>,
    /// What the view shows, in words.
    pub described: Vec<String>,
    pub refusal: Option<String>,
}

impl ViewFormPage {
    pub fn list(&self) -> String {
        self.context.path(self.kind.path())
    }
    pub fn action(&self) -> String {
        match self.view {
            Some(id) => format!("{}/views/{id}", self.list()),
            None => self.list() + "/views",
        }
    }
    pub fn may_share(&self) -> bool {
        self.context.scope.may(rights::manage(self.kind))
    }
}

/// The page that asks before a view is deleted.
#[derive(Template)]
#[template(path = "directory/view_deletion.html")]
pub struct ViewDeletion {
    pub context: MemberContext,
    pub view: SavedView,
}

impl ViewDeletion {
    pub fn list(&self) -> String {
        self.context.path(self.view.kind.path())
    }
}
