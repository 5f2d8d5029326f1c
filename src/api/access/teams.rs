//! Teams: named groups of people and system accounts.

use super::{
    deletion::{Deletion, DeletionParameters, deleted},
    name_lists::{ExpandCount, window},
    refusals,
};
use crate::{
    api::{
        Caller,
        answers::{self, IfMatch, page},
        body::Body,
        endpoints::Endpoint,
        parameters::{NoParameters, Parameters, WriteParameters},
    },
    db::{Conn, Db},
    kit::{Fault, OperationResult, Scope, TeamId, rights},
    teams::{self, TeamForm},
    web::{self, Field, FieldError, Problem},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The longest search.
const LONGEST_SEARCH: usize = 200;

/// A named group of people and system accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct Team {
    pub id: Uuid,
    #[schema(example = "Platform")]
    pub name: String,
    pub description: String,
    /// Whether forms for new people preselect it. At most one team is the default.
    pub is_default: bool,
    /// Counts the changes of these fields. The same as the ETag.
    pub version: i64,
    /// How many are in it. Lists have it with `expand=members_count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_count: Option<TeamSize>,
}

/// How many are in a team, disabled ones too.
#[derive(Serialize, ToSchema)]
pub(super) struct TeamSize {
    pub people: i64,
    pub system_accounts: i64,
}

page! {
    /// A page of teams.
    TeamPage of Team
}

/// Which page of which teams.
#[derive(Deserialize, IntoParams, Default, Debug)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct TeamListParameters {
    /// Words of the name.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// What to tell about each besides its own fields.
    #[param(inline)]
    pub expand: Vec<ExpandCount>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Whether to count all that match.
    #[param(default = false)]
    pub total: bool,
}

impl Team {
    fn of(team: &teams::Team, members_count: Option<TeamSize>) -> Self {
        Self {
            id: team.id.0,
            name: team.name.clone(),
            description: team.description.clone(),
            is_default: team.is_default,
            version: team.version,
            members_count,
        }
    }
    /// A team with its size.
    fn whole(conn: &mut Conn, scope: &Scope, id: TeamId) -> Result<Self, Fault> {
        scope.demand(rights::TEAM_READ)?;
        let team = teams::find(conn, scope.organization, id)?;
        let count = teams::headcounts(conn, scope, &[id])?.remove(&id).unwrap_or_default();
        Ok(Self::of(&team, Some(TeamSize::of(count))))
    }
}

impl TeamSize {
    fn of(count: teams::Headcount) -> Self {
        Self { people: count.people, system_accounts: count.system_accounts }
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let changing = |endpoint: Endpoint| endpoint.needs(rights::TEAM_MANAGE);
    vec![
        Endpoint::new(__path_index, index).needs(rights::TEAM_READ),
        changing(Endpoint::new(__path_create, create)).records(&["team.created"]),
        Endpoint::new(__path_show, show).needs(rights::TEAM_READ),
        changing(Endpoint::new(__path_update, update)).versioned().records(&["team.edited"]),
        changing(Endpoint::new(__path_delete, delete)).refuses(&["in-use"]).records(&["team.deleted"]),
    ]
}

/// List teams
///
/// By name.
#[utoipa::path(get, path = "/api/v1/teams", operation_id = "listTeams", tag = "Teams", params(TeamListParameters),
    responses((status = 200, description = "A page of teams.", body = TeamPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<TeamListParameters>) -> web::Result<HttpResponse> {
    let Parameters(wanted) = parameters;
    let (window, limit) = (window::<TeamId>(wanted.cursor.as_deref())?, answers::limit(wanted.limit)?);
    let search = searched(wanted.q)?;
    let page = caller.read(&db, move |conn, scope| {
        let found = teams::list(conn, scope, &search, &window, limit)?;
        let ids: Vec<TeamId> = found.rows.iter().map(|team| team.id).collect();
        let counts = (!wanted.expand.is_empty()).then(|| teams::headcounts(conn, scope, &ids)).transpose()?;
        let size = |team: &teams::Team| counts.as_ref().map(|counts| TeamSize::of(counts.get(&team.id).copied().unwrap_or_default()));
        Ok::<_, Fault>(TeamPage {
            next_cursor: found.next().map(|team| team.cursor().to_string()),
            data: found.rows.iter().map(|team| Team::of(team, size(team))).collect(),
            total: wanted.total.then(|| teams::total(conn, scope, &search)).transpose()?,
        })
    });
    let page = page.await?;
    Ok(answers::listed(&req, &page, page.next_cursor.as_ref()))
}

fn searched(q: Option<String>) -> web::Result<String> {
    let search = q.unwrap_or_default();
    if search.chars().count() > LONGEST_SEARCH {
        let error = FieldError::new("?q", "too-long", format!("At most {LONGEST_SEARCH} characters."));
        return Err(Problem::fields(vec![error]).into());
    }
    Ok(search)
}

/// Read a team
#[utoipa::path(get, path = "/api/v1/teams/{id}", operation_id = "getTeam", tag = "Teams", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The team.", body = Team, headers(("ETag" = String, description = "Its version.")))))]
async fn show(db: Data<Db>, caller: Caller, id: Path<TeamId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    let team = caller.read(&db, move |conn, scope| Team::whole(conn, scope, id)).await?;
    Ok(answers::record(team.version, &team))
}

/// A new team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTeam {
    /// No other team has it, however it is spelled.
    #[schema(min_length = 1, max_length = 100, example = "Platform")]
    pub name: String,
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// Whether forms for new people preselect it, instead of the present default.
    pub is_default: Option<bool>,
}

/// What to change of a team. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamPatch {
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// Whether forms for new people preselect it, instead of the present default.
    pub is_default: Option<bool>,
}

