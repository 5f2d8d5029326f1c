//! The User Directory: everybody in the organization, filtered, sorted and paged, with all of that in the address.

mod export;
pub(super) mod few;
mod pages;
pub(super) mod routes;
mod store;
pub mod wish;
mod words;

pub use export::Export;

use crate::{
    db::Conn,
    kit::{Fault, MemberId, Scope},
};

/// Everybody whom an address of the directory means, not only those on its page.
///
/// # Errors
/// [`Fault::Denied`], or what the database says.
pub fn matching(conn: &mut Conn, scope: &Scope, query: &str) -> Result<Vec<MemberId>, Fault> {
    scope.demand("user", "read")?;
    store::all(conn, scope, &wish::Wish::read(query.trim_start_matches('?'), None))
}
