//! Handlers of groups: list, create, show, replace, patch, delete.

use super::{
    answers::{Resource, answer, version},
    caller::ScimCaller,
    found::{self, Found, demand_known, demand_sortable},
    group,
    preconditions::Preconditions,
    protocol::{
        listing::ListQuery,
        patch::{group_changes, read_patch},
        projection::Projection,
        schema::ResourceKind,
    },
    reading,
    refusals::Refusal,
};
use crate::{
    db::Conn,
    kit::{Fault, Scope, TeamId, rights},
    provisioning::{self, GroupRecord, WantedGroup},
    web::{self, Routes},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path, delete, get, patch, post, put},
};
use serde_json::{Map, Value};
use std::collections::HashMap;

pub(super) fn mount(app: &mut Routes) {
    let list = web::resource("/scim/v2/Groups");
    app.service(list.route(get().to(index)).route(post().to(create)));
    let one = web::resource("/scim/v2/Groups/{id}");
    let one = one.route(get().to(show)).route(put().to(replace));
    app.service(one.route(patch().to(modify)).route(delete().to(remove)));
}

async fn index(req: HttpRequest, caller: ScimCaller) -> Result<HttpResponse, Refusal> {
    list(&caller, ListQuery::from_pairs(&reading::pairs(&req)?)?).await
}

/// The groups of a list. Their members are loaded only where they are asked for.
///
/// # Errors
/// `invalidFilter`, or a missing permission.
pub(super) async fn list(caller: &ScimCaller, query: ListQuery) -> Result<HttpResponse, Refusal> {
    let base = caller.base.clone();
    Ok(found::answer(&caller.read(move |conn, scope| find_groups(conn, scope, &query, &base)).await?))
}

fn find_groups(conn: &mut Conn, scope: &Scope, query: &ListQuery, base: &str) -> Result<Value, Refusal> {
    scope.demand(rights::TEAM_READ)?;
    demand_sortable(query, &[ResourceKind::Group])?;
    let mut asks_for_members = query.projection.includes("members");
    if let Some(filter) = &query.filter {
        demand_known(filter, &[ResourceKind::Group])?;
        asks_for_members |= filter.paths().iter().any(|path| path.attribute.eq_ignore_ascii_case("members"));
    }
    let records = provisioning::all_groups(conn, scope)?;
    let people = if asks_for_members && scope.may(rights::USER_READ) {
        let ids: Vec<TeamId> = records.iter().map(|record| record.team.id).collect();
        provisioning::people_of_groups(conn, scope, &ids)?
    } else {
        HashMap::new()
    };
    let mut all = Found::of(query);
    for record in &records {
        let members = people.get(&record.team.id).map(Vec::as_slice).unwrap_or_default();
        all.consider(group::represent(record, asks_for_members.then_some(members), base));
    }
    Ok(all.page())
}

async fn show(req: HttpRequest, caller: ScimCaller, place: Path<String>) -> Result<HttpResponse, Refusal> {
    let (id, base) = (reading::id::<TeamId>(&place)?, caller.base.clone());
    let projection = Projection::from_pairs(&reading::pairs(&req)?)?;
    let has_members = projection.includes("members");
    let found = caller.read(move |conn, scope| shown(conn, scope, id, &base, has_members)).await?;
    Ok(answer(StatusCode::OK, found, &projection, &Preconditions::of(&req)))
}

fn shown(conn: &mut Conn, scope: &Scope, id: TeamId, base: &str, has_members: bool) -> Result<Resource, Refusal> {
    scope.demand(rights::TEAM_READ)?;
    let record = provisioning::find_group(conn, scope, id)?;
    told(conn, scope, &record, base, has_members && scope.may(rights::USER_READ)).map_err(Refusal::from)
}

fn told(conn: &mut Conn, scope: &Scope, record: &GroupRecord, base: &str, has_members: bool) -> Result<Resource, Fault> {
    let id = record.team.id;
    let people = if has_members {
        Some(provisioning::people_of_groups(conn, scope, &[id])?.remove(&id).unwrap_or_default())
    } else {
        None
    };
    Ok(group::represent(record, people.as_deref(), base))
}

