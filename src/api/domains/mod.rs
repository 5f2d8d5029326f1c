//! Domains: email domains that an organization has proven to own, and the connection that their people sign in through.

mod changes;
mod rows;

use super::endpoints::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = rows::endpoints();
    all.extend(changes::endpoints());
    all
}
