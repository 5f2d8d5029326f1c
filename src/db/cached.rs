//! Statements that a connection prepares once.
//!
//! Diesel prepares text queries, `UPDATE`s and fragments anew at each use, because it cannot know whether their text stays
//! the same. On SQLite that costs several times what the statement itself does.

use super::{Conn, MultiBackend};
use diesel::{
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// Keeps the prepared form of a statement on each connection, found by its text. For statements with few texts: what is
/// kept is never given up before the connection is.
#[derive(Clone, Copy, Debug)]
pub struct Cached<Q>(pub Q);

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Cached<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
    fn is_safe_to_cache_prepared(&self, _: &MultiBackend) -> QueryResult<bool> {
        Ok(true)
    }
}
impl<Q> QueryId for Cached<Q> {
    // Its text is its identity.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<Q: Query> Query for Cached<Q> {
    type SqlType = Q::SqlType;
}
impl<Q> RunQueryDsl<Conn> for Cached<Q> {}
