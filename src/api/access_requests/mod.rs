//! Requests for access: a person asks for a role or a team, and those who could give it by hand decide.

mod changes;
mod refusals;
mod rows;

use super::endpoints::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = rows::endpoints();
    all.extend(changes::endpoints());
    all
}
