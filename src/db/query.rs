//! What diesel's combined backend cannot say by itself: `ON CONFLICT`, row comparison, statements per engine.

use super::{Conn, MultiBackend};
use diesel::{
    backend::Backend,
    dsl::sql,
    expression::{AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, SqlType, Text},
    sqlite::Sqlite,
};

/// Runs a statement that both engines can print but their combination cannot, such as `ON CONFLICT`.
#[derive(Clone, Copy, Debug)]
pub struct OnBoth<Q>(pub Q);

impl<Q: QueryFragment<Sqlite> + QueryFragment<Pg>> QueryFragment<MultiBackend> for OnBoth<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}
impl<Q: QueryId> QueryId for OnBoth<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}
impl<Q: Query> Query for OnBoth<Q> {
    type SqlType = Q::SqlType;
}
impl<Q> RunQueryDsl<Conn> for OnBoth<Q> {}

/// Which way a list runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// The row comparison `(a, b) > (x, y)` or `<`, on which keyset paging stands. See [`beyond`].
#[derive(Debug, Clone, Copy)]
pub struct Beyond<A, B, X, Y> {
    columns: (A, B),
    values: (X, Y),
    direction: Direction,
}

/// What lies beyond a row in a list sorted by both columns: `(a, b) > (x, y)` ascending, `<` descending.
pub fn beyond<A, B, X, Y>(columns: (A, B), values: (X, Y), direction: Direction) -> Beyond<A, B, X::Expression, Y::Expression>
where
    A: Expression<SqlType: SqlType>,
    B: Expression<SqlType: SqlType>,
    X: AsExpression<A::SqlType>,
    Y: AsExpression<B::SqlType>,
{
    Beyond {
        columns,
        values: (values.0.as_expression(), values.1.as_expression()),
        direction,
    }
}

impl<A, B, X, Y> QueryId for Beyond<A, B, X, Y> {
    // Two texts, `<` and `>`, for one type.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<A: Expression, B, X, Y> Expression for Beyond<A, B, X, Y> {
    type SqlType = Bool;
}
impl<A, B, X, Y, QS> AppearsOnTable<QS> for Beyond<A, B, X, Y>
where
    A: AppearsOnTable<QS>,
    B: AppearsOnTable<QS>,
    Self: Expression,
{
}
impl<A, B, X, Y, QS> SelectableExpression<QS> for Beyond<A, B, X, Y> where Self: AppearsOnTable<QS> {}
impl<A, B, X, Y, GB> ValidGrouping<GB> for Beyond<A, B, X, Y> {
    type IsAggregate = is_aggregate::No;
}
impl<A, B, X, Y, DB> QueryFragment<DB> for Beyond<A, B, X, Y>
where
    DB: Backend,
    A: QueryFragment<DB>,
    B: QueryFragment<DB>,
    X: QueryFragment<DB>,
    Y: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("(");
        self.columns.0.walk_ast(pass.reborrow())?;
        pass.push_sql(", ");
        self.columns.1.walk_ast(pass.reborrow())?;
        pass.push_sql(match self.direction {
            Direction::Ascending => ") > (",
            Direction::Descending => ") < (",
        });
        self.values.0.walk_ast(pass.reborrow())?;
        pass.push_sql(", ");
        self.values.1.walk_ast(pass.reborrow())?;
        pass.push_sql(")");
        Ok(())
    }
}

/// A column that SQLite must not choose an index by. See [`beside_indexes`].
#[derive(Debug, Clone, Copy)]
pub struct BesideIndexes<E> {
    column: E,
    applies: bool,
}

/// Keeps SQLite, which knows little about how many rows will match, from walking an index by this column, if it applies.
/// PostgreSQL decides better by itself, for each search anew: what is good for a rare one is bad for a common one.
pub fn beside_indexes<E: Expression>(column: E, applies: bool) -> BesideIndexes<E> {
    BesideIndexes { column, applies }
}

