//! Second factors: what a person has besides their password. An authenticator app, passkeys, and recovery codes for the
//! day both are lost.
//!
//! Invariants: a code works once, across all processes; attempts are counted per person, not per page; a person without
//! a factor has no recovery codes either; the person is told of every change by mail, and each of their organizations
//! in its audit log.

mod answer;
mod notices;
mod passkeys;
mod recovery_codes;
mod requirement;
mod sealed_state;
mod store;
mod totps;

pub use answer::{Answer, Factor, Verification, verify};
pub use notices::Notice;
pub use passkeys::{Challenge, Creation, Passkey, PasskeyRefusal, challenge, creation, discovery, recognize, register, remove, rename};
pub use recovery_codes::{left, renew};
pub use requirement::{LACKING, is_lacking, mount};
pub use sealed_state::SecondFactors;
pub use store::{Held, find_passkey, has_any, held};
pub use totps::{AppRefusal, Offer, enrol, offer, offered, remove as remove_app, sealed};

use crate::{
    db::Tx,
    kit::{Fault, UserId},
};

/// Removes every factor of a person and their recovery codes. Returns whether there was anything.
pub fn remove_all(tx: &mut Tx<'_>, user: UserId) -> Result<bool, Fault> {
    let had = has_any(tx, user)?;
    store::delete_app(tx, user)?;
    store::delete_passkeys(tx, user)?;
    store::delete_codes(tx, user)?;
    Ok(had)
}
