//! What a team gives to its members: roles and policies, each until an instant or without an end. Attaching one gives it to
//! all members of the team at once, so that the caller must be allowed to give it to each of them by hand.

mod form;
mod pages;
mod routes;
mod store;

pub(super) use routes::mount;

use super::store as teams;
use crate::{
    audit::{self, Event},
    authorization::Ceiling,
    db::{Conn, Tx},
    kit::{Fault, MemberKind, OperationError, OperationResult, Permission, PolicyId, RoleId, Scope, TeamId, Timestamp, rights},
    members::{self, Given, TeamGrant, refuse_given},
    policies,
    roles::{self, Predefined, Role},
};
use serde_json::{Value, json};

pub use store::Reach;

/// The most roles and policies of one team.
const MOST: usize = 50;

/// The role or policy that is attached or detached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    Role(RoleId),
    Policy(PolicyId),
}

impl Attachment {
    pub(super) fn of(given: &Given) -> Self {
        match given {
            Given::Role(role) => Self::Role(role.id),
            Given::Policy(policy) => Self::Policy(policy.id),
        }
    }
    /// The path of its page in the organization; below the path of a team, of what is attached there.
    fn path(self) -> String {
        match self {
            Self::Role(id) => format!("/roles/{id}"),
            Self::Policy(id) => format!("/policies/{id}"),
        }
    }
}

/// The requested attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewAttachment {
    pub what: Attachment,
    pub until: Option<Timestamp>,
    /// Team administrators may add people, although that gives them this.
    pub is_delegated: bool,
}

/// Why a role or policy is not attached to a team or detached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentRefusal {
    #[error("The role or policy that was chosen does not exist any more. Choose again.")]
    Gone,
    #[error("No team gives the role {0}. Give it to each member by themselves.")]
    NotForTeams(String),
    #[error("That allows {permission}, which you may not do yourself. Nobody gives or takes what they do not hold: {what}.")]
    TooWide { what: String, permission: Permission },
    #[error("{name} is in the team, and may do more than you: {permission} is missing among your permissions.")]
    AboveYou { name: String, permission: Permission },
    #[error("You are in this team. Somebody else decides what it gives you.")]
    Yourself,
    #[error("The end must be in the future.")]
    Ended,
    #[error("A team gives at most {MOST} roles and policies.")]
    TooMany,
}

type Outcome<T> = Result<T, OperationError<AttachmentRefusal>>;

fn refuse<T>(refusal: AttachmentRefusal) -> Outcome<T> {
    Err(OperationError::Refused(refusal))
}

/// Whether a team can give the role. Administrators and provisioning clients are made one by one, and being a team
/// administrator has its own role.
pub fn is_for_teams(role: &Role) -> bool {
    !matches!(role.predefined, Some(Predefined::Administrator | Predefined::TeamAdministrator | Predefined::Scim))
}

/// Checks that the caller may decide what teams give: they manage teams, and the access of people and system accounts.
///
/// # Errors
/// [`Fault::Denied`].
pub fn demand(scope: &Scope) -> Result<(), Fault> {
    scope.demand(rights::TEAM_MANAGE)?;
    scope.demand(rights::manage(MemberKind::User))?;
    scope.demand(rights::manage(MemberKind::SystemAccount))
}

/// Attaches a role or a policy to a team, or changes until when it is given and whether adding people is delegated. Returns
/// whether anything changed.
///
/// # Errors
/// An [`AttachmentRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn attach(tx: &mut Tx<'_>, scope: &Scope, id: TeamId, wanted: &NewAttachment) -> Outcome<bool> {
    let scope = &members::reauthorize(tx, scope)?;
    demand(scope)?;
    let team = teams::find(tx, scope.organization, id)?;
    let given = find(tx, scope, wanted.what)?;
    may_decide(tx, scope, id, &given)?;
    if wanted.until.is_some_and(|until| until <= scope.now()) {
        return refuse(AttachmentRefusal::Ended);
    }
    let present = grants(tx, scope, id)?;
    let before = present.iter().find(|grant| Attachment::of(&grant.given) == wanted.what);
    if before.is_some_and(|before| before.until == wanted.until && before.is_delegated == wanted.is_delegated) {
        return Ok(false);
    }
    if before.is_none() && present.len() >= MOST {
        return refuse(AttachmentRefusal::TooMany);
    }
    let reach = store::reach(tx, scope, id, wanted.what)?;
    match before {
        Some(_) => store::update(tx, scope, id, wanted)?,
        None => store::insert(tx, scope, id, wanted)?,
    }
    let after = facts(&given, wanted.until, wanted.is_delegated, reach);
    let event = Event::new(action(wanted.what, true), "team", id.0, team.name).after(after);
    let before = before.map(|before| facts(&given, before.until, before.is_delegated, reach));
    audit::record(tx, scope, before.into_iter().fold(event, Event::before))?;
    Ok(true)
}

/// Detaches a role or a policy from a team: its members have it no more, unless something else gives it to them.
///
/// # Errors
/// An [`AttachmentRefusal`], [`Fault::Denied`], or [`Fault::Missing`] if it is not attached.
pub fn detach(tx: &mut Tx<'_>, scope: &Scope, id: TeamId, what: Attachment) -> Outcome<Reach> {
    let scope = &members::reauthorize(tx, scope)?;
    demand(scope)?;
    let team = teams::find(tx, scope.organization, id)?;
    let grant = attached(tx, scope, id, what)?;
    may_decide(tx, scope, id, &grant.given)?;
    let reach = store::reach(tx, scope, id, what)?;
    store::delete(tx, scope, id, what)?;
    let before = facts(&grant.given, grant.until, grant.is_delegated, reach);
    audit::record(tx, scope, Event::new(action(what, false), "team", id.0, team.name).before(before))?;
    Ok(reach)
}

