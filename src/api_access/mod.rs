//! API access of people. It is off until an administrator turns it on for a person. That person may then make tokens,
//! and may be given an API password for clients that support only HTTP Basic.
//!
//! Decided: a caller who manages users decides about people who may do no more than the caller. Callers decide about
//! their own access only if they hold every permission, because then it opens nothing new to them; all others ask an
//! administrator. For people who may do more than the caller, the caller sees counts only, not names, addresses and
//! times. The person is told by mail of what an administrator does here. Guesses at API passwords are counted for each
//! username. Sources from which the right password came in the last thirty days are counted separately, so that an
//! attacker cannot lock out another person's process.
//!
//! Invariants: the API password is never the console password, and does not open the console; it is stored only as an
//! argon2id hash; turning API access off removes it.

mod forms;
mod keys;
mod make;
mod pages;
mod verified_cache;
mod routes;
mod store;
mod verify;

pub use forms::{password, words};
pub use keys::ApiCredentials;
pub use make::{AccessRefusal, disable, enable, remove_password, set_password};
pub use routes::mount;
pub use store::{Access, find, touch};
pub use verified_cache::VerifiedCache;
pub use verify::{Holder, Refused, verify};
