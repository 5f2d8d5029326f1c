//! Webhooks: addresses of products that are told of events, and what was sent to them.

mod changes;
mod deliveries;
mod refusals;
mod rows;
mod secrets;
mod status;

use super::endpoints::Endpoint;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = rows::endpoints();
    all.extend(changes::endpoints());
    all.extend(secrets::endpoints());
    all.extend(status::endpoints());
    all.extend(deliveries::endpoints());
    all
}
