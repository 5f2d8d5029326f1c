//! The bar of views above a list (`templates/directory/view_bar.html`): which view it shows, whether it was changed, and what can
//! be done with it.

use super::{SavedView, Views, may_change};
use crate::{
    directory::{Column, DirectoryQuery, ViewChoice},
    kit::Scope,
};

/// The views of a list, and the one that is shown.
pub struct ViewBar {
    pub views: Views,
    /// The view that the address began with.
    pub current: Option<SavedView>,
    /// Whether the list shows something else than the view meanwhile.
    pub is_changed: bool,
    /// What the list shows, as a view keeps it.
    pub query: String,
    /// The caller may change the present view.
    pub may_change: bool,
}

impl ViewBar {
    /// `chosen` are the columns that are shown, if somebody chose them. A view that says nothing of columns leaves them to
    /// each person.
    pub fn of(scope: &Scope, views: Views, shown: &DirectoryQuery, chosen: Option<&Vec<Column>>) -> Self {
        let current = views.get(shown.view.id()).cloned();
        let query = match (&current, chosen) {
            (None, Some(columns)) => DirectoryQuery { columns: Some(columns.clone()), ..shown.clone() }.saved(),
            _ => shown.saved(),
        };
        Self {
            is_changed: current.as_ref().is_some_and(|view| view.query != query),
            may_change: current.as_ref().is_some_and(|view| may_change(scope, view)),
            query,
            current,
            views,
        }
    }
    pub fn is_current(&self, view: &SavedView) -> bool {
        self.current.as_ref().is_some_and(|current| current.id == view.id)
    }
    /// Whether the list shows this view without parameters.
    pub fn is_default(&self, view: &SavedView) -> bool {
        self.views.default().is_some_and(|default| default.id == view.id)
    }
    /// The query of the plain list, which names itself where another view is shown without parameters.
    pub fn plain(&self) -> String {
        if self.views.default().is_some() {
            format!("?view={}", ViewChoice::PLAIN)
        } else {
            String::new()
        }
    }
    /// The query of the form that saves what the list shows.
    pub fn save_query(&self) -> String {
        serde_html_form::to_string([("query", &self.query)]).map_or_else(|_| String::new(), |query| format!("?{query}"))
    }
}
