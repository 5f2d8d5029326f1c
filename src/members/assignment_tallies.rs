//! How many members have each role, team and policy. Triggers of the database keep the numbers, so that pages count nobody.

use crate::{
    db::{
        Among, Conn, MultiBackend,
        schema::{assignment_tallies, member_roles, members},
    },
    kit::{Fault, MemberKind, MemberStatus, PolicyId, RoleId, Scope, SubjectId, TeamId},
    text_enum,
};
use diesel::{dsl::count_star, prelude::*};

text_enum! {
    /// What members can have.
    pub enum Assigned {
        Role = "role",
        Team = "team",
        Policy = "policy",
    }
}

/// The id of something that members can have.
pub trait AssignedId: Copy {
    const ASSIGNED: Assigned;
    fn subject(self) -> SubjectId;
    fn of_subject(id: SubjectId) -> Self;
}

macro_rules! assigned_ids {
    ($($id:ident => $assigned:ident),*) => { $(
        impl AssignedId for $id {
            const ASSIGNED: Assigned = Assigned::$assigned;
            fn subject(self) -> SubjectId {
                SubjectId(self.0)
            }
            fn of_subject(id: SubjectId) -> Self {
                Self(id.0)
            }
        }
    )* };
}
assigned_ids!(RoleId => Role, TeamId => Team, PolicyId => Policy);

/// What is assigned, the kind and status of the members, and how many they are.
pub type AssignmentCount<K> = (K, MemberKind, MemberStatus, i64);

/// How many members have these roles, teams or policies now; without `ids`, all of the organization. Roles that end on a
/// date are not tallied, because nothing tells when they end: those are counted.
pub fn assignment_counts<K: AssignedId>(conn: &mut Conn, scope: &Scope, ids: Option<&[K]>) -> Result<Vec<AssignmentCount<K>>, Fault> {
    let subjects: Option<Vec<SubjectId>> = ids.map(|ids| ids.iter().map(|id| id.subject()).collect());
    let mut tallies = assignment_tallies::table
        .filter(assignment_tallies::organization_id.eq(scope.organization))
        .filter(assignment_tallies::assigned.eq(K::ASSIGNED))
        .filter(assignment_tallies::members.gt(0))
        .select((
            assignment_tallies::assigned_id,
            assignment_tallies::kind,
            assignment_tallies::status,
            assignment_tallies::members,
        ))
        .into_boxed::<MultiBackend>();
    if let Some(subjects) = &subjects {
        tallies = tallies.filter(assignment_tallies::assigned_id.among(subjects.clone()));
    }
    let mut counts: Vec<AssignmentCount<SubjectId>> = tallies.load(conn)?;
    if K::ASSIGNED == Assigned::Role {
        counts.extend(dated(conn, scope, subjects)?);
    }
    Ok(counts.into_iter().map(|(id, kind, status, many)| (K::of_subject(id), kind, status, many)).collect())
}

/// The members with a role that ends on a later date.
fn dated(conn: &mut Conn, scope: &Scope, ids: Option<Vec<SubjectId>>) -> Result<Vec<AssignmentCount<SubjectId>>, Fault> {
    let mut dated = member_roles::table
        .inner_join(members::table)
        .filter(member_roles::organization_id.eq(scope.organization))
        .filter(member_roles::until_at.gt(Some(scope.now())))
        .group_by((member_roles::role_id, members::kind, members::status))
        .select((member_roles::role_id, members::kind, members::status, count_star()))
        .into_boxed::<MultiBackend>();
    if let Some(ids) = ids {
        dated = dated.filter(member_roles::role_id.among(ids));
    }
    Ok(dated.load(conn)?)
}
