//! What teams give to their members: roles and policies.

use super::refusals;
use crate::{
    api::{
        Caller,
        body::Body,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::Db,
    kit::{Fault, MemberKind, OperationResult, PolicyId, RoleId, TeamId, Timestamp, rights},
    members::{Given, TeamGrant},
    teams::{self, Attachment, NewAttachment},
    web::{self, FieldError, Problem},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a team gives to its members, people and system accounts alike.
#[derive(Serialize, ToSchema)]
struct TeamAccess {
    /// Empty for callers who may not read roles.
    roles: Vec<TeamGivesRole>,
    /// Empty for callers who may not read policies.
    policies: Vec<TeamGivesPolicy>,
}

/// A role that a team gives.
#[derive(Serialize, ToSchema)]
struct TeamGivesRole {
    role: Uuid,
    name: String,
    #[serde(flatten)]
    how: GivenHow,
}

/// A policy that a team gives.
#[derive(Serialize, ToSchema)]
struct TeamGivesPolicy {
    policy: Uuid,
    name: String,
    #[serde(flatten)]
    how: GivenHow,
}

/// Until when a team gives something, and who may add people.
#[derive(Serialize, ToSchema)]
struct GivenHow {
    /// When the team stops giving it. Null if it has no end.
    #[schema(required = true)]
    until: Option<DateTime<Utc>>,
    /// Whether team administrators may add people, although that gives them this.
    team_administrators_may_add: bool,
    attached_at: DateTime<Utc>,
}

/// How long a team gives something, and who may add people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamAttachment {
    /// When the team stops giving it. Without it there is no end.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
    /// Whether team administrators may add people, although that gives them this. Otherwise only callers add members who manage
    /// people and hold it.
    #[serde(default)]
    team_administrators_may_add: bool,
}

impl TeamAttachment {
    fn of(self, what: Attachment) -> web::Result<NewAttachment> {
        let until = self.until.map(Timestamp::from);
        // Only years that both engines can write.
        if until.as_ref().is_some_and(|until| until.utc().year() > 9998) {
            let error = FieldError::new("/until", "out-of-range", "The end is in the future, before the year 9999.");
            return Err(Problem::fields(vec![error]).into());
        }
        Ok(NewAttachment { what, until, is_delegated: self.team_administrators_may_add })
    }
}

impl TeamAccess {
    fn of(grants: &[TeamGrant], (sees_roles, sees_policies): (bool, bool)) -> Self {
        let mut access = Self { roles: vec![], policies: vec![] };
        for grant in grants {
            let how = GivenHow {
                until: grant.until.map(Timestamp::utc),
                team_administrators_may_add: grant.is_delegated,
                attached_at: grant.attached_at.utc(),
            };
            match &grant.given {
                Given::Role(role) if sees_roles => access.roles.push(TeamGivesRole { role: role.id.0, name: role.name.clone(), how }),
                Given::Policy(policy) if sees_policies => {
                    access.policies.push(TeamGivesPolicy { policy: policy.id.0, name: policy.name.clone(), how });
                }
                _ => {}
            }
        }
        access
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    // Attaching gives it to each member, as granting it by hand does.
    let changing = |endpoint: Endpoint| {
        let endpoint = endpoint.needs(rights::TEAM_MANAGE).needs(rights::manage(MemberKind::User));
        endpoint
            .needs(rights::manage(MemberKind::SystemAccount))
            .refuses(&["beyond-your-permissions", "own-access"])
    };
    let attaching = |endpoint: Endpoint| changing(endpoint).refuses(&["limit-reached"]);
    vec![
        Endpoint::new(__path_show, show).needs(rights::TEAM_READ),
        attaching(Endpoint::new(__path_attach_role, attach_role))
            .refuses(&["not-for-teams"])
            .records(&["team.role_attached"]),
        changing(Endpoint::new(__path_detach_role, detach_role)).records(&["team.role_detached"]),
        attaching(Endpoint::new(__path_attach_policy, attach_policy)).records(&["team.policy_attached"]),
        changing(Endpoint::new(__path_detach_policy, detach_policy)).records(&["team.policy_detached"]),
    ]
}

/// Read what a team gives
///
/// Roles and policies that everybody in the team has while they are in it. `GET /members/{member}/permissions` says who has what
/// through which team.
#[utoipa::path(get, path = "/api/v1/teams/{id}/access", operation_id = "getTeamAccess", tag = "Teams", params(("id" = Uuid, Path)),
    responses((status = 200, description = "What it gives now.", body = TeamAccess)))]
