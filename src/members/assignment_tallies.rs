//! How many members have each role, team and policy. Triggers of the database keep the numbers, so that pages count nobody.

use crate::{
    db::{Among, Conn, MultiBackend, schema::assignment_tallies},
    kit::{Fault, MemberKind, MemberStatus, OrganizationId, SubjectId},
    text_enum,
};
use diesel::prelude::*;

text_enum! {
    /// What members can have.
    pub enum Assigned {
        Role = "role",
        Team = "team",
        Policy = "policy",
    }
}

/// What is assigned, the kind and status of the members, and how many they are.
pub type Tally = (SubjectId, MemberKind, MemberStatus, i64);

/// The members of everything of this sort. Roles that end on a date are not among them. Without `ids`, of the whole
/// organization.
pub fn assignment_tallies(
    conn: &mut Conn,
    organization: OrganizationId,
    assigned: Assigned,
    ids: Option<&[SubjectId]>,
) -> Result<Vec<Tally>, Fault> {
    let mut tallies = assignment_tallies::table
        .filter(assignment_tallies::organization_id.eq(organization))
        .filter(assignment_tallies::assigned.eq(assigned))
        .filter(assignment_tallies::members.gt(0))
        .select((
            assignment_tallies::assigned_id,
            assignment_tallies::kind,
            assignment_tallies::status,
            assignment_tallies::members,
        ))
        .into_boxed::<MultiBackend>();
    if let Some(ids) = ids {
        tallies = tallies.filter(assignment_tallies::assigned_id.among(ids.to_vec()));
    }
    Ok(tallies.load(conn)?)
}
