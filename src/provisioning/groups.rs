//! Teams that SCIM clients create, fill and remove, by the operations that the console uses.

use super::{
    client::Client,
    group_store::{self, GroupRecord},
    refusal::{ProvisionRefusal, Provisioned, refuse},
};
use crate::{
    audit::{self, Event},
    db::{Conn, Tx},
    kit::{Fault, MemberId, MemberKind, OperationResult, TeamId},
    members::{self, Change, Given, Outcome},
    teams::{self, NewTeam},
};
use std::collections::BTreeSet;

/// What a SCIM client says of a group. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct WantedGroup {
    pub name: Option<String>,
    /// `Some(None)` removes it.
    pub external_id: Option<Option<String>>,
    pub members: MemberChanges,
}

/// Changes of who is in a group.
#[derive(Clone, Debug, Default)]
pub struct MemberChanges {
    /// Nobody else stays in it.
    pub is_whole: bool,
    pub add: BTreeSet<MemberId>,
    pub remove: BTreeSet<MemberId>,
}

/// Creates a team.
///
/// # Errors
/// A [`ProvisionRefusal`].
pub fn create(tx: &mut Tx<'_>, client: &Client, wanted: &WantedGroup) -> Provisioned<TeamId> {
    let scope = &client.scope;
    let external_id = wanted.external_id.clone().flatten();
    group_store::demand_free(tx, client, external_id.as_deref(), None)?;
    let new = NewTeam {
        name: wanted.name.clone().unwrap_or_default(),
        description: String::new(),
        is_default: false,
    };
    let team = teams::create(tx, scope, &new).map_err(|error| error.map_refusal(ProvisionRefusal::from))?;
    group_store::insert(tx, client, team, external_id.as_deref())?;
    change_members(tx, client, team, &wanted.members)?;
    Ok(team)
}

/// Changes a team to what the client says. Takes it over first, if the client does not manage it yet and may.
///
/// # Errors
/// A [`ProvisionRefusal`].
pub fn update(tx: &mut Tx<'_>, client: &Client, record: &GroupRecord, wanted: &WantedGroup) -> Provisioned<()> {
    let (scope, id) = (&client.scope, record.team.id);
    match &record.provisioned {
        Some(managed) if managed.provisioner_id == client.provisioner.id => {}
        Some(_) => {
            let by = members::team_managed_by(tx, scope.organization, id)?;
            return refuse(ProvisionRefusal::ManagedByAnother(by.unwrap_or_default()));
        }
        None => adopt(tx, client, record)?,
    }
    if let Some(name) = wanted.name.as_ref().filter(|name| **name != record.team.name) {
        let new = NewTeam {
            name: name.clone(),
            description: record.team.description.clone(),
            is_default: record.team.is_default,
        };
        teams::update(tx, scope, id, record.team.version, &new).map_err(|error| error.map_refusal(ProvisionRefusal::from))?;
    }
    let known = record.provisioned.as_ref().and_then(|known| known.external_id.as_deref());
    let mut is_changed = false;
    if let Some(external_id) = wanted.external_id.as_ref().filter(|external_id| external_id.as_deref() != known) {
        group_store::demand_free(tx, client, external_id.as_deref(), Some(id))?;
        group_store::set_external_id(tx, client, id, external_id.as_deref())?;
        is_changed = true;
    }
    is_changed |= change_members(tx, client, id, &wanted.members)?;
    if is_changed {
        group_store::touch(tx, client, id)?;
    }
    Ok(())
}

fn adopt(tx: &mut Tx<'_>, client: &Client, record: &GroupRecord) -> Provisioned<()> {
    // A team that gives something is taken over by nobody who may not give that: people make such a team its own first.
    if !client.provisioner.adopts || gives_beyond(tx, client, record.team.id)? {
        return refuse(ProvisionRefusal::NotManaged);
    }
    group_store::insert(tx, client, record.team.id, None)?;
    let event = Event::new("team.adopted", "team", record.team.id.0, &record.team.name);
    Ok(audit::record(tx, &client.scope, event)?)
}

