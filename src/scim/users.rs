//! Handlers of users: list, create, show, replace, patch, delete.

use super::{
    answers::{Resource, answer, version},
    caller::ScimCaller,
    preconditions::Preconditions,
    protocol::{
        listing::ListQuery,
        patch::{apply, read_patch},
        projection::Projection,
        schema::ResourceKind,
    },
    reading,
    refusals::Refusal,
    user, user_lists,
};
use crate::{
    db::Conn,
    kit::{MemberId, Scope, rights},
    provisioning::{self, Client, UserRecord},
    web::{self, Routes},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path, delete, get, patch, post, put},
};
use serde_json::{Map, Value};

pub(super) fn mount(app: &mut Routes) {
    let list = web::resource("/scim/v2/Users");
    app.service(list.route(get().to(index)).route(post().to(create)));
    let one = web::resource("/scim/v2/Users/{id}");
    let one = one.route(get().to(show)).route(put().to(replace));
    app.service(one.route(patch().to(modify)).route(delete().to(remove)));
}

async fn index(req: HttpRequest, caller: ScimCaller) -> Result<HttpResponse, Refusal> {
    let query = ListQuery::from_pairs(&reading::pairs(&req)?)?;
    user_lists::users(&caller, query).await
}

async fn show(req: HttpRequest, caller: ScimCaller, place: Path<String>) -> Result<HttpResponse, Refusal> {
    let (id, base) = (reading::id::<MemberId>(&place)?, caller.base.clone());
    let projection = Projection::from_pairs(&reading::pairs(&req)?)?;
    let found = caller.read(move |conn, scope| shown(conn, scope, id, &base)).await?;
    Ok(answer(StatusCode::OK, found, &projection, &Preconditions::of(&req)))
}

/// One person, for a caller who may read people.
fn shown(conn: &mut Conn, scope: &Scope, id: MemberId, base: &str) -> Result<Resource, Refusal> {
    scope.demand(rights::USER_READ)?;
    let record = provisioning::find_user(conn, scope, id)?;
    Ok(user::represent(&record, base, scope.may(rights::TEAM_READ)))
}

async fn create(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let projection = Projection::from_pairs(&reading::pairs(&req)?)?;
    let created = create_from(&caller, reading::body(&req, &bytes)?).await?;
    Ok(answer(StatusCode::CREATED, created, &projection, &Preconditions::default()))
}

/// Creates a person.
///
/// # Errors
/// A [`Refusal`].
pub(super) async fn create_from(caller: &ScimCaller, body: Value) -> Result<Resource, Refusal> {
    let wanted = user::read(&user::whole(body.as_object().unwrap_or(&Map::new()))?, None)?;
    let (base, scope) = (caller.base.clone(), caller.scope.clone());
    caller
        .act(rights::USER_MANAGE, move |tx, client, _| {
            let id = provisioning::create_user(tx, client, &wanted)?;
            shown(tx, &scope, id, &base)
        })
        .await
}

async fn replace(req: HttpRequest, caller: ScimCaller, place: Path<String>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let (id, body) = (reading::id(&place)?, reading::body(&req, &bytes)?);
    let projection = Projection::from_pairs(&reading::pairs(&req)?)?;
    let saved = replace_with(&caller, id, body, Preconditions::of(&req)).await?;
    Ok(answer(StatusCode::OK, saved, &projection, &Preconditions::default()))
}

/// Makes a person what the body says. An absent `active` changes nothing, because a disabling must not be lost.
///
/// # Errors
/// A [`Refusal`].
pub(super) async fn replace_with(caller: &ScimCaller, id: MemberId, body: Value, expected: Preconditions) -> Result<Resource, Refusal> {
    let wanted = user::whole(body.as_object().unwrap_or(&Map::new()))?;
    change(caller, id, expected, move |_, record| user::read(&wanted, Some(record)).map_err(Refusal::from)).await
}

async fn modify(req: HttpRequest, caller: ScimCaller, place: Path<String>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let (id, body) = (reading::id(&place)?, reading::body(&req, &bytes)?);
    let projection = Projection::from_pairs(&reading::pairs(&req)?)?;
    let saved = modify_by(&caller, id, body, Preconditions::of(&req)).await?;
    Ok(answer(StatusCode::OK, saved, &projection, &Preconditions::default()))
}

/// Changes of a person what the operations of the body say.
///
/// # Errors
/// A [`Refusal`].
pub(super) async fn modify_by(caller: &ScimCaller, id: MemberId, body: Value, expected: Preconditions) -> Result<Resource, Refusal> {
    let operations = read_patch(&body)?;
    change(caller, id, expected, move |present, record| {
        let mut wanted = present.clone();
        apply(ResourceKind::User, &mut wanted, &operations)?;
        // A removed attribute is removed, while one that a client never sent stays.
        wanted.entry("externalId").or_insert(Value::Null);
        let changed = user::changed(present, &wanted);
        Ok(user::read(&wanted, Some(record))?.sending(record.provisioned.as_ref(), changed))
    })
    .await
}

/// Reads a person, and saves what `wanted` makes of them, in one transaction.
async fn change(
    caller: &ScimCaller,
    id: MemberId,
    expected: Preconditions,
    wanted: impl Fn(&Resource, &UserRecord) -> Result<provisioning::WantedUser, Refusal> + Send + 'static,
) -> Result<Resource, Refusal> {
    let (base, scope) = (caller.base.clone(), caller.scope.clone());
    caller
        .act(rights::USER_MANAGE, move |tx, client, outbox| {
            let (record, present) = present(tx, client, id, &base)?;
            expected.demand(version(&present))?;
            let wanted = wanted(&present, &record)?;
            provisioning::update_user(tx, client, outbox, &record, &wanted)?;
            shown(tx, &scope, id, &base)
        })
        .await
}

fn present(conn: &mut Conn, client: &Client, id: MemberId, base: &str) -> Result<(UserRecord, Resource), Refusal> {
    let record = provisioning::find_user(conn, client.scope(), id)?;
    let resource = user::represent(&record, base, true);
    Ok((record, resource))
}

async fn remove(req: HttpRequest, caller: ScimCaller, place: Path<String>) -> Result<HttpResponse, Refusal> {
    remove_one(&caller, reading::id(&place)?, Preconditions::of(&req)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes a person, as the settings of the client say.
///
/// # Errors
/// A [`Refusal`].
pub(super) async fn remove_one(caller: &ScimCaller, id: MemberId, expected: Preconditions) -> Result<(), Refusal> {
    let base = caller.base.clone();
    caller
        .act(rights::USER_MANAGE, move |tx, client, _| {
            let (record, present) = present(tx, client, id, &base)?;
            expected.demand(version(&present))?;
            Ok::<_, Refusal>(provisioning::delete_user(tx, client, &record)?)
        })
        .await
}
