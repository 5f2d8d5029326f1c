//! Passwords: how good they must be, how they are kept, and how a forgotten one is replaced.
//!
//! Invariants: a password is never mailed; it is stored as an argon2id hash alone; changing it ends every session that
//! began before, because sessions are compared with the time of the last change.

mod hasher;
mod mail;
mod pages;
mod recovery;
mod routes;
mod store;
mod strength;

pub use hasher::{Cost, Hasher, Verdict};
pub use recovery::{ResetRefusal, issue_link, notify_changed};
pub use routes::mount;
pub use store::{Password, find, minimum, rehash, set};
pub use strength::{MINIMUM, judge, judge_at_least};
