//! Queries about people as SCIM clients see them, one function per statement.

use super::{
    model::ProvisionedUser,
    refusal::{ProvisionRefusal, Provisioned, refuse},
};
use crate::{
    db::{
        Among, Conn, Json, MultiBackend, Tx,
        schema::{member_roles, members, provisioned_users, roles, team_members, teams, users},
    },
    kit::{Fault, MemberId, MemberKind, OrganizationId, ProvisionerId, RoleId, Scope, TeamId, Timestamp, email, fold},
    members::Member,
};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// A person as SCIM clients see them: what this organization knows, and what their own client said.
#[derive(Clone, Debug)]
pub struct UserRecord {
    pub member: Member,
    pub username: String,
    pub email: String,
    pub provisioned: Option<ProvisionedUser>,
    pub teams: Vec<(TeamId, String)>,
    pub roles: Vec<(RoleId, String)>,
}

type Row = (Member, Option<String>, Option<String>, Option<ProvisionedUser>);

macro_rules! people {
    ($scope:expr) => {
        members::table
            .left_join(users::table)
            .left_join(provisioned_users::table)
            .filter(members::organization_id.eq($scope.organization))
            .filter(members::kind.eq(MemberKind::User))
            .select((
                Member::as_select(),
                users::username.nullable(),
                users::email.nullable(),
                Option::<ProvisionedUser>::as_select(),
            ))
            .into_boxed::<MultiBackend>()
    };
}

/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: MemberId) -> Result<UserRecord, Fault> {
    let row: Row = people!(scope).filter(members::id.eq(id)).first(conn)?;
    records(conn, scope, vec![row])?.pop().ok_or(Fault::Missing)
}

/// Those of these people who are here, in the order of their ids.
pub fn among(conn: &mut Conn, scope: &Scope, ids: &BTreeSet<MemberId>) -> Result<Vec<UserRecord>, Fault> {
    let rows = people!(scope).filter(members::id.among(ids.iter().copied())).order(members::id).load(conn)?;
    records(conn, scope, rows)
}

/// A part of all people, in the order of their ids, which is that of their creation.
pub fn part(conn: &mut Conn, scope: &Scope, skip: i64, most: i64) -> Result<Vec<UserRecord>, Fault> {
    let rows = people!(scope).order(members::id).offset(skip).limit(most).load(conn)?;
    records(conn, scope, rows)
}

/// The people after this one, in the order of their ids.
pub fn after(conn: &mut Conn, scope: &Scope, last: Option<MemberId>, most: i64) -> Result<Vec<UserRecord>, Fault> {
    let mut rows = people!(scope).order(members::id).limit(most);
    if let Some(last) = last {
        rows = rows.filter(members::id.gt(last));
    }
    let rows = rows.load(conn)?;
    records(conn, scope, rows)
}

fn records(conn: &mut Conn, scope: &Scope, rows: Vec<Row>) -> Result<Vec<UserRecord>, Fault> {
    let ids: Vec<MemberId> = rows.iter().map(|(member, ..)| member.id).collect();
    let (mut teams, mut roles) = (teams_of(conn, scope, &ids)?, roles_of(conn, scope, &ids)?);
    let record = |(member, username, email, provisioned): Row| UserRecord {
        teams: teams.remove(&member.id).unwrap_or_default(),
        roles: roles.remove(&member.id).unwrap_or_default(),
        username: username.unwrap_or_default(),
        email: email.unwrap_or_default(),
        provisioned,
        member,
    };
    Ok(rows.into_iter().map(record).collect())
}

type Named<K> = HashMap<MemberId, Vec<(K, String)>>;

fn teams_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Named<TeamId>, Fault> {
    let rows: Vec<(MemberId, TeamId, String)> = team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.among(ids))
        .order(teams::id)
        .select((team_members::member_id, teams::id, teams::name))
        .load(conn)?;
    Ok(by_member(rows))
}

fn roles_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<Named<RoleId>, Fault> {
    let rows: Vec<(MemberId, RoleId, String)> = member_roles::table
        .inner_join(roles::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::member_id.among(ids))
        .filter(crate::roles::in_force!(member_roles::until_at, scope.now()))
        .order(roles::id)
        .select((member_roles::member_id, roles::id, roles::name))
        .load(conn)?;
    Ok(by_member(rows))
}

fn by_member<K>(rows: Vec<(MemberId, K, String)>) -> Named<K> {
    let mut all = Named::new();
    for (member, id, name) in rows {
        all.entry(member).or_default().push((id, name));
    }
    all
}

/// The people whom a filter for this `userName` can find: those who were provisioned with it, and the person who signs in
/// with it.
pub fn by_user_name(conn: &mut Conn, scope: &Scope, name: &str) -> Result<BTreeSet<MemberId>, Fault> {
    let provisioned = provisioned_users::table
        .filter(provisioned_users::organization_id.eq(scope.organization))
        .filter(provisioned_users::user_name_key.eq(fold::canonical(name)))
        .select(provisioned_users::member_id);
    let mut found: BTreeSet<MemberId> = provisioned.load(conn)?.into_iter().collect();
    found.extend(by_name_here(conn, scope, name)?);
    Ok(found)
}

