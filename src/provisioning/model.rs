//! SCIM clients and what they manage, as stored.

use crate::{
    db::{
        Json, MultiBackend,
        schema::{provisioned_groups, provisioned_users, provisioners},
    },
    kit::{ConnectionId, MemberId, OrganizationId, ProvisionerId, RoleId, TeamId, Timestamp},
    members::Grants,
    text_enum,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::Value;

text_enum! {
    /// The product behind a SCIM client, for the guide that its page shows.
    #[derive(serde::Serialize, serde::Deserialize, Default)]
    #[serde(rename_all = "lowercase")]
    pub enum Product {
        Entra = "entra",
        Okta = "okta",
        Google = "google",
        JumpCloud = "jumpcloud",
        #[default]
        Other = "other",
    }
}

impl Product {
    pub const ALL: [Self; 5] = [Self::Entra, Self::Okta, Self::Google, Self::JumpCloud, Self::Other];

    pub fn label(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra ID",
            Self::Okta => "Okta",
            Self::Google => "Google Workspace",
            Self::JumpCloud => "JumpCloud",
            Self::Other => "Another provider",
        }
    }
    /// The path that the provider is given. Entra ID sends what the standard says only when it is asked to.
    pub fn path(self) -> &'static str {
        match self {
            Self::Entra => "/scim/v2?aadOptscim062020",
            _ => "/scim/v2",
        }
    }
}

/// How long a refused call is told of in the list.
const LATELY: TimeDelta = TimeDelta::days(1);

/// How a SCIM client goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvisionerState {
    /// Its system account is disabled, so its tokens open nothing.
    Disabled,
    NeverCalled,
    /// The latest call was refused.
    Refused,
    /// The latest call worked, and one of the last day did not.
    RefusedLately,
    Works,
}

/// What an administrator decides about a SCIM client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProvisionerSettings {
    pub product: Product,
    /// The connection through which the same people sign in.
    pub connection: Option<ConnectionId>,
    /// DELETE deletes a person. Otherwise it disables them.
    pub deletes: bool,
    /// It may take over people and teams that are here already.
    pub adopts: bool,
    /// It may change administrators.
    pub reaches_administrators: bool,
    /// What new people get.
    pub gives: Grants,
    /// The roles that it may give and take.
    pub allowed_roles: Vec<RoleId>,
}

/// A SCIM client.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = provisioners, check_for_backend(MultiBackend))]
pub struct Provisioner {
    pub id: ProvisionerId,
    pub organization_id: OrganizationId,
    /// The system account whose tokens it sends.
    pub member_id: MemberId,
    pub connection_id: Option<ConnectionId>,
    pub product: Product,
    pub deletes: bool,
    pub adopts: bool,
    pub reaches_administrators: bool,
    gives: Json<Grants>,
    allowed_roles: Json<Vec<RoleId>>,
    pub created_at: Timestamp,
    pub created_by: Option<MemberId>,
    pub version: i64,
    pub last_call_at: Option<Timestamp>,
    pub last_failure_at: Option<Timestamp>,
    /// The answer to the latest call that was refused.
    pub last_failure: Option<String>,
}

impl Provisioner {
    pub fn gives(&self) -> &Grants {
        &self.gives.0
    }
    pub fn allowed_roles(&self) -> &[RoleId] {
        &self.allowed_roles.0
    }
    pub fn settings(&self) -> ProvisionerSettings {
        ProvisionerSettings {
            product: self.product,
            connection: self.connection_id,
            deletes: self.deletes,
            adopts: self.adopts,
            reaches_administrators: self.reaches_administrators,
            gives: self.gives.0.clone(),
            allowed_roles: self.allowed_roles.0.clone(),
        }
    }
    /// Whether the latest call was refused.
    pub fn is_failing(&self) -> bool {
        self.last_failure_at.is_some() && self.last_failure_at == self.last_call_at
    }
    /// How it goes, with whether its system account is disabled.
    pub fn state(&self, is_disabled: bool, now: Timestamp) -> ProvisionerState {
        let is_lately = |at: Timestamp| now - at < LATELY;
        match (is_disabled, self.last_call_at) {
            (true, _) => ProvisionerState::Disabled,
            (false, None) => ProvisionerState::NeverCalled,
            _ if self.is_failing() => ProvisionerState::Refused,
            _ if self.last_failure_at.is_some_and(is_lately) => ProvisionerState::RefusedLately,
            _ => ProvisionerState::Works,
        }
    }
}

/// What a SCIM client says of a person whom it manages.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = provisioned_users, check_for_backend(MultiBackend))]
pub struct ProvisionedUser {
    pub member_id: MemberId,
    pub provisioner_id: ProvisionerId,
    pub external_id: Option<String>,
    pub user_name: String,
    /// The attributes as they were sent last, without those that the server keeps.
    pub attributes: Json<Value>,
    /// The names of attributes that were sent.
    pub sent: Json<Vec<String>>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A team whose members a SCIM client decides.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = provisioned_groups, check_for_backend(MultiBackend))]
pub struct ProvisionedGroup {
    pub team_id: TeamId,
    pub provisioner_id: ProvisionerId,
    pub external_id: Option<String>,
    /// Counts its changes.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
