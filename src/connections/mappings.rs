//! Mappings: which roles and teams follow from what the provider says of a person (a claim, or an attribute of SAML).
//! `sso` applies them at each sign-in.
//!
//! Invariant: a mapping never gives more than the member who saved it may give, when it is saved and when somebody signs
//! in.

use super::{
    facts::{changed, facts},
    mail::{self, Change},
    manage::{self, begin, record},
    model::{ClaimMapping, Connection},
    refusal::{ConnectionRefusal, MOST_MAPPINGS, Outcome, refuse},
    setup::ConnectionSetup,
    store,
    vouching::may_grant,
};
use crate::{
    db::{Conn, Tx},
    kit::{ConnectionId, Fault, Scope},
    members::MappedGrant,
    roles,
};

/// A connection whose provider says something that can be mapped.
///
/// # Errors
/// [`Fault::Denied`], or [`Fault::Missing`] for a connection with GitHub.
pub fn find_mappable(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<Connection, Fault> {
    let connection = manage::find(conn, scope, id)?;
    if connection.kind.tells_claims() {
        Ok(connection)
    } else {
        Err(Fault::Missing)
    }
}

/// Replaces the mappings of a connection over the version that the caller saw. `may_make_administrators` says that the
/// caller was warned and means it. Returns whether anything changed.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn set_mappings(
    tx: &mut Tx<'_>,
    scope: &Scope,
    setup: &ConnectionSetup,
    id: ConnectionId,
    version: i64,
    (wanted, may_make_administrators): (&[ClaimMapping], bool),
) -> Outcome<bool> {
    let (scope, present) = begin(tx, scope, id)?;
    if present.version != version {
        return refuse(ConnectionRefusal::Meanwhile);
    }
    if wanted.len() > MOST_MAPPINGS {
        return refuse(ConnectionRefusal::TooManyMappings);
    }
    // Saving them again as one's own is a change: they give what the member who saved them may give.
    if present.mappings.0 == wanted && present.mapped_by == scope.actor.member_id() {
        return Ok(false);
    }
    for mapping in wanted {
        may_grant(tx, &scope, &mapping.gives.grants())?;
    }
    if !may_make_administrators && makes_administrators(tx, &scope, wanted)? {
        return refuse(ConnectionRefusal::MapsAdministrators);
    }
    store::set_mappings(tx, &present, wanted, scope.actor.member_id())?;
    let now = store::find(tx, scope.organization, id)?;
    let (before, after) = (facts(&present), facts(&now));
    let changes = changed(&before, &after);
    record(tx, &scope, "connection.edited", &now, |event| event.before(before).after(after))?;
    mail::tell(tx, &setup.outbox, &scope, &now, &Change::Edited(changes))?;
    Ok(true)
}

/// Whether one of these mappings gives the Administrator role.
pub(super) fn makes_administrators(conn: &mut Conn, scope: &Scope, mappings: &[ClaimMapping]) -> Result<bool, Fault> {
    let administrator = roles::administrator(&roles::list(conn, scope.organization)?);
    Ok(mappings
        .iter()
        .any(|mapping| matches!(mapping.gives, MappedGrant::Role(role) if Some(role) == administrator)))
}
