//! Authenticator apps (TOTP, RFC 6238): codes of six digits that change every thirty seconds.

use super::{Notice, SecondFactors, notices::tell, recovery_codes, store};
use crate::{
    db::Tx,
    kit::{
        Fault, OperationError, RequestInfo, Timestamp, UserId, fold,
        secret::{self, SecretString},
    },
    mail::Outbox,
    users::{self, User},
};
use chrono::TimeDelta;
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;
use totp_rs::{Algorithm, Builder, Totp};

/// Length of a secret in bytes: 160 bits (RFC 4226, section 4).
const SECRET: usize = 20;
/// How long the page with the QR code may stay open.
const OPEN_FOR: TimeDelta = TimeDelta::hours(1);

/// A secret that belongs to nobody yet: as a QR code, as text, and sealed for the form that confirms it.
#[derive(Clone)]
pub struct Offer {
    /// In groups of four.
    pub text: String,
    /// The link in the QR code, for a phone that shows this page itself.
    pub link: String,
    pub chart: Chart,
    pub sealed: String,
}

/// A QR code: a path of unit squares, and how many squares there are on a side.
#[derive(Clone)]
pub struct Chart {
    pub path: String,
    pub side: i32,
}

/// Why no app was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppRefusal {
    #[error("This is not the code that the app shows now. Check the clock of your phone, and type the newest code.")]
    WrongCode,
    #[error("This page was open for too long. Scan the new picture.")]
    Expired,
    #[error("You have an authenticator app already.")]
    AlreadyThere,
}

fn purpose(user: UserId) -> String {
    format!("app of {user}")
}

fn totp(factors: &SecondFactors, user: &User, secret: &[u8]) -> Result<Totp, Fault> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret.to_vec())
        .with_issuer(Some(factors.issuer.clone()))
        .with_account_name(user.email.replace(':', "."))
        .build()
        .map_err(|why| Fault::broken(why.to_string()))
}

/// Makes a new secret for a person's app. Nothing is stored here.
pub fn offer(factors: &SecondFactors, user: &User, now: Timestamp) -> Result<Offer, Fault> {
    let mut bytes = [0; SECRET];
    secret::fill(&mut bytes);
    let sealed = factors.seal(&purpose(user.id), &bytes.to_vec(), now + OPEN_FOR)?;
    draw(factors, user, &bytes, sealed)
}

/// Shows the same offer again, after a wrong code. `None` if it has expired.
pub fn offered(factors: &SecondFactors, user: &User, sealed: &str, now: Timestamp) -> Result<Option<Offer>, Fault> {
    let bytes: Option<Vec<u8>> = factors.open(&purpose(user.id), sealed, now);
    bytes.map(|bytes| draw(factors, user, &bytes, sealed.to_owned())).transpose()
}

fn draw(factors: &SecondFactors, user: &User, bytes: &[u8], sealed: String) -> Result<Offer, Fault> {
    let totp = totp(factors, user, bytes)?;
    let link = totp.to_url().map_err(|why| Fault::broken(why.to_string()))?;
    let code = QrCode::encode_text(&link, QrCodeEcc::Medium).map_err(|why| Fault::broken(format!("{why:?}")))?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    let text = totp_rs::Secret::from(bytes.to_vec()).to_base32();
    let groups: Vec<&str> = (0..text.len()).step_by(4).map(|at| &text[at..text.len().min(at + 4)]).collect();
    Ok(Offer { text: groups.join(" "), link, chart: Chart { path, side: code.size() }, sealed })
}

/// Six digits, from any keyboard and with any spacing.
pub(super) fn digits(typed: &str) -> Option<String> {
    let plain = fold::code(typed);
    (plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit())).then_some(plain)
}

/// The time step that this code belongs to. One step before and one after are accepted too.
fn step(totp: &Totp, typed: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.micros() / 1_000_000).ok()?;
    totp.check(&digits(typed)?, seconds).and_then(|step| i64::try_from(step).ok())
}

/// Stores the offered secret for the person, once a code shows that their app has it. A person's first factor comes
/// with recovery codes, which are shown only this once.
///
/// # Errors
/// An [`AppRefusal`].
pub fn enrol(
    tx: &mut Tx<'_>,
    factors: &SecondFactors,
    outbox: &Outbox,
    user: &User,
    offer: &str,
    code: &SecretString,
    request_info: &RequestInfo,
) -> Result<Option<Vec<String>>, OperationError<AppRefusal>> {
    let now = request_info.now;
    let bytes: Vec<u8> = factors.open(&purpose(user.id), offer, now).ok_or(OperationError::Refused(AppRefusal::Expired))?;
    let step = step(&totp(factors, user, &bytes)?, code.expose(), now).ok_or(OperationError::Refused(AppRefusal::WrongCode))?;
    if users::is_too_late(tx, user.id, now)? {
        return Err(Fault::SignedOut.into());
    }
    let is_first = !store::has_any(tx, user.id)?;
    let sealed = sealed(factors, user.id, &bytes);
    if !store::insert_app(tx, user.id, &sealed, step, now)? {
        return Err(OperationError::Refused(AppRefusal::AlreadyThere));
    }
    tell(tx, outbox, user, &Notice::AppAdded, request_info)?;
    Ok(if is_first {
        Some(recovery_codes::make(tx, user.id, now)?)
    } else {
        None
    })
}

/// Seals the secret of a person's app for storage.
pub fn sealed(factors: &SecondFactors, user: UserId, secret: &[u8]) -> Vec<u8> {
    factors.sealer.seal(&purpose(user), secret)
}

/// Whether this is an unused code of the person's app. It is used now.
pub(super) fn consume(tx: &mut Tx<'_>, factors: &SecondFactors, user: &User, typed: &str, now: Timestamp) -> Result<bool, Fault> {
    let Some(sealed) = store::find_secret(tx, user.id)? else {
        return Ok(false);
    };
    let secret = factors.sealer.open(&purpose(user.id), &sealed)?;
    match step(&totp(factors, user, &secret)?, typed, now) {
        Some(step) => store::consume_step(tx, user.id, step),
        None => Ok(false),
    }
}

/// Removes the app.
///
/// # Errors
/// [`Fault::Missing`] when there is none.
pub fn remove(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, request_info: &RequestInfo) -> Result<(), Fault> {
    if !store::delete_app(tx, user.id)? {
        return Err(Fault::Missing);
    }
    recovery_codes::tidy(tx, user.id)?;
    tell(tx, outbox, user, &Notice::AppRemoved, request_info)
}
