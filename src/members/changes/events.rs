//! The audit events of a change.

use super::{
    action::{Change, Subject},
    guards::MemberFacts,
};
use crate::{
    audit::Event,
    db::Conn,
    kit::{Fault, RoleId, Scope},
    members::{batch_queries, team::teams},
    policies, roles,
};
use serde_json::{Value, json};

/// Builds the audit events before the change is made, because a deleted member cannot be read afterwards.
pub(super) fn events(conn: &mut Conn, scope: &Scope, change: &Change, doing: &[&MemberFacts]) -> Result<Vec<Event>, Fault> {
    let known = roles::list(conn, scope.organization)?;
    let name_of = |id: &RoleId| known.iter().find(|role| role.id == *id).map_or_else(|| id.to_string(), |role| role.name.clone());
    let team_name = match change.subject() {
        Subject::Team(team) => teams(conn, scope.organization)?.into_iter().find(|known| known.id == team).map(|known| known.name),
        _ => None,
    };
    let policy_name = match change.subject() {
        Subject::Policy(policy) => Some(policies::find(conn, scope.organization, policy)?.name),
        _ => None,
    };
    let identities = match change {
        Change::Delete => batch_queries::identities(conn, scope, &doing.iter().map(|one| one.id).collect::<Vec<_>>())?,
        _ => Default::default(),
    };
    let event = |one: &&MemberFacts| {
        let status = json!({ "status": one.status.as_str() });
        let roles = || one.roles.keys().map(name_of).collect::<Vec<_>>();
        let (action, before, after): (_, Option<Value>, Option<Value>) = match change {
            Change::Disable { reason } => ("member.disabled", Some(status), Some(json!({ "status": "disabled", "reason": reason }))),
            Change::Enable => ("member.enabled", Some(status), Some(json!({ "status": "active" }))),
            Change::AddRole { role, until } => {
                let held = one.roles.get(role).map(|until| json!({ "role": name_of(role), "until": until }));
                // The member already holds the role with another end.
                let action = if held.is_some() {
                    "member.role_end_changed"
                } else {
                    "member.role_added"
                };
                (action, held, Some(json!({ "role": name_of(role), "until": until })))
            }
            Change::RemoveRole { role } => {
                let until = one.roles.get(role).copied().flatten();
                ("member.role_removed", Some(json!({ "role": name_of(role), "until": until })), None)
            }
            Change::MakeAdministrator => ("member.made_administrator", Some(json!({ "roles": roles() })), None),
            Change::RemoveAdministrator => ("member.unmade_administrator", Some(json!({ "roles": roles() })), None),
            Change::JoinTeam { .. } => ("member.joined_team", None, Some(json!({ "team": team_name }))),
            Change::LeaveTeam { .. } => ("member.left_team", Some(json!({ "team": team_name })), None),
            Change::MakeTeamAdministrator { .. } => ("member.made_team_administrator", None, Some(json!({ "team": team_name }))),
            Change::RemoveTeamAdministrator { .. } => ("member.unmade_team_administrator", Some(json!({ "team": team_name })), None),
            Change::AttachPolicy { .. } => ("member.policy_attached", None, Some(json!({ "policy": policy_name }))),
            Change::DetachPolicy { .. } => ("member.policy_detached", Some(json!({ "policy": policy_name })), None),
            Change::Delete => {
                let (email, username) = identities.get(&one.id).cloned().unwrap_or_default();
                let was = json!({
                    "kind": one.kind.as_str(),
                    "name": one.name,
                    "email": email,
                    "username": username,
                    "status": one.status.as_str(),
                    "roles": roles(),
                });
                // Nobody deletes themselves but by leaving.
                let action = if scope.is_me(one.id) { "member.left" } else { "member.deleted" };
                (action, Some(was), None)
            }
        };
        let event = Event::new(action, "member", one.id.0, &one.name);
        let event = before.into_iter().fold(event, Event::before);
        after.into_iter().fold(event, Event::after)
    };
    Ok(doing.iter().map(event).collect())
}
