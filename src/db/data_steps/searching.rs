//! Computes the sort and search keys of members again, by the current rules for words, letters, title, location and
//! telephone.

use crate::{
    db::{
        Conn, MultiBackend, Tx,
        schema::{members, users},
    },
    kit::{Fault, MemberId, fold, search::Searched},
};
use diesel::prelude::*;

/// Members that are read and written in one batch.
const AT_ONCE: i64 = 1_000;

#[derive(Queryable)]
struct Row {
    id: MemberId,
    names: (String, String, String),
    title: String,
    location: String,
    phone: String,
    email: Option<String>,
    username: Option<String>,
    /// The stored keys.
    name_key: String,
    search_key: String,
}

impl Row {
    fn searched(&self) -> Searched<'_> {
        let (display, first, last) = &self.names;
        Searched {
            names: [display, first, last],
            email: self.email.as_deref().unwrap_or_default(),
            username: self.username.as_deref().unwrap_or_default(),
            title: &self.title,
            location: &self.location,
            phone: &self.phone,
        }
    }
}

pub(super) fn run(tx: &mut Tx<'_>) -> Result<Vec<String>, Fault> {
    let mut last = None;
    loop {
        let rows = after(tx, last)?;
        let Some(row) = rows.last() else { return Ok(vec![]) };
        last = Some(row.id);
        for row in rows {
            let keys = (fold::searchable(&row.names.0), row.searched().key());
            if keys == (row.name_key, row.search_key) {
                continue;
            }
            diesel::update(members::table.filter(members::id.eq(row.id)))
                .set((members::name_key.eq(keys.0), members::search_key.eq(keys.1)))
                .execute(tx.conn())?;
        }
    }
}

/// The next members in the order of their ids.
fn after(conn: &mut Conn, last: Option<MemberId>) -> Result<Vec<Row>, Fault> {
    let mut rows = members::table
        .left_join(users::table)
        .order(members::id)
        .select((
            members::id,
            (members::name, members::first_name, members::last_name),
            members::title,
            members::location,
            members::phone,
            users::email.nullable(),
            users::username.nullable(),
            members::name_key,
            members::search_key,
        ))
        .limit(AT_ONCE)
        .into_boxed::<MultiBackend>();
    if let Some(last) = last {
        rows = rows.filter(members::id.gt(last));
    }
    Ok(rows.load(conn)?)
}
