//! Adding and removing certificates of the providers of connections with SAML. Several count at once, so that a provider
//! can change its certificate without an outage; at least one stays.

use super::{
    keys::{self, TooManyCertificates},
    mail::{self, Change},
    manage::{begin, begin_saml, record},
    refusal::{ConnectionRefusal, Outcome, refuse},
    setup::ConnectionSetup,
    vouching::answer_for_people,
};
use crate::{
    db::Tx,
    kit::{ConnectionId, ConnectionKeyId, Fault, Scope, Timestamp},
    saml::Certificate,
};
use serde_json::json;

/// Adds a certificate. Returns whether it was not there before.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn add(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId, certificate: &Certificate) -> Outcome<bool> {
    let (scope, connection) = begin_saml(tx, scope, id)?;
    let new = std::slice::from_ref(certificate);
    match keys::insert_new(tx, scope.organization, id, new, scope.actor.member_id(), scope.now())? {
        Ok(true) => {}
        Ok(false) => return Ok(false),
        Err(TooManyCertificates) => return refuse(ConnectionRefusal::TooManyCertificates),
    }
    answer_for_people(tx, &scope, &connection)?;
    let facts = json!({ "fingerprint": certificate.fingerprint(), "ends": Timestamp::from(certificate.not_after()).iso() });
    record(tx, &scope, "connection.certificate_added", &connection, |event| event.after(facts))?;
    mail::tell(
        tx,
        &setup.outbox,
        &scope,
        &connection,
        &Change::Edited(vec!["a certificate of the provider was added"]),
    )?;
    Ok(true)
}

/// Removes a certificate, unless it is the last one.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn remove(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, id: ConnectionId, key: ConnectionKeyId) -> Outcome<()> {
    let (scope, connection) = begin(tx, scope, id)?;
    let known = keys::stored(tx, scope.organization, id)?;
    let gone = known.iter().find(|known| known.id == key).ok_or(Fault::Missing)?;
    if known.len() == 1 {
        return refuse(ConnectionRefusal::LastCertificate);
    }
    keys::delete(tx, scope.organization, key)?;
    let facts = json!({ "fingerprint": gone.fingerprint, "ends": gone.not_after.iso() });
    record(tx, &scope, "connection.certificate_removed", &connection, |event| event.before(facts))?;
    mail::tell(
        tx,
        &setup.outbox,
        &scope,
        &connection,
        &Change::Edited(vec!["a certificate of the provider was removed"]),
    )?;
    Ok(())
}
