//! Changes to a member's access: status, Administrator, roles, policies and teams, and deletion. The same for people and
//! system accounts, so each operation is written once and mounted for both.

use crate::{
    api::{
        Caller, answers,
        body::Body,
        endpoints::Endpoint,
        parameters::{Parameters, WriteParameters},
        refusals,
    },
    db::Db,
    kit::{Fault, MemberId, MemberKind, OperationError, OperationResult, PolicyId, RoleId, TeamId, Timestamp, rights},
    members::{self, Answer, Change, Outcome, Refusal},
    web::{self, FieldError, Problem},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

/// Why a member is disabled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Disablement {
    /// Shown to everybody who sees the member.
    #[serde(default)]
    #[schema(max_length = 300)]
    pub reason: String,
}

/// How long a role is held.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleAssignment {
    /// When the role lapses. Without it the role has no end.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
}

/// How somebody is in a team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct TeamMembership {
    /// Whether they administer the team. Only people do.
    #[serde(default)]
    pub is_administrator: bool,
}

/// Makes one change to one member.
async fn make(db: &Db, caller: &Caller, how: WriteParameters, kind: MemberKind, id: MemberId, change: Change) -> web::Result<HttpResponse> {
    let done = caller.write(db, how, move |tx, scope| members::change(tx, scope, kind, &change, &[id]));
    answer(done.await)
}

/// Puts a member into a team, as an administrator of it or as an ordinary member.
pub(in crate::api) async fn put_in_team(
    db: &Db,
    caller: &Caller,
    how: WriteParameters,
    (kind, id): (MemberKind, MemberId),
    team: TeamId,
    is_administrator: bool,
) -> web::Result<HttpResponse> {
    let done = caller.write(db, how, move |tx, scope| {
        if is_administrator {
            return members::change(tx, scope, kind, &Change::MakeTeamAdministrator { team }, &[id]);
        }
        let joined = members::change(tx, scope, kind, &Change::JoinTeam { team }, &[id])?;
        let runs_it = members::teams_of(tx, scope, &[id])?
            .remove(&id)
            .into_iter()
            .flatten()
            .any(|of| of.id == team && of.is_administrator);
        if runs_it {
            return members::change(tx, scope, kind, &Change::RemoveTeamAdministrator { team }, &[id]);
        }
        Ok(joined)
    });
    answer(done.await)
}

/// Takes a member out of a team.
pub(in crate::api) async fn take_from_team(
    db: &Db,
    caller: &Caller,
    how: WriteParameters,
    (kind, id): (MemberKind, MemberId),
    team: TeamId,
) -> web::Result<HttpResponse> {
    make(db, caller, how, kind, id, Change::LeaveTeam { team }).await
}

/// The answer to a change of one member.
fn answer(done: Result<Vec<Answer>, OperationError<Refusal>>) -> web::Result<HttpResponse> {
    let answers = done.refused()?.map_err(|refusal| refusals::of_change(&refusal))?;
    match answers.into_iter().next().ok_or(Fault::Missing)?.outcome {
        Outcome::Refused(refusal) => Err(refusals::of_change(&refusal)),
        Outcome::Done { .. } | Outcome::Unchanged => Ok(answers::nothing()),
    }
}

impl Disablement {
    fn change(self) -> web::Result<Change> {
        let reason = self.reason.trim().to_owned();
        if reason.chars().count() > 300 {
            let error = FieldError::new("/reason", "too-long", "At most 300 characters fit here.");
            return Err(Problem::fields(vec![error]).into());
        }
        Ok(Change::Disable { reason })
    }
}

impl RoleAssignment {
    fn change(self, role: RoleId, now: Timestamp) -> web::Result<Change> {
        let until = self.until.map(Timestamp::from);
        // Only years that both engines can write.
        let is_wrong = |until: &Timestamp| *until <= now || until.utc().year() > 9998;
        if until.as_ref().is_some_and(is_wrong) {
            let error = FieldError::new("/until", "out-of-range", "The end is in the future, before the year 9999.");
            return Err(Problem::fields(vec![error]).into());
        }
        Ok(Change::AddRole { role, until })
    }
}

