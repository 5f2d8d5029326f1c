//! People and teams that an identity provider manages (SCIM): what it manages is not edited here, because it would send the
//! same again. `provisioning` writes these tables.

use super::Details;
use crate::{
    db::{
        Among, Conn, Json,
        schema::{members, provisioned_groups, provisioned_users, provisioners},
    },
    kit::{Actor, Fault, MemberId, OrganizationId, ProvisionerId, Scope, TeamId},
};
use diesel::prelude::*;
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

/// The details of a person that an identity provider manages: their names, and what else it sent. Empty for everybody else.
pub(super) fn managed_details(conn: &mut Conn, organization: OrganizationId, id: MemberId) -> Result<Vec<&'static str>, Fault> {
    let row = provisioned_users::table.find((organization, id)).select(provisioned_users::sent);
    let Some(Json(names)): Option<Json<Vec<String>>> = row.first(conn).optional()? else {
        return Ok(vec![]);
    };
    let mut managed = vec!["first_name", "last_name", "name"];
    let sent = [("title", "title"), ("phoneNumbers", "phone"), ("addresses", "location")];
    managed.extend(
        sent.iter()
            .filter(|(attribute, _)| names.iter().any(|name| name == attribute))
            .map(|(_, field)| field),
    );
    Ok(managed)
}

/// Whether the caller wants to change a detail that an identity provider manages.
pub(super) fn changes_managed(conn: &mut Conn, scope: &Scope, id: MemberId, present: &Details, wanted: &Details) -> Result<bool, Fault> {
    if may_change_managed(scope) {
        return Ok(false);
    }
    let managed = managed_details(conn, scope.organization, id)?;
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
