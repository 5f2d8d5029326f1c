//! Member search through the trigram index of either engine.

use super::{Cached, Conn, MultiBackend, schema::members};
use crate::kit::{MemberId, OrganizationId, search::Sought};
use diesel::{
    backend::Backend,
    dsl::{AsExprOf, sql},
    expression::{AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Text},
    sqlite::Sqlite,
};

/// See [`member_search`].
#[derive(Debug, Clone)]
pub struct MemberSearch<X> {
    /// As in [`Sought`]: all words, any alternative of each, every pattern of an alternative.
    patterns: Vec<Vec<Vec<X>>>,
    expression: X,
    by_index: bool,
}

/// Matches members whose search key contains the search input. With `by_index`, SQLite uses the trigram index; without
/// it, for input that most members match, it compares row by row while it walks another index.
pub fn member_search(sought: &Sought, by_index: bool) -> MemberSearch<AsExprOf<String, Text>> {
    let text = |t: String| AsExpression::<Text>::as_expression(t);
    let every = |needles: &Vec<String>| needles.iter().map(|needle| text(pattern(needle))).collect();
    let any = |any: &Vec<Vec<String>>| any.iter().map(every).collect();
    MemberSearch {
        patterns: sought.all.iter().map(any).collect(),
        expression: text(expression(sought)),
        by_index,
    }
}

fn pattern(needle: &str) -> String {
    let mut pattern = String::from("%");
    for c in needle.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The query for SQLite's full-text index.
fn expression(sought: &Sought) -> String {
    let phrase = |needle: &String| format!("\"{}\"", needle.replace('"', "\"\""));
    let join = |all: Vec<String>, between: &str| match all.len() {
        1 => all.concat(),
        _ => format!("({})", all.join(between)),
    };
    let every = |needles: &Vec<String>| join(needles.iter().map(phrase).collect(), " AND ");
    let any = |any: &Vec<Vec<String>>| join(any.iter().map(every).collect(), " OR ");
    join(sought.all.iter().map(any).collect(), " AND ")
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
    members::search_key: AppearsOnTable<QS>,
    Self: Expression,
{
}
impl<X, QS> SelectableExpression<QS> for MemberSearch<X> where Self: AppearsOnTable<QS> {}
impl<X, GB> ValidGrouping<GB> for MemberSearch<X> {
    type IsAggregate = is_aggregate::No;
}

/// The row-by-row comparison: `(… LIKE … AND …) OR …` for each word, joined by AND.
fn compare<'b, DB: Backend, X: QueryFragment<DB>>(
    patterns: &'b [Vec<Vec<X>>],
    mut pass: AstPass<'_, 'b, DB>,
    escape: &str,
) -> QueryResult<()> {
    for (at, any) in patterns.iter().enumerate() {
        pass.push_sql(if at > 0 { " AND (" } else { "(" });
        for (at, every) in any.iter().enumerate() {
            pass.push_sql(if at > 0 { " OR " } else { "" });
            for (at, pattern) in every.iter().enumerate() {
                pass.push_sql(if at > 0 { " AND " } else { "" });
                pass.push_sql("members.search_key LIKE ");
                pattern.walk_ast(pass.reborrow())?;
                pass.push_sql(escape);
            }
        }
        pass.push_sql(")");
    }
    Ok(())
}

impl<X: QueryFragment<Pg>> QueryFragment<Pg> for MemberSearch<X> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // A cached plan from another search could scan all rows for this one.
        pass.unsafe_to_cache_prepared();
        compare(&self.patterns, pass, "")
    }
}
impl<X: QueryFragment<Sqlite>> QueryFragment<Sqlite> for MemberSearch<X> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.by_index {
            return compare(&self.patterns, pass, " ESCAPE '\\'");
        }
        // LIKE … ESCAPE never uses the trigram index; a quoted phrase does.
        pass.push_sql("members.seq IN (SELECT rowid FROM members_fts WHERE members_fts MATCH ");
        self.expression.walk_ast(pass.reborrow())?;
        pass.push_sql(")");
        Ok(())
    }
}
impl<X: QueryFragment<Pg> + QueryFragment<Sqlite>> QueryFragment<MultiBackend> for MemberSearch<X> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, pass)
    }
}

/// Whether more than `many` members match, by the trigram index: on SQLite those of all organizations.
pub fn matches_more_than(conn: &mut Conn, organization: OrganizationId, sought: &Sought, many: i64) -> QueryResult<bool> {
    if let Conn::Pg(_) = conn {
        let matching = members::table.filter(members::organization_id.eq(organization)).filter(member_search(sought, true));
        return Ok(matching.select(members::id).offset(many).limit(1).first::<MemberId>(conn).optional()?.is_some());
    }
    // PostgreSQL has no such table.
    let beyond = sql::<BigInt>("rowid FROM members_fts WHERE members_fts MATCH ")
        .bind::<Text, _>(expression(sought))
        .sql(" LIMIT 1 OFFSET ")
        .bind::<BigInt, _>(many);
    Ok(Cached(diesel::select(beyond)).get_result::<i64>(conn).optional()?.is_some())
}
