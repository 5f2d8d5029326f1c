//! Teams: named groups of members, some of them team administrators.

use crate::{
    db::{
        Conn, Tx,
        schema::{team_members, teams},
    },
    each,
    kit::{Fault, MemberId, OrganizationId, TeamId, Timestamp, fold},
};
use diesel::prelude::*;

#[derive(Queryable, Clone, Debug)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
}

/// Every team of the organization, by name.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<Team>, Fault> {
    let rows = teams::table
        .filter(teams::organization_id.eq(organization))
        .order((teams::name_key, teams::id));
    Ok(rows.select((teams::id, teams::name)).load(conn)?)
}

/// # Errors
/// What the database says.
pub fn insert(tx: &mut Tx<'_>, organization: OrganizationId, name: &str, now: Timestamp) -> Result<TeamId, Fault> {
    let id = TeamId::new(now);
    diesel::insert_into(teams::table)
        .values((
            teams::id.eq(id),
            teams::organization_id.eq(organization),
            teams::name.eq(name),
            teams::name_key.eq(fold::unique(name)),
            teams::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Puts several members into a team they are not in. The lists' sort key is the members room's to renew.
///
/// # Errors
/// What the database says.
pub fn join_all(tx: &mut Tx<'_>, organization: OrganizationId, team: TeamId, members: &[MemberId]) -> Result<(), Fault> {
    let row = |member: &MemberId| {
        (
            team_members::organization_id.eq(organization),
            team_members::team_id.eq(team),
            team_members::member_id.eq(*member),
            team_members::is_administrator.eq(false),
        )
    };
    let rows: Vec<_> = members.iter().map(row).collect();
    each!(tx.conn(), c => diesel::insert_into(team_members::table).values(&rows).execute(c))?;
    Ok(())
}

/// Takes several members out of a team. As for [`join_all`].
///
/// # Errors
/// What the database says.
pub fn leave_all(tx: &mut Tx<'_>, organization: OrganizationId, team: TeamId, members: &[MemberId]) -> Result<(), Fault> {
    let within = team_members::table
        .filter(team_members::organization_id.eq(organization))
        .filter(team_members::member_id.eq_any(members))
        .filter(team_members::team_id.eq(team));
    diesel::delete(within).execute(tx.conn())?;
    Ok(())
}
