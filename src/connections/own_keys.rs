//! Roster's own keys at the provider of a connection with SAML. The current one signs requests; every one decrypts
//! assertions. A new one is announced in the metadata first, then used, and the former one removed last, so that sign-ins
//! go on while the provider learns of it.

use super::{
    keys,
    mail::{self, Change},
    manage::{begin_saml, record},
    model::Connection,
    refusal::{ConnectionRefusal, Outcome, refuse},
    secrets::ClientSecrets,
    setup::ConnectionSetup,
};
use crate::{
    db::{Among, Conn, MultiBackend, Tx, schema::connection_own_keys},
    kit::{ConnectionId, ConnectionKeyId, Fault, OrganizationId, Scope, Timestamp, rights},
    saml::{self, Certificate, KeyPair, PrivateKey},
    text_enum,
};
use diesel::prelude::*;
use serde_json::json;
use std::collections::HashMap;

text_enum! {
    /// What a key of ours is used for.
    pub enum OwnKeyState {
        /// Announced, and not used for requests yet.
        Next = "next",
        Current = "current",
        /// Only decrypts what the provider still encrypts for it.
        Former = "former",
    }
}

impl OwnKeyState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Next => "Next",
            Self::Current => "In use",
            Self::Former => "Former",
        }
    }
    /// Its place in lists: the key in use first.
    fn place(self) -> u8 {
        match self {
            Self::Current => 0,
            Self::Next => 1,
            Self::Former => 2,
        }
    }
}

/// A key without its private part.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = connection_own_keys, check_for_backend(MultiBackend))]
pub struct OwnKey {
    pub id: ConnectionKeyId,
    pub state: OwnKeyState,
    pub certificate: Vec<u8>,
    pub fingerprint: String,
    pub not_after: Timestamp,
    pub created_at: Timestamp,
}

/// The private keys of a connection.
#[derive(Clone, Debug, Default)]
pub struct PrivateKeys {
    /// Signs requests.
    pub signing: Option<PrivateKey>,
    pub decryption: Vec<PrivateKey>,
}

/// The certificates of a connection as its metadata announces them.
#[derive(Clone, Debug, Default)]
pub struct AnnouncedKeys {
    pub signing: Vec<Certificate>,
    /// The provider takes the first.
    pub encryption: Vec<Certificate>,
}

/// The keys of a connection, for pages.
///
/// # Errors
/// [`Fault::Denied`].
pub fn own_keys(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<Vec<OwnKey>, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    stored(conn, scope.organization, id)
}

fn stored(conn: &mut Conn, organization: OrganizationId, id: ConnectionId) -> Result<Vec<OwnKey>, Fault> {
    Ok(of_connections(conn, organization, &[id])?.remove(&id).unwrap_or_default())
}

/// The keys of these connections.
pub(super) fn of_connections(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[ConnectionId],
) -> Result<HashMap<ConnectionId, Vec<OwnKey>>, Fault> {
    let mut rows: Vec<(ConnectionId, OwnKey)> = connection_own_keys::table
        .filter(connection_own_keys::organization_id.eq(organization))
        .filter(connection_own_keys::connection_id.among(ids))
        .order(connection_own_keys::id)
        .select((connection_own_keys::connection_id, OwnKey::as_select()))
        .load(conn)?;
    rows.sort_by_key(|(_, key)| key.state.place());
    Ok(keys::grouped(rows))
}

