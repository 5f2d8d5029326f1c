//! Setting up SCIM clients. By its token a client reaches everybody but administrators, so only an Administrator sets one
//! up, makes its tokens or changes what it may do.

use super::{
    model::{Provisioner, ProvisionerSettings},
    refusal::SetupRefusal,
    store::{self, ConnectionTaken},
};
use crate::{
    audit::{self, Event},
    authorization::Ceiling,
    connections::{self, Connection},
    db::{Conn, Tx},
    kit::{Fault, MemberKind, OperationError, ProvisionerId, Scope, rights},
    members::{self, Change, Details, GrantRefusal, Grants, Outcome},
    roles::{self, Predefined, Role},
    system_accounts,
    tokens::{self, Mode, NewToken, Token, TokenText},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

type Refused = OperationError<SetupRefusal>;

fn refuse<T>(refusal: SetupRefusal) -> Result<T, Refused> {
    Err(OperationError::Refused(refusal))
}

/// The SCIM clients of the organization, each with the name of its system account.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<(Provisioner, String)>, Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    store::list(conn, scope.organization)
}

/// A SCIM client and the name of its system account.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: ProvisionerId) -> Result<(Provisioner, String), Fault> {
    scope.demand(rights::CONNECTION_READ)?;
    store::find(conn, scope.organization, id)
}

/// How many people and teams a SCIM client manages.
pub fn managed(conn: &mut Conn, scope: &Scope, id: ProvisionerId) -> Result<(i64, i64), Fault> {
    store::managed(conn, scope.organization, id)
}

/// Whether the caller may set up SCIM clients: only Administrators may.
pub fn may_set_up(conn: &mut Conn, scope: &Scope) -> Result<bool, Fault> {
    Ok(scope.may(rights::CONNECTION_MANAGE) && Ceiling::of(conn, scope)?.is_open())
}

/// What the form can offer: connections without a SCIM client, or with this one, and roles that a client may give.
pub fn offer(conn: &mut Conn, scope: &Scope, own: Option<ProvisionerId>) -> Result<(Vec<Connection>, Vec<Role>), Fault> {
    let taken: Vec<_> = store::list(conn, scope.organization)?
        .into_iter()
        .filter(|(provisioner, _)| Some(provisioner.id) != own)
        .filter_map(|(provisioner, _)| provisioner.connection_id)
        .collect();
    let mut free = connections::list(conn, scope)?;
    free.retain(|connection| !taken.contains(&connection.id));
    let mut roles = roles::list(conn, scope.organization)?;
    roles.retain(|role| role.is_for(MemberKind::User) && role.is_granted() && !role.is_administrator());
    Ok((free, roles))
}

/// Creates a SCIM client: a system account with the role SCIM, and a token for it. Returns the token's text, which the
/// caller shows once.
///
/// # Errors
/// A [`SetupRefusal`] or [`Fault::Denied`].
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    name: &str,
    settings: &ProvisionerSettings,
) -> Result<(ProvisionerId, Token, TokenText), Refused> {
    let scope = &begin(tx, scope)?;
    check(tx, scope, settings)?;
    let scim = roles::predefined(tx, scope.organization, Predefined::Scim)?;
    let account = system_accounts::Wanted {
        details: Details {
            name: name.to_owned(),
            title: settings.product.label().to_owned(),
            ..Details::default()
        },
        grants: Grants { roles: vec![scim], ..Grants::default() },
    };
    let account = system_accounts::create(tx, scope, &account).map_err(|error| error.map_refusal(SetupRefusal::from))?;
    let (token, text) = first_token(tx, scope, account)?;
    let Ok(id) = store::insert(tx, scope, account, settings)? else {
        return refuse(SetupRefusal::ConnectionTaken);
    };
    let event = Event::new("provisioner.created", "provisioner", id.0, name).after(facts(settings));
    audit::record(tx, scope, event)?;
    Ok((id, token, text))
}

