//! Requests of Roster to addresses that people type: the receivers of webhooks, identity providers. Such an address may
//! name a machine behind Roster's own firewall (server-side request forgery, SSRF), so every request goes through here:
//!
//! * the host is resolved once, every address that it has is judged, and the connection is made to what was judged. A
//!   name that changes its address between the two (DNS rebinding) gains nothing;
//! * one address that is not public refuses all of them;
//! * https only, except for networks that the operator opened on purpose; those may also be private;
//! * no redirect is followed, no proxy of the environment is used, time and size are limited.

mod client;
mod networks;
mod places;
mod target;

pub use client::{Answer, Failure, Outbound, SILENCE};
pub use networks::OpenedNetworks;
pub use target::{Target, TargetRefusal};
