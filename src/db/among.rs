//! `column IN (values)` as one text, however many values there are, so that the statement is prepared once.

use super::MultiBackend;
use crate::kit::sql::UuidSql;
use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, SingleValue, SqlType, Text},
    sqlite::Sqlite,
};
use serde::Serialize;

/// A column type of which lists can be bound: as a JSON array on SQLite, as an array on PostgreSQL.
pub trait Listed: SqlType {
    /// The type of a value, without NULL.
    type Item: SingleValue + SqlType;
    /// The type of the comparison.
    type Answer: SingleValue + SqlType;
    /// How SQLite reads a value of `json_each`.
    const READ: &'static str;
}

macro_rules! listed {
    ($($sql:ty => $read:literal),*) => { $(
        impl Listed for $sql {
            type Item = $sql;
            type Answer = Bool;
            const READ: &'static str = $read;
        }
        impl Listed for Nullable<$sql> {
            type Item = $sql;
            type Answer = Nullable<Bool>;
            const READ: &'static str = $read;
        }
    )* };
}
listed!(UuidSql => "unhex(value, '-')", Text => "value", Integer => "value", BigInt => "value", Bool => "value");

/// See [`Among::among`].
#[derive(Clone, Debug)]
pub struct IsAmong<C, T> {
    column: C,
    values: Vec<T>,
    /// The values for SQLite.
    json: String,
}

/// Comparison with a list of values.
pub trait Among: Expression<SqlType: Listed> + Sized {
    /// Whether the column has one of these values. For subqueries there is `eq_any`.
    fn among<T: Serialize>(self, values: impl IntoIterator<Item = T>) -> IsAmong<Self, T> {
        let values: Vec<T> = values.into_iter().collect();
        let json = serde_json::to_string(&values).expect("ids, texts and numbers are JSON");
        IsAmong { column: self, values, json }
    }
}
impl<C: Expression<SqlType: Listed>> Among for C {}

impl<C: QueryId, T> QueryId for IsAmong<C, T> {
    type QueryId = IsAmong<C::QueryId, ()>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}
impl<C: Expression<SqlType: Listed>, T> Expression for IsAmong<C, T> {
    type SqlType = <C::SqlType as Listed>::Answer;
}
impl<C: AppearsOnTable<QS>, T, QS> AppearsOnTable<QS> for IsAmong<C, T> where Self: Expression {}
impl<C: SelectableExpression<QS>, T, QS> SelectableExpression<QS> for IsAmong<C, T> where Self: AppearsOnTable<QS> {}
impl<C: ValidGrouping<GB>, T, GB> ValidGrouping<GB> for IsAmong<C, T> {
    type IsAggregate = C::IsAggregate;
}

impl<C, T> QueryFragment<Sqlite> for IsAmong<C, T>
where
    C: QueryFragment<Sqlite> + Expression<SqlType: Listed>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(pass.reborrow())?;
        pass.push_sql(" IN (SELECT ");
        pass.push_sql(<C::SqlType as Listed>::READ);
        pass.push_sql(" FROM json_each(");
        pass.push_bind_param::<Text, _>(&self.json)?;
        pass.push_sql("))");
        Ok(())
    }
}
impl<C, T> QueryFragment<Pg> for IsAmong<C, T>
where
    C: QueryFragment<Pg> + Expression<SqlType: Listed>,
    Vec<T>: ToSql<Array<<C::SqlType as Listed>::Item>, Pg>,
    Pg: diesel::sql_types::HasSqlType<<C::SqlType as Listed>::Item>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(pass.reborrow())?;
        pass.push_sql(" = ANY(");
        pass.push_bind_param::<Array<<C::SqlType as Listed>::Item>, _>(&self.values)?;
        pass.push_sql(")");
        Ok(())
    }
}
impl<C, T> QueryFragment<MultiBackend> for IsAmong<C, T>
where
    Self: QueryFragment<Sqlite> + QueryFragment<Pg>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, pass)
    }
}