/// The operations for one kind of member.
macro_rules! changes {
    ($module:ident, $kind:ident, $base:literal, $tag:literal, $one:literal, $who:literal) => {
        mod $module {
            use super::*;

            const KIND: MemberKind = MemberKind::$kind;

            pub(super) fn endpoints() -> Vec<Endpoint> {
                let manage = rights::manage(KIND);
                let running = [manage.over_all(), manage.over_teams()];
                // Team administrators decide which people are in their team. System accounts they do not.
                let in_teams = [manage.over_all(), rights::TEAM_MANAGE.over_all(), rights::TEAM_MANAGE.over_own()];
                let in_teams = if KIND.is_machine() { &in_teams[..1] } else { &in_teams[..] };
                let guarded = |endpoint: Endpoint| {
                    let endpoint = if KIND.is_machine() { endpoint.needs(manage) } else { endpoint.needs_over_teams(manage) };
                    endpoint.refuses(refusals::OF_CHANGES)
                };
                vec![
                    guarded(Endpoint::new(__path_disable, disable)).needs_one_of(&running).records(&["member.disabled"]),
                    guarded(Endpoint::new(__path_enable, enable)).needs_one_of(&running).records(&["member.enabled"]),
                    guarded(Endpoint::new(__path_promote, promote)).records(&["member.made_administrator"]),
                    guarded(Endpoint::new(__path_demote, demote)).records(&["member.unmade_administrator"]),
                    guarded(Endpoint::new(__path_add_role, add_role)).records(&["member.role_added", "member.role_end_changed"]),
                    guarded(Endpoint::new(__path_remove_role, remove_role)).records(&["member.role_removed"]),
                    guarded(Endpoint::new(__path_attach_policy, attach_policy)).records(&["member.policy_attached"]),
                    guarded(Endpoint::new(__path_detach_policy, detach_policy)).records(&["member.policy_detached"]),
                    guarded(Endpoint::new(__path_join_team, join_team)).needs_one_of(in_teams).records(&["member.joined_team", "member.made_team_administrator"]),
                    guarded(Endpoint::new(__path_leave_team, leave_team)).needs_one_of(in_teams).records(&["member.left_team"]),
                    guarded(Endpoint::new(__path_delete, delete)).records(&["member.deleted"]),
                ]
            }

            #[utoipa::path(put, path = concat!($base, "/{id}/disablement"), operation_id = concat!("disable", $one), tag = $tag,
                summary = concat!("Disable ", $who), description = "Ends their access with the next request, and keeps all their data.",
                params(("id" = Uuid, Path), WriteParameters), request_body = Disablement,
                responses((status = 204, description = "They are disabled.")))]
            async fn disable(db: Data<Db>, caller: Caller, id: Path<MemberId>, how: Parameters<WriteParameters>, body: Body<Disablement>) -> web::Result<HttpResponse> {
                make(&db, &caller, how.0, KIND, id.into_inner(), body.0.change()?).await
            }

            #[utoipa::path(delete, path = concat!($base, "/{id}/disablement"), operation_id = concat!("enable", $one), tag = $tag,
                summary = concat!("Enable ", $who), description = "Gives access back. Sessions and tokens from before stay ended.",
                params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "They are active.")))]
            async fn enable(db: Data<Db>, caller: Caller, id: Path<MemberId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
                make(&db, &caller, how.0, KIND, id.into_inner(), Change::Enable).await
            }

            #[utoipa::path(put, path = concat!($base, "/{id}/administration"), operation_id = concat!("promote", $one), tag = $tag,
                summary = concat!("Make ", $who, " an Administrator"), description = "They may do everything, without an end.",
                params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "They are an Administrator.")))]
            async fn promote(db: Data<Db>, caller: Caller, id: Path<MemberId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
                make(&db, &caller, how.0, KIND, id.into_inner(), Change::MakeAdministrator).await
            }

            #[utoipa::path(delete, path = concat!($base, "/{id}/administration"), operation_id = concat!("demote", $one), tag = $tag,
                summary = concat!("Remove ", $who, " as Administrator"), description = "They keep their other roles. The last Administrator who can sign in stays one.",
                params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "They are no Administrator.")))]
            async fn demote(db: Data<Db>, caller: Caller, id: Path<MemberId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
                make(&db, &caller, how.0, KIND, id.into_inner(), Change::RemoveAdministrator).await
            }

            #[utoipa::path(put, path = concat!($base, "/{id}/roles/{role_id}"), operation_id = concat!("addRoleOf", $one), tag = $tag,
                summary = concat!("Give ", $who, " a role"), description = "Until a time, or without an end. If they hold it already, its end is replaced.",
                params(("id" = Uuid, Path), ("role_id" = Uuid, Path), WriteParameters), request_body = RoleAssignment,
                responses((status = 204, description = "They hold the role.")))]
            async fn add_role(db: Data<Db>, caller: Caller, ids: Path<(MemberId, RoleId)>, how: Parameters<WriteParameters>, body: Body<RoleAssignment>) -> web::Result<HttpResponse> {
                let (id, role) = ids.into_inner();
                let change = body.0.change(role, caller.scope.now())?;
                make(&db, &caller, how.0, KIND, id, change).await
            }

            #[utoipa::path(delete, path = concat!($base, "/{id}/roles/{role_id}"), operation_id = concat!("removeRoleOf", $one), tag = $tag,
                summary = concat!("Take a role from ", $who), params(("id" = Uuid, Path), ("role_id" = Uuid, Path), WriteParameters),
                responses((status = 204, description = "They do not hold the role.")))]
            async fn remove_role(db: Data<Db>, caller: Caller, ids: Path<(MemberId, RoleId)>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
                let (id, role) = ids.into_inner();
                make(&db, &caller, how.0, KIND, id, Change::RemoveRole { role }).await
            }

            #[utoipa::path(put, path = concat!($base, "/{id}/policies/{policy_id}"), operation_id = concat!("attachPolicyTo", $one), tag = $tag,
                summary = concat!("Attach a policy to ", $who), params(("id" = Uuid, Path), ("policy_id" = Uuid, Path), WriteParameters),
                responses((status = 204, description = "The policy is attached.")))]
            async fn attach_policy(db: Data<Db>, caller: Caller, ids: Path<(MemberId, PolicyId)>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
                let (id, policy) = ids.into_inner();
                make(&db, &caller, how.0, KIND, id, Change::AttachPolicy { policy }).await
            }

            #[utoipa::path(delete, path = concat!($base, "/{id}/policies/{policy_id}"), operation_id = concat!("detachPolicyFrom", $one), tag = $tag,
                summary = concat!("Detach a policy from ", $who), params(("id" = Uuid, Path), ("policy_id" = Uuid, Path), WriteParameters),
                responses((status = 204, description = "The policy is not attached.")))]
            async fn detach_policy(db: Data<Db>, caller: Caller, ids: Path<(MemberId, PolicyId)>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
                let (id, policy) = ids.into_inner();
                make(&db, &caller, how.0, KIND, id, Change::DetachPolicy { policy }).await
            }

            #[utoipa::path(put, path = concat!($base, "/{id}/teams/{team_id}"), operation_id = concat!("addTeamOf", $one), tag = $tag,
                summary = concat!("Add ", $who, " to a team"), description = "As a member or as an administrator of the team.",
                params(("id" = Uuid, Path), ("team_id" = Uuid, Path), WriteParameters), request_body = TeamMembership,
                responses((status = 204, description = "They are in the team.")))]
            async fn join_team(db: Data<Db>, caller: Caller, ids: Path<(MemberId, TeamId)>, how: Parameters<WriteParameters>, body: Body<TeamMembership>) -> web::Result<HttpResponse> {
                let (id, team) = ids.into_inner();
                put_in_team(&db, &caller, how.0, (KIND, id), team, body.0.is_administrator).await
            }

            #[utoipa::path(delete, path = concat!($base, "/{id}/teams/{team_id}"), operation_id = concat!("removeTeamOf", $one), tag = $tag,
                summary = concat!("Remove ", $who, " from a team"), params(("id" = Uuid, Path), ("team_id" = Uuid, Path), WriteParameters),
                responses((status = 204, description = "They are not in the team.")))]
            async fn leave_team(db: Data<Db>, caller: Caller, ids: Path<(MemberId, TeamId)>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
                let (id, team) = ids.into_inner();
                take_from_team(&db, &caller, how.0, (KIND, id), team).await
            }

            #[utoipa::path(delete, path = concat!($base, "/{id}"), operation_id = concat!("delete", $one), tag = $tag,
                summary = concat!("Delete ", $who), description = "For good, with everything that belongs to them; the audit trail keeps their name.",
                params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "They are deleted.")))]
            async fn delete(db: Data<Db>, caller: Caller, id: Path<MemberId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
                make(&db, &caller, how.0, KIND, id.into_inner(), Change::Delete).await
            }
        }
    };
}

changes!(people, User, "/api/v1/users", "Users", "User", "a person");
changes!(
    machines,
    SystemAccount,
    "/api/v1/system_accounts",
    "System accounts",
    "SystemAccount",
    "a system account"
);

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = people::endpoints();
    all.extend(machines::endpoints());
    all
}
