//! What a person can ask for: roles and teams whose names they may read and that they do not have. The Administrator role is
//! given by administrators on their own, and a team whose people an identity provider decides is asked for there.

use super::{AskRefusal, model::Asked, store};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, OperationError, Scope, SubjectId, TeamId, Timestamp, rights},
    members,
    roles::{self, Role},
    teams::{self, Team},
};
use std::collections::HashMap;

/// Something that can be asked for.
#[derive(Clone, Debug)]
pub struct Choice {
    pub asked: Asked,
    pub name: String,
    pub description: String,
}

fn is_offered(role: &Role) -> bool {
    role.is_for_people() && role.is_granted() && !role.is_administrator()
}

/// Everything that the member can ask for now: teams and roles, each by name.
pub fn offer(conn: &mut Conn, scope: &Scope, member: MemberId) -> Result<Vec<Choice>, Fault> {
    let open = store::open_of(conn, scope, member)?;
    let mut all = Vec::new();
    if scope.may(rights::ROLE_READ) {
        let held = store::roles_of(conn, scope, &[member])?;
        let is_held_for_good = |id: SubjectId| matches!(held.get(&(member, id)), Some(None));
        for role in roles::list(conn, scope.organization)?.into_iter().filter(is_offered) {
            let asked = Asked::Role(role.id);
            if !open.contains(&asked.subject()) && !is_held_for_good(asked.subject()) {
                all.push(Choice { asked, name: role.name, description: role.description });
            }
        }
    }
    if scope.may(rights::TEAM_READ) {
        let within = store::teams_of(conn, scope, &[member])?;
        let known = members::teams(conn, scope.organization)?;
        let managed = members::teams_managed_by(conn, scope.organization, &known.iter().map(|team| team.id).collect::<Vec<_>>())?;
        for team in known.into_iter().filter(|team| !managed.contains_key(&team.id)) {
            let asked = Asked::Team(team.id);
            if !open.contains(&asked.subject()) && !within.contains(&(member, asked.subject())) {
                all.push(Choice { asked, name: team.name, description: String::new() });
            }
        }
    }
    Ok(all)
}

/// The name of what is asked for.
///
/// # Errors
/// An [`AskRefusal`] if it cannot be asked for, or the member has it as long as they ask for.
pub(super) fn check(
    conn: &mut Conn,
    scope: &Scope,
    member: MemberId,
    (asked, until): (Asked, Option<Timestamp>),
) -> Result<String, OperationError<AskRefusal>> {
    let name = match asked {
        Asked::Role(id) if scope.may(rights::ROLE_READ) => {
            let role = there(roles::find(conn, scope.organization, id))?;
            if !is_offered(&role) {
                return Err(OperationError::Refused(AskRefusal::NotOffered(role.name)));
            }
            role.name
        }
        Asked::Team(id) if scope.may(rights::TEAM_READ) => team(conn, scope, id)?.name,
        Asked::Role(_) | Asked::Team(_) => return Err(OperationError::Refused(AskRefusal::Gone)),
    };
    if is_held(conn, scope, member, asked, until)? {
        return Err(OperationError::Refused(AskRefusal::Held));
    }
    Ok(name)
}

fn team(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<Team, OperationError<AskRefusal>> {
    let team = there(teams::find(conn, scope.organization, id))?;
    match members::team_managed_by(conn, scope.organization, id)? {
        Some(by) => Err(OperationError::Refused(AskRefusal::Managed(by))),
        None => Ok(team),
    }
}

fn there<T>(found: Result<T, Fault>) -> Result<T, OperationError<AskRefusal>> {
    found.map_err(|fault| match fault {
        Fault::Missing => OperationError::Refused(AskRefusal::Gone),
        fault => fault.into(),
    })
}

/// Whether the member has it by themselves at least as long.
pub(super) fn is_held(conn: &mut Conn, scope: &Scope, member: MemberId, asked: Asked, until: Option<Timestamp>) -> Result<bool, Fault> {
    Ok(match asked {
        Asked::Role(_) => outlasts(&store::roles_of(conn, scope, &[member])?, member, asked.subject(), until),
        Asked::Team(_) => store::teams_of(conn, scope, &[member])?.contains(&(member, asked.subject())),
    })
}

/// Whether the role is held at least until then.
pub(super) fn outlasts(
    held: &HashMap<(MemberId, SubjectId), Option<Timestamp>>,
    member: MemberId,
    role: SubjectId,
    until: Option<Timestamp>,
) -> bool {
    match (held.get(&(member, role)), until) {
        (None, _) | (Some(Some(_)), None) => false,
        (Some(None), _) => true,
        (Some(Some(held)), Some(until)) => *held >= until,
    }
}
