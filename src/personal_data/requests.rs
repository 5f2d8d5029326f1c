//! The person's requests for access.

use super::store::{names, person};
use crate::{
    db::{Conn, schema::access_requests},
    kit::{Fault, MemberId, Scope, Timestamp},
};
use diesel::prelude::*;
use serde_json::{Value, json};

/// What the person asked for, the oldest first, and what became of it.
pub(super) fn of(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<Vec<Value>, Fault> {
    type Row = (
        (String, String, Option<Timestamp>, String, String, Timestamp),
        (String, Option<Timestamp>, Option<MemberId>, Option<Timestamp>, String),
    );
    let rows: Vec<Row> = access_requests::table
        .filter(access_requests::organization_id.eq(scope.organization))
        .filter(access_requests::member_id.eq(id))
        .order(access_requests::id)
        .select((
            (
                access_requests::kind,
                access_requests::subject_name,
                access_requests::until_at,
                access_requests::reason,
                access_requests::ticket,
                access_requests::created_at,
            ),
            (
                access_requests::state,
                access_requests::closed_at,
                access_requests::closed_by,
                access_requests::granted_until_at,
                access_requests::answer,
            ),
        ))
        .load(conn)?;
    let names = names(conn, scope, rows.iter().filter_map(|row| row.1.2).collect())?;
    let request = |((kind, name, until, reason, ticket, at), closed): Row| {
        json!({
            "asked_for": { kind: name },
            "until": until.map(Timestamp::iso),
            "reason": reason,
            "ticket": ticket,
            "sent_at": at.iso(),
            "state": closed.0,
            "closed_at": closed.1.map(Timestamp::iso),
            "closed_by": person(closed.2, &names),
            "granted_until": closed.3.map(Timestamp::iso),
            "answer": closed.4,
        })
    };
    Ok(rows.into_iter().map(request).collect())
}
