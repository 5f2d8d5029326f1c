//! The two lists, User Directory and System Accounts: all members of one kind, filtered, sorted and paged, with the columns that
//! somebody chose. The address holds all of these choices; a saved view gives it a name.

mod bulk_bar;
mod cell;
mod chooser;
mod choices;
mod column;
mod columns;
mod conditions;
mod described;
mod export;
mod filter_page;
mod filters;
mod listed;
mod menu;
mod own_filter;
mod own_filter_page;
mod own_filters;
mod own_matches;
mod pages;
mod plan;
mod query;
mod reach;
mod routes;
mod selectivity;
mod store;
mod total;
mod totals;
mod understood;
mod views;

pub use bulk_bar::BulkBar;
pub use choices::{Seen, Sort, Tab, TwoStep, ViewChoice};
pub use column::Column;
pub use described::described;
pub use export::{Export, demand_export};
pub use listed::{Listed, list};
pub use own_filter::OwnFilter;
pub use query::{Cursor, DirectoryQuery, Window};
pub use total::Total;
pub use understood::is_understood;
pub use views::{
    LONGEST_NAME as LONGEST_VIEW_NAME, NewView, SavedView, ViewChange, ViewRefusal, Views, create as create_view, delete as delete_view,
    edit as edit_view, find as find_view, list as views, set_default as set_default_view, set_default_for_all as set_default_view_for_all,
};

use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, Scope},
    web::Routes,
};

/// All members that the query of a list matches, not only those on its page.
///
/// # Errors
/// [`Fault::Denied`].
pub fn matching(conn: &mut Conn, scope: &Scope, kind: MemberKind, query: &str) -> Result<Vec<MemberId>, Fault> {
    let list_query = query::DirectoryQuery::read(kind, query.trim_start_matches('?'), None);
    list_query.demand(scope)?;
    let list_query = list_query.within_reach(conn, scope)?;
    store::all(conn, scope, &list_query)
}

pub fn mount(app: &mut Routes) {
    chooser::mount(app);
    views::mount(app);
    routes::mount(app);
    filter_page::mount(app);
    own_filter_page::mount(app);
}
