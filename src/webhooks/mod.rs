//! Webhooks: addresses of products that are told of events, signed (Standard Webhooks 1.0). `README.md` beside this file
//! is for receivers.
//!
//! Invariants:
//!
//! * An event is published if and only if its change was committed: a trigger of the database copies audit events to the
//!   outbox in the transaction of the change, and `audit` does not know this module.
//! * An event becomes one delivery for each webhook that wants it. A delivery is sent by one process at a time, under a
//!   lease, until it arrives or is given up. It may arrive twice, with the same id: after a crash nobody knows whether it
//!   did.
//! * No transaction is open while a request runs.
//! * The URL is judged when it is saved and whenever it is called (`outbound`). Nothing of an answer is kept but its
//!   status.
//! * A body holds ids and what changed, no personal values and no secrets (`body`).

mod attempt;
mod body;
mod deliveries;
mod delivery_routes;
mod dispatch;
pub mod events;
mod forms;
mod history;
mod mail;
mod manage;
mod model;
mod pages;
mod routes;
mod secret_routes;
mod secrets;
mod store;
mod worker;

pub use attempt::{Attempt, Sender};
pub use deliveries::Claimed;
pub use dispatch::forget_events;
pub use forms::WebhookForm;
pub use history::{find_delivery, latest, replay, test};
pub use manage::{MOST, NewWebhook, WebhookRefusal, create, delete, disable, enable, find, list, overlap, rotate, update};
pub use model::{Delivery, DeliveryState, DisabledReason, Status, Webhook};
pub use secrets::{OVERLAP, Secrets, SigningSecret};
pub use worker::WebhookWorker;

use crate::{
    db::Tx,
    kit::{Fault, Timestamp},
    web::Routes,
};

pub fn mount(app: &mut Routes) {
    routes::mount(app);
    secret_routes::mount(app);
    delivery_routes::mount(app);
}

/// Deletes deliveries after 30 days, and secrets that have ended.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    deliveries::sweep(tx, now)?;
    secrets::sweep(tx, now)
}
