//! The screens of access control: roles, policies, and what an organization declares for its own applications. Every
//! change here affects what other people may do, so the operations contain these guards:
//!
//! * no caller makes a role or policy wider than what they hold themselves (the ceiling);
//! * no caller changes their own access by changing a role or policy that they hold;
//! * no caller takes anything from a member who may do more than they may;
//! * simultaneous edits are detected by the version that each editor read.

mod deletion_page;
mod count;
pub mod declared;
mod form_state;
pub mod policies;
pub mod roles;
pub mod who;

pub use count::Count;

use crate::web::Routes;

pub fn mount(app: &mut Routes) {
    roles::mount(app);
    policies::mount(app);
    declared::mount(app);
    who::mount(app);
}