/// Checks the values as in the console.
fn checked(name: String, description: String, is_default: bool) -> web::Result<teams::NewTeam> {
    let mut form = TeamForm {
        version: 0,
        name: Field::new(name),
        description: Field::new(description),
        is_default: is_default.then(|| "on".into()),
    };
    form.check().ok_or_else(|| refusals::of_form(form.complaints()))
}

/// Create a team
///
/// Nobody is in it yet.
#[utoipa::path(post, path = "/api/v1/teams", operation_id = "createTeam", tag = "Teams", params(WriteParameters), request_body = NewTeam,
    responses((status = 201, description = "The team.", body = Team, headers(
        ("Location" = String, description = "Its address."), ("ETag" = String, description = "Its version.")))))]
async fn create(db: Data<Db>, caller: Caller, how: Parameters<WriteParameters>, body: Body<NewTeam>) -> web::Result<HttpResponse> {
    let NewTeam { name, description, is_default } = body.0;
    let wanted = checked(name, description.unwrap_or_default(), is_default.unwrap_or_default())?;
    let created = caller.write(&db, how.0, move |tx, scope| {
        let id = teams::create(tx, scope, &wanted)?;
        Ok(Team::whole(tx, scope, id)?)
    });
    let team = created.await.refused()?.map_err(|refusal| refusals::of_team(&refusal))?;
    Ok(answers::created(&format!("/api/v1/teams/{}", team.id), team.version, &team))
}

/// Change a team
#[utoipa::path(patch, path = "/api/v1/teams/{id}", operation_id = "updateTeam", tag = "Teams",
    params(("id" = Uuid, Path), WriteParameters), request_body = TeamPatch,
    responses((status = 200, description = "The team after the change.", body = Team, headers(("ETag" = String, description = "Its new version.")))))]
async fn update(
    db: Data<Db>,
    caller: Caller,
    id: Path<TeamId>,
    how: Parameters<WriteParameters>,
    expected: IfMatch,
    body: Body<TeamPatch>,
) -> web::Result<HttpResponse> {
    let (id, TeamPatch { name, description, is_default }) = (id.into_inner(), body.0);
    let present = caller.read(&db, move |conn, scope| Team::whole(conn, scope, id)).await?;
    let version = expected.version(present.version)?;
    let (name, description) = (name.unwrap_or(present.name), description.unwrap_or(present.description));
    let wanted = checked(name, description, is_default.unwrap_or(present.is_default))?;
    let changed = caller.write(&db, how.0, move |tx, scope| {
        teams::update(tx, scope, id, version, &wanted)?;
        Ok(Team::whole(tx, scope, id)?)
    });
    let team = changed.await.refused()?.map_err(|refusal| refusals::of_team(&refusal))?;
    Ok(answers::record(team.version, &team))
}

/// Delete a team
///
/// For good. With `detach=true` its members leave it; they stay in the organization.
#[utoipa::path(delete, path = "/api/v1/teams/{id}", operation_id = "deleteTeam", tag = "Teams",
    params(("id" = Uuid, Path), DeletionParameters), responses((status = 200, description = "It is deleted.", body = Deletion)))]
async fn delete(db: Data<Db>, caller: Caller, id: Path<TeamId>, how: Parameters<DeletionParameters>) -> web::Result<HttpResponse> {
    let (id, how) = (id.into_inner(), how.0);
    let done = caller.write(&db, how.write(), move |tx, scope| teams::delete(tx, scope, id, how.detach));
    let members = done.await.refused()?.map_err(|refusal| refusals::of_team(&refusal))?;
    Ok(deleted(members))
}
