//! One mapping of a connection, as it is sent and shown.

use crate::{
    connections::ClaimMapping,
    kit::{RoleId, TeamId},
    members::MappedGrant,
    web::FieldError,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A value of a claim, and what it gives at each sign-in: a role or a team.
#[derive(Serialize, Deserialize, ToSchema, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    /// The name of the claim, or of the attribute (SAML). A claim within another is written with a dot between them.
    #[schema(min_length = 1, max_length = 300, example = "groups")]
    claim: String,
    /// Compared exactly.
    #[schema(min_length = 1, max_length = 300, example = "auditors")]
    value: String,
    /// Exactly one of both is given.
    #[serde(default)]
    #[schema(required = false)]
    role_id: Option<Uuid>,
    #[serde(default)]
    #[schema(required = false)]
    team_id: Option<Uuid>,
}

impl From<&ClaimMapping> for Mapping {
    fn from(mapping: &ClaimMapping) -> Self {
        let (role_id, team_id) = match mapping.gives {
            MappedGrant::Role(role) => (Some(role.0), None),
            MappedGrant::Team(team) => (None, Some(team.0)),
        };
        Self { claim: mapping.claim.clone(), value: mapping.value.clone(), role_id, team_id }
    }
}

impl Mapping {
    /// What was sent at this place of the list.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn read(self, at: usize) -> Result<ClaimMapping, FieldError> {
        let wrong = |field: &str, code, text: &str| Err(FieldError::new(format!("/mappings/{at}{field}"), code, text.to_owned()));
        if !ClaimMapping::is_text(&self.claim) {
            return wrong("/claim", "invalid", "From 1 to 300 characters.");
        }
        if !ClaimMapping::is_text(&self.value) {
            return wrong("/value", "invalid", "From 1 to 300 characters.");
        }
        let gives = match (self.role_id, self.team_id) {
            (Some(role), None) => MappedGrant::Role(RoleId(role)),
            (None, Some(team)) => MappedGrant::Team(TeamId(team)),
            _ => return wrong("", "invalid", "Send role_id or team_id, and not both."),
        };
        Ok(ClaimMapping { claim: self.claim.trim().to_owned(), value: self.value.trim().to_owned(), gives })
    }
}
