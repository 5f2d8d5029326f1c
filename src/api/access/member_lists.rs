//! Lists of the members who have a role, a policy or a team.

use crate::{
    access::{policies::AttachedMember, roles::RoleMember},
    api::{answers::page, choice, members::Status},
    kit::{MemberKind, Timestamp},
    teams::TeamMember,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A member who holds a role.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberOfRole {
    pub id: Uuid,
    #[schema(schema_with = choice::schema::<MemberKind>)]
    pub kind: MemberKind,
    pub name: String,
    pub status: Status,
    /// When the role lapses. Null if it has no end.
    #[schema(required = true)]
    pub until: Option<DateTime<Utc>>,
}

impl From<RoleMember> for MemberOfRole {
    fn from(one: RoleMember) -> Self {
        Self {
            id: one.id.0,
            kind: one.kind,
            name: one.name,
            status: one.status.into(),
            until: one.until.map(Timestamp::utc),
        }
    }
}

page! {
    /// A page of the members who hold a role.
    MemberOfRolePage of MemberOfRole
}

/// A member to whom a policy is attached.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberOfPolicy {
    pub id: Uuid,
    #[schema(schema_with = choice::schema::<MemberKind>)]
    pub kind: MemberKind,
    pub name: String,
    pub status: Status,
}

impl From<AttachedMember> for MemberOfPolicy {
    fn from(one: AttachedMember) -> Self {
        Self { id: one.id.0, kind: one.kind, name: one.name, status: one.status.into() }
    }
}

page! {
    /// A page of the members to whom a policy is attached.
    MemberOfPolicyPage of MemberOfPolicy
}

/// A member of a team.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberOfTeam {
    pub id: Uuid,
    #[schema(schema_with = choice::schema::<MemberKind>)]
    pub kind: MemberKind,
    pub name: String,
    /// Null for system accounts, and for callers without `user:read:*`.
    #[schema(required = true)]
    pub email: Option<String>,
    pub status: Status,
    pub is_administrator: bool,
}

impl From<TeamMember> for MemberOfTeam {
    fn from(one: TeamMember) -> Self {
        Self {
            id: one.id.0,
            kind: one.kind,
            name: one.name,
            email: one.email,
            status: one.status.into(),
            is_administrator: one.runs_it,
        }
    }
}

page! {
    /// A page of the members of a team.
    MemberOfTeamPage of MemberOfTeam
}