/// Whether a team gives a policy, or a role that the client may not give.
fn gives_beyond(conn: &mut Conn, client: &Client, team: TeamId) -> Result<bool, Fault> {
    let grants = teams::grants(conn, &client.scope, team)?;
    Ok(grants.iter().any(|grant| match &grant.given {
        Given::Role(role) => !client.provisioner.allowed_roles().contains(&role.id),
        Given::Policy(_) => true,
    }))
}

/// Deletes a team that the client created. One that it took over, and one with system accounts in it, is left to the
/// administrators instead. Its members stay.
///
/// # Errors
/// A [`ProvisionRefusal`].
pub fn delete(tx: &mut Tx<'_>, client: &Client, record: &GroupRecord) -> Provisioned<()> {
    let (scope, id) = (&client.scope, record.team.id);
    let managed = record.provisioned.as_ref().filter(|managed| managed.provisioner_id == client.provisioner.id);
    let Some(managed) = managed else {
        return refuse(ProvisionRefusal::NotManaged);
    };
    let is_adopted = record.created_at < managed.created_at;
    let machines = teams::headcounts(tx, scope, &[id])?.get(&id).map_or(0, |count| count.system_accounts);
    if is_adopted || machines > 0 {
        group_store::release(tx, client, id)?;
        return Ok(audit::record(tx, scope, Event::new("team.released", "team", id.0, &record.team.name))?);
    }
    let deleted = teams::delete(tx, scope, id, true);
    deleted.map(|_| ()).map_err(|error| error.map_refusal(ProvisionRefusal::from))
}

/// Adds people to a team and removes them. Returns whether anybody came or left.
fn change_members(tx: &mut Tx<'_>, client: &Client, team: TeamId, wanted: &MemberChanges) -> Provisioned<bool> {
    let present = if wanted.is_whole || !wanted.remove.is_empty() {
        group_store::people_in(tx, client, team)?
    } else {
        BTreeSet::new()
    };
    let is_leaving = |id: &&MemberId| !wanted.add.contains(id) && (wanted.is_whole || wanted.remove.contains(id));
    let mut leaving: Vec<MemberId> = present.iter().filter(is_leaving).copied().collect();
    if !client.provisioner.reaches_administrators {
        let administrators = client.administrators_among(tx, &leaving)?;
        leaving.retain(|id| !administrators.contains(id));
    }
    let joining: Vec<MemberId> = wanted.add.iter().filter(|id| !present.contains(id)).copied().collect();
    // Who administers the team has to be an ordinary member of it before they leave.
    let running = group_store::administrators_among(tx, client, team, &leaving)?;
    make(tx, client, &Change::RemoveTeamAdministrator { team }, &running)?;
    let has_left = make(tx, client, &Change::LeaveTeam { team }, &leaving)?;
    let has_joined = make(tx, client, &Change::JoinTeam { team }, &joining)?;
    Ok(has_left || has_joined)
}

/// Makes a change to several people. Returns whether it changed anybody.
fn make(tx: &mut Tx<'_>, client: &Client, wanted: &Change, ids: &[MemberId]) -> Provisioned<bool> {
    if ids.is_empty() {
        return Ok(false);
    }
    let mut is_changed = false;
    let answers = members::change(tx, &client.scope, MemberKind::User, wanted, ids).refused()?;
    for answer in answers.map_err(|refusal| ProvisionRefusal::Refused(refusal.to_string())).or_else(refuse)? {
        match answer.outcome {
            Outcome::Refused(members::Refusal::Gone) => return refuse(ProvisionRefusal::NoSuchUser(answer.id.to_string())),
            Outcome::Refused(refusal) => return refuse(ProvisionRefusal::Refused(format!("{}: {refusal}", answer.name))),
            outcome => is_changed |= outcome.is_done(),
        }
    }
    Ok(is_changed)
}
