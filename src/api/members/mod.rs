//! People and system accounts: the members of an organization. Both have the same operations, made once here and mounted
//! for each kind.

mod changes;
mod creation;
mod details;
mod edit;
mod export;
mod listing;
mod loading;
mod own_fields;
mod system_accounts;
mod users;

pub(super) use changes::{TeamMembership, put_in_team, take_from_team};
pub(super) use loading::Status;

use super::endpoints::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = users::endpoints();
    all.extend(creation::endpoints());
    all.extend(system_accounts::endpoints());
    all.extend(changes::endpoints());
    all.extend(export::endpoints());
    all
}
