//! What belongs to connections beside their rows, for pages and the API: one query for each table, however many
//! connections are shown.

use super::{
    keys::{self, ConnectionKey},
    model::{Connection, ConnectionKind},
    own_keys::{self, OwnKey},
    store,
};
use crate::{
    db::Conn,
    identities,
    kit::{ConnectionId, Fault, Scope, rights},
};
use std::collections::{HashMap, HashSet};

/// The certificates, keys and people of some connections, and which of them have a client secret.
#[derive(Clone, Debug, Default)]
pub struct ConnectionParts {
    with_secret: HashSet<ConnectionId>,
    certificates: HashMap<ConnectionId, Vec<ConnectionKey>>,
    own_keys: HashMap<ConnectionId, Vec<OwnKey>>,
    people: HashMap<ConnectionId, i64>,
}

impl ConnectionParts {
    /// # Errors
    /// [`Fault::Denied`].
    pub fn load(conn: &mut Conn, scope: &Scope, ids: &[ConnectionId]) -> Result<Self, Fault> {
        scope.demand(rights::CONNECTION_READ)?;
        let organization = scope.organization;
        Ok(Self {
            with_secret: store::with_secret(conn, organization, ids)?,
            certificates: keys::of_connections(conn, organization, ids)?,
            own_keys: own_keys::of_connections(conn, organization, ids)?,
            people: identities::counts(conn, organization, ids)?,
        })
    }

    /// Whether a connection has what the protocol needs: a client id and a client secret, or the provider and its
    /// certificate.
    pub fn is_complete(&self, connection: &Connection) -> bool {
        let settings = &connection.settings.0;
        match connection.kind {
            ConnectionKind::Saml => settings.saml.names_provider() && !self.certificates(connection.id).is_empty(),
            ConnectionKind::Oidc | ConnectionKind::Google | ConnectionKind::GitHub => {
                self.has_secret(connection.id) && !settings.client_id.is_empty()
            }
        }
    }
    pub fn has_secret(&self, id: ConnectionId) -> bool {
        self.with_secret.contains(&id)
    }
    /// The certificates of the provider (SAML).
    pub fn certificates(&self, id: ConnectionId) -> &[ConnectionKey] {
        self.certificates.get(&id).map_or(&[], Vec::as_slice)
    }
    /// Roster's own keys (SAML), the one in use first.
    pub fn own_keys(&self, id: ConnectionId) -> &[OwnKey] {
        self.own_keys.get(&id).map_or(&[], Vec::as_slice)
    }
    /// How many people are connected.
    pub fn people(&self, id: ConnectionId) -> i64 {
        self.people.get(&id).copied().unwrap_or_default()
    }
}
