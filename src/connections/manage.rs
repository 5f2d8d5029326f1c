//! Reading, creating and editing connections.

use super::{
    facts::{changed, facts},
    keys::{self, TooManyCertificates},
    mail::{self, Change},
    model::{Connection, ConnectionKind, Provisioning, Settings},
    refusal::{ConnectionRefusal, MOST, Outcome, refuse},
    setup::ConnectionSetup,
    store::{self, Fields, NameTaken},
    vouching::{answer_for_people, is_taking_over, may_grant},
};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    identities,
    kit::{ConnectionId, Fault, Scope, rights, secret::SecretString},
    members::{self, Grants},
    saml::Certificate,
};

/// What a caller wants a connection to be. Addresses in it were judged.
#[derive(Clone, Debug)]
pub struct NewConnection {
    pub name: String,
    pub settings: Settings,
    /// Without one, the present secret is kept.
    pub secret: Option<SecretString>,
    /// SAML: certificates of the provider, beside those that are there.
    pub certificates: Vec<Certificate>,
    pub provisioning: Provisioning,
    pub links_domains: bool,
    pub grants: Grants,
    pub counts_two_steps: bool,
    pub max_age_minutes: Option<i64>,
}

impl NewConnection {
    fn fields(&self) -> Fields<'_> {
        Fields {
            name: &self.name,
            settings: &self.settings,
            provisioning: self.provisioning,
            links_domains: self.links_domains,
            grants: &self.grants,
            counts_two_steps: self.counts_two_steps,
            max_age_minutes: self.max_age_minutes,
        }
    }
}

/// Every connection of the organization.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<Connection>, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    store::list(conn, scope.organization)
}

/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<Connection, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    store::find(conn, scope.organization, id)
}

/// Creates a connection as a draft.
///
/// # Errors
/// A [`ConnectionRefusal`] or [`Fault::Denied`].
pub fn create(tx: &mut Tx<'_>, scope: &Scope, setup: &ConnectionSetup, kind: ConnectionKind, new: &NewConnection) -> Outcome<Connection> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::CONNECTION_MANAGE)?;
    may_grant(tx, scope, &new.grants)?;
    check(kind, new)?;
    if store::list(tx, scope.organization)?.len() >= MOST {
        return refuse(ConnectionRefusal::TooMany);
    }
    let Ok(id) = store::insert(tx, scope.organization, kind, &new.fields(), scope.actor.member_id(), scope.now())? else {
        return refuse(ConnectionRefusal::NameTaken);
    };
    if let Some(secret) = &new.secret {
        setup.secrets.put(tx, scope.organization, id, secret)?;
    }
    add_certificates(tx, scope, id, &new.certificates)?;
    let connection = store::find(tx, scope.organization, id)?;
    answer_for_people(tx, scope, &connection)?;
    record(tx, scope, "connection.created", &connection, |event| event.after(facts(&connection)))?;
    mail::tell(tx, &setup.outbox, scope, &connection, &Change::Created)?;
    Ok(connection)
}

fn add_certificates(tx: &mut Tx<'_>, scope: &Scope, id: ConnectionId, new: &[Certificate]) -> Outcome<bool> {
    let added = keys::insert_new(tx, scope.organization, id, new, scope.actor.member_id(), scope.now())?;
    added.or_else(|TooManyCertificates| refuse(ConnectionRefusal::TooManyCertificates))
}

/// Refuses what would let anybody in the world become a member.
fn check(kind: ConnectionKind, wanted: &NewConnection) -> Outcome<()> {
    if wanted.provisioning == Provisioning::Anyone && wanted.settings.is_open_to_the_world(kind) {
        return refuse(ConnectionRefusal::OpenToTheWorld);
    }
    Ok(())
}

/// Changes a connection over the version that the caller saw. Returns whether anything changed.
///
/// # Errors
/// A [`ConnectionRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    setup: &ConnectionSetup,
    id: ConnectionId,
    version: i64,
    wanted: &NewConnection,
) -> Outcome<bool> {
    let (scope, present) = begin(tx, scope, id)?;
    if present.version != version {
        return refuse(ConnectionRefusal::Meanwhile);
    }
    check_change(tx, &present, wanted)?;
    let has_new_certificate = add_certificates(tx, &scope, id, &wanted.certificates)?;
    let is_granting = is_granting(&present, wanted);
    if is_granting {
        may_grant(tx, &scope, &wanted.grants)?;
    }
    let is_vouching = has_new_certificate || is_vouching(&present, wanted) || is_taking_over(tx, &scope, &present)?;
    if wanted.secret.is_none() && !is_vouching && fields(&present) == wanted.fields() {
        return Ok(false);
    }
    let granted_by = if is_granting { scope.actor.member_id() } else { present.granted_by };
    if let Err(NameTaken) = store::update(tx, &present, &wanted.fields(), granted_by)? {
        return refuse(ConnectionRefusal::NameTaken);
    }
    if let Some(secret) = &wanted.secret {
        setup.secrets.put(tx, scope.organization, id, secret)?;
    }
    let now = store::find(tx, scope.organization, id)?;
    if is_vouching {
        answer_for_people(tx, &scope, &now)?;
    }
    let (before, mut after) = (facts(&present), facts(&now));
    if wanted.secret.is_some() {
        after["secret_changed"] = true.into();
    }
    if has_new_certificate {
        after["certificates_added"] = wanted.certificates.iter().map(Certificate::fingerprint).collect();
    }
    let changes = changed(&before, &after);
    record(tx, &scope, "connection.edited", &now, |event| event.before(before).after(after))?;
    mail::tell(tx, &setup.outbox, &scope, &now, &Change::Edited(changes))?;
    Ok(true)
}

