//! The two lists, User Directory and System Accounts: all members of one kind, filtered, sorted and paged. The address
//! holds all of these choices.

mod bulk_bar;
mod choices;
mod columns;
mod conditions;
mod described;
mod export;
mod filter_page;
mod filters;
mod listed;
mod menu;
mod pages;
mod plan;
mod query;
mod routes;
mod selectivity;
mod store;
mod total;
mod totals;
mod understood;

pub use bulk_bar::BulkBar;
pub use choices::{Seen, Sort, Tab, TwoStep};
pub use described::described;
pub use export::{Export, demand_export};
pub use listed::{Listed, list};
pub use query::{Cursor, DirectoryQuery, Window, demand_list};
pub use total::Total;
pub use understood::is_understood;

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
    routes::mount(app);
    filter_page::mount(app);
}
