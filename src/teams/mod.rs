//! Teams: named groups of people and system accounts. Some of the people are team administrators. Members of a team run
//! its system accounts, if their role allows it. The members module writes team membership, by the same operation as
//! every other change to a member.
//!
//! A team may give roles and policies to its members (`access`).
//!
//! Invariants: names are unique however they are spelled; at most one team is the default; only a caller who may manage
//! all teams creates, edits and deletes them and appoints their administrators.

mod access;
mod candidates;
mod forms;
mod listed;
mod members_page;
mod membership;
mod model;
mod pages;
mod routes;
mod selected;
mod store;

pub use access::{Attachment, AttachmentRefusal, NewAttachment, Reach, attach, demand as demand_access, detach, grants, reach};
pub use forms::TeamForm;
pub use listed::{list, members, total};
pub use model::{NewTeam, Team, TeamMember};
pub use store::{Headcount, find, headcounts, insert};

use crate::{
    audit::{self, Event},
    db::Tx,
    kit::{self, Actor, OperationError, Scope, TeamId, rights},
    members,
    web::Routes,
};
use serde_json::{Value, json};

pub fn mount(app: &mut Routes) {
    routes::mount(app);
    candidates::mount(app);
    members_page::mount(app);
    selected::mount(app);
    access::mount(app);
}

/// Why a team is not created or edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TeamRefusal {
    #[error("There is a team {0} already.")]
    NameTaken(String),
    /// Somebody else edited the team since it was read.
    #[error("Somebody else edited this team meanwhile.")]
    ChangedMeanwhile(Team),
    #[error("{0} manages this team. Change its name there; delete the connection to {0} before you delete the team.")]
    Managed(String),
    #[error("{} in it.", kit::count(*.0, "member is", "members are"))]
    HasMembers(i64),
    /// Its deletion would take away what it gives.
    #[error(transparent)]
    Access(#[from] AttachmentRefusal),
}

/// Creates a team.
///
/// # Errors
/// A [`TeamRefusal`] or [`Fault::Denied`](kit::Fault).
pub fn create(tx: &mut Tx<'_>, scope: &Scope, wanted: &NewTeam) -> Result<TeamId, OperationError<TeamRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::TEAM_MANAGE)?;
    free(tx, scope, &wanted.name, None)?;
    let id = store::insert(tx, scope.organization, &wanted.name, &wanted.description, scope.now())?;
    if wanted.is_default {
        store::set_default(tx, scope.organization, Some(id))?;
    }
    let event = Event::new("team.created", "team", id.0, &wanted.name).after(told(wanted));
    audit::record(tx, scope, event)?;
    Ok(id)
}

/// Changes the name or description of a team, or makes it the default. Returns whether anything changed.
///
/// # Errors
/// A [`TeamRefusal`], [`Fault::Denied`](kit::Fault) or [`Fault::Missing`](kit::Fault).
pub fn update(tx: &mut Tx<'_>, scope: &Scope, id: TeamId, version: i64, wanted: &NewTeam) -> Result<bool, OperationError<TeamRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::TEAM_MANAGE)?;
    let now = store::find(tx, scope.organization, id)?;
    if now.version != version {
        return Err(OperationError::Refused(TeamRefusal::ChangedMeanwhile(now)));
    }
    if now.name != wanted.name {
        refuse_managed(tx, scope, id)?;
    }
    free(tx, scope, &wanted.name, Some(id))?;
    let was = NewTeam { name: now.name, description: now.description, is_default: now.is_default };
    if was == *wanted {
        return Ok(false);
    }
    store::update(tx, scope.organization, id, &wanted.name, &wanted.description)?;
    if was.is_default != wanted.is_default {
        store::set_default(tx, scope.organization, wanted.is_default.then_some(id))?;
    }
    if was.name != wanted.name {
        members::rename_team(tx, scope.organization, id)?;
    }
    let (before, after) = audit::difference(told(&was), told(wanted));
    let event = Event::new("team.edited", "team", id.0, &wanted.name).before(before).after(after);
    audit::record(tx, scope, event)?;
    Ok(true)
}

/// Deletes a team. Its members stay in the organization. If there are some, the caller must have confirmed that they
/// leave it. Returns how many there were.
///
/// # Errors
/// A [`TeamRefusal`], [`Fault::Denied`](kit::Fault) or [`Fault::Missing`](kit::Fault).
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: TeamId, is_confirmed: bool) -> Result<i64, OperationError<TeamRefusal>> {
    let scope = &members::reauthorize(tx, scope)?;
    scope.demand(rights::TEAM_MANAGE)?;
    let team = store::find(tx, scope.organization, id)?;
    refuse_managed(tx, scope, id)?;
    let gave = access::may_take_all(tx, scope, id).map_err(|error| error.map_refusal(TeamRefusal::Access))?;
    let count = store::headcounts(tx, scope, &[id])?.remove(&id).unwrap_or_default();
    if count.all() > 0 && !is_confirmed {
        return Err(OperationError::Refused(TeamRefusal::HasMembers(count.all())));
    }
    let run_by = store::administrators(tx, scope, &[id])?.remove(&id).unwrap_or_default();
    members::forget_team(tx, scope.organization, id)?;
    store::delete(tx, scope.organization, id)?;
    let was = json!({
        "name": team.name,
        "description": team.description,
        "people": count.people,
        "system_accounts": count.system_accounts,
        "administrators": run_by.into_iter().map(|(_, name)| name).collect::<Vec<_>>(),
        "gave": gave.iter().map(|grant| grant.given.told()).collect::<Vec<_>>(),
    });
    audit::record(tx, scope, Event::new("team.deleted", "team", id.0, team.name).before(was))?;
    Ok(count.all())
}

/// Refuses to change what an identity provider manages, unless it is the caller.
fn refuse_managed(tx: &mut Tx<'_>, scope: &Scope, id: TeamId) -> Result<(), OperationError<TeamRefusal>> {
    match members::team_managed_by(tx, scope.organization, id)? {
        Some(by) if !matches!(scope.actor, Actor::Provisioner { .. }) => Err(OperationError::Refused(TeamRefusal::Managed(by))),
        _ => Ok(()),
    }
}

fn free(tx: &mut Tx<'_>, scope: &Scope, name: &str, except: Option<TeamId>) -> Result<(), OperationError<TeamRefusal>> {
    match store::find_by_name(tx, scope.organization, name, except)? {
        Some(other) => Err(OperationError::Refused(TeamRefusal::NameTaken(other.name))),
        None => Ok(()),
    }
}

fn told(team: &NewTeam) -> Value {
    json!({ "name": team.name, "description": team.description, "default": team.is_default })
}
