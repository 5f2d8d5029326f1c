//! The two lists, the User Directory and the System Accounts: everybody of one kind, filtered, sorted and paged, with all of that in the address.

mod choices;
mod columns;
mod conditions;
mod described;
mod export;
pub(super) mod few;
mod pages;
pub(super) mod routes;
mod store;
mod understood;
pub mod wish;
mod words;

pub use described::described;
pub use export::Export;
pub use understood::is_understood;

use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, Scope, rights},
};

/// Everybody whom an address of a list means, not only those on its page.
///
/// # Errors
/// [`Fault::Denied`], or what the database says.
pub fn matching(conn: &mut Conn, scope: &Scope, kind: MemberKind, query: &str) -> Result<Vec<MemberId>, Fault> {
    scope.demand(rights::read(kind))?;
    store::all(
        conn,
        scope,
        &wish::DirectoryQuery::read(kind, query.trim_start_matches('?'), None).seen_by(scope),
    )
}