/// What the metadata announces: the current and the next key. Providers encrypt for the next one as soon as they read of
/// it, since both decrypt.
pub fn announced_keys(conn: &mut Conn, organization: OrganizationId, id: ConnectionId) -> Result<AnnouncedKeys, Fault> {
    let all = stored(conn, organization, id)?;
    let of = |states: [OwnKeyState; 2]| {
        let keys = states.into_iter().filter_map(|state| all.iter().find(|key| key.state == state));
        keys.map(|key| Certificate::from_der(&key.certificate).map_err(Fault::broken))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(AnnouncedKeys {
        signing: of([OwnKeyState::Current, OwnKeyState::Next])?,
        encryption: of([OwnKeyState::Next, OwnKeyState::Current])?,
    })
}

/// The private keys of a connection.
///
/// # Errors
/// [`Fault::Broken`] when one was sealed with another key.
pub fn private_keys(
    conn: &mut Conn,
    secrets: &ClientSecrets,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<PrivateKeys, Fault> {
    let rows: Vec<(ConnectionKeyId, OwnKeyState, Vec<u8>)> = connection_own_keys::table
        .filter(connection_own_keys::organization_id.eq(organization))
        .filter(connection_own_keys::connection_id.eq(id))
        .order(connection_own_keys::id)
        .select((connection_own_keys::id, connection_own_keys::state, connection_own_keys::private_key))
        .load(conn)?;
    let mut keys = PrivateKeys::default();
    for (id, state, sealed) in rows {
        let key = PrivateKey::from_pkcs8(&secrets.open_key(id, &sealed)?).map_err(Fault::broken)?;
        if state == OwnKeyState::Current {
            keys.signing = Some(key.clone());
        }
        keys.decryption.push(key);
    }
    Ok(keys)
}

/// Makes a new key for a connection, off the async threads: it takes up to a second.
///
/// # Errors
/// Only faults.
pub async fn make_key_pair(id: ConnectionId, now: Timestamp) -> Result<KeyPair, Fault> {
    let made = tokio::task::spawn_blocking(move || saml::generate_key_pair(&format!("Roster {id}"), now.utc())).await;
    made.map_err(Fault::broken)?.map_err(Fault::broken)
}

/// Adds a key: the first one is used at once, another one is announced as the next.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn add_own_key(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId, new: &KeyPair) -> Outcome<OwnKeyState> {
    let (scope, connection) = begin_saml(tx, scope, id)?;
    let state = match stored(tx, scope.organization, id)?.as_slice() {
        [] => OwnKeyState::Current,
        [key] if key.state == OwnKeyState::Current => OwnKeyState::Next,
        _ => return refuse(ConnectionRefusal::KeyChangeUnderWay),
    };
    let key = ConnectionKeyId::new(scope.now());
    diesel::insert_into(connection_own_keys::table)
        .values((
            connection_own_keys::id.eq(key),
            connection_own_keys::organization_id.eq(scope.organization),
            connection_own_keys::connection_id.eq(id),
            connection_own_keys::state.eq(state),
            connection_own_keys::certificate.eq(new.certificate.der()),
            connection_own_keys::fingerprint.eq(new.certificate.fingerprint()),
            connection_own_keys::private_key.eq(setup.secrets.seal_key(key, &new.private_key)),
            connection_own_keys::not_after.eq(Timestamp::from(new.certificate.not_after())),
            connection_own_keys::created_at.eq(scope.now()),
            connection_own_keys::created_by.eq(scope.actor.member_id()),
        ))
        .execute(tx.conn())?;
    tell(
        tx,
        &scope,
        setup,
        &connection,
        ("connection.key_added", "a key of Roster was made", new.certificate.fingerprint()),
    )?;
    Ok(state)
}

/// Uses the next key from now on. The one before it only decrypts.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn use_next_own_key(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId) -> Outcome<()> {
    let (scope, connection) = begin_saml(tx, scope, id)?;
    let all = stored(tx, scope.organization, id)?;
    let Some(next) = all.iter().find(|key| key.state == OwnKeyState::Next) else {
        return Err(Fault::Missing.into());
    };
    for (from, to) in [
        (OwnKeyState::Current, OwnKeyState::Former),
        (OwnKeyState::Next, OwnKeyState::Current),
    ] {
        diesel::update(connection_own_keys::table)
            .filter(connection_own_keys::organization_id.eq(scope.organization))
            .filter(connection_own_keys::connection_id.eq(id))
            .filter(connection_own_keys::state.eq(from))
            .set(connection_own_keys::state.eq(to))
            .execute(tx.conn())?;
    }
    tell(
        tx,
        &scope,
        setup,
        &connection,
        ("connection.key_used", "the next key of Roster is used", &next.fingerprint),
    )?;
    Ok(())
}

/// Removes a key. The current one goes only when there is no other.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn remove_own_key(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId, key: ConnectionKeyId) -> Outcome<()> {
    let (scope, connection) = begin_saml(tx, scope, id)?;
    let all = stored(tx, scope.organization, id)?;
    let gone = all.iter().find(|known| known.id == key).ok_or(Fault::Missing)?;
    if gone.state == OwnKeyState::Current && all.len() > 1 {
        return refuse(ConnectionRefusal::KeyChangeUnderWay);
    }
    diesel::delete(connection_own_keys::table)
        .filter(connection_own_keys::organization_id.eq(scope.organization))
        .filter(connection_own_keys::id.eq(key))
        .execute(tx.conn())?;
    tell(
        tx,
        &scope,
        setup,
        &connection,
        ("connection.key_removed", "a key of Roster was removed", &gone.fingerprint),
    )?;
    Ok(())
}

/// The audit event and the letters of a change.
fn tell(
    tx: &mut Tx<'_>,
    scope: &Scope,
    setup: &ConnectionSetup,
    connection: &Connection,
    (action, change, fingerprint): (&'static str, &'static str, &str),
) -> Result<(), Fault> {
    record(tx, scope, action, connection, |event| event.after(json!({ "fingerprint": fingerprint })))?;
    mail::tell(tx, &setup.outbox, scope, connection, &Change::Edited(vec![change]))
}
