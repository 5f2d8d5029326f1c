//! `GET /api/v1/members/{member}/permissions`: everything a member may do, and which role, team or policy allows it.
//! Callers may ask about the members they may see, as in `authorize`.

use super::{
    Caller,
    authorization::{About, Because, because},
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters},
};
use crate::{
    authorization::{self, Attached, Question},
    db::Db,
    kit::{MemberId, Permission, PolicyId},
    policies::Rule,
    web,
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(__path_show, show).refuses(&["permission-missing"])]
}

/// What a member may do at this moment.
#[derive(Serialize, ToSchema)]
struct MemberPermissions {
    #[schema(value_type = Uuid)]
    member: MemberId,
    /// An invited or disabled member may do nothing; both lists are then empty.
    active: bool,
    permissions: Vec<HeldPermission>,
    /// Empty for Administrators, who need no policies.
    policies: Vec<HeldPolicy>,
}

/// A permission in force.
#[derive(Serialize, ToSchema)]
struct HeldPermission {
    permission: String,
    /// Each reason has a `kind`, what it names, and a sentence as `text`.
    #[schema(value_type = Vec<Object>)]
    because: Vec<Because>,
}

/// A policy in force. Its name is absent if the caller may not read policies.
#[derive(Serialize, ToSchema)]
struct HeldPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    policy: Option<PolicyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The rules as the policy has them. They allow nothing on resource types that are not declared.
    #[schema(value_type = Vec<Object>)]
    rules: Vec<Rule>,
}

/// What may a member do, and why
///
/// Everything that a person or a system account may do at this moment, each with the role, team or policy that allows it. Callers ask
/// about themselves, or about those whom they may see.
#[utoipa::path(get, path = "/api/v1/members/{member}/permissions", operation_id = "getMemberPermissions", tag = "Authorization",
    params(("member" = Uuid, Path)), responses((status = 200, description = "Permissions and policies.", body = MemberPermissions)))]
async fn show(db: Data<Db>, caller: Caller, path: Path<MemberId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let (scope, member) = (caller.scope, path.into_inner());
    let about = db.read(move |conn| About::load(conn, &scope, Some(member))).await?;
    Ok(HttpResponse::Ok().json(MemberPermissions::of(member, &about)))
}

impl MemberPermissions {
    fn of(member: MemberId, about: &About) -> Self {
        let held = &about.held;
        let all: BTreeSet<&Permission> = held.roles.iter().flat_map(|role| role.permissions.iter()).filter(|_| held.is_active).collect();
        let attached = held.policies.iter().filter(|_| held.is_active && !held.is_administrator());
        Self {
            member,
            active: held.is_active,
            permissions: all.into_iter().map(|permission| held_permission(about, permission)).collect(),
            policies: attached.map(|policy| held_policy(about, policy)).collect(),
        }
    }
}

fn held_permission(about: &About, permission: &Permission) -> HeldPermission {
    let decision = authorization::decide(&about.held, &Question::Permission(permission.clone()));
    HeldPermission {
        permission: permission.to_string(),
        because: because(about.names.leave(decision.because)),
    }
}

fn held_policy(about: &About, policy: &Attached) -> HeldPolicy {
    let is_named = about.names.policies;
    HeldPolicy {
        policy: is_named.then_some(policy.id),
        name: is_named.then(|| policy.name.clone()),
        rules: policy.rules.clone(),
    }
}