async fn create(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let projection = Projection::from_pairs(&reading::pairs(&req)?)?;
    let created = create_from(&caller, reading::body(&req, &bytes)?).await?;
    Ok(answer(StatusCode::CREATED, created, &projection, &Preconditions::default()))
}

/// Creates a group.
///
/// # Errors
/// A [`Refusal`].
pub(super) async fn create_from(caller: &ScimCaller, body: Value) -> Result<Resource, Refusal> {
    let wanted = group::read(body.as_object().unwrap_or(&Map::new()))?;
    let base = caller.base.clone();
    caller
        .act(rights::TEAM_MANAGE, move |tx, client, _| {
            let id = provisioning::create_group(tx, client, &wanted)?;
            shown(tx, client.scope(), id, &base, true)
        })
        .await
}

async fn replace(req: HttpRequest, caller: ScimCaller, place: Path<String>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let (id, body) = (reading::id(&place)?, reading::body(&req, &bytes)?);
    let projection = Projection::from_pairs(&reading::pairs(&req)?)?;
    let saved = replace_with(&caller, id, body, Preconditions::of(&req)).await?;
    Ok(answer(StatusCode::OK, saved, &projection, &Preconditions::default()))
}

/// Makes a group what the body says.
///
/// # Errors
/// A [`Refusal`].
pub(super) async fn replace_with(caller: &ScimCaller, id: TeamId, body: Value, expected: Preconditions) -> Result<Resource, Refusal> {
    let wanted = group::read(body.as_object().unwrap_or(&Map::new()))?;
    change(caller, id, expected, move |_| Ok(wanted.clone())).await
}

/// PATCH of a group answers without the group, whose members can be many; clients expect it so.
async fn modify(req: HttpRequest, caller: ScimCaller, place: Path<String>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let (id, body) = (reading::id(&place)?, reading::body(&req, &bytes)?);
    modify_by(&caller, id, body, Preconditions::of(&req)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Changes of a group what the operations of the body say.
///
/// # Errors
/// A [`Refusal`].
pub(super) async fn modify_by(caller: &ScimCaller, id: TeamId, body: Value, expected: Preconditions) -> Result<Resource, Refusal> {
    let changes = group_changes(&read_patch(&body)?)?;
    change(caller, id, expected, move |record| Ok(group::read_changes(&changes, record)?)).await
}

/// Reads a group, and saves what `wanted` makes of it, in one transaction. Returns it without its members.
async fn change(
    caller: &ScimCaller,
    id: TeamId,
    expected: Preconditions,
    wanted: impl Fn(&GroupRecord) -> Result<WantedGroup, Refusal> + Send + 'static,
) -> Result<Resource, Refusal> {
    let base = caller.base.clone();
    caller
        .act(rights::TEAM_MANAGE, move |tx, client, _| {
            let record = provisioning::find_group(tx, client.scope(), id)?;
            expected.demand(version(&group::represent(&record, None, &base)))?;
            provisioning::update_group(tx, client, &record, &wanted(&record)?)?;
            shown(tx, client.scope(), id, &base, true)
        })
        .await
}

async fn remove(req: HttpRequest, caller: ScimCaller, place: Path<String>) -> Result<HttpResponse, Refusal> {
    remove_one(&caller, reading::id(&place)?, Preconditions::of(&req)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes a group. Its members stay.
///
/// # Errors
/// A [`Refusal`].
pub(super) async fn remove_one(caller: &ScimCaller, id: TeamId, expected: Preconditions) -> Result<(), Refusal> {
    let base = caller.base.clone();
    caller
        .act(rights::TEAM_MANAGE, move |tx, client, _| {
            let record = provisioning::find_group(tx, client.scope(), id)?;
            expected.demand(version(&group::represent(&record, None, &base)))?;
            Ok::<_, Refusal>(provisioning::delete_group(tx, client, &record)?)
        })
        .await
}
