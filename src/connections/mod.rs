//! Connections: an organization's ways to identity providers, set up in Settings. `sso` signs people in through them.
//!
//! Invariants:
//!
//! * A client secret is stored sealed, is never shown, and is in no audit event.
//! * The certificates of a provider are entered or confirmed by an administrator, who sees their fingerprints first. The
//!   last one of a connection is never removed.
//! * Addresses that people type are judged (`outbound`) when they are saved and whenever they are called.
//! * Sessions that were begun through a connection end with it: when it is disabled (read at every request) and when it is
//!   deleted (foreign key).
//! * People who manage connections are told by mail of every change, in the transaction that makes it.
//! * What a connection gives to those who join is never more than its editor holds, also when it is given to other people
//!   than before.
//! * The member who decides for whom a connection vouches holds everything that those people hold (`vouching`).
//! * Disabling and deleting leave the organization an administrator who can sign in.

mod certificate_expiry;
mod certificate_routes;
mod certificates;
mod effects;
mod facts;
mod forms;
mod keys;
mod mail;
mod manage;
mod mapping_forms;
mod mapping_routes;
mod mappings;
mod metadata;
mod metadata_routes;
mod model;
mod own_key_routes;
mod own_keys;
mod pages;
mod parts;
mod readers;
mod refusal;
mod routes;
mod saml_fields;
mod saml_settings;
mod secrets;
mod setup;
mod status;
mod status_routes;
mod store;
mod vouching;

pub use certificate_expiry::warn;
pub use certificates::{add as add_certificate, remove as remove_certificate};
pub use effects::{Effects, deleted_people, effects};
pub use forms::ConnectionForm;
pub use keys::keys as stored_certificates;
pub use keys::{ConnectionKey, MOST_CERTIFICATES, certificates};
pub use manage::{NewConnection, create, find, list, update};
pub use mappings::{find_mappable, set_mappings};
pub use metadata::{Description, MetadataRefusal, read_off_thread as read_metadata};
pub use model::{ClaimMapping, Connection, ConnectionKind, ConnectionStatus, GITHUB, Provisioning, Settings};
pub use own_keys::{
    OwnKey, OwnKeyState, PrivateKeys, add_own_key, announced_keys, make_key_pair, own_keys, private_keys, remove_own_key, use_next_own_key,
};
pub use parts::ConnectionParts;
pub use refusal::{ConnectionRefusal, MOST, MOST_MAPPINGS};
pub use saml_fields::{SamlFields, one_certificate, pem};
pub use saml_settings::{SamlSettings, TWO_STEP_CONTEXTS};
pub use secrets::ClientSecrets;
pub use setup::ConnectionSetup;
pub use status::{LeftWithout, delete, disable, enable, only_through, readmit};
pub use vouching::{answer_for_people, vouches_for};

use crate::{
    db::{Conn, Tx},
    identities::{self, Identity},
    kit::{ConnectionId, Fault, OrganizationId, Timestamp, UserId},
    web::Routes,
};

pub fn mount(app: &mut Routes) {
    metadata_routes::mount(app);
    routes::mount(app);
    certificate_routes::mount(app);
    own_key_routes::mount(app);
    mapping_routes::mount(app);
    status_routes::mount(app);
}

/// A connection of any organization, for visitors who sign in through it.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find_for_sign_in(conn: &mut Conn, id: ConnectionId) -> Result<Connection, Fault> {
    store::find_anywhere(conn, id)
}

/// The connections that the sign-in page of this organization offers.
pub fn enabled(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Connection>, Fault> {
    Ok(store::list(conn, organization)?.into_iter().filter(Connection::is_enabled).collect())
}

/// The connections of this organization through which a person can sign in or could connect themselves, each with their
/// identity there.
pub fn with_identities_of(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
) -> Result<Vec<(Connection, Option<Identity>)>, Fault> {
    let mut known = identities::of_user(conn, user)?;
    let mut take = |id: ConnectionId| known.extract_if(.., |identity| identity.connection_id == id).next();
    let all = store::list(conn, organization)?;
    let all = all.into_iter().map(|connection| (take(connection.id), connection));
    let shown = all.filter(|(identity, connection)| connection.is_enabled() || identity.is_some());
    Ok(shown.map(|(identity, connection)| (connection, identity)).collect())
}

/// Records that an answer of the provider was accepted.
pub fn succeeded(tx: &mut Tx<'_>, id: ConnectionId, now: Timestamp) -> Result<(), Fault> {
    store::set_success(tx, id, now)
}

/// Records at a sign-in what kept a mapping from being applied, or that all were.
pub fn mapped(tx: &mut Tx<'_>, connection: &Connection, trouble: Option<&str>, now: Timestamp) -> Result<(), Fault> {
    if trouble.is_none() && connection.mapping_trouble.is_none() {
        return Ok(());
    }
    store::set_mapping_trouble(tx, connection.id, trouble, now)
}

/// Records that an answer was refused, in words for administrators.
pub fn failed(tx: &mut Tx<'_>, id: ConnectionId, why: &str, now: Timestamp) -> Result<(), Fault> {
    store::set_failure(tx, id, why, now)
}
