//! Domains: email domains that an organization has proven to own. People with such addresses are led to the connection
//! that the domain is bound to, and may join or be connected through it without being asked.
//!
//! Invariants:
//!
//! * A verified domain is unique in the deployment (unique index), and only a verified domain means anything.
//! * The proof is a record in the DNS with a value that differs between organizations, or the word of the operator. A
//!   check of a person gives the proof and never takes it away.
//! * The proof is looked for every week. It is lost after three answers on different days that it is not there; an
//!   answer that does not come counts as nothing. Nobody loses access with it.
//! * No transaction is open while the DNS is asked.

mod dns;
mod forms;
mod mail;
mod manage;
mod message;
mod model;
mod name;
mod pages;
mod proof;
mod public;
mod recheck;
mod routes;
mod store;

pub use dns::{DnsFailure, Resolvers};
pub use manage::{DomainRefusal, MOST, add, begin_check, bind, end_check, find, list, list_everywhere, remove, remove_by_name, vouch_for};
pub use model::{Domain, DomainState, Method};
pub use name::NameRefusal;
pub use proof::{Checker, Finding};
pub use recheck::DomainWorker;
pub use routes::mount;

use crate::{
    db::Conn,
    kit::{ConnectionId, Fault, OrganizationId, email::Email},
};

/// Where people of this domain sign in: the enabled connection that it is bound to, if it is verified. Takes an address
/// or a domain as a visitor typed it, and asks the database the same for everything that is typed, so that no time tells
/// which domains are known.
pub fn connection_for(conn: &mut Conn, typed: &str) -> Result<Option<(OrganizationId, ConnectionId)>, Fault> {
    store::bound_connection(conn, &name::sought(typed).unwrap_or_default())
}

/// Whether this organization has proven that it owns the domain of this address.
pub fn is_proven_in(conn: &mut Conn, organization: OrganizationId, email: &Email) -> Result<bool, Fault> {
    let domain = store::find_by_name(conn, organization, email.domain())?;
    Ok(domain.is_some_and(|domain| domain.is_verified()))
}

/// Whether the connection's organization has proven that it owns the domain of this address, and bound it to this
/// connection.
pub fn is_proven_for(conn: &mut Conn, connection: ConnectionId, email: &Email) -> Result<bool, Fault> {
    store::is_bound(conn, email.domain(), connection)
}
