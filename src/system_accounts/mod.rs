//! System accounts: members for machines, created by administrators. The members module stores their details and
//! access, as for people. This module creates them.
//!
//! Invariants: a system account has no identity, so it cannot be signed in to, invited or reset; it takes no seat, but
//! while it is not disabled it counts toward the plan's limit of system accounts; its name is unique among the
//! organization's system accounts.

mod forms;
mod pages;
mod routes;

pub use routes::mount;

use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, OperationError, Scope, rights},
    members::{self, Details, EditRefusal, GrantOptions, GrantRefusal, Grants, SeatUsage, Seats},
    own_fields::{self, Complaints},
};
use serde_json::json;

/// A checked request to create a system account. Checks that need the database are still to come.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name, and what else is known of it.
    pub details: Details,
    pub grants: Grants,
}

/// Why no system account was created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefusal {
    #[error("{}", EditRefusal::NameTaken)]
    NameTaken,
    #[error("{0}")]
    NoneLeft(SeatUsage),
    #[error(transparent)]
    Grant(GrantRefusal),
    /// Of the organization's own fields.
    #[error(transparent)]
    Own(Complaints),
}

/// What can be given to a new system account, and the limits of the plan.
///
/// # Errors
/// [`Fault::Denied`].
pub fn offer(conn: &mut Conn, scope: &Scope) -> Result<(GrantOptions, Seats), Fault> {
    scope.demand(rights::SYSTEM_ACCOUNT_MANAGE)?;
    members::offer(conn, scope, MemberKind::SystemAccount)
}

/// What the form shows: [`offer`], and the organization's own fields.
struct Loaded {
    offer: GrantOptions,
    seats: Seats,
    own: Vec<own_fields::Line>,
}

fn load(conn: &mut Conn, scope: &Scope) -> Result<Loaded, Fault> {
    let (offer, seats) = offer(conn, scope)?;
    let own = own_fields::of_new(conn, scope.organization, MemberKind::SystemAccount)?;
    Ok(Loaded { offer, seats, own })
}

/// Creates a system account.
///
/// # Errors
/// A [`CreateRefusal`] or [`Fault::Denied`].
pub fn create(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<MemberId, OperationError<CreateRefusal>> {
    let kind = MemberKind::SystemAccount;
    // Locks, so that two simultaneous requests count and check the name one after the other.
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::manage(kind))?;
    members::may_grant_to(tx, scope, kind, &wanted.grants).map_err(|error| error.map_refusal(CreateRefusal::Grant))?;
    if let Some(seat_usage) = members::seats(tx, scope.organization)?.usage(kind).filter(SeatUsage::is_full) {
        return Err(OperationError::Refused(CreateRefusal::NoneLeft(seat_usage)));
    }
    let name = &wanted.details.name;
    if members::is_name_taken(tx, scope, name, None)? {
        return Err(OperationError::Refused(CreateRefusal::NameTaken));
    }
    let member = members::insert_account(tx, scope, &wanted.details)?;
    members::assign(tx, scope, member, &wanted.grants)?;
    let mut facts = json!({ "roles": wanted.grants.roles, "teams": wanted.grants.teams });
    wanted.details.tell(&mut facts);
    let own = own_fields::write_new(tx, scope, (kind, member), &wanted.details.own, &mut facts);
    own.map_err(|error| error.map_refusal(CreateRefusal::Own))?;
    let event = Event::new("system_account.created", "member", member.0, name);
    audit::record(tx, scope, event.after(facts))?;
    Ok(member)
}
