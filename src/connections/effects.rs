//! What disabling or deleting a connection does to people, before it happens.

use super::{
    manage,
    model::Connection,
    status::{self, LeftWithout},
};
use crate::{
    db::Conn,
    identities::{self, DeletedIdentity},
    kit::{ConnectionId, Fault, Scope, rights},
};

/// A connection, and the people whom its end affects.
#[derive(Clone, Debug)]
pub struct Effects {
    pub connection: Connection,
    /// How many people are connected through it.
    pub people: i64,
    /// Who could no longer sign in. Nobody, if nobody signs in through it now.
    pub left_without: LeftWithout,
}

/// What disabling or deleting the connection would do.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn effects(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<Effects, Fault> {
    scope.demand(rights::CONNECTION_MANAGE)?;
    let connection = manage::find(conn, scope, id)?;
    let people = identities::count(conn, scope.organization, id)?;
    let left_without = if connection.is_enabled() {
        status::only_through(conn, scope, id)?
    } else {
        LeftWithout::default()
    };
    Ok(Effects { connection, people, left_without })
}

/// The latest deleted people of a connection, for callers who may see people.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn deleted_people(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<Vec<DeletedIdentity>, Fault> {
    scope.demand(rights::CONNECTION_MANAGE)?;
    scope.demand(rights::USER_READ)?;
    manage::find(conn, scope, id)?;
    status::deleted(conn, scope, id)
}
