//! Queries about teams as SCIM clients see them, one function per statement.

use super::{
    client::Client,
    model::ProvisionedGroup,
    refusal::{ProvisionRefusal, Provisioned, refuse},
};
use crate::{
    db::{
        Among, Conn, Tx,
        schema::{members, provisioned_groups, team_members, teams},
    },
    kit::{Fault, MemberId, MemberKind, Scope, TeamId, Timestamp},
    teams::Team,
};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// A team as SCIM clients see it, without its members.
#[derive(Clone, Debug)]
pub struct GroupRecord {
    pub team: Team,
    pub created_at: Timestamp,
    pub provisioned: Option<ProvisionedGroup>,
}

type Row = (TeamId, String, String, bool, i64, Timestamp);

macro_rules! groups {
    ($scope:expr) => {
        teams::table.filter(teams::organization_id.eq($scope.organization)).select((
            teams::id,
            teams::name,
            teams::description,
            teams::is_default,
            teams::version,
            teams::created_at,
        ))
    };
}

/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<GroupRecord, Fault> {
    let row: Row = groups!(scope).filter(teams::id.eq(id)).first(conn)?;
    records(conn, scope, vec![row])?.pop().ok_or(Fault::Missing)
}

/// Every team, in the order of their ids, which is that of their creation.
pub fn all(conn: &mut Conn, scope: &Scope) -> Result<Vec<GroupRecord>, Fault> {
    let rows: Vec<Row> = groups!(scope).order(teams::id).load(conn)?;
    records(conn, scope, rows)
}

fn records(conn: &mut Conn, scope: &Scope, rows: Vec<Row>) -> Result<Vec<GroupRecord>, Fault> {
    let provisioned: Vec<ProvisionedGroup> = provisioned_groups::table
        .filter(provisioned_groups::organization_id.eq(scope.organization))
        .filter(provisioned_groups::team_id.among(rows.iter().map(|row| row.0)))
        .select(ProvisionedGroup::as_select())
        .load(conn)?;
    let mut provisioned: HashMap<TeamId, ProvisionedGroup> = provisioned.into_iter().map(|one| (one.team_id, one)).collect();
    let record = |(id, name, description, is_default, version, created_at): Row| GroupRecord {
        team: Team { id, name, description, is_default, version },
        created_at,
        provisioned: provisioned.remove(&id),
    };
    Ok(rows.into_iter().map(record).collect())
}

/// The people of each of these teams.
pub fn people(conn: &mut Conn, scope: &Scope, ids: &[TeamId]) -> Result<HashMap<TeamId, Vec<MemberId>>, Fault> {
    let rows: Vec<(TeamId, MemberId)> = team_members::table
        .inner_join(members::table)
        .filter(team_members::organization_id.eq(scope.organization))
        .filter(team_members::team_id.among(ids))
        .filter(members::kind.eq(MemberKind::User))
        .order((team_members::team_id, members::id))
        .select((team_members::team_id, members::id))
        .load(conn)?;
    let mut all: HashMap<TeamId, Vec<MemberId>> = HashMap::new();
    for (team, member) in rows {
        all.entry(team).or_default().push(member);
    }
    Ok(all)
}

pub(super) fn people_in(conn: &mut Conn, client: &Client, team: TeamId) -> Result<BTreeSet<MemberId>, Fault> {
    let mut found = people(conn, &client.scope, &[team])?;
    Ok(found.remove(&team).unwrap_or_default().into_iter().collect())
}

pub(super) fn administrators_among(conn: &mut Conn, client: &Client, team: TeamId, ids: &[MemberId]) -> Result<Vec<MemberId>, Fault> {
    let rows = team_members::table
        .filter(team_members::organization_id.eq(client.scope.organization))
        .filter(team_members::team_id.eq(team))
        .filter(team_members::member_id.among(ids))
        .filter(team_members::is_administrator)
        .select(team_members::member_id);
    Ok(rows.load(conn)?)
}

/// Refuses an external id that another group of the same client has.
pub(super) fn demand_free(conn: &mut Conn, client: &Client, external_id: Option<&str>, own: Option<TeamId>) -> Provisioned<()> {
    let Some(external_id) = external_id else { return Ok(()) };
    let same = provisioned_groups::table
        .filter(provisioned_groups::organization_id.eq(client.scope.organization))
        .filter(provisioned_groups::external_id.eq(Some(external_id)))
        .filter(provisioned_groups::provisioner_id.eq(client.provisioner.id));
    let found: Option<TeamId> = same.select(provisioned_groups::team_id).first(conn).optional()?;
    if found.is_some() && found != own {
        refuse(ProvisionRefusal::ExternalIdTaken)
    } else {
        Ok(())
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, client: &Client, team: TeamId, external_id: Option<&str>) -> Result<(), Fault> {
    let row = (
        provisioned_groups::organization_id.eq(client.scope.organization),
        provisioned_groups::team_id.eq(team),
        provisioned_groups::provisioner_id.eq(client.provisioner.id),
        provisioned_groups::external_id.eq(external_id),
        provisioned_groups::created_at.eq(client.scope.now()),
        provisioned_groups::updated_at.eq(client.scope.now()),
    );
    diesel::insert_into(provisioned_groups::table).values(row).execute(tx.conn())?;
    Ok(())
}

pub(super) fn set_external_id(tx: &mut Tx<'_>, client: &Client, team: TeamId, external_id: Option<&str>) -> Result<(), Fault> {
    diesel::update(provisioned_groups::table.find((client.scope.organization, team)))
        .set(provisioned_groups::external_id.eq(external_id))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn touch(tx: &mut Tx<'_>, client: &Client, team: TeamId) -> Result<(), Fault> {
    diesel::update(provisioned_groups::table.find((client.scope.organization, team)))
        .set((
            provisioned_groups::updated_at.eq(client.scope.now()),
            provisioned_groups::version.eq(provisioned_groups::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// From now on administrators decide who is in it.
pub(super) fn release(tx: &mut Tx<'_>, client: &Client, team: TeamId) -> Result<(), Fault> {
    diesel::delete(provisioned_groups::table.find((client.scope.organization, team))).execute(tx.conn())?;
    Ok(())
}