/// Whether a change gives something to people whom the connection did not give it to before: other grants, or the same to
/// other people. Without the second, an editor could let themselves in with more than they hold. Another provider is
/// judged by `vouching`.
fn is_granting(present: &Connection, wanted: &NewConnection) -> bool {
    let is_for_others = wanted.provisioning.adds_members() && present.provisioning != wanted.provisioning;
    present.grants.0 != wanted.grants || is_for_others
}

/// Whether a change decides anew for whom the provider vouches.
fn is_vouching(present: &Connection, wanted: &NewConnection) -> bool {
    present.settings.0 != wanted.settings || (wanted.links_domains && !present.links_domains)
}

/// [`check`], and what cannot become of a connection that is there.
fn check_change(tx: &mut Tx<'_>, present: &Connection, wanted: &NewConnection) -> Outcome<()> {
    check(present.kind, wanted)?;
    let (is_saml, saml, known) = (present.kind == ConnectionKind::Saml, &wanted.settings.saml, &present.settings.0.saml);
    if present.is_enabled() && is_saml && !saml.names_provider() {
        return refuse(ConnectionRefusal::NoProvider);
    }
    if present.is_enabled() && !is_saml && wanted.settings.client_id.is_empty() {
        return refuse(ConnectionRefusal::Incomplete);
    }
    // What another provider calls a person can be somebody else.
    if is_saml && known.entity_id != saml.entity_id && is_used(tx, present)? {
        return refuse(ConnectionRefusal::ProviderInUse);
    }
    // At GitHub a person is a number. At another server the same number is somebody else, who would be taken for them.
    let is_moved = present.settings.0.server != wanted.settings.server;
    if present.kind == ConnectionKind::GitHub && is_moved && is_used(tx, present)? {
        return refuse(ConnectionRefusal::ServerInUse);
    }
    Ok(())
}

/// Whether people are connected through it, or were deleted.
fn is_used(tx: &mut Tx<'_>, connection: &Connection) -> Result<bool, Fault> {
    let (organization, id) = (connection.organization_id, connection.id);
    Ok(identities::count(tx, organization, id)? > 0 || !identities::deleted(tx, organization, id, 1)?.is_empty())
}

/// Whether it has a client secret.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub(super) fn has_secret(conn: &mut Conn, scope: &Scope, id: ConnectionId) -> Result<bool, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    store::has_secret(conn, scope.organization, id)
}

/// Locks the organization and checks the permission again.
pub(super) fn begin(tx: &mut Tx<'_>, scope: &Scope, id: ConnectionId) -> Result<(Scope, Connection), Fault> {
    let scope = members::reauthorize(tx, scope)?;
    scope.demand(rights::CONNECTION_MANAGE)?;
    let connection = store::find(tx, scope.organization, id)?;
    Ok((scope, connection))
}

/// [`begin`] for a connection with SAML. Others are missing.
pub(super) fn begin_saml(tx: &mut Tx<'_>, scope: &Scope, id: ConnectionId) -> Result<(Scope, Connection), Fault> {
    let (scope, connection) = begin(tx, scope, id)?;
    match connection.kind {
        ConnectionKind::Saml => Ok((scope, connection)),
        ConnectionKind::Oidc | ConnectionKind::Google | ConnectionKind::GitHub => Err(Fault::Missing),
    }
}

fn fields(connection: &Connection) -> Fields<'_> {
    Fields {
        name: &connection.name,
        settings: &connection.settings.0,
        provisioning: connection.provisioning,
        links_domains: connection.links_domains,
        grants: &connection.grants.0,
        counts_two_steps: connection.counts_two_steps,
        max_age_minutes: connection.max_age_minutes,
    }
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    action: &'static str,
    connection: &Connection,
    with: impl FnOnce(Event) -> Event,
) -> Result<(), Fault> {
    audit::record(tx, scope, with(Event::new(action, "connection", connection.id.0, &connection.name)))
}