/// The people whom a filter for this address can find.
pub fn by_address(conn: &mut Conn, scope: &Scope, address: &str) -> Result<BTreeSet<MemberId>, Fault> {
    // The address at the identity provider may be another one than here.
    let sent = provisioned_users::table
        .filter(provisioned_users::organization_id.eq(scope.organization))
        .filter(provisioned_users::address_key.eq(Some(email::likeness(address))))
        .select(provisioned_users::member_id);
    let mut found: BTreeSet<MemberId> = sent.load(conn)?.into_iter().collect();
    found.extend(by_name_here(conn, scope, address)?);
    Ok(found)
}

fn by_name_here(conn: &mut Conn, scope: &Scope, name: &str) -> Result<Option<MemberId>, Fault> {
    let Some(user) = crate::users::find_by_likeness(conn, name)? else {
        return Ok(None);
    };
    Ok(crate::members::find_by_user(conn, scope.organization, user.id)?.map(|member| member.id))
}

/// The people whom a filter for this `externalId` can find.
pub fn by_external_id(conn: &mut Conn, scope: &Scope, external_id: &str) -> Result<BTreeSet<MemberId>, Fault> {
    let rows = provisioned_users::table
        .filter(provisioned_users::organization_id.eq(scope.organization))
        .filter(provisioned_users::external_id.eq(Some(external_id)))
        .select(provisioned_users::member_id);
    Ok(rows.load(conn)?.into_iter().collect())
}

/// The person of a SCIM client with this external id or user name.
pub(super) fn find_of_provisioner(
    conn: &mut Conn,
    organization: OrganizationId,
    provisioner: ProvisionerId,
    name: &str,
) -> Result<Option<MemberId>, Fault> {
    let of_it = provisioned_users::table
        .filter(provisioned_users::organization_id.eq(organization))
        .filter(provisioned_users::provisioner_id.eq(provisioner));
    let by_id = of_it.filter(provisioned_users::external_id.eq(Some(name))).select(provisioned_users::member_id);
    if let Some(found) = by_id.first(conn).optional()? {
        return Ok(Some(found));
    }
    let by_name = of_it.filter(provisioned_users::user_name_key.eq(fold::canonical(name)));
    Ok(by_name.select(provisioned_users::member_id).first(conn).optional()?)
}

/// What is stored of a person whom a SCIM client manages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    pub external_id: Option<&'a str>,
    pub user_name: &'a str,
    pub address: Option<&'a str>,
    pub attributes: &'a Value,
}

/// Refuses a user name or an external id that another person of the same client has.
pub(super) fn demand_free(
    conn: &mut Conn,
    organization: OrganizationId,
    provisioner: ProvisionerId,
    sent: &Sent<'_>,
    own: Option<MemberId>,
) -> Provisioned<()> {
    let of_it = provisioned_users::table
        .filter(provisioned_users::organization_id.eq(organization))
        .filter(provisioned_users::provisioner_id.eq(provisioner));
    let by_name = of_it.filter(provisioned_users::user_name_key.eq(fold::canonical(sent.user_name)));
    let found: Option<MemberId> = by_name.select(provisioned_users::member_id).first(conn).optional()?;
    if found.is_some() && found != own {
        return refuse(ProvisionRefusal::UserNameTaken);
    }
    let Some(external_id) = sent.external_id else { return Ok(()) };
    let by_id = of_it.filter(provisioned_users::external_id.eq(Some(external_id)));
    let found: Option<MemberId> = by_id.select(provisioned_users::member_id).first(conn).optional()?;
    if found.is_some() && found != own {
        return refuse(ProvisionRefusal::ExternalIdTaken);
    }
    Ok(())
}

/// Records that a SCIM client manages this person. The organization is locked, and [`demand_free`] was asked.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    provisioner: ProvisionerId,
    member: MemberId,
    sent: &Sent<'_>,
    now: Timestamp,
) -> Result<(), Fault> {
    let row = (
        provisioned_users::organization_id.eq(organization),
        provisioned_users::member_id.eq(member),
        provisioned_users::provisioner_id.eq(provisioner),
        provisioned_users::external_id.eq(sent.external_id),
        provisioned_users::user_name.eq(sent.user_name),
        provisioned_users::user_name_key.eq(fold::canonical(sent.user_name)),
        provisioned_users::address_key.eq(sent.address.map(email::likeness)),
        provisioned_users::attributes.eq(Json(sent.attributes.clone())),
        provisioned_users::created_at.eq(now),
        provisioned_users::updated_at.eq(now),
    );
    diesel::insert_into(provisioned_users::table).values(row).execute(tx.conn())?;
    Ok(())
}

pub(super) fn update(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    member: MemberId,
    sent: &Sent<'_>,
    now: Timestamp,
) -> Result<(), Fault> {
    diesel::update(provisioned_users::table.find((organization, member)))
        .set((
            provisioned_users::external_id.eq(sent.external_id),
            provisioned_users::user_name.eq(sent.user_name),
            provisioned_users::user_name_key.eq(fold::canonical(sent.user_name)),
            provisioned_users::address_key.eq(sent.address.map(email::likeness)),
            provisioned_users::attributes.eq(Json(sent.attributes.clone())),
            provisioned_users::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Records that something else about them was changed, such as their status.
pub(super) fn touch(tx: &mut Tx<'_>, organization: OrganizationId, member: MemberId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(provisioned_users::table.find((organization, member)))
        .set(provisioned_users::updated_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

/// From now on nobody manages them.
pub(super) fn delete(tx: &mut Tx<'_>, organization: OrganizationId, member: MemberId) -> Result<(), Fault> {
    diesel::delete(provisioned_users::table.find((organization, member))).execute(tx.conn())?;
    Ok(())
}
