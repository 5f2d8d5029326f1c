//! People whom SCIM clients create, change and remove, by the operations that the console uses.

use super::{
    client::Client,
    model::ProvisionedUser,
    refusal::{ProvisionRefusal, Provisioned, refuse},
    user_roles,
    user_store::{self, Sent, UserRecord},
};
use crate::{
    audit::{self, Event},
    db::Tx,
    domains, invitations,
    kit::{Fault, MemberId, MemberKind, MemberStatus, OperationError, OperationResult, UserId, email::Email},
    mail::Outbox,
    members::{self, Change, Details, PersonNames},
    passwords,
    user_creation::{self, CreateRefusal, username},
    users,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a SCIM client says of a person.
#[derive(Clone, Debug)]
pub struct WantedUser {
    pub user_name: String,
    pub external_id: Option<String>,
    /// Their address, as far as one can be read.
    pub email: Option<Email>,
    pub names: PersonNames,
    pub title: Option<String>,
    pub phone: Option<String>,
    pub location: Option<String>,
    /// Absent means that the present status stays.
    pub is_active: Option<bool>,
    /// Names or ids of roles. Absent means that roles are not touched.
    pub roles: Option<Vec<String>>,
    /// Every address, also those that are none here.
    pub addresses: Vec<String>,
    /// Everything that was sent, to be given back as it came.
    pub attributes: Value,
    /// The names of attributes that were sent, which nobody edits here.
    pub sent: Vec<String>,
}

impl WantedUser {
    fn sent(&self) -> Sent<'_> {
        Sent {
            external_id: self.external_id.as_deref(),
            user_name: &self.user_name,
            addresses: &self.addresses,
            attributes: &self.attributes,
            names: &self.sent,
        }
    }

    /// Of a person who is here already, a change of some attributes manages these and what was sent before.
    pub fn sending(self, known: Option<&ProvisionedUser>, changed: Vec<String>) -> Self {
        let before = known.map(|known| known.sent.0.clone()).unwrap_or_default();
        let all: BTreeSet<String> = before.into_iter().chain(changed).collect();
        Self {
            sent: all.into_iter().filter(|name| self.attributes.get(name).is_some()).collect(),
            ..self
        }
    }

    /// The details that the member gets. What was not sent stays.
    fn details(&self, present: &Details) -> Details {
        let mut details = Details {
            name: self.names.display.clone(),
            first_name: self.names.first.clone(),
            last_name: self.names.last.clone(),
            ..present.clone()
        };
        for (field, sent) in [("title", &self.title), ("phone", &self.phone), ("location", &self.location)] {
            if let (Some(text), Some(part)) = (sent, details.part_mut(field)) {
                part.clone_from(text);
            }
        }
        details
    }
}

/// Creates a person, active unless the client says otherwise, with what the administrator chose for new people.
///
/// # Errors
/// A [`ProvisionRefusal`].
pub fn create(tx: &mut Tx<'_>, client: &Client, wanted: &WantedUser) -> Provisioned<MemberId> {
    let (scope, provisioner) = (&client.scope, &client.provisioner);
    user_store::demand_free(tx, scope.organization, provisioner.id, &wanted.sent(), None)?;
    let Some(email) = wanted.email.clone().or_else(|| Email::parse(&wanted.user_name).ok()) else {
        return refuse(ProvisionRefusal::NoAddress);
    };
    let own_name = username(&wanted.user_name, &email).ok().filter(|name| *name != email.as_str());
    let mut new = user_creation::Wanted {
        name: wanted.names.display.clone(),
        username: own_name.clone().unwrap_or_else(|| email.as_str().to_owned()),
        email,
        is_active: wanted.is_active.unwrap_or(true),
        grants: provisioner.gives().clone(),
        hash: None,
        details: Some(wanted.details(&Details::default())),
    };
    let mut created = tx.part(|tx| user_creation::create(tx, scope, &new));
    // The user name at the provider may be somebody's here. They sign in with their address then.
    if own_name.is_some() && matches!(created, Err(OperationError::Refused(CreateRefusal::UsernameTaken))) {
        new.username = new.email.as_str().to_owned();
        created = tx.part(|tx| user_creation::create(tx, scope, &new));
    }
    let created = created.map_err(|error| error.map_refusal(ProvisionRefusal::from))?;
    user_store::insert(tx, scope.organization, provisioner.id, created.member, &wanted.sent(), scope.now())?;
    bind(tx, client, created.member)?;
    user_roles::apply(tx, client, created.member, wanted.roles.as_deref())?;
    Ok(created.member)
}

