//! Client secrets and Roster's own private keys: sealed, because Roster itself sends them to the provider, and never shown again.

use super::store;
use crate::{
    db::{Conn, Tx},
    kit::{
        ConnectionId, ConnectionKeyId, Fault, OrganizationId,
        secret::{MasterKey, SecretString},
    },
    mail::Sealer,
};

/// Seals and opens client secrets and private keys, with a key of this purpose only.
#[derive(Clone, Debug)]
pub struct ClientSecrets(Sealer);

impl ClientSecrets {
    pub fn new(key: &MasterKey) -> Self {
        Self(Sealer::of(key, "connections"))
    }
    pub(super) fn put(&self, tx: &mut Tx<'_>, organization: OrganizationId, id: ConnectionId, secret: &SecretString) -> Result<(), Fault> {
        let sealed = self.0.seal(&id.to_string(), secret.expose().as_bytes());
        store::set_secret(tx, organization, id, &sealed)
    }
    /// The secret of a connection, if it has one.
    ///
    /// # Errors
    /// [`Fault::Missing`] without such a connection, [`Fault::Broken`] when the secret was sealed with another key.
    pub fn open(&self, conn: &mut Conn, organization: OrganizationId, id: ConnectionId) -> Result<Option<SecretString>, Fault> {
        let Some(sealed) = store::secret(conn, organization, id)? else {
            return Ok(None);
        };
        let bytes = self.0.open(&id.to_string(), &sealed)?;
        String::from_utf8(bytes).map(|text| Some(SecretString::new(text))).map_err(Fault::broken)
    }
    /// Seals a private key of Roster.
    pub(super) fn seal_key(&self, id: ConnectionKeyId, key: &[u8]) -> Vec<u8> {
        self.0.seal(&id.to_string(), key)
    }
    pub(super) fn open_key(&self, id: ConnectionKeyId, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        self.0.open(&id.to_string(), sealed)
    }
}