async fn show(db: Data<Db>, caller: Caller, id: Path<TeamId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let access = caller.read(&db, move |conn, scope| {
        scope.demand(rights::TEAM_READ)?;
        teams::find(conn, scope.organization, id)?;
        let seen = (scope.may(rights::ROLE_READ), scope.may(rights::POLICY_READ));
        Ok::<_, Fault>(TeamAccess::of(&teams::grants(conn, scope, id)?, seen))
    });
    Ok(HttpResponse::Ok().json(access.await?))
}

/// Let a team give a role
///
/// To everybody in it, people and system accounts, from their next request on. If the team gives it already, its end and who may
/// add people are replaced. The Administrator role is not given by teams.
#[utoipa::path(put, path = "/api/v1/teams/{id}/roles/{role_id}", operation_id = "attachRoleToTeam", tag = "Teams",
    params(("id" = Uuid, Path), ("role_id" = Uuid, Path), WriteParameters), request_body = TeamAttachment,
    responses((status = 204, description = "The team gives it.")))]
async fn attach_role(
    db: Data<Db>,
    caller: Caller,
    ids: Path<(TeamId, RoleId)>,
    how: Parameters<WriteParameters>,
    body: Body<TeamAttachment>,
) -> web::Result<HttpResponse> {
    let (team, role) = ids.into_inner();
    attach(&db, &caller, how.0, team, body.0.of(Attachment::Role(role))?).await
}

/// Let a team give a role no more
///
/// Members who have it otherwise keep it.
#[utoipa::path(delete, path = "/api/v1/teams/{id}/roles/{role_id}", operation_id = "detachRoleFromTeam", tag = "Teams",
    params(("id" = Uuid, Path), ("role_id" = Uuid, Path), WriteParameters),
    responses((status = 204, description = "The team does not give it.")))]
async fn detach_role(
    db: Data<Db>,
    caller: Caller,
    ids: Path<(TeamId, RoleId)>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (team, role) = ids.into_inner();
    detach(&db, &caller, how.0, team, Attachment::Role(role)).await
}

/// Let a team give a policy
///
/// As a role.
#[utoipa::path(put, path = "/api/v1/teams/{id}/policies/{policy_id}", operation_id = "attachPolicyToTeam", tag = "Teams",
    params(("id" = Uuid, Path), ("policy_id" = Uuid, Path), WriteParameters), request_body = TeamAttachment,
    responses((status = 204, description = "The team gives it.")))]
async fn attach_policy(
    db: Data<Db>,
    caller: Caller,
    ids: Path<(TeamId, PolicyId)>,
    how: Parameters<WriteParameters>,
    body: Body<TeamAttachment>,
) -> web::Result<HttpResponse> {
    let (team, policy) = ids.into_inner();
    attach(&db, &caller, how.0, team, body.0.of(Attachment::Policy(policy))?).await
}

/// Let a team give a policy no more
///
/// Members who have it otherwise keep it.
#[utoipa::path(delete, path = "/api/v1/teams/{id}/policies/{policy_id}", operation_id = "detachPolicyFromTeam", tag = "Teams",
    params(("id" = Uuid, Path), ("policy_id" = Uuid, Path), WriteParameters),
    responses((status = 204, description = "The team does not give it.")))]
async fn detach_policy(
    db: Data<Db>,
    caller: Caller,
    ids: Path<(TeamId, PolicyId)>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (team, policy) = ids.into_inner();
    detach(&db, &caller, how.0, team, Attachment::Policy(policy)).await
}

async fn attach(db: &Db, caller: &Caller, how: WriteParameters, team: TeamId, wanted: NewAttachment) -> web::Result<HttpResponse> {
    let done = caller.write(db, how, move |tx, scope| teams::attach(tx, scope, team, &wanted));
    done.await.refused()?.map_err(|refusal| refusals::of_attachment(&refusal))?;
    Ok(HttpResponse::NoContent().finish())
}

async fn detach(db: &Db, caller: &Caller, how: WriteParameters, team: TeamId, what: Attachment) -> web::Result<HttpResponse> {
    let done = caller.write(db, how, move |tx, scope| teams::detach(tx, scope, team, what));
    done.await.refused()?.map_err(|refusal| refusals::of_attachment(&refusal))?;
    Ok(HttpResponse::NoContent().finish())
}
