//! Verification of what a person shows as their second step.

use super::{SecondFactors, passkeys, recovery_codes, totps};
use crate::{
    db::Tx,
    kit::{Fault, RequestInfo, secret::SecretString},
    mail::Outbox,
    throttle::{self, Bucket, Wait},
    users::User,
};

/// What a person enters as their second step.
#[derive(Debug)]
pub enum Answer {
    /// A code of the app, or a recovery code. Their formats differ, so one is never taken for the other.
    Code(SecretString),
    /// The browser's answer for a passkey, and the sealed challenge it answers.
    Passkey { credential: String, sealed: String },
}

/// Which factor it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    App,
    RecoveryCode,
    Passkey,
}

impl Factor {
    /// The name of the sign-in method: password plus this factor.
    pub fn method(self) -> &'static str {
        match self {
            Self::App => "password+totp",
            Self::RecoveryCode => "password+recovery_code",
            Self::Passkey => "password+passkey",
        }
    }
}

/// The result of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verification {
    /// Right, by this factor; none where the person has none to answer with.
    Verified(Option<Factor>),
    Wrong,
    /// Too many attempts: nothing was compared.
    Wait(Wait),
}

/// Counts the attempt, then verifies the answer. A right one is spent.
pub fn verify(
    tx: &mut Tx<'_>,
    factors: &SecondFactors,
    outbox: &Outbox,
    user: &User,
    answer: &Answer,
    request_info: &RequestInfo,
) -> Result<Verification, Fault> {
    let now = request_info.now;
    if let Some(wait) = throttle::count(tx, Bucket::SecondStep, &user.id.to_string(), throttle::SECOND_STEP, now)? {
        return Ok(Verification::Wait(wait));
    }
    let found = match answer {
        Answer::Code(typed) if totps::digits(typed.expose()).is_some() => {
            totps::consume(tx, factors, user, typed.expose(), now)?.then_some(Factor::App)
        }
        Answer::Code(typed) => recovery_codes::consume(tx, outbox, user, typed.expose(), request_info)?.then_some(Factor::RecoveryCode),
        Answer::Passkey { credential, sealed } => passkeys::consume(tx, factors, user, credential, sealed, now)?.then_some(Factor::Passkey),
    };
    if found.is_none() {
        return Ok(Verification::Wrong);
    }
    throttle::reset(tx, Bucket::SecondStep, &user.id.to_string())?;
    Ok(Verification::Verified(found))
}