impl<E> QueryId for BesideIndexes<E> {
    // Two texts for one type.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<E: Expression> Expression for BesideIndexes<E> {
    type SqlType = E::SqlType;
}
impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for BesideIndexes<E> {}
impl<E: SelectableExpression<QS>, QS> SelectableExpression<QS> for BesideIndexes<E> {}
impl<E: ValidGrouping<GB>, GB> ValidGrouping<GB> for BesideIndexes<E> {
    type IsAggregate = E::IsAggregate;
}
impl<E: QueryFragment<Pg>> QueryFragment<Pg> for BesideIndexes<E> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.unsafe_to_cache_prepared();
        self.column.walk_ast(pass)
    }
}
impl<E: QueryFragment<Sqlite>> QueryFragment<Sqlite> for BesideIndexes<E> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if self.applies {
            pass.push_sql("+");
        }
        self.column.walk_ast(pass)
    }
}
impl<E: QueryFragment<Pg> + QueryFragment<Sqlite>> QueryFragment<MultiBackend> for BesideIndexes<E> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, pass)
    }
}

/// Substring search over members through the three-letter index of either engine. See [`member_search`].
#[derive(Debug, Clone)]
pub struct MemberSearch<X> {
    pattern: X,
    phrase: X,
    by_index: bool,
}

/// Members whose search key holds the needle, which has at least three characters (`kit::fold::needle`). Gathered by
/// the index, or, where most will match anyway, compared row by row on a walk along another one.
pub fn member_search(needle: &str, by_index: bool) -> MemberSearch<diesel::dsl::AsExprOf<String, Text>> {
    let text = |t: String| AsExpression::<Text>::as_expression(t);
    let mut pattern = String::from("%");
    for c in needle.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    MemberSearch {
        pattern: text(pattern),
        phrase: text(phrase(needle)),
        by_index,
    }
}

/// What SQLite's full-text index is asked for: these characters, one after the other.
fn phrase(needle: &str) -> String {
    format!("\"{}\"", needle.replace('"', "\"\""))
}

impl<X> QueryId for MemberSearch<X> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<X> Expression for MemberSearch<X> {
    type SqlType = Bool;
}
impl<X, QS> AppearsOnTable<QS> for MemberSearch<X>
where
    super::schema::members::search_key: AppearsOnTable<QS>,
    Self: Expression,
{
}
impl<X, QS> SelectableExpression<QS> for MemberSearch<X> where Self: AppearsOnTable<QS> {}
impl<X, GB> ValidGrouping<GB> for MemberSearch<X> {
    type IsAggregate = is_aggregate::No;
}
impl<X: QueryFragment<Pg>> QueryFragment<Pg> for MemberSearch<X> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // A plan that was kept from another search may read everybody for this one.
        pass.unsafe_to_cache_prepared();
        pass.push_sql("members.search_key LIKE ");
        self.pattern.walk_ast(pass)
    }
}
impl<X: QueryFragment<Sqlite>> QueryFragment<Sqlite> for MemberSearch<X> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.by_index {
            pass.push_sql("members.search_key LIKE ");
            self.pattern.walk_ast(pass.reborrow())?;
            pass.push_sql(" ESCAPE '\\'");
            return Ok(());
        }
        // LIKE … ESCAPE never uses the trigram index; a quoted phrase does.
        pass.push_sql("members.seq IN (SELECT rowid FROM members_fts WHERE members_fts MATCH ");
        self.phrase.walk_ast(pass.reborrow())?;
        pass.push_sql(")");
        Ok(())
    }
}
impl<X: QueryFragment<Pg> + QueryFragment<Sqlite>> QueryFragment<MultiBackend> for MemberSearch<X> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, pass)
    }
}

/// Whether SQLite's three-letter index finds the needle in more rows than so many, of all organizations together.
///
/// # Errors
/// What the database says; elsewhere there is no such index.
pub fn matches_more_than(conn: &mut Conn, needle: &str, many: i64) -> QueryResult<bool> {
    let beyond = sql::<BigInt>("rowid FROM members_fts WHERE members_fts MATCH ")
        .bind::<Text, _>(phrase(needle))
        .sql(" LIMIT 1 OFFSET ")
        .bind::<BigInt, _>(many);
    Ok(diesel::select(beyond).get_result::<i64>(conn).optional()?.is_some())
}

/// Checks one expression per engine: for what the combination does not know, such as inserts of many rows.
#[macro_export]
macro_rules! each {
    ($conn:expr, $c:ident => $body:expr) => {
        match &mut *$conn {
            $crate::db::Conn::Sqlite($c) => $body,
            $crate::db::Conn::Pg($c) => $body,
        }
    };
}

/// `.returning(columns::<Row>())`: `as_returning()` is bound to one engine, the bare columns are not.
pub fn columns<T: Selectable<MultiBackend>>() -> T::SelectExpression {
    T::construct_selection()
}
