//! Members: the place of a person or a system account in one organization. The directory lists them; whether they may
//! enter, and what they may do, is read from here at every request.
//!
//! Invariants: nobody changes their own status; an organization keeps one usable Administrator; people who are active
//! or invited never outnumber the seats of the plan.

mod access;
mod directory;
mod disablement;
mod furnish;
mod model;
mod profile;
mod seats;
mod store;

pub use access::{grant_policies, grant_roles, permissions, promised};
pub use disablement::{DisableRefusal, Disablement, beyond, disable, enable, may_disable};
pub use model::{Member, MemberKind, MemberStatus, Membership, NewMember, provider_name};
pub use profile::{Header, header};
pub use seats::{Seats, seats};
pub use store::{delete, everybody, find, find_by_user, insert, join, memberships, refresh_team_key, rename, touch_sign_in};

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    directory::routes::mount(app);
    profile::mount(app);
    disablement::mount(app);
}
