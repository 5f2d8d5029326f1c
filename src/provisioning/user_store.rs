//! Queries about people as SCIM clients see them, one function per statement.

use super::{
    model::ProvisionedUser,
    refusal::{ProvisionRefusal, Provisioned, refuse},
};
use crate::{
    db::{
        Among, Conn, Json, MultiBackend, Tx,
        schema::{members, provisioned_addresses, provisioned_users, team_members, teams, users},
    },
    kit::{Fault, MemberId, MemberKind, OrganizationId, ProvisionerId, Scope, TeamId, Timestamp, email, fold},
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
}

type Row = (Member, Option<String>, Option<String>, Option<ProvisionedUser>);

macro_rules! people {
    ($scope:expr) => {
        members::table
            .left_join(users::table)
            .left_join(
                provisioned_users::table.on(provisioned_users::organization_id
                    .eq(members::organization_id)
                    .and(provisioned_users::member_id.eq(members::id))),
            )
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
    let mut teams = teams_of(conn, scope, &ids)?;
    let record = |(member, username, email, provisioned): Row| UserRecord {
        teams: teams.remove(&member.id).unwrap_or_default(),
        username: username.unwrap_or_default(),
        email: email.unwrap_or_default(),
        provisioned,
        member,
    };
    Ok(rows.into_iter().map(record).collect())
}

fn teams_of(conn: &mut Conn, scope: &Scope, ids: &[MemberId]) -> Result<HashMap<MemberId, Vec<(TeamId, String)>>, Fault> {
    let rows: Vec<(MemberId, TeamId, String)> = team_members::table
        .inner_join(teams::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::member_id.among(ids))
        .order(teams::id)
        .select((team_members::member_id, teams::id, teams::name))
        .load(conn)?;
    let mut all: HashMap<MemberId, Vec<(TeamId, String)>> = HashMap::new();
    for (member, id, name) in rows {
        all.entry(member).or_default().push((id, name));
    }
    Ok(all)
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
    // The addresses at the identity provider may be others than here.
    let sent = provisioned_addresses::table
        .filter(provisioned_addresses::organization_id.eq(scope.organization))
        .filter(provisioned_addresses::address_key.eq(email::likeness(address)))
        .select(provisioned_addresses::member_id);
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

/// The person of a SCIM client with one of these external ids or user names.
pub(super) fn find_of_provisioner(
    conn: &mut Conn,
    organization: OrganizationId,
    provisioner: ProvisionerId,
    (external_ids, user_names): (&[&str], &[&str]),
) -> Result<Option<MemberId>, Fault> {
    let of_it = provisioned_users::table
        .filter(provisioned_users::organization_id.eq(organization))
        .filter(provisioned_users::provisioner_id.eq(provisioner));
    for external_id in external_ids {
        let by_id = of_it.filter(provisioned_users::external_id.eq(Some(external_id)));
        if let Some(found) = by_id.select(provisioned_users::member_id).first(conn).optional()? {
            return Ok(Some(found));
        }
    }
    for user_name in user_names {
        let by_name = of_it.filter(provisioned_users::user_name_key.eq(fold::canonical(user_name)));
        if let Some(found) = by_name.select(provisioned_users::member_id).first(conn).optional()? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What is stored of a person whom a SCIM client manages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    pub external_id: Option<&'a str>,
    pub user_name: &'a str,
    pub addresses: &'a [String],
    pub attributes: &'a Value,
    /// The names of attributes that were sent.
    pub names: &'a [String],
}

impl Sent<'_> {
    /// Whether it is what is stored.
    pub fn is_stored(&self, known: &ProvisionedUser) -> bool {
        known.external_id.as_deref() == self.external_id
            && known.user_name == self.user_name
            && known.attributes.0 == *self.attributes
            && known.sent.0 == self.names
    }
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
        provisioned_users::attributes.eq(Json(sent.attributes.clone())),
        provisioned_users::sent.eq(Json(sent.names.to_vec())),
        provisioned_users::created_at.eq(now),
        provisioned_users::updated_at.eq(now),
    );
    diesel::insert_into(provisioned_users::table).values(row).execute(tx.conn())?;
    insert_addresses(tx, organization, member, sent.addresses)
}

/// The longest key of an address: an index of PostgreSQL takes no longer one. No filter finds a longer address.
const LONGEST_KEY: usize = 1_000;

fn insert_addresses(tx: &mut Tx<'_>, organization: OrganizationId, member: MemberId, addresses: &[String]) -> Result<(), Fault> {
    let keys: BTreeSet<String> = addresses.iter().map(|address| email::likeness(address)).collect();
    for key in keys.into_iter().filter(|key| key.len() <= LONGEST_KEY) {
        let row = (
            provisioned_addresses::organization_id.eq(organization),
            provisioned_addresses::address_key.eq(key),
            provisioned_addresses::member_id.eq(member),
        );
        diesel::insert_into(provisioned_addresses::table).values(row).execute(tx.conn())?;
    }
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
            provisioned_users::attributes.eq(Json(sent.attributes.clone())),
            provisioned_users::sent.eq(Json(sent.names.to_vec())),
            provisioned_users::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let known = provisioned_addresses::table
        .filter(provisioned_addresses::organization_id.eq(organization))
        .filter(provisioned_addresses::member_id.eq(member));
    diesel::delete(known).execute(tx.conn())?;
    insert_addresses(tx, organization, member, sent.addresses)
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
