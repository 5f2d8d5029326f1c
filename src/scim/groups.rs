//! Handlers of groups: list, create, show, replace, patch, delete.

use super::{
    answers::{Resource, answer, version},
    caller::ScimCaller,
    found::{self, Found, demand_known},
    group,
    preconditions::Preconditions,
    protocol::{
        filter::Filter,
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
    let is_of_members = asks_about_members(&query);
    let find = move |conn: &mut Conn, scope: &Scope| find_groups(conn, scope, &query, &base);
    let found = if is_of_members {
        caller.scan(find).await?
    } else {
        caller.read(find).await?
    };
    Ok(found::answer(&found))
}

/// Whether the members of every group have to be known to answer.
fn asks_about_members(query: &ListQuery) -> bool {
    let paths = query.filter.iter().flat_map(Filter::paths).chain(query.sort_by.clone());
    paths.into_iter().any(|path| path.attribute.eq_ignore_ascii_case("members"))
}

fn find_groups(conn: &mut Conn, scope: &Scope, query: &ListQuery, base: &str) -> Result<Value, Refusal> {
    scope.demand(rights::TEAM_READ)?;
    demand_known(query, &[ResourceKind::Group])?;
    let tells_members = scope.may(rights::USER_READ);
    let records = provisioning::all_groups(conn, scope)?;
    let people = if tells_members && asks_about_members(query) {
        let ids: Vec<TeamId> = records.iter().map(|record| record.team.id).collect();
        provisioning::people_of_groups(conn, scope, &ids)?
    } else {
        HashMap::new()
    };
    let mut all = Found::of(query);
    for record in &records {
        all.consider(group::represent(record, people.get(&record.team.id).map(Vec::as_slice), base));
    }
    let (total, mut rows) = all.rows();
    if tells_members && query.projection.includes("members") {
        let shown: Vec<TeamId> = rows.iter().filter_map(id_of).collect();
        let people = provisioning::people_of_groups(conn, scope, &shown)?;
        for row in &mut rows {
            let members = id_of(row).and_then(|id| people.get(&id)).map(Vec::as_slice).unwrap_or_default();
            row.insert("members".into(), group::members(members, base));
        }
    }
    Ok(found::page(query, total, rows))
}

fn id_of(group: &Resource) -> Option<TeamId> {
    group.get("id")?.as_str()?.parse().ok()
}

async fn show(req: HttpRequest, caller: ScimCaller, place: Path<String>) -> Result<HttpResponse, Refusal> {
    let (id, base) = (reading::id::<TeamId>(&place)?, caller.base.clone());
    let projection = Projection::from_pairs(&reading::pairs(&req)?)?;
    let has_members = projection.includes("members");
    let found = caller.read(move |conn, scope| shown(conn, scope, id, &base, has_members)).await?;
    Ok(answer(StatusCode::OK, found, &projection, &Preconditions::default()))
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
    let (base, scope) = (caller.base.clone(), caller.scope.clone());
    caller
        .act(rights::TEAM_MANAGE, move |tx, client, _| {
            let id = provisioning::create_group(tx, client, &wanted)?;
            shown(tx, &scope, id, &base, true)
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
    change(caller, id, expected, true, move |_| Ok(wanted.clone())).await
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
    change(caller, id, expected, false, move |record| Ok(group::read_changes(&changes, record)?)).await
}

/// Reads a group, and saves what `wanted` makes of it, in one transaction. Returns it, with its members if they are asked
/// for.
async fn change(
    caller: &ScimCaller,
    id: TeamId,
    expected: Preconditions,
    has_members: bool,
    wanted: impl Fn(&GroupRecord) -> Result<WantedGroup, Refusal> + Send + 'static,
) -> Result<Resource, Refusal> {
    let (base, scope) = (caller.base.clone(), caller.scope.clone());
    caller
        .act(rights::TEAM_MANAGE, move |tx, client, _| {
            let record = provisioning::find_group(tx, client.scope(), id)?;
            expected.demand(version(&group::represent(&record, None, &base)))?;
            provisioning::update_group(tx, client, &record, &wanted(&record)?)?;
            shown(tx, &scope, id, &base, has_members)
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
