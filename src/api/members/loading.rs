//! What answers tell about members besides the rows themselves: one statement for each kind of data, never one per
//! member.

use super::own_fields::{OwnFields, ToldFields};
use crate::{
    db::Conn,
    kit::{Fault, MemberId, MemberKind, MemberStatus, Scope, Timestamp},
    members::{self, Granted, InTeam, Member, PoliciesOfMembers},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether a member has access.
#[derive(Serialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum Status {
    /// Invited, and has not joined yet.
    Invited,
    Active,
    /// Has no access; all data is kept.
    Disabled,
}

impl From<MemberStatus> for Status {
    fn from(status: MemberStatus) -> Self {
        match status {
            MemberStatus::Invited => Self::Invited,
            MemberStatus::Active => Self::Active,
            MemberStatus::Disabled => Self::Disabled,
        }
    }
}

/// A role that a member holds.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldRole {
    pub id: Uuid,
    pub name: String,
    /// When it lapses. Null if it has no end.
    #[schema(required = true)]
    pub until: Option<DateTime<Utc>>,
}

/// A team that a member is in.
#[derive(Serialize, ToSchema)]
pub(super) struct MembershipOfTeam {
    pub id: Uuid,
    pub name: String,
    pub is_administrator: bool,
}

/// A policy that is attached to a member.
#[derive(Serialize, ToSchema)]
pub(super) struct AttachedPolicy {
    pub id: Uuid,
    pub name: String,
}

/// What to tell about each member besides their own fields.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Expand {
    Roles,
    Teams,
    /// Needs `policy:read:*`.
    Policies,
}

/// Everything.
pub(super) const WHOLE: [Expand; 3] = [Expand::Roles, Expand::Teams, Expand::Policies];

/// What was loaded for several members.
pub(super) struct Loaded {
    identities: HashMap<MemberId, (String, String)>,
    roles: Option<HashMap<MemberId, Vec<Granted>>>,
    teams: Option<HashMap<MemberId, Vec<InTeam>>>,
    policies: Option<PoliciesOfMembers>,
    own: OwnFields,
}

impl Loaded {
    /// For members of one kind. Policies are left out for callers who may not see them.
    pub fn of(conn: &mut Conn, scope: &Scope, rows: &[Member], expand: &[Expand]) -> Result<Self, Fault> {
        let ids: Vec<MemberId> = rows.iter().map(|member| member.id).collect();
        let has_identity = rows.iter().any(|member| member.user_id.is_some());
        let wants = |what| expand.contains(&what) && !ids.is_empty();
        let kind = rows.first().map_or(MemberKind::User, |member| member.kind);
        Ok(Self {
            own: OwnFields::of(conn, scope, kind, &ids)?,
            identities: if has_identity {
                members::identities(conn, scope, &ids)?
            } else {
                HashMap::new()
            },
            roles: if wants(Expand::Roles) {
                Some(members::granted(conn, scope, &ids)?)
            } else {
                None
            },
            teams: if wants(Expand::Teams) {
                Some(members::teams_of(conn, scope, &ids)?)
            } else {
                None
            },
            policies: if wants(Expand::Policies) {
                members::policies_of(conn, scope, &ids)?
            } else {
                None
            },
        })
    }

    /// Email and username.
    pub fn identity(&mut self, id: MemberId) -> (String, String) {
        self.identities.remove(&id).unwrap_or_default()
    }
    /// The organization's own fields.
    pub fn fields(&mut self, id: MemberId) -> ToldFields {
        self.own.told(id)
    }
    pub fn roles(&mut self, id: MemberId) -> Option<Vec<HeldRole>> {
        let held = self.roles.as_mut()?.remove(&id).unwrap_or_default();
        let one = |role: Granted| HeldRole { id: role.id.0, name: role.name, until: role.until.map(Timestamp::utc) };
        Some(held.into_iter().map(one).collect())
    }
    pub fn teams(&mut self, id: MemberId) -> Option<Vec<MembershipOfTeam>> {
        let teams = self.teams.as_mut()?.remove(&id).unwrap_or_default();
        let one = |team: InTeam| MembershipOfTeam { id: team.id.0, name: team.name, is_administrator: team.is_administrator };
        Some(teams.into_iter().map(one).collect())
    }
    pub fn policies(&mut self, id: MemberId) -> Option<Vec<AttachedPolicy>> {
        let attached = self.policies.as_mut()?.remove(&id).unwrap_or_default();
        Some(attached.into_iter().map(|(id, name)| AttachedPolicy { id: id.0, name }).collect())
    }
}