/// Lists show the provider of the connection through which they will sign in.
fn bind(tx: &mut Tx<'_>, client: &Client, member: MemberId) -> Result<(), Fault> {
    let Some(connection) = client.provisioner.connection_id else {
        return Ok(());
    };
    match crate::connections::find(tx, &client.scope, connection) {
        Ok(connection) => members::set_provider(tx, client.scope.organization, member, connection.kind.as_str()),
        // Deleted since.
        Err(Fault::Missing) => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// Changes a person to what the client says. Takes them over first, if the client does not manage them yet and may.
///
/// # Errors
/// A [`ProvisionRefusal`].
pub fn update(tx: &mut Tx<'_>, client: &Client, outbox: &Outbox, record: &UserRecord, wanted: &WantedUser) -> Provisioned<()> {
    let (scope, id) = (&client.scope, record.member.id);
    demand_reach(tx, client, id)?;
    user_store::demand_free(tx, scope.organization, client.provisioner.id, &wanted.sent(), Some(id))?;
    match &record.provisioned {
        Some(managed) => demand_own(tx, client, managed)?,
        None => adopt(tx, client, record, wanted)?,
    }
    // The invitation of an adopted person may have been accepted just now.
    let member = members::find(tx, scope, id)?;
    let details = wanted.details(&Details::of(&member));
    let edited = members::edit(tx, scope, MemberKind::User, id, member.version, &details);
    edited.map_err(|error| error.map_refusal(ProvisionRefusal::from))?;
    readdress(tx, client, outbox, record, wanted)?;
    user_roles::apply(tx, client, id, wanted.roles.as_deref())?;
    set_active(tx, client, id, wanted.is_active)?;
    if record.provisioned.as_ref().is_some_and(|known| !wanted.sent().is_stored(known)) {
        user_store::update(tx, scope.organization, id, &wanted.sent(), scope.now())?;
    }
    Ok(())
}

/// Removes a person: deletes them, or disables them and leaves them to the administrators, as the settings say.
///
/// # Errors
/// A [`ProvisionRefusal`] or [`Fault::Missing`].
pub fn delete(tx: &mut Tx<'_>, client: &Client, record: &UserRecord) -> Provisioned<()> {
    let (scope, id) = (&client.scope, record.member.id);
    demand_reach(tx, client, id)?;
    match &record.provisioned {
        Some(managed) => demand_own(tx, client, managed)?,
        None => return refuse(ProvisionRefusal::NotManaged),
    }
    refuse_creator(client, id)?;
    if client.provisioner.deletes {
        return client.change(tx, id, &Change::Delete);
    }
    set_active(tx, client, id, Some(false))?;
    user_store::delete(tx, scope.organization, id)?;
    let event = Event::new("member.released", "member", id.0, &record.member.name);
    Ok(audit::record(tx, scope, event)?)
}

/// Administrators are changed by people, unless the settings say otherwise.
fn demand_reach(tx: &mut Tx<'_>, client: &Client, id: MemberId) -> Provisioned<()> {
    if client.provisioner.reaches_administrators || client.administrators_among(tx, &[id])?.is_empty() {
        Ok(())
    } else {
        refuse(ProvisionRefusal::Administrator)
    }
}

fn demand_own(tx: &mut Tx<'_>, client: &Client, managed: &ProvisionedUser) -> Provisioned<()> {
    if managed.provisioner_id == client.provisioner.id {
        return Ok(());
    }
    let names = members::managed_by(tx, client.scope.organization, &[managed.member_id])?;
    refuse(ProvisionRefusal::ManagedByAnother(names.into_values().next().unwrap_or_default()))
}

/// The client manages them from now on. An open invitation is accepted for them.
fn adopt(tx: &mut Tx<'_>, client: &Client, record: &UserRecord, wanted: &WantedUser) -> Provisioned<()> {
    let (scope, member) = (&client.scope, &record.member);
    if !client.provisioner.adopts {
        return refuse(ProvisionRefusal::NotManaged);
    }
    if member.status == MemberStatus::Invited {
        let user = member.user_id.ok_or(Fault::Missing)?;
        refuse_unproven(tx, client, user)?;
        let accepted = invitations::accept_through_provider(tx, member, user, &PersonNames::default(), &scope.request_info);
        accepted.map_err(|error| error.map_refusal(|why| ProvisionRefusal::Invitation(why.to_string())))?;
    }
    user_store::insert(tx, scope.organization, client.provisioner.id, member.id, &wanted.sent(), scope.now())?;
    let event = Event::new("member.adopted", "member", member.id.0, &member.name).after(json!({ "user_name": wanted.user_name }));
    Ok(audit::record(tx, scope, event)?)
}

/// An invitation is not accepted for an account that belongs to another organization too, or whose credentials somebody else
/// may know: an administrator elsewhere could have made it, and would sign in here with it.
fn refuse_unproven(tx: &mut Tx<'_>, client: &Client, user: UserId) -> Provisioned<()> {
    let is_elsewhere = members::memberships(tx, user)?.iter().any(|one| one.organization != client.scope.organization);
    let is_unproven = users::find(tx, user)?.address_proven_at.is_none() && passwords::find(tx, user)?.is_some();
    if is_elsewhere || is_unproven {
        let why = "There is an account with this address, whose owner accepts by the link in the letter.";
        return refuse(ProvisionRefusal::Invitation(why.into()));
    }
    Ok(())
}

/// The address here follows the one that was sent, if the organization has proven that it owns the domain and the person
/// belongs to no other organization. Otherwise it is only kept: a provider could send anybody's address, and have a link
/// to set a password sent there.
fn readdress(tx: &mut Tx<'_>, client: &Client, outbox: &Outbox, record: &UserRecord, wanted: &WantedUser) -> Provisioned<()> {
    let scope = &client.scope;
    let (Some(new), Some(user)) = (&wanted.email, record.member.user_id) else {
        return Ok(());
    };
    if users::find(tx, user)?.email == new.as_str() || !domains::is_proven_in(tx, scope.organization, new)? {
        return Ok(());
    }
    // What else was sent must not be lost with an address that is taken, or that was changed too often.
    let _kept_only_there = tx.part(|tx| members::set_email(tx, scope, outbox, record.member.id, new)).refused()?;
    Ok(())
}

/// A client does not lock out the person who set it up, and could mend it.
fn refuse_creator(client: &Client, id: MemberId) -> Provisioned<()> {
    if client.provisioner.created_by == Some(id) {
        return refuse(ProvisionRefusal::Creator);
    }
    Ok(())
}

fn set_active(tx: &mut Tx<'_>, client: &Client, id: MemberId, is_active: Option<bool>) -> Provisioned<()> {
    match is_active {
        None => Ok(()),
        Some(true) => client.change(tx, id, &Change::Enable),
        Some(false) => {
            refuse_creator(client, id)?;
            let reason = format!("Deactivated by {}.", client.scope.actor.name());
            client.change(tx, id, &Change::Disable { reason })
        }
    }
}
