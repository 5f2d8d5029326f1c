//! API access of people: off until an administrator turns it on for somebody, who may then make tokens, and be given an
//! API password for clients that know nothing but HTTP Basic.
//!
//! Invariants: the API password is never the password that opens the console, and opens nothing there; it is stored as an
//! argon2id hash alone; turning API access off removes it.

mod keys;
mod make;
mod pages;
mod proven;
mod routes;
mod store;
mod verify;

pub use keys::Keychain;
pub use make::{AccessRefusal, disable, enable, remove_password, set_password};
pub use proven::Proven;
pub use routes::mount;
pub use store::{Access, find, touch};
pub use verify::{Holder, Refused, verify};
