//! Second factors: what somebody has besides their password. An authenticator app, passkeys, and recovery codes for the
//! day both are lost.
//!
//! Invariants: a code works once, whichever process it is sent to; tries are counted for the person, not for the page;
//! anyone who has no factor has no recovery codes either; every change is told to the person by mail and to each of their
//! organizations.

mod answer;
mod notices;
mod passkeys;
mod recovery_codes;
mod requirement;
mod sealed_state;
mod store;
mod totps;

pub use answer::{Answer, Factor, answer};
pub use notices::{Notice, record_for_each};
pub use passkeys::{Challenge, Creation, Passkey, PasskeyRefusal, challenge, creation, discovery, recognize, register, remove, rename};
pub use recovery_codes::{left, renew};
pub use requirement::{LACKING, mount};
pub use sealed_state::SecondFactors;
pub use store::{Held, find_passkey, has_any, held};
pub use totps::{AppRefusal, Offer, enrol, offer, offered, remove as remove_app, sealed};

use crate::{
    db::Tx,
    kit::{Fault, UserId},
};

/// Takes every factor of a person away, and their recovery codes. Says whether there was anything.
pub fn remove_all(tx: &mut Tx<'_>, user: UserId) -> Result<bool, Fault> {
    let had = has_any(tx, user)?;
    store::delete_app(tx, user)?;
    store::delete_passkeys(tx, user)?;
    store::delete_codes(tx, user)?;
    Ok(had)
}