/// A token without an end, or as long as the organization lets one work.
fn first_token(tx: &mut Tx<'_>, scope: &Scope, account: crate::kit::MemberId) -> Result<(Token, TokenText), Refused> {
    let longest = tokens::terms(tx, scope, account)?;
    let new = NewToken {
        name: "SCIM".into(),
        mode: Mode::ReadWrite,
        expires_at: longest.map(|days| scope.now() + TimeDelta::days(days)),
        permissions: None,
        addresses: None,
    };
    tokens::create(tx, scope, account, &new).map_err(|error| error.map_refusal(SetupRefusal::from))
}

/// Changes the settings of a SCIM client over the version that the caller saw. Returns whether anything changed.
///
/// # Errors
/// A [`SetupRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn update(tx: &mut Tx<'_>, scope: &Scope, id: ProvisionerId, version: i64, wanted: &ProvisionerSettings) -> Result<bool, Refused> {
    let scope = &begin(tx, scope)?;
    let (present, name) = store::find(tx, scope.organization, id)?;
    if present.version != version {
        return refuse(SetupRefusal::Meanwhile);
    }
    if present.settings() == *wanted {
        return Ok(false);
    }
    check(tx, scope, wanted)?;
    if let Err(ConnectionTaken) = store::update(tx, scope.organization, id, wanted)? {
        return refuse(SetupRefusal::ConnectionTaken);
    }
    let event = Event::new("provisioner.edited", "provisioner", id.0, name);
    audit::record(tx, scope, event.before(facts(&present.settings())).after(facts(wanted)))?;
    Ok(true)
}

/// Deletes a SCIM client with its system account, so that its tokens open nothing. The people and teams that it managed
/// stay, and administrators edit them from then on.
///
/// # Errors
/// A [`SetupRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: ProvisionerId) -> Result<String, Refused> {
    let scope = &begin(tx, scope)?;
    let (present, name) = store::find(tx, scope.organization, id)?;
    let (people, teams) = store::managed(tx, scope.organization, id)?;
    let was = json!({ "people": people, "teams": teams });
    audit::record(tx, scope, Event::new("provisioner.deleted", "provisioner", id.0, &name).before(was))?;
    store::delete(tx, scope.organization, id)?;
    let deleted = members::change(tx, scope, MemberKind::SystemAccount, &Change::Delete, &[present.member_id]);
    let answers = deleted.map_err(|error| error.map_refusal(|_| SetupRefusal::NotAdministrator))?;
    match answers.first().map(|answer| &answer.outcome) {
        Some(Outcome::Refused(_)) => refuse(SetupRefusal::NotAdministrator),
        _ => Ok(name),
    }
}

/// The caller's scope now, if they may set up SCIM clients.
fn begin(tx: &mut Tx<'_>, scope: &Scope) -> Result<Scope, Refused> {
    let scope = members::reauthorize(tx, scope)?;
    scope.demand(rights::CONNECTION_MANAGE)?;
    if may_set_up(tx, &scope)? {
        Ok(scope)
    } else {
        refuse(SetupRefusal::NotAdministrator)
    }
}

fn check(tx: &mut Tx<'_>, scope: &Scope, wanted: &ProvisionerSettings) -> Result<(), Refused> {
    members::may_grant(tx, scope, &wanted.gives).map_err(|error| error.map_refusal(SetupRefusal::from))?;
    let known = roles::list(tx, scope.organization)?;
    for id in wanted.allowed_roles.iter().chain(&wanted.gives.roles) {
        match known.iter().find(|role| role.id == *id) {
            None => return refuse(SetupRefusal::Grant(GrantRefusal::Gone)),
            Some(role) if role.is_administrator() => return refuse(SetupRefusal::NoAdministratorRole),
            Some(_) => {}
        }
    }
    match wanted.connection.map(|id| connections::find(tx, scope, id)) {
        None | Some(Ok(_)) => Ok(()),
        Some(Err(Fault::Missing)) => refuse(SetupRefusal::NoSuchConnection),
        Some(Err(fault)) => Err(fault.into()),
    }
}

fn facts(settings: &ProvisionerSettings) -> Value {
    json!({
        "product": settings.product.label(),
        "connection": settings.connection,
        "deletes": settings.deletes,
        "adopts": settings.adopts,
        "reaches_administrators": settings.reaches_administrators,
        "roles": settings.gives.roles,
        "teams": settings.gives.teams,
        "policies": settings.gives.policies,
        "allowed_roles": settings.allowed_roles,
    })
}
