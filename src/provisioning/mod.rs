//! Provisioning: identity providers keep people and teams up to date by SCIM. The module `scim` speaks the protocol; here
//! is what may be done and by whom.
//!
//! Invariants:
//!
//! * A SCIM client is a system account with settings (`Provisioner`). Only an Administrator sets one up and makes its
//!   tokens: by them one reaches everybody whom an Administrator reaches, except administrators unless that is allowed.
//! * A client changes only people and teams that it created, and those that it took over, where an Administrator allows
//!   that. Nobody edits here what a client manages (`members::managed`).
//! * An address that a client sends becomes the address here only if the organization has proven that it owns the domain.
//! * Every operation is one that the console uses, with the same guards: seats, the last administrator, break-glass
//!   administrators, system accounts.

mod call_routes;
mod calls;
mod client;
mod facts;
mod forms;
mod group_store;
mod groups;
mod manage;
mod model;
mod pages;
mod refusal;
mod routes;
mod store;
mod user_roles;
mod user_store;
mod users;

pub use calls::{Call, CallLog, StoredCall, find_call, latest as latest_calls, sweep};
pub use client::{Client, act};
pub use facts::{ListedProvisioner, overview};
pub use group_store::{GroupRecord, all as all_groups, find as find_group, people as people_of_groups};
pub use groups::{MemberChanges, WantedGroup, create as create_group, delete as delete_group, update as update_group};
pub use manage::{create, delete, find, list, managed, may_set_up, offer, update};
pub use model::{Product, ProvisionedGroup, ProvisionedUser, Provisioner, ProvisionerSettings};
pub use refusal::{ProvisionRefusal, Provisioned, SetupRefusal};
pub use store::find_by_account;
pub use user_store::{
    UserRecord, after as users_after, among as users_among, by_address, by_external_id, by_user_name, find as find_user, part as users_part,
};
pub use users::{WantedUser, create as create_user, delete as delete_user, update as update_user};

use crate::{
    db::Conn,
    kit::{ConnectionId, Fault, MemberId, OrganizationId},
    web::Routes,
};

pub fn mount(app: &mut Routes) {
    routes::mount(app);
    call_routes::mount(app);
}

/// The person whom the SCIM client of this connection calls by one of these external ids or user names. The same
/// Administrator bound the client and the connection, so that both speak of the same people.
pub fn provisioned_through(
    conn: &mut Conn,
    organization: OrganizationId,
    connection: ConnectionId,
    names: (&[&str], &[&str]),
) -> Result<Option<(Provisioner, MemberId)>, Fault> {
    let Some(provisioner) = store::find_by_connection(conn, organization, connection)? else {
        return Ok(None);
    };
    let member = user_store::find_of_provisioner(conn, organization, provisioner.id, names)?;
    Ok(member.map(|member| (provisioner, member)))
}
