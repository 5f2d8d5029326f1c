//! Invitations: a pending offer to an email address. An invited person is a member with status invited from the start,
//! so that seats, lists and roles handle only one kind of person.
//!
//! Invariants: one open link per invitation; everything is checked again on acceptance; opening a link changes nothing;
//! accepting never overwrites an existing password.

mod accept;
mod forms;
mod landing;
mod list;
mod mail;
mod manage;
mod model;
mod pages;
mod provider;
mod refusal;
mod routes;
mod send;
mod store;
mod way;

pub use accept::Acceptance;
pub use forms::InviteForm;
pub use list::{InvitationState, Listed, find, page};
pub use manage::{Handed, Handover, RenewRefusal, cancel, copy_link, copy_links, offer, open_of, renew};
pub use model::{Outcome, Sent, Wanted};
pub use provider::accept_through_provider;
pub use refusal::AcceptRefusal;
pub use send::send;
pub use way::Way;

use crate::web::Routes;

pub fn mount(app: &mut Routes) {
    routes::mount(app);
    landing::mount(app);
}
