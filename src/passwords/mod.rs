//! Passwords: how good they must be, how they are kept, and how a forgotten one is replaced.
//!
//! Invariants: a password is never mailed; only its argon2id hash is stored; changing it ends every session that began
//! before, because a session is compared with the time of the last change. `keys` decides what happens to tokens and
//! API passwords then.

mod administration;
mod buffers;
mod forms;
mod generated;
mod hasher;
mod keys;
mod mail;
mod pages;
mod profile;
mod recovery;
mod routes;
mod store;
mod strength;

pub use administration::{PasswordRefusal, hand_over_reset, may_send_reset, may_set_temporary, preview_resets, send_reset, set_temporary};
pub use forms::{check_choice, choose};
pub use generated::{TEMPORARY_DAYS, generate, pasted};
pub use hasher::{Cost, Hasher, Verdict};
pub use keys::{CredentialCount, ProgramCredentials, RevokeChoice};
pub use mail::Reason;
pub use recovery::{FORGOTTEN, ResetRefusal, answer, end_keys_and_tell, issue_link, send_link};
pub use store::{Password, find, rehash, set};
pub use strength::{MINIMUM, check_strength, minimum, minimum_in};

use crate::web::Routes;

pub fn mount(app: &mut Routes) {
    routes::mount(app);
    profile::mount(app);
}
