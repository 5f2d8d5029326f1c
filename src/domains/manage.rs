//! Adding, verifying, binding and removing domains.

use super::{
    model::{Domain, Method, new_challenge, next_check},
    name::{self, NameRefusal},
    proof::Finding,
    store::{self, Taken},
};
use crate::{
    audit::{self, Event},
    connections::{self, ConnectionRefusal},
    db::{Conn, Tx},
    kit::{ConnectionId, DomainId, Fault, OperationError, Scope, rights},
    members,
    throttle::{self, Bucket, Limit, Wait},
};
use chrono::TimeDelta;
use serde_json::json;

/// The most domains of an organization: each is looked up in the DNS every week.
pub const MOST: usize = 50;
/// Checks that people of one organization ask for.
const CHECKS: Limit = Limit { burst: 20, every: TimeDelta::seconds(15) };

/// Why an operation on a domain is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainRefusal {
    #[error(transparent)]
    Name(#[from] NameRefusal),
    #[error("This domain is in the list already.")]
    Known,
    #[error("There are {MOST} domains already. Remove one that nobody needs any more.")]
    TooMany,
    /// Only after the proof was found, so that nobody learns by asking who uses this Roster.
    #[error(
        "Another organization has verified this domain here. It has to remove the domain first; if it is not theirs, ask the operator of this Roster."
    )]
    Elsewhere,
    #[error("Somebody else changed this domain meanwhile. Look at it again before you save.")]
    Meanwhile,
    #[error("That were many checks. The next can follow in a minute.")]
    TooManyChecks(Wait),
    #[error(transparent)]
    Connection(ConnectionRefusal),
}

pub(super) type Outcome<T> = Result<T, OperationError<DomainRefusal>>;

fn refuse<T>(refusal: DomainRefusal) -> Outcome<T> {
    Err(OperationError::Refused(refusal))
}

fn read(typed: &str) -> Outcome<String> {
    name::read(typed).map_err(|refusal| OperationError::Refused(refusal.into()))
}

/// Every domain of the organization.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<Domain>, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    store::list(conn, scope.organization)
}

/// The domains of every organization with its name, for the operator.
pub fn list_everywhere(conn: &mut Conn) -> Result<Vec<(String, Domain)>, Fault> {
    store::all(conn)
}

/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: DomainId) -> Result<Domain, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    store::find(conn, scope.organization, id)
}

/// Adds a domain as it was typed. It means nothing before it is verified.
///
/// # Errors
/// A [`DomainRefusal`] or [`Fault::Denied`].
pub fn add(tx: &mut Tx<'_>, scope: &Scope, typed: &str) -> Outcome<Domain> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::CONNECTION_MANAGE)?;
    let name = read(typed)?;
    if store::list(tx, scope.organization)?.len() >= MOST {
        return refuse(DomainRefusal::TooMany);
    }
    let inserted = store::insert(tx, scope.organization, &name, &new_challenge(), scope.actor.member_id(), scope.now())?;
    let Ok(id) = inserted else {
        return refuse(DomainRefusal::Known);
    };
    let domain = store::find(tx, scope.organization, id)?;
    record(tx, scope, "domain.added", &domain, |event| event)?;
    Ok(domain)
}

/// Before a check: counts it, and returns what to look for.
///
/// # Errors
/// A [`DomainRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn begin_check(tx: &mut Tx<'_>, scope: &Scope, id: DomainId) -> Outcome<Domain> {
    let (scope, domain) = begin(tx, scope, id)?;
    match throttle::count(tx, Bucket::DomainChecks, &scope.organization.to_string(), CHECKS, scope.now())? {
        Some(wait) => refuse(DomainRefusal::TooManyChecks(wait)),
        None => Ok(domain),
    }
}

/// After a check: a domain whose proof was found is verified. A check of a person never takes the proof away.
///
/// # Errors
/// A [`DomainRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn end_check(tx: &mut Tx<'_>, scope: &Scope, id: DomainId, finding: &Finding) -> Outcome<Domain> {
    let (scope, domain) = begin(tx, scope, id)?;
    let now = scope.now();
    let action = match finding.words() {
        Some(words) => {
            store::set_finding(tx, &domain, &words, now)?;
            "domain.checked"
        }
        // The operator's word is not replaced by a record that can vanish.
        None if domain.is_vouched_for() => "domain.checked",
        None => {
            if let Err(Taken) = store::verify(tx, &domain, Method::Dns, Some(next_check(0, now)), now)? {
                return refuse(DomainRefusal::Elsewhere);
            }
            if domain.is_verified() {
                "domain.checked"
            } else {
                "domain.verified"
            }
        }
    };
    let found = *finding == Finding::Proven;
    record(tx, &scope, action, &domain, |event| match action {
        "domain.verified" => event.after(json!({ "method": Method::Dns.as_str() })),
        _ => event.after(json!({ "found": found })),
    })?;
    Ok(store::find(tx, scope.organization, id)?)
}

