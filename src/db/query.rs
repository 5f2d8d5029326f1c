//! SQL that diesel's combined backend does not support: `ON CONFLICT`, row comparison, statements per engine.

use super::{Conn, MultiBackend};
use diesel::{
    backend::Backend,
    expression::{AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, SqlType},
    sqlite::Sqlite,
};

/// Runs a statement that both engines support but their combination does not, such as `ON CONFLICT`.
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

/// How many rows of a query have each value of its only column. With a limit of the query, no more rows are read.
pub struct CountedByValue<Q>(pub Q);

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for CountedByValue<Q> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        pass.push_sql("WITH counted (value) AS (");
        self.0.walk_ast(pass.reborrow())?;
        pass.push_sql(") SELECT value, COUNT(*) FROM counted GROUP BY value");
        Ok(())
    }
}
impl<Q: QueryId> QueryId for CountedByValue<Q> {
    type QueryId = CountedByValue<Q::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}
impl<Q: Query> Query for CountedByValue<Q> {
    type SqlType = (Q::SqlType, BigInt);
}
impl<Q> RunQueryDsl<Conn> for CountedByValue<Q> {}

/// The sort direction of a list.
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

/// The row comparison `(a, b) > (x, y)` or `<`, used for keyset paging. See [`beyond`].
#[derive(Debug, Clone, Copy)]
pub struct Beyond<A, B, X, Y> {
    columns: (A, B),
    values: (X, Y),
    direction: Direction,
}

/// The rows after a given one in a list sorted by both columns: `(a, b) > (x, y)` ascending, `<` descending.
pub fn beyond<A, B, X, Y>(columns: (A, B), values: (X, Y), direction: Direction) -> Beyond<A, B, X::Expression, Y::Expression>
where
    A: Expression<SqlType: SqlType>,
    B: Expression<SqlType: SqlType>,
    X: AsExpression<A::SqlType>,
    Y: AsExpression<B::SqlType>,
{
    Beyond { columns, values: (values.0.as_expression(), values.1.as_expression()), direction }
}

impl<A, B, X, Y> QueryId for Beyond<A, B, X, Y> {
    // One type makes two SQL texts, with `<` or `>`, so it cannot have a static id.
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

/// A column whose index SQLite must not choose. See [`beside_indexes`].
#[derive(Debug, Clone, Copy)]
pub struct BesideIndexes<E> {
    column: E,
    applies: bool,
}

/// If it applies, keeps SQLite from using an index on this column, because SQLite knows little about how many rows will
/// match. PostgreSQL plans such a search anew by its statistics: a plan for a rare term is bad for a common one.
pub fn beside_indexes<E: Expression>(column: E, applies: bool) -> BesideIndexes<E> {
    BesideIndexes { column, applies }
}

impl<E> QueryId for BesideIndexes<E> {
    // One type makes two SQL texts, so it cannot have a static id.
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
        if self.applies {
            pass.unsafe_to_cache_prepared();
        }
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

/// A condition that SQLite tests row by row. See [`per_row`].
#[derive(Debug, Clone, Copy)]
pub struct PerRow<E>(E);

/// Keeps SQLite from finding rows by this condition or column: for lists that are walked in their sort order. It would make a
/// join of an `EXISTS` (its EXISTS-to-JOIN optimization), begin with the subquery, and sort all that it finds.
pub fn per_row<E: Expression>(expression: E) -> PerRow<E> {
    PerRow(expression)
}

impl<E: QueryId> QueryId for PerRow<E> {
    type QueryId = PerRow<E::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = E::HAS_STATIC_QUERY_ID;
}
impl<E: Expression> Expression for PerRow<E> {
    type SqlType = E::SqlType;
}
impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for PerRow<E> {}
impl<E: SelectableExpression<QS>, QS> SelectableExpression<QS> for PerRow<E> {}
impl<E: ValidGrouping<GB>, GB> ValidGrouping<GB> for PerRow<E> {
    type IsAggregate = E::IsAggregate;
}
impl<E: QueryFragment<Pg>> QueryFragment<Pg> for PerRow<E> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}
impl<E: QueryFragment<Sqlite>> QueryFragment<Sqlite> for PerRow<E> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql("+");
        self.0.walk_ast(pass)
    }
}
impl<E: QueryFragment<Pg> + QueryFragment<Sqlite>> QueryFragment<MultiBackend> for PerRow<E> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, pass)
    }
}

/// Type-checks one expression per engine, for what the combination does not support, such as multi-row inserts.
#[macro_export]
macro_rules! each {
    ($conn:expr, $c:ident => $body:expr) => {
        match &mut *$conn {
            $crate::db::Conn::Sqlite($c) => $body,
            $crate::db::Conn::Pg($c) => $body,
        }
    };
}

/// `.returning(columns::<Row>())`: `as_returning()` is bound to one engine, the plain columns are not.
pub fn columns<T: Selectable<MultiBackend>>() -> T::SelectExpression {
    T::construct_selection()
}
