//! Access control: roles, policies, teams, and what an organization declares for its own applications.
//!
//! Deleting a role, a policy or a team that has members needs `detach=true`, as the console asks for a confirmation that
//! says how many there are. What an organization declared is not deleted while a role or policy names it.

mod application_permissions;
mod deletion;
mod member_lists;
mod name_lists;
mod own_fields;
mod permissions;
mod policies;
mod policy_rules;
mod refusals;
mod resource_types;
mod roles;
mod team_access;
mod team_members;
mod teams;

use super::endpoints::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = roles::endpoints();
    all.extend(permissions::endpoints());
    all.extend(own_fields::endpoints());
    all.extend(application_permissions::endpoints());
    all.extend(policies::endpoints());
    all.extend(resource_types::endpoints());
    all.extend(teams::endpoints());
    all.extend(team_members::endpoints());
    all.extend(team_access::endpoints());
    all
}
