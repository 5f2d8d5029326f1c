//! People and teams that an identity provider manages (SCIM): what it manages is not edited here, because it would send the
//! same again. `provisioning` writes these tables.

use super::Details;
use crate::{
    db::{
        Among, Conn, Json,
        schema::{domains, members, provisioned_groups, provisioned_users, provisioners},
    },
    kit::{Actor, DomainId, Fault, MemberId, OrganizationId, ProvisionerId, Scope, TeamId, email::Email},
};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The names of the system accounts that manage these people.
pub fn managed_by(conn: &mut Conn, organization: OrganizationId, ids: &[MemberId]) -> Result<HashMap<MemberId, String>, Fault> {
    let rows = provisioned_users::table
        .inner_join(provisioners::table)
        .inner_join(members::table.on(members::id.eq(provisioners::member_id)))
        .filter(provisioned_users::organization_id.eq(organization))
        .filter(provisioned_users::member_id.among(ids))
        .select((provisioned_users::member_id, members::name));
    Ok(rows.load(conn)?.into_iter().collect())
}

/// The name of the system account that decides who is in this team, if one does.
pub fn team_managed_by(conn: &mut Conn, organization: OrganizationId, team: TeamId) -> Result<Option<String>, Fault> {
    Ok(teams_managed_by(conn, organization, &[team])?.remove(&team))
}

/// Same for several teams.
pub fn teams_managed_by(conn: &mut Conn, organization: OrganizationId, teams: &[TeamId]) -> Result<HashMap<TeamId, String>, Fault> {
    let rows = provisioned_groups::table
        .inner_join(provisioners::table)
        .inner_join(members::table.on(members::id.eq(provisioners::member_id)))
        .filter(provisioned_groups::organization_id.eq(organization))
        .filter(provisioned_groups::team_id.among(teams))
        .select((provisioned_groups::team_id, members::name));
    Ok(rows.load(conn)?.into_iter().collect())
}

/// Whether the caller may change what an identity provider manages: only that provider may.
pub(super) fn may_change_managed(scope: &Scope) -> bool {
    matches!(scope.actor, Actor::Provisioner { .. })
}

/// Who manages a person for an identity provider, and what of them.
#[derive(Clone, Debug, Default)]
pub struct Management {
    /// The name of the system account.
    pub by: String,
    /// The details that are not edited here: their names, and what else was sent.
    pub details: Vec<&'static str>,
    /// Their addresses at the provider.
    pub addresses: Vec<String>,
    /// Whether the provider decides their address here, see [`decides_address`].
    pub decides_address: bool,
}

/// Who manages this person. `None` for everybody whom administrators manage.
pub(super) fn management(conn: &mut Conn, organization: OrganizationId, id: MemberId, email: &str) -> Result<Option<Management>, Fault> {
    type Row = (String, Json<Vec<String>>, Json<Value>);
    let row = provisioned_users::table
        .inner_join(provisioners::table)
        .inner_join(members::table.on(members::id.eq(provisioners::member_id)))
        .filter(provisioned_users::organization_id.eq(organization))
        .filter(provisioned_users::member_id.eq(id))
        .select((members::name, provisioned_users::sent, provisioned_users::attributes));
    let found: Option<Row> = row.first(conn).optional()?;
    let Some((by, Json(sent), Json(attributes))) = found else {
        return Ok(None);
    };
    let decides_address = match Email::parse(email) {
        Ok(email) => decides_address(conn, organization, id, &email)?,
        Err(_) => false,
    };
    Ok(Some(Management {
        by,
        details: details_of(&sent),
        addresses: addresses_of(&attributes),
        decides_address,
    }))
}

fn details_of(sent: &[String]) -> Vec<&'static str> {
    let others = [("title", "title"), ("phoneNumbers", "phone"), ("addresses", "location")];
    let sent = others.into_iter().filter(|(attribute, _)| sent.iter().any(|name| name == attribute));
    ["first_name", "last_name", "name"].into_iter().chain(sent.map(|(_, field)| field)).collect()
}

fn addresses_of(attributes: &Value) -> Vec<String> {
    let elements = attributes.get("emails").and_then(Value::as_array).into_iter().flatten();
    elements.filter_map(|element| Some(element.get("value")?.as_str()?.to_owned())).collect()
}

/// Whether an identity provider decides the address of this person: it manages them, and what it sends becomes the address
/// here, because the organization has proven that it owns the domain. Otherwise nobody but people could change it.
pub fn decides_address(conn: &mut Conn, organization: OrganizationId, id: MemberId, present: &Email) -> Result<bool, Fault> {
    if !managed_by(conn, organization, &[id])?.contains_key(&id) {
        return Ok(false);
    }
    // The module `domains` stands on this one, so its table is read here.
    let proven = domains::table
        .filter(domains::organization_id.eq(organization))
        .filter(domains::name.eq(present.domain()))
        .filter(domains::verified_at.is_not_null());
    let found: Option<DomainId> = proven.select(domains::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Whether the caller wants to change a detail that an identity provider manages.
pub(super) fn changes_managed(conn: &mut Conn, scope: &Scope, id: MemberId, present: &Details, wanted: &Details) -> Result<bool, Fault> {
    if may_change_managed(scope) {
        return Ok(false);
    }
    let row = provisioned_users::table.find((scope.organization, id)).select(provisioned_users::sent);
    let Some(Json(sent)): Option<Json<Vec<String>>> = row.first(conn).optional()? else {
        return Ok(false);
    };
    let managed = details_of(&sent);
    let mut parts = present.parts().into_iter().zip(wanted.parts());
    Ok(parts.any(|((field, _, old), (_, _, new))| old != new && managed.contains(&field)))
}

/// The SCIM client whose system account this is.
pub(super) fn provisioner_of(conn: &mut Conn, organization: OrganizationId, id: MemberId) -> Result<Option<ProvisionerId>, Fault> {
    let row = provisioners::table
        .filter(provisioners::organization_id.eq(organization))
        .filter(provisioners::member_id.eq(id));
    Ok(row.select(provisioners::id).first(conn).optional()?)
}

/// Those of these system accounts that manage people for an identity provider. By their tokens one reaches whom an
/// Administrator reaches.
pub(super) fn provisioning_accounts(conn: &mut Conn, organization: OrganizationId, ids: &[MemberId]) -> Result<HashSet<MemberId>, Fault> {
    let rows = provisioners::table
        .filter(provisioners::organization_id.eq(organization))
        .filter(provisioners::member_id.among(ids))
        .select(provisioners::member_id);
    Ok(rows.load(conn)?.into_iter().collect())
}
