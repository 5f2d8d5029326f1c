//! Invitations: a pending offer to an email address. Anyone who is invited is a member with status invited from the start,
//! so that seats, lists and roles need not know about two kinds of people.
//!
//! Invariants: one open link per invitation; everything is checked again when it is accepted; opening a link changes
//! nothing; a password that exists is never overwritten by accepting.

mod accept;
mod forms;
mod landing;
mod mail;
mod manage;
mod model;
mod pages;
mod refusal;
mod routes;
mod send;
mod store;

pub use accept::{Acceptance, Way};
pub use manage::{Handed, Handover, RenewRefusal, cancel, copy_links, open_of, renew};
pub use model::{Outcome, Sent, Wanted};
pub use refusal::AcceptRefusal;
pub use send::send;

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    routes::mount(app);
    landing::mount(app);
}
