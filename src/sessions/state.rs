//! What a session's state says: its owner, when they signed in and how, and when they last proved who they are.

use crate::{
    kit::{Fault, IdentityId, RequestInfo, SessionId, Timestamp, UserId, secret::Secret},
    web::{CSRF_SEED, LAST_USED, SESSION_OWNER},
};
use actix_session::{Session, SessionInsertError};
use serde::{Deserialize, Serialize};

/// Keys of a session's state.
pub(super) const USER: &str = SESSION_OWNER;
pub(super) const ADDRESS: &str = "address";
pub(super) const AGENT: &str = "agent";
pub(super) const BEGAN: &str = "began";
pub(super) const PROVED: &str = "proved";
pub(super) const PASSWORD: &str = "password";
/// How an identity provider let the owner in; absent after a sign-in with a password or a passkey.
pub(super) const FEDERATED: &str = "federated";
/// Whether the latest proof came from an identity provider.
pub(super) const PROVED_THERE: &str = "proved_there";
/// Not stored: set from the row when the session is loaded.
pub(super) const ID: &str = "id";

/// Starts a session for a person who authenticated with the password of that time, under a new key. An earlier session
/// of this browser is left behind.
///
/// # Errors
/// When the state cannot be written, which only a broken serializer causes.
pub fn begin(session: &Session, user: UserId, password_changed_at: Option<Timestamp>, request_info: &RequestInfo) -> Result<(), Fault> {
    session.clear();
    session.renew();
    put(session, USER, user.to_string())?;
    put(session, ADDRESS, &request_info.address)?;
    put(session, AGENT, &request_info.agent)?;
    for key in [BEGAN, PROVED] {
        put(session, key, request_info.now.micros())?;
    }
    put(session, PASSWORD, password_changed_at.map(Timestamp::micros))?;
    put(session, CSRF_SEED, Secret::generate().expose())
}

/// How an identity provider let a person in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federated {
    /// The session ends with this identity and with its connection.
    pub identity: IdentityId,
    /// What the provider calls its own session (`sid`, OpenID Connect Front-Channel Logout 1.0).
    pub provider_session: Option<String>,
    /// The latest end in microseconds, where the connection or the provider sets one.
    pub ends_at: Option<i64>,
    /// Whether the provider took two steps and the connection counts them.
    pub has_two_steps: bool,
}

/// [`begin`] for a person whom an identity provider let in. The session opens the organization of the connection only.
///
/// # Errors
/// As [`begin`].
pub fn begin_federated(
    session: &Session,
    user: UserId,
    password_changed_at: Option<Timestamp>,
    federated: &Federated,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    begin(session, user, password_changed_at, request_info)?;
    put(session, FEDERATED, federated)?;
    put(session, PROVED_THERE, true)
}

/// [`begin`] for the owner of the present session, of whom an identity provider vouched if it did so before.
///
/// # Errors
/// As [`begin`].
pub fn begin_again(
    session: &Session,
    user: UserId,
    password_changed_at: Option<Timestamp>,
    request_info: &RequestInfo,
) -> Result<(), Fault> {
    match session.get::<Federated>(FEDERATED).ok().flatten() {
        Some(federated) => begin_federated(session, user, password_changed_at, &federated, request_info),
        None => begin(session, user, password_changed_at, request_info),
    }
}

pub(super) fn put(session: &Session, key: &str, value: impl Serialize) -> Result<(), Fault> {
    session.insert(key, value).map_err(|why: SessionInsertError| Fault::broken(why.to_string()))
}

/// The owner reauthenticated: the session continues under a new key, with the same end as before. `there` if they did so
/// at their identity provider.
///
/// # Errors
/// As [`begin`].
pub(super) fn prove(session: &Session, there: bool, now: Timestamp) -> Result<(), Fault> {
    session.renew();
    put(session, PROVED, now.micros())?;
    put(session, PROVED_THERE, there)
}

/// The owner signed in anew at their identity provider.
///
/// # Errors
/// As [`begin`].
pub fn prove_at_provider(session: &Session, now: Timestamp) -> Result<(), Fault> {
    prove(session, true, now)
}

/// When the owner of a session last proved who they are, and when that proof was last used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof {
    pub at: Timestamp,
    pub used_at: Option<Timestamp>,
    /// Whether it came from their identity provider.
    pub is_from_provider: bool,
}

/// The owner of a session, as the session says.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub user: UserId,
    pub began: Timestamp,
    pub proof: Proof,
    pub federated: Option<Federated>,
}

/// The owner of this session, when it began, and their last proof.
pub(super) fn owner_of(session: &Session) -> Option<Owner> {
    let user = session.get::<String>(USER).ok().flatten()?.parse().ok()?;
    let instant = |key: &str| Timestamp::from_micros(session.get::<i64>(key).ok().flatten()?);
    let began = instant(BEGAN)?;
    let is_from_provider = session.get(PROVED_THERE).ok().flatten().unwrap_or(false);
    let proof = Proof {
        at: instant(PROVED).unwrap_or(began),
        used_at: instant(LAST_USED),
        is_from_provider,
    };
    Some(Owner { user, began, proof, federated: session.get(FEDERATED).ok().flatten() })
}

/// The id of this session, for lists that mark it.
pub fn current(session: &Session) -> Option<SessionId> {
    session.get::<SessionId>(ID).ok().flatten()
}
