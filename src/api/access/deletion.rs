//! Deleting what members have: a role, a policy, a team.

use crate::api::parameters::WriteParameters;
use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How to delete it.
#[derive(Deserialize, IntoParams, Clone, Copy, Default)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct DeletionParameters {
    /// Whether to delete it even if it has members, and to take it from them. Without it, one that has members is refused
    /// with `in-use`, which says how many there are.
    #[param(default = false)]
    pub detach: bool,
    /// Answers what the request would do, and does nothing: every check runs, and nothing is kept.
    #[param(default = false)]
    pub dry_run: bool,
}

impl DeletionParameters {
    pub fn write(self) -> WriteParameters {
        WriteParameters { dry_run: self.dry_run }
    }
}

/// What was deleted.
#[derive(Serialize, ToSchema)]
pub(super) struct Deletion {
    /// How many members had it, disabled ones too.
    pub affected_members: i64,
}

/// The answer to a deletion.
pub(super) fn deleted(affected_members: i64) -> HttpResponse {
    HttpResponse::Ok().json(Deletion { affected_members })
}
