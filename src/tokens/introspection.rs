//! Introspection (RFC 7662): a system account asks about a token that a program sent to it.
//!
//! Invariants: the answer for a token that is unknown, malformed, of another organization, expired, revoked or not usable
//! is the same `None` after the same one statement; nothing is counted against the caller's address.

use super::{
    last_use::Used,
    verify::{Bearer, Row, statement},
};
use crate::{
    db::{Cached, Conn},
    kit::{
        Fault, OperationError, RequestInfo, Scope, Timestamp, rights, secret,
        sql::{UtcSql, UuidSql},
    },
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Binary, Nullable, Text},
};
use std::sync::LazyLock;

/// A token that is valid at this moment.
#[derive(Clone, Debug)]
pub struct Introspected {
    pub bearer: Bearer,
    /// The username of a person, the name of a system account.
    pub username: String,
    pub issued_at: Timestamp,
    /// When this value of the token stops working.
    pub expires_at: Option<Timestamp>,
    /// Which value was sent, for its last use.
    pub used: Used,
}

/// Why the caller is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntrospectionRefusal {
    /// People do not check the tokens of others, not even Administrators.
    NotSystemAccount,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(embed)]
    token: Row,
    #[diesel(sql_type = Nullable<Text>)]
    username: Option<String>,
    #[diesel(sql_type = UtcSql)]
    created_at: Timestamp,
    #[diesel(sql_type = Nullable<UtcSql>)]
    regenerated_at: Option<Timestamp>,
}

/// What this text allows in the caller's organization, if it is a token that works now. `client_address` is the address
/// from which the program sent it. A token that is limited to networks works only from there, so without an address it
/// does not work.
///
/// # Errors
/// [`Fault::Denied`] or [`IntrospectionRefusal`].
pub fn introspect(
    conn: &mut Conn,
    scope: &Scope,
    text: &str,
    client_address: Option<&str>,
) -> Result<Option<Introspected>, OperationError<IntrospectionRefusal>> {
    scope.demand(rights::TOKEN_INTROSPECT)?;
    if scope.actor.user_id().is_some() {
        return Err(OperationError::Refused(IntrospectionRefusal::NotSystemAccount));
    }
    // A text that cannot be a token is looked up as well, so that it takes as long.
    let digest = secret::digest(text);
    let request_info = RequestInfo {
        address: client_address.unwrap_or_default().to_owned(),
        ..scope.request_info.clone()
    };
    let found = find(conn, scope, &digest)?.filter(|found| found.token.closed(&request_info).is_none());
    Ok(found.map(|found| found.open(digest, &request_info)))
}

fn find(conn: &mut Conn, scope: &Scope, digest: &[u8]) -> Result<Option<Found>, Fault> {
    // Not a plain comparison: SQLite would then read the whole organization instead of the index of digests.
    static STATEMENT: LazyLock<String> = LazyLock::new(|| {
        statement(
            ", u.username, t.created_at, t.regenerated_at",
            " LEFT JOIN users u ON u.id = m.user_id",
            " AND CASE WHEN t.organization_id = $3 THEN 1 ELSE 0 END = 1",
        )
    });
    let query = sql_query(STATEMENT.as_str())
        .bind::<UtcSql, _>(scope.now())
        .bind::<Binary, _>(digest)
        .bind::<UuidSql, _>(scope.organization);
    Ok(Cached(query).load(conn)?.into_iter().next())
}

impl Found {
    fn open(self, digest: Vec<u8>, request_info: &RequestInfo) -> Introspected {
        let bearer = self.token.open(request_info);
        // The previous value is as old as the token, as far as is known.
        let regenerated_at = self.regenerated_at.filter(|_| bearer.old_until.is_none());
        Introspected {
            username: self.username.unwrap_or_else(|| bearer.scope.actor.name().to_owned()),
            issued_at: regenerated_at.unwrap_or(self.created_at),
            expires_at: bearer.expires_at.into_iter().chain(bearer.old_until).min(),
            used: Used::Token { id: bearer.token, digest },
            bearer,
        }
    }
}
