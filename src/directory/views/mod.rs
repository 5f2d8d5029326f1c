//! Saved views: a name and the address of a list, with its filters, search, order, tab and columns. A view is its maker's own, or
//! shared with everybody who may read the list.
//!
//! Invariants: nobody sees the own views of others; callers who manage the members of a list decide about its shared views; names
//! are unique among the shared views of a list, and among those of one person. A view opens nothing: its filters are asked with
//! the permissions of the person who looks. Changes of shared views are in the audit trail; those of own views concern nobody else.

mod bar;
mod forms;
mod pages;
mod routes;
mod store;

pub use bar::ViewBar;
pub(super) use routes::{list_address, mount};
pub use store::SavedView;

use super::{DirectoryQuery, ViewChoice, is_understood};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, OperationError, Scope, ViewId, rights},
    members,
};
use serde_json::{Value, json};

/// The most views of one person, and the most shared ones.
pub const MOST_OWN: i64 = 50;
pub const MOST_SHARED: i64 = 100;
/// The longest name.
pub const LONGEST_NAME: usize = 60;

/// A view to save, its name already checked.
#[derive(Clone, Debug)]
pub struct NewView {
    pub kind: MemberKind,
    pub name: String,
    /// The query of the list's address.
    pub query: String,
    pub is_shared: bool,
}

/// What to change of a view.
#[derive(Clone, Debug, Default)]
pub struct ViewChange {
    pub name: Option<String>,
    pub query: Option<String>,
}

/// Why a view is not saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewRefusal {
    #[error("Another view has this name.")]
    NameTaken,
    #[error("You have {MOST_OWN} views, which is the most. Delete one first.")]
    TooManyOwn,
    #[error("{MOST_SHARED} views are shared, which is the most. Delete one first.")]
    TooManyShared,
    #[error("A filter or a column of this view is not known.")]
    NotUnderstood,
    #[error("Only a shared view is shown to everybody.")]
    NotShared,
}

type Outcome<T> = Result<T, OperationError<ViewRefusal>>;

/// The views of a list that the caller sees.
#[derive(Clone, Debug, Default)]
pub struct Views {
    pub all: Vec<SavedView>,
    /// What the caller chose to be shown without parameters.
    pub chosen: ViewChoice,
}

impl Views {
    pub fn own(&self) -> impl Iterator<Item = &SavedView> {
        self.all.iter().filter(|view| !view.is_shared())
    }
    pub fn shared(&self) -> impl Iterator<Item = &SavedView> {
        self.all.iter().filter(|view| view.is_shared())
    }
    pub fn get(&self, id: Option<ViewId>) -> Option<&SavedView> {
        self.all.iter().find(|view| Some(view.id) == id)
    }
    pub fn is_chosen(&self) -> bool {
        self.chosen != ViewChoice::Unsaid
    }
    /// The view that the list shows without parameters.
    pub fn default(&self) -> Option<&SavedView> {
        match self.chosen {
            ViewChoice::Unsaid => self.all.iter().find(|view| view.is_default),
            chosen => self.get(chosen.id()),
        }
    }
}

/// The views of a list that the caller sees, and which of them they chose.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope, kind: MemberKind) -> Result<Views, Fault> {
    members::demand_list(scope, kind)?;
    let chosen = match scope.actor.member_id() {
        Some(me) => store::default_of(conn, scope, kind, me)?,
        None => ViewChoice::Unsaid,
    };
    Ok(Views { all: store::list(conn, scope, kind)?, chosen })
}

/// A view that the caller sees.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: ViewId) -> Result<SavedView, Fault> {
    let view = store::find(conn, scope, id)?;
    members::demand_list(scope, view.kind)?;
    Ok(view)
}

/// Saves a view.
///
/// # Errors
/// A [`ViewRefusal`], [`Fault::Denied`], or [`Fault::Missing`] if nobody is there to own it.
pub fn create(tx: &mut Tx<'_>, scope: &Scope, wanted: &NewView) -> Outcome<ViewId> {
    let scope = &members::reauthorize(tx, scope)?;
    members::demand_list(scope, wanted.kind)?;
    let owner = owner(scope, wanted)?;
    let query = readable(scope, wanted.kind, &wanted.query)?;
    if store::is_taken(tx, scope.organization, wanted.kind, owner, &wanted.name, None)? {
        return Err(OperationError::Refused(ViewRefusal::NameTaken));
    }
    let count = store::count(tx, scope.organization, owner)?;
    if wanted.is_shared && count >= MOST_SHARED {
        return Err(OperationError::Refused(ViewRefusal::TooManyShared));
    }
    if !wanted.is_shared && count >= MOST_OWN {
        return Err(OperationError::Refused(ViewRefusal::TooManyOwn));
    }
    let id = store::insert(tx, scope, wanted.kind, owner, &wanted.name, &query)?;
    if wanted.is_shared {
        let after = facts(wanted.kind, &wanted.name, &query);
        audit::record(tx, scope, Event::new("view.created", "view", id.0, &wanted.name).after(after))?;
    }
    Ok(id)
}