/// Checks that the caller may take away all that a team gives, as its deletion does.
///
/// # Errors
/// An [`AttachmentRefusal`] or [`Fault::Denied`].
pub(super) fn may_take_all(conn: &mut Conn, scope: &Scope, id: TeamId) -> Outcome<Vec<TeamGrant>> {
    let all = grants(conn, scope, id)?;
    if !all.is_empty() {
        demand(scope)?;
    }
    for grant in &all {
        may_decide(conn, scope, id, &grant.given)?;
    }
    Ok(all)
}

/// What a team gives now.
pub fn grants(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<Vec<TeamGrant>, Fault> {
    Ok(members::team_access(conn, scope.organization, Some(&[id]), scope.now())?
        .remove(&id)
        .unwrap_or_default())
}

/// What a team gives now, as far as the caller may see it.
fn visible(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<Vec<TeamGrant>, Fault> {
    let decides = demand(scope).is_ok();
    let may_see = |grant: &TeamGrant| match grant.given {
        Given::Role(_) => decides || scope.may(rights::ROLE_READ),
        Given::Policy(_) => decides || scope.may(rights::POLICY_READ),
    };
    Ok(grants(conn, scope, id)?.into_iter().filter(may_see).collect())
}

/// The same in words, if there is something.
pub(super) fn visible_told(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<Option<String>, Fault> {
    Ok(in_words(&visible(conn, scope, id)?))
}

/// What a team gives now, in words: who adds members to it answers for that.
pub(super) fn told(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<Option<String>, Fault> {
    Ok(in_words(&grants(conn, scope, id)?))
}

fn in_words(grants: &[TeamGrant]) -> Option<String> {
    (!grants.is_empty()).then(|| members::told_grants(grants))
}

/// What is lost with a team, in words, and who has it only through the team.
pub(super) type Loss = (String, Reach);

/// What a team gives now, and how many have it only through the team; and why the caller cannot take it away.
pub(super) fn before_deletion(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<(Vec<Loss>, Option<AttachmentRefusal>), Fault> {
    let refusal = may_take_all(conn, scope, id).refused()?.err();
    let mut all = Vec::new();
    for grant in grants(conn, scope, id)? {
        all.push((grant.given.told(), store::reach(conn, scope, id, Attachment::of(&grant.given))?));
    }
    Ok((all, refusal))
}

/// How many members of a team have a role or policy only through it, and how many have it anyway.
///
/// # Errors
/// [`Fault::Denied`] or [`Fault::Missing`].
pub fn reach(conn: &mut Conn, scope: &Scope, id: TeamId, what: Attachment) -> Result<Reach, Fault> {
    scope.demand(rights::TEAM_READ)?;
    teams::find(conn, scope.organization, id)?;
    store::reach(conn, scope, id, what)
}

fn attached(conn: &mut Conn, scope: &Scope, id: TeamId, what: Attachment) -> Result<TeamGrant, Fault> {
    grants(conn, scope, id)?
        .into_iter()
        .find(|grant| Attachment::of(&grant.given) == what)
        .ok_or(Fault::Missing)
}

/// Checks that it exists and that teams can give it.
fn find(conn: &mut Conn, scope: &Scope, what: Attachment) -> Outcome<Given> {
    let found = match what {
        Attachment::Role(role) => roles::find(conn, scope.organization, role).map(Given::Role),
        Attachment::Policy(policy) => policies::find(conn, scope.organization, policy).map(Given::Policy),
    };
    match found {
        Ok(Given::Role(role)) if !is_for_teams(&role) => refuse(AttachmentRefusal::NotForTeams(role.name)),
        Err(Fault::Missing) => refuse(AttachmentRefusal::Gone),
        found => Ok(found?),
    }
}

/// Checks that the caller holds it, and decides neither about their own access nor about that of somebody above them. An
/// Administrator gains nothing from a team.
fn may_decide(conn: &mut Conn, scope: &Scope, id: TeamId, given: &Given) -> Outcome<()> {
    let ceiling = Ceiling::of(conn, scope)?;
    if let Some(permission) = refuse_given(scope, &ceiling, given) {
        return refuse(AttachmentRefusal::TooWide { what: given.told(), permission });
    }
    if ceiling.is_open() {
        return Ok(());
    }
    if store::is_in(conn, scope, id)? {
        return refuse(AttachmentRefusal::Yourself);
    }
    let all = store::members_of(conn, scope, id)?;
    if let Some((name, permission)) = members::first_above(conn, scope, &all)? {
        return refuse(AttachmentRefusal::AboveYou { name, permission });
    }
    Ok(())
}

fn action(what: Attachment, is_attached: bool) -> &'static str {
    match (what, is_attached) {
        (Attachment::Role(_), true) => "team.role_attached",
        (Attachment::Role(_), false) => "team.role_detached",
        (Attachment::Policy(_), true) => "team.policy_attached",
        (Attachment::Policy(_), false) => "team.policy_detached",
    }
}

/// What the audit trail keeps: the members are those whom it gave something, or from whom it took it.
fn facts(given: &Given, until: Option<Timestamp>, is_delegated: bool, reach: Reach) -> Value {
    json!({
        given.kind(): given.name(),
        "until": until,
        "team_administrators_may_add": is_delegated,
        "people": reach.people,
        "system_accounts": reach.system_accounts,
    })
}
