//! Invitations: to up to fifty people at once, with a verdict for each, and what can be done with a pending one.

mod changes;
mod rows;
mod sending;

use super::endpoints::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = rows::endpoints();
    all.extend(sending::endpoints());
    all.extend(changes::endpoints());
    all
}
