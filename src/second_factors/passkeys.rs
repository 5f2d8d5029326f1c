//! Passkeys (WebAuthn, Level 3): a key on a person's device that answers challenges of this origin only, once the
//! device has verified its owner. So a passkey is a second step, and counts as both steps where it comes first.

pub use super::store::Passkey;
use super::{Notice, SecondFactors, notices::tell, recovery_codes, store};
use crate::{
    db::{Conn, Tx},
    kit::{Fault, OperationError, PasskeyId, RequestInfo, Timestamp, UserId},
    mail::Outbox,
    throttle::{self, Bucket},
    users::{self, User},
};
use chrono::TimeDelta;
use serde_json::json;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, DiscoverableKey, Passkey as Credential, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential,
};

/// How long a challenge may be answered.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(10);
/// The most passkeys of one person. More are a mistake.
const MOST: usize = 20;

/// The options that the browser signs, and the same sealed for the form that brings back the answer.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// JSON for `navigator.credentials.get`.
    pub options: String,
    pub sealed: String,
}

/// Like [`Challenge`], for a new passkey: JSON for `navigator.credentials.create`.
pub type Creation = Challenge;

/// Why no passkey was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefusal {
    #[error("The browser's answer could not be verified. Try again.")]
    Unverified,
    #[error("This passkey is known already.")]
    Known,
    #[error("You have as many passkeys as fit. Remove one first.")]
    TooMany,
}

fn json_of(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(Fault::broken)
}

fn purpose(what: &str, user: UserId) -> String {
    format!("{what} of {user}")
}

/// A challenge to create a passkey. `None` where passkeys are not possible.
pub fn creation(conn: &mut Conn, factors: &SecondFactors, user: &User, now: Timestamp) -> Result<Option<Creation>, Fault> {
    let Some(webauthn) = &factors.webauthn else { return Ok(None) };
    let known = store::credentials(conn, user.id)?
        .into_iter()
        .map(|(_, credential)| credential.cred_id().clone())
        .collect();
    let (options, state) = webauthn
        .start_passkey_registration(user.id.0, &user.email, &user.email, Some(known))
        .map_err(|why| Fault::broken(why.to_string()))?;
    let mut options = serde_json::to_value(options.public_key).map_err(Fault::broken)?;
    // Asks for a discoverable credential: the device finds it by itself, so that nobody needs to type a username.
    options["authenticatorSelection"]["residentKey"] = json!("preferred");
    Ok(Some(Challenge {
        options: options.to_string(),
        sealed: factors.seal(&purpose("new passkey", user.id), &state, now + OPEN_FOR)?,
    }))
}

/// Stores a new passkey. A person's first factor comes with recovery codes, which are shown only this once.
///
/// # Errors
/// A [`PasskeyRefusal`].
pub fn register(
    tx: &mut Tx<'_>,
    factors: &SecondFactors,
    outbox: &Outbox,
    user: &User,
    name: &str,
    (credential, sealed): (&str, &str),
    request_info: &RequestInfo,
) -> Result<Option<Vec<String>>, OperationError<PasskeyRefusal>> {
    let now = request_info.now;
    let unverified = || OperationError::Refused(PasskeyRefusal::Unverified);
    let webauthn = factors.webauthn.as_ref().ok_or(Fault::Missing)?;
    let state: PasskeyRegistration = factors.open(&purpose("new passkey", user.id), sealed, now).ok_or_else(unverified)?;
    let answered: RegisterPublicKeyCredential = serde_json::from_str(credential).map_err(|_| unverified())?;
    let credential = webauthn.finish_passkey_registration(&answered, &state).map_err(|_| unverified())?;
    if store::credentials(tx, user.id)?.len() >= MOST {
        return Err(OperationError::Refused(PasskeyRefusal::TooMany));
    }
    if users::is_too_late(tx, user.id, now)? {
        return Err(Fault::SignedOut.into());
    }
    let is_first = !store::has_any(tx, user.id)?;
    if !store::insert_passkey(tx, user.id, name, credential, now)? {
        return Err(OperationError::Refused(PasskeyRefusal::Known));
    }
    tell(tx, outbox, user, &Notice::PasskeyAdded(name.to_owned()), request_info)?;
    Ok(if is_first {
        Some(recovery_codes::make(tx, user.id, now)?)
    } else {
        None
    })
}

/// A challenge for any of this person's passkeys; `None` if they have none.
pub fn challenge(conn: &mut Conn, factors: &SecondFactors, user: UserId, now: Timestamp) -> Result<Option<Challenge>, Fault> {
    let Some(webauthn) = &factors.webauthn else { return Ok(None) };
    let known: Vec<Credential> = store::credentials(conn, user)?.into_iter().map(|(_, credential)| credential).collect();
    if known.is_empty() {
        return Ok(None);
    }
    let (options, state) = webauthn.start_passkey_authentication(&known).map_err(|why| Fault::broken(why.to_string()))?;
    Ok(Some(Challenge {
        options: json_of(&options.public_key)?,
        sealed: factors.seal(&purpose("passkey", user), &state, now + OPEN_FOR)?,
    }))
}

