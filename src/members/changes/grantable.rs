//! Whether the role, team or policy of a change exists, and whether the caller may give it.

use super::{
    action::{Change, Subject},
    guards::Refusal,
};
use crate::{
    authorization::Ceiling,
    db::Conn,
    kit::{Fault, MemberKind, OperationError, PolicyId, Scope, TeamId, rights},
    members::{grant_refusal, managed, reach, team, team_access::team_access, team_joining::Adding},
    policies,
    roles::Role,
};

/// Checks that the granted role or policy exists and that the caller holds at least as much. `joining` is what the team of the
/// change means, if it is about a team that exists.
pub(super) fn may_grant(
    conn: &mut Conn,
    scope: &Scope,
    kind: MemberKind,
    change: &Change,
    roles: &[Role],
    joining: Option<&Joining>,
) -> Result<(), OperationError<Refusal>> {
    let role = match (change, change.subject()) {
        (Change::RemoveRole { role }, _) => roles.iter().find(|known| known.id == *role && known.is_granted()),
        (_, Subject::Role(role)) => roles.iter().find(|known| known.id == role && known.is_for(kind)),
        (Change::MakeAdministrator, _) => roles.iter().find(|known| known.is_administrator()),
        (_, Subject::Team(_)) => {
            let joining = joining.ok_or(OperationError::Refused(Refusal::NoSuchChoice))?;
            let is_managed = matches!(joining.refusal, Some(Refusal::ManagedTeam(_)));
            let decides = match change {
                Change::JoinTeam { .. } => true,
                Change::LeaveTeam { .. } => is_managed,
                _ => false,
            };
            return match &joining.refusal {
                Some(refusal) if decides => Err(OperationError::Refused(refusal.clone())),
                _ => Ok(()),
            };
        }
        (_, Subject::Policy(policy)) => return may_attach(conn, scope, change, policy),
        (_, Subject::Member | Subject::Status | Subject::AdministratorRole) => return Ok(()),
    };
    let role = role.ok_or(OperationError::Refused(Refusal::NoSuchChoice))?;
    match grant_refusal::refuse_role(scope, role) {
        Some(refusal) if !matches!(change, Change::RemoveRole { .. }) => Err(OperationError::Refused(refusal.into())),
        _ => Ok(()),
    }
}

/// What it means to add a member to a team, or to remove one: the team may give access.
#[derive(Clone, Debug, Default)]
pub(super) struct Joining {
    /// Why the caller cannot add anybody: an identity provider decides it, or because of what the team gives.
    pub refusal: Option<Refusal>,
    /// By adding and removing members, the caller gives and takes access by their own right.
    pub is_access: bool,
    /// The teams that the caller administers, if they manage the people of those only and this is one of them.
    theirs: Option<Vec<TeamId>>,
}

impl Joining {
    /// Nothing if the team does not exist.
    pub fn load(conn: &mut Conn, scope: &Scope, kind: MemberKind, id: TeamId) -> Result<Option<Self>, Fault> {
        let theirs = match kind {
            MemberKind::User => reach::gained_by_adding(conn, scope, id)?,
            MemberKind::SystemAccount => None,
        };
        let Some(team) = team::teams(conn, scope.organization)?.into_iter().find(|known| known.id == id) else {
            return Ok(None);
        };
        if kind == MemberKind::User
            && !managed::may_change_managed(scope)
            && let Some(by) = managed::team_managed_by(conn, scope.organization, id)?
        {
            return Ok(Some(Self { refusal: Some(Refusal::ManagedTeam(by)), is_access: false, theirs }));
        }
        let Some(grants) = team_access(conn, scope.organization, Some(&[id]), scope.now())?.remove(&id) else {
            return Ok(Some(Self { theirs, ..Self::default() }));
        };
        let adding = Adding::of(conn, scope, kind, (id, &team.name), scope.may(rights::manage(kind)))?;
        let refusal = adding.refuse(scope, &Ceiling::of(conn, scope)?, &grants);
        Ok(Some(Self {
            refusal: refusal.map(Refusal::Grant),
            is_access: adding.own(&grants).next().is_some(),
            theirs,
        }))
    }
    /// Whether the caller, by adding a member who is in these teams, would come to manage them.
    pub fn would_be_theirs<'t>(&self, mut teams: impl Iterator<Item = &'t TeamId>) -> bool {
        self.theirs.as_ref().is_some_and(|mine| !teams.any(|team| mine.contains(team)))
    }
    /// For any change. Nothing if it is about no team, or about one that does not exist.
    pub fn of(conn: &mut Conn, scope: &Scope, kind: MemberKind, change: &Change) -> Result<Option<Self>, Fault> {
        match change.subject() {
            Subject::Team(team) => Self::load(conn, scope, kind, team),
            _ => Ok(None),
        }
    }
}

/// Why the caller cannot add members of this kind to a team. Pages say it beforehand.
pub fn why_not_join(conn: &mut Conn, scope: &Scope, kind: MemberKind, team: TeamId) -> Result<Option<Refusal>, Fault> {
    Ok(Joining::load(conn, scope, kind, team)?.and_then(|joining| joining.refusal))
}

/// Checks that the policy exists and that a caller who attaches it holds as much. A caller who detaches it need not.
fn may_attach(conn: &mut Conn, scope: &Scope, change: &Change, id: PolicyId) -> Result<(), OperationError<Refusal>> {
    let policy = match policies::find(conn, scope.organization, id) {
        Ok(policy) => policy,
        Err(Fault::Missing) => return Err(OperationError::Refused(Refusal::NoSuchChoice)),
        Err(fault) => return Err(fault.into()),
    };
    match grant_refusal::refuse_policy(&Ceiling::of(conn, scope)?, &policy) {
        Some(refusal) if matches!(change, Change::AttachPolicy { .. }) => Err(OperationError::Refused(refusal.into())),
        _ => Ok(()),
    }
}
