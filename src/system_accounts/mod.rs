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
    db::Tx,
    kit::{MemberId, MemberKind, OperationError, Scope, rights},
    members::{self, EditRefusal, GrantRefusal, Grants, NewAccount, SeatUsage},
};
use serde_json::json;

/// A checked request to create a system account. Checks that need the database are still to come.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub name: String,
    /// Its purpose.
    pub title: String,
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
}

/// Creates a system account.
///
/// # Errors
/// A [`CreateRefusal`] or [`Fault::Denied`](crate::kit::Fault).
pub fn create(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<MemberId, OperationError<CreateRefusal>> {
    let kind = MemberKind::SystemAccount;
    // Locks, so that two simultaneous requests count and check the name one after the other.
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::manage(kind))?;
    members::may_grant_to(tx, scope, kind, &wanted.grants).map_err(|error| error.map_refusal(CreateRefusal::Grant))?;
    if let Some(seat_usage) = members::seats(tx, scope.organization)?.usage(kind).filter(SeatUsage::is_full) {
        return Err(OperationError::Refused(CreateRefusal::NoneLeft(seat_usage)));
    }
    if members::is_name_taken(tx, scope, &wanted.name, None)? {
        return Err(OperationError::Refused(CreateRefusal::NameTaken));
    }
    let new = NewAccount { name: &wanted.name, title: &wanted.title };
    let member = members::insert_account(tx, scope, &new)?;
    members::assign(tx, scope, member, &wanted.grants)?;
    let mut facts = json!({ "roles": wanted.grants.roles, "teams": wanted.grants.teams });
    if !wanted.title.is_empty() {
        facts["title"] = json!(wanted.title);
    }
    let event = Event::new("system_account.created", "member", member.0, &wanted.name);
    audit::record(tx, scope, event.after(facts))?;
    Ok(member)
}
