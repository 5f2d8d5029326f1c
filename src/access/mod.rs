//! Who may do what, as screens: the roles, the policies, and what an organization declares of its own applications for
//! both. Every change here is one of what other people may do, so the guards stand in the operations:
//!
//! * nobody makes a role or policy wider than what they hold themselves (the ceiling);
//! * nobody changes their own access by changing a role or policy that they hold;
//! * nobody takes from somebody above them;
//! * two who edit the same at once notice each other, by the edition that each began with.

mod deletion_page;
mod count;
mod declared;
mod form_state;
mod policies;
mod roles;

use actix_web::web::ServiceConfig;

pub fn mount(app: &mut ServiceConfig) {
    roles::mount(app);
    policies::mount(app);
    declared::mount(app);
}
