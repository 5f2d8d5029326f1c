//! Who is in a team.

use super::member_lists::{MemberOfTeam, MemberOfTeamPage};
use crate::{
    api::{
        Caller,
        answers::{self, PageParameters},
        body::Body,
        endpoints::Endpoint,
        members::{TeamMembership, put_in_team, take_from_team},
        parameters::{Parameters, WriteParameters},
        refusals,
    },
    db::Db,
    kit::{Fault, MemberId, MemberKind, TeamId, rights},
    members, web,
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    // Which of these it takes depends on the member: people are added by those who run the team, too.
    let needs = [
        rights::TEAM_MANAGE.over_all(),
        rights::TEAM_MANAGE.over_own(),
        rights::USER_MANAGE.over_all(),
        rights::SYSTEM_ACCOUNT_MANAGE.over_all(),
    ];
    let changing = |endpoint: Endpoint| endpoint.needs_one_of(&needs).refuses(refusals::OF_CHANGES);
    vec![
        Endpoint::new(__path_index, index).needs(rights::TEAM_READ),
        changing(Endpoint::new(__path_join, join)).records(&["member.joined_team", "member.made_team_administrator"]),
        changing(Endpoint::new(__path_leave, leave)).records(&["member.left_team"]),
    ]
}

/// List who is in a team
///
/// People and system accounts, disabled ones too. In the order in which they came to the organization. `GET /users?team=`
/// finds and sorts people.
#[utoipa::path(get, path = "/api/v1/teams/{id}/members", operation_id = "listMembersOfTeam", tag = "Teams",
    params(("id" = Uuid, Path), PageParameters),
    responses((status = 200, description = "A page of members.", body = MemberOfTeamPage)))]
async fn index(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<TeamId>,
    parameters: Parameters<PageParameters>,
) -> web::Result<HttpResponse> {
    let (id, (after, limit)) = (id.into_inner(), parameters.0.read()?);
    let found = caller.read(&db, move |conn, scope| crate::teams::members(conn, scope, id, after, limit)).await?;
    let next_cursor = found.next().map(|member| member.id.to_string());
    let data = found.rows.into_iter().map(MemberOfTeam::from).collect();
    let page = MemberOfTeamPage { data, next_cursor, total: None };
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}

/// The kind of a member.
async fn kind(db: &Db, caller: &Caller, id: MemberId) -> Result<MemberKind, Fault> {
    caller.read(db, move |conn, scope| Ok(members::find(conn, scope, id)?.kind)).await
}

/// Add a member to a team
///
/// As a member or as an administrator of the team. The same as adding the team to the person or system account.
#[utoipa::path(put, path = "/api/v1/teams/{id}/members/{member_id}", operation_id = "addMemberToTeam", tag = "Teams",
    params(("id" = Uuid, Path), ("member_id" = Uuid, Path), WriteParameters), request_body = TeamMembership,
    responses((status = 204, description = "They are in the team.")))]
async fn join(
    db: Data<Db>,
    caller: Caller,
    ids: Path<(TeamId, MemberId)>,
    how: Parameters<WriteParameters>,
    body: Body<TeamMembership>,
) -> web::Result<HttpResponse> {
    let (team, id) = ids.into_inner();
    let kind = kind(&db, &caller, id).await?;
    put_in_team(&db, &caller, how.0, (kind, id), team, body.0.is_administrator).await
}

/// Remove a member from a team
#[utoipa::path(delete, path = "/api/v1/teams/{id}/members/{member_id}", operation_id = "removeMemberFromTeam", tag = "Teams",
    params(("id" = Uuid, Path), ("member_id" = Uuid, Path), WriteParameters),
    responses((status = 204, description = "They are not in the team.")))]
async fn leave(db: Data<Db>, caller: Caller, ids: Path<(TeamId, MemberId)>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let (team, id) = ids.into_inner();
    let kind = kind(&db, &caller, id).await?;
    take_from_team(&db, &caller, how.0, (kind, id), team).await
}