/// Makes a domain verified by the word of the operator, and adds it if it is not in the list.
///
/// # Errors
/// A [`DomainRefusal`].
pub fn vouch_for(tx: &mut Tx<'_>, scope: &Scope, typed: &str) -> Outcome<Domain> {
    let name = read(typed)?;
    let domain = match store::find_by_name(tx, scope.organization, &name)? {
        Some(domain) => domain,
        None => add(tx, scope, &name)?,
    };
    let (scope, domain) = begin(tx, scope, domain.id)?;
    if domain.is_vouched_for() {
        return Ok(domain);
    }
    if let Err(Taken) = store::verify(tx, &domain, Method::Operator, None, scope.now())? {
        return refuse(DomainRefusal::Elsewhere);
    }
    record(tx, &scope, "domain.verified", &domain, |event| {
        event.after(json!({ "method": Method::Operator.as_str() }))
    })?;
    Ok(store::find(tx, scope.organization, domain.id)?)
}

/// Binds a domain to a connection of the organization or to none, over the version that the caller saw. Returns whether
/// anything changed.
///
/// # Errors
/// A [`DomainRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn bind(tx: &mut Tx<'_>, scope: &Scope, id: DomainId, version: i64, connection: Option<ConnectionId>) -> Outcome<bool> {
    let (scope, domain) = begin(tx, scope, id)?;
    if domain.version != version {
        return refuse(DomainRefusal::Meanwhile);
    }
    if domain.connection_id == connection {
        return Ok(false);
    }
    let mut named = |id: Option<ConnectionId>| id.map(|id| connections::find(tx, &scope, id)).transpose();
    let (before, after) = (named(domain.connection_id)?, named(connection)?);
    // From now on it vouches for the people of the domain.
    if let Some(connection) = &after {
        let answered = connections::answer_for_people(tx, &scope, connection);
        answered.map_err(|error| error.map_refusal(DomainRefusal::Connection))?;
    }
    store::bind(tx, scope.organization, id, connection)?;
    let name = |connection: Option<connections::Connection>| json!({ "connection": connection.map(|one| one.name) });
    record(tx, &scope, "domain.bound", &domain, |event| event.before(name(before)).after(name(after)))?;
    Ok(true)
}

/// Removes a domain. Its people stay.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn remove(tx: &mut Tx<'_>, scope: &Scope, id: DomainId) -> Result<Domain, Fault> {
    let (scope, domain) = begin(tx, scope, id)?;
    store::delete(tx, scope.organization, id)?;
    record(tx, &scope, "domain.removed", &domain, |event| {
        event.before(json!({ "verified": domain.is_verified() }))
    })?;
    Ok(domain)
}

/// [`remove`] by name, for the operator. `None` if the organization does not have it.
pub fn remove_by_name(tx: &mut Tx<'_>, scope: &Scope, typed: &str) -> Result<Option<Domain>, Fault> {
    let found = match name::read(typed) {
        Ok(name) => store::find_by_name(tx, scope.organization, &name)?,
        Err(_) => None,
    };
    found.map(|domain| remove(tx, scope, domain.id)).transpose()
}

/// The beginning of every change: permissions are read again under the lock of the organization.
fn begin(tx: &mut Tx<'_>, scope: &Scope, id: DomainId) -> Result<(Scope, Domain), Fault> {
    let scope = members::reauthorize(tx, scope)?;
    scope.demand(rights::CONNECTION_MANAGE)?;
    let domain = store::find(tx, scope.organization, id)?;
    Ok((scope, domain))
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    action: &'static str,
    domain: &Domain,
    with: impl FnOnce(Event) -> Event,
) -> Result<(), Fault> {
    audit::record(tx, scope, with(Event::new(action, "domain", domain.id.0, &domain.name)))
}
