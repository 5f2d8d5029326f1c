//! What the pages say of SCIM clients beside their settings.

use super::{
    manage,
    model::{Provisioner, ProvisionerState},
    store,
};
use crate::{
    connections::{self, Connection},
    db::Conn,
    kit::{Fault, MemberKind, ProvisionerId, Scope, Timestamp, rights},
    members::{self, GivenNames, Grants},
    tokens::{self, Token},
};
use chrono::TimeDelta;

/// So long before its end a token is warned of.
const SOON: TimeDelta = TimeDelta::days(30);

/// One line of the list.
#[derive(Clone, Debug)]
pub struct ListedProvisioner {
    pub provisioner: Provisioner,
    pub name: String,
    pub state: ProvisionerState,
    pub people: i64,
    pub teams: i64,
}

/// Until when a client has a token that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenLife {
    /// The caller may not see its tokens.
    Hidden,
    /// None works.
    Over,
    Endless,
    Until(Timestamp),
}

impl TokenLife {
    fn of(tokens: &[Token], now: Timestamp) -> Self {
        let live: Vec<Option<Timestamp>> = tokens.iter().filter(|token| token.is_live(now)).map(|token| token.expires_at).collect();
        if live.contains(&None) {
            return Self::Endless;
        }
        live.into_iter().flatten().max().map_or(Self::Over, Self::Until)
    }
    /// When the last token ends, if that is soon.
    pub fn ends_soon(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Until(end) if end - now < SOON => Some(end),
            _ => None,
        }
    }
}

/// What the page of one client says.
#[derive(Clone, Debug)]
pub struct ProvisionerFacts {
    pub provisioner: Provisioner,
    pub name: String,
    pub state: ProvisionerState,
    pub people: i64,
    pub teams: i64,
    /// The connection through which the same people sign in, unless it was deleted.
    pub connection: Option<Connection>,
    /// What new people get.
    pub given: GivenNames,
    /// The roles that it may give and take.
    pub allowed_roles: Vec<String>,
    pub token: TokenLife,
    pub created_by: Option<String>,
}

/// Every SCIM client.
///
/// # Errors
/// [`Fault::Denied`].
pub fn overview(conn: &mut Conn, scope: &Scope) -> Result<Vec<ListedProvisioner>, Fault> {
    let all = manage::list(conn, scope)?;
    let disabled = store::disabled(conn, scope.organization)?;
    let mut managed = store::managed_by_each(conn, scope.organization)?;
    let listed = |(provisioner, name): (Provisioner, String)| {
        let (people, teams) = managed.remove(&provisioner.id).unwrap_or_default();
        let state = provisioner.state(disabled.contains(&provisioner.id), scope.now());
        ListedProvisioner { provisioner, name, state, people, teams }
    };
    Ok(all.into_iter().map(listed).collect())
}

/// One SCIM client.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn facts_of(conn: &mut Conn, scope: &Scope, id: ProvisionerId) -> Result<ProvisionerFacts, Fault> {
    let (provisioner, name) = manage::find(conn, scope, id)?;
    let (people, teams) = manage::managed(conn, scope, id)?;
    let is_disabled = store::disabled(conn, scope.organization)?.contains(&id);
    let known = members::grant_options(conn, scope)?;
    let allowed = Grants { roles: provisioner.allowed_roles().to_vec(), ..Grants::default() };
    Ok(ProvisionerFacts {
        state: provisioner.state(is_disabled, scope.now()),
        connection: connection(conn, scope, &provisioner)?,
        given: known.names_of(provisioner.gives()),
        allowed_roles: known.names_of(&allowed).roles,
        token: token_life(conn, scope, &provisioner)?,
        created_by: created_by(conn, scope, &provisioner)?,
        provisioner,
        name,
        people,
        teams,
    })
}

fn connection(conn: &mut Conn, scope: &Scope, provisioner: &Provisioner) -> Result<Option<Connection>, Fault> {
    let found = provisioner.connection_id.map(|id| connections::find(conn, scope, id));
    or_deleted(found)
}

fn created_by(conn: &mut Conn, scope: &Scope, provisioner: &Provisioner) -> Result<Option<String>, Fault> {
    let creator = provisioner.created_by.filter(|_| scope.may(rights::USER_READ));
    Ok(or_deleted(creator.map(|id| members::find(conn, scope, id)))?.map(|member| member.name))
}

fn or_deleted<T>(found: Option<Result<T, Fault>>) -> Result<Option<T>, Fault> {
    match found {
        Some(Ok(found)) => Ok(Some(found)),
        None | Some(Err(Fault::Missing)) => Ok(None),
        Some(Err(fault)) => Err(fault),
    }
}

fn token_life(conn: &mut Conn, scope: &Scope, provisioner: &Provisioner) -> Result<TokenLife, Fault> {
    match tokens::list_of(conn, scope, MemberKind::SystemAccount, provisioner.member_id) {
        Err(Fault::Denied(_)) => Ok(TokenLife::Hidden),
        all => Ok(TokenLife::of(&all?, scope.now())),
    }
}