/// Changes the name of a view, or what it shows. Returns whether anything changed.
///
/// # Errors
/// A [`ViewRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn edit(tx: &mut Tx<'_>, scope: &Scope, id: ViewId, change: &ViewChange) -> Outcome<bool> {
    let scope = &members::reauthorize(tx, scope)?;
    let view = changeable(tx, scope, id)?;
    let name = change.name.clone().unwrap_or_else(|| view.name.clone());
    let query = match &change.query {
        Some(query) => readable(scope, view.kind, query)?,
        None => view.query.clone(),
    };
    if (&name, &query) == (&view.name, &view.query) {
        return Ok(false);
    }
    if store::is_taken(tx, scope.organization, view.kind, view.member_id, &name, Some(id))? {
        return Err(OperationError::Refused(ViewRefusal::NameTaken));
    }
    store::update(tx, scope, id, &name, &query)?;
    if view.is_shared() {
        let (before, after) = (facts(view.kind, &view.name, &view.query), facts(view.kind, &name, &query));
        audit::record(tx, scope, Event::new("view.edited", "view", id.0, name).before(before).after(after))?;
    }
    Ok(true)
}

/// Deletes a view. Those who were shown it see the plain list again, or the view that is shown to everybody.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: ViewId) -> Result<SavedView, Fault> {
    let scope = &members::reauthorize(tx, scope)?;
    let view = changeable(tx, scope, id)?;
    store::delete(tx, scope, id)?;
    if view.is_shared() {
        let before = facts(view.kind, &view.name, &view.query);
        audit::record(tx, scope, Event::new("view.deleted", "view", id.0, &view.name).before(before))?;
    }
    Ok(view)
}

/// Chooses what the list shows to the caller without parameters: a view, the plain list, or what everybody is shown.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn set_default(tx: &mut Tx<'_>, scope: &Scope, kind: MemberKind, chosen: ViewChoice) -> Result<(), Fault> {
    let scope = &members::reauthorize(tx, scope)?;
    members::demand_list(scope, kind)?;
    let me = scope.actor.member_id().ok_or(Fault::Missing)?;
    if let Some(id) = chosen.id() {
        of_list(store::find(tx, scope, id)?, kind)?;
    }
    store::set_default_of(tx, scope, kind, me, chosen)
}

/// Chooses the shared view that the list shows to those who have not chosen another one. Returns whether that changed.
///
/// # Errors
/// A [`ViewRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn set_default_for_all(tx: &mut Tx<'_>, scope: &Scope, kind: MemberKind, id: Option<ViewId>) -> Outcome<bool> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::manage(kind))?;
    let wanted = id.map(|id| of_list(store::find(tx, scope, id)?, kind)).transpose()?;
    if wanted.as_ref().is_some_and(|view| !view.is_shared()) {
        return Err(OperationError::Refused(ViewRefusal::NotShared));
    }
    let present = store::list(tx, scope, kind)?.into_iter().find(|view| view.is_default);
    if present.as_ref().map(|view| view.id) == id {
        return Ok(false);
    }
    store::set_default_for_all(tx, scope, kind, id)?;
    for (view, is_default) in present.iter().map(|view| (view, false)).chain(wanted.iter().map(|view| (view, true))) {
        let event = Event::new("view.edited", "view", view.id.0, &view.name);
        let event = event.before(json!({ "shown_to_everybody": !is_default }));
        audit::record(tx, scope, event.after(json!({ "shown_to_everybody": is_default })))?;
    }
    Ok(true)
}

/// A view of that list only.
fn of_list(view: SavedView, kind: MemberKind) -> Result<SavedView, Fault> {
    if view.kind == kind { Ok(view) } else { Err(Fault::Missing) }
}

/// Whose a new view is: nobody's, if it is shared.
fn owner(scope: &Scope, wanted: &NewView) -> Result<Option<MemberId>, Fault> {
    if wanted.is_shared {
        scope.demand(rights::manage(wanted.kind))?;
        return Ok(None);
    }
    scope.actor.member_id().ok_or(Fault::Missing).map(Some)
}

/// Whether the caller may change or delete the view.
pub fn may_change(scope: &Scope, view: &SavedView) -> bool {
    !view.is_shared() || scope.may(rights::manage(view.kind))
}

/// A view of this list that the caller may change.
fn changeable_here(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: ViewId) -> Result<SavedView, Fault> {
    members::demand_list(scope, kind)?;
    of_list(changeable(conn, scope, id)?, kind)
}

fn changeable(conn: &mut Conn, scope: &Scope, id: ViewId) -> Result<SavedView, Fault> {
    let view = find(conn, scope, id)?;
    if view.is_shared() {
        scope.demand(rights::manage(view.kind))?;
    }
    Ok(view)
}

/// The query as a view keeps it, if all of it is understood and the caller may filter by it.
fn readable(scope: &Scope, kind: MemberKind, query: &str) -> Outcome<String> {
    if !is_understood(kind, query) {
        return Err(OperationError::Refused(ViewRefusal::NotUnderstood));
    }
    let list_query = DirectoryQuery::read(kind, query.trim_start_matches('?'), None);
    list_query.demand(scope)?;
    Ok(list_query.saved())
}

/// What the audit trail keeps of a shared view.
fn facts(kind: MemberKind, name: &str, query: &str) -> Value {
    let list = if kind.is_machine() { "system_accounts" } else { "users" };
    json!({ "name": name, "list": list, "filter": query })
}
