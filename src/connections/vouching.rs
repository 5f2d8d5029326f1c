//! Who may decide for whom a connection vouches. By choosing the provider, its certificates or the domains whose people it
//! connects, a person could sign in as those people. So they have to hold everything that those people hold: when they
//! decide it for people who are connected already, and whenever somebody is connected later.

use super::{
    model::Connection,
    refusal::{ConnectionRefusal, Outcome, refuse},
    store,
};
use crate::{
    authorization::{self, Ceiling},
    db::{Conn, Tx},
    identities,
    kit::{Fault, MemberId, OperationError, Scope, Timestamp},
    members::{self, GrantRefusal, Grants, MappedGrant},
};
use std::collections::BTreeSet;

/// The caller decides for whom the connection vouches, and answers for it from then on. A caller who holds everything need
/// not be remembered.
///
/// # Errors
/// A [`ConnectionRefusal`].
pub fn answer_for_people(tx: &mut Tx<'_>, scope: &Scope, connection: &Connection) -> Outcome<()> {
    let adds_members = connection.provisioning.adds_members();
    if adds_members {
        may_grant(tx, scope, &connection.grants.0)?;
        store::set_granted_by(tx, connection, scope.actor.member_id())?;
    }
    demand_mapped(tx, scope, connection)?;
    if holds_everything(tx, scope)? {
        return Ok(store::set_vouched_by(tx, connection, None)?);
    }
    let people = identities::members_of(tx, connection.organization_id, connection.id)?;
    if let Some((name, lacking)) = members::first_above(tx, scope, &people)? {
        return refuse(ConnectionRefusal::AboveYou { name, lacking });
    }
    Ok(store::set_vouched_by(tx, connection, scope.actor.member_id())?)
}

/// Checks that the caller may give this to people.
///
/// # Errors
/// A [`ConnectionRefusal`].
pub(super) fn may_grant(tx: &mut Tx<'_>, scope: &Scope, grants: &Grants) -> Outcome<()> {
    let judged = members::may_grant(tx, scope, grants);
    judged.map_err(|error| error.map_refusal(ConnectionRefusal::Grant))
}

fn holds_everything(conn: &mut Conn, scope: &Scope) -> Result<bool, Fault> {
    Ok(Ceiling::of(conn, scope)?.is_open())
}

/// Whether the caller, who holds everything, saves a connection that somebody who does not answers for.
pub(super) fn is_taking_over(conn: &mut Conn, scope: &Scope, connection: &Connection) -> Result<bool, Fault> {
    Ok(connection.vouched_by.is_some() && holds_everything(conn, scope)?)
}

/// Whether the connection vouches for this member: who decided that holds everything that the member holds.
pub fn vouches_for(conn: &mut Conn, connection: &Connection, member: MemberId, now: Timestamp) -> Result<bool, Fault> {
    let Some(by) = connection.vouched_by else { return Ok(true) };
    let organization = connection.organization_id;
    if members::find_active(conn, &Scope::system(organization, now), by)?.is_none() {
        return Ok(false);
    }
    let (permissions, rules) = authorization::promised(conn, organization, member)?;
    let ceiling = Ceiling::held_by(conn, organization, by, now)?;
    Ok(ceiling.first_not_grantable(&permissions, &rules).is_none())
}

/// Refuses a change of the provider or of who comes from it to a caller who may not give what the mappings give: they
/// could let themselves in with more than they hold. What was deleted gives nothing.
fn demand_mapped(tx: &mut Tx<'_>, scope: &Scope, connection: &Connection) -> Outcome<()> {
    let given: BTreeSet<MappedGrant> = connection.mappings.0.iter().map(|mapping| mapping.gives).collect();
    for grant in given {
        match members::may_grant(tx, scope, &grant.grants()) {
            Ok(()) | Err(OperationError::Refused(GrantRefusal::Gone)) => {}
            Err(error) => return Err(error.map_refusal(ConnectionRefusal::Grant)),
        }
    }
    Ok(())
}
