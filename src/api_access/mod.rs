//! API access of people: off until an administrator turns it on for somebody, who may then make tokens, and be given an
//! API password for clients that know nothing but HTTP Basic.
//!
//! Decided: anyone who manages users decides about people who may do no more than they may themselves, and about their own
//! access only if they may do everything, for whom it opens nothing that they could not open anyway. Everybody else asks
//! somebody. Anyone who is above the caller is shown to them with counts, not with names, addresses and times. What an
//! administrator does here is told to the person by mail. Guesses at API passwords are counted for each name, and apart
//! for sources from which the right one came in the last thirty days, so that nobody stops another one's process.
//!
//! Invariants: the API password is never the password that opens the console, and opens nothing there; it is stored as an
//! argon2id hash alone; turning API access off removes it.

mod forms;
mod keys;
mod make;
mod pages;
mod verified_cache;
mod routes;
mod store;
mod verify;

pub use keys::ApiCredentials;
pub use make::{AccessRefusal, disable, enable, remove_password, set_password};
pub use routes::mount;
pub use store::{Access, find, touch};
pub use verified_cache::VerifiedCache;
pub use verify::{Holder, Refused, verify};