/// A challenge for any passkey that is on the device.
pub fn discovery(factors: &SecondFactors, now: Timestamp) -> Result<Option<Challenge>, Fault> {
    let Some(webauthn) = &factors.webauthn else { return Ok(None) };
    let (options, state) = webauthn.start_discoverable_authentication().map_err(|why| Fault::broken(why.to_string()))?;
    Ok(Some(Challenge {
        options: json_of(&options.public_key)?,
        sealed: factors.seal("any passkey", &state, now + OPEN_FOR)?,
    }))
}

/// Whether the answer is right. The challenge works once.
pub(super) fn consume(
    tx: &mut Tx<'_>,
    factors: &SecondFactors,
    user: &User,
    credential: &str,
    sealed: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    let Some(webauthn) = &factors.webauthn else { return Ok(false) };
    let state: Option<PasskeyAuthentication> = factors.open(&purpose("passkey", user.id), sealed, now);
    let (Some(state), Ok(answered)) = (state, serde_json::from_str::<PublicKeyCredential>(credential)) else {
        return Ok(false);
    };
    match webauthn.finish_passkey_authentication(&answered, &state) {
        Ok(result) => accept(tx, user.id, sealed, &result, now),
        Err(_) => Ok(false),
    }
}

/// The person whose passkey gave the right answer, and since when it is theirs. The device verified its owner, so this
/// counts as both steps.
pub fn recognize(
    tx: &mut Tx<'_>,
    factors: &SecondFactors,
    credential: &str,
    sealed: &str,
    now: Timestamp,
) -> Result<Option<(UserId, Timestamp)>, Fault> {
    let Some(webauthn) = &factors.webauthn else { return Ok(None) };
    let state: Option<DiscoverableAuthentication> = factors.open("any passkey", sealed, now);
    let (Some(state), Ok(answered)) = (state, serde_json::from_str::<PublicKeyCredential>(credential)) else {
        return Ok(None);
    };
    let Ok((user, id)) = webauthn.identify_discoverable_authentication(&answered) else {
        return Ok(None);
    };
    let user = UserId(user);
    let known = store::credentials(tx, user)?;
    let Some((key, known)) = known.iter().find(|(_, known)| known.cred_id().as_slice() == id) else {
        return Ok(None);
    };
    match webauthn.finish_discoverable_authentication_v2(&answered, state, DiscoverableKey::from(known)) {
        Ok(result) if accept(tx, user, sealed, &result, now)? => Ok(Some((user, store::find_passkey(tx, user, *key)?.created_at))),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Called after the signature was verified: spends the challenge and stores the key's counter, by which a cloned key is
/// recognized later.
fn accept(tx: &mut Tx<'_>, user: UserId, sealed: &str, result: &AuthenticationResult, now: Timestamp) -> Result<bool, Fault> {
    // The key may have been removed since the challenge was made.
    let known = store::credentials(tx, user)?;
    let found = known.into_iter().find(|(_, known)| known.cred_id() == result.cred_id());
    let Some((id, mut known)) = found.filter(|_| result.user_verified()) else {
        return Ok(false);
    };
    if throttle::count(tx, Bucket::PasskeyChallenge, sealed, throttle::ONCE, now)?.is_some() {
        return Ok(false);
    }
    known.update_credential(result);
    store::touch_passkey(tx, id, known, now)?;
    Ok(true)
}

/// Renames a passkey.
///
/// # Errors
/// [`Fault::Missing`].
pub fn rename(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, id: PasskeyId, name: &str, request_info: &RequestInfo) -> Result<(), Fault> {
    let before = store::find_passkey(tx, user.id, id)?;
    if before.name == name {
        return Ok(());
    }
    store::rename_passkey(tx, id, name)?;
    let notice = Notice::PasskeyRenamed { from: before.name, to: name.to_owned() };
    tell(tx, outbox, user, &notice, request_info)
}

/// Removes a passkey.
///
/// # Errors
/// [`Fault::Missing`].
pub fn remove(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, id: PasskeyId, request_info: &RequestInfo) -> Result<(), Fault> {
    let passkey = store::find_passkey(tx, user.id, id)?;
    store::delete_passkey(tx, id)?;
    recovery_codes::tidy(tx, user.id)?;
    tell(tx, outbox, user, &Notice::PasskeyRemoved(passkey.name), request_info)
}
