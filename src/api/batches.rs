//! Batches: bulk actions that are going on or finished, the result for each member, stopping and undoing.

use super::{
    Caller,
    answers::{self, PageParameters, page},
    choice::{self, Choice},
    endpoints::Endpoint,
    parameters::{NoParameters, Parameters, WriteParameters},
};
use crate::{
    bulk::{self, Batch, BulkAction, Item, ItemState, Runner, State, UndoRefusal},
    db::{Db, keyset::TimeCursor},
    kit::{BatchId, Fault, MemberKind, OperationResult, Permission, Timestamp, rights},
    web,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// A bulk action.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchSummary {
    id: Uuid,
    /// What is done, such as `disable`.
    #[schema(schema_with = choice::schema::<crate::members::Action>)]
    action: &'static str,
    /// The role, team or policy of the action. Empty if it has none.
    subject: String,
    #[schema(schema_with = choice::schema::<State>)]
    state: &'static str,
    /// Why it was stopped. Empty if it was not.
    stopped_because: String,
    total: i64,
    done: i64,
    unchanged: i64,
    refused: i64,
    started_by: String,
    created_at: DateTime<Utc>,
    #[schema(required = true)]
    ended_at: Option<DateTime<Utc>>,
    /// The bulk action that this one undoes.
    #[schema(required = true)]
    undoes: Option<Uuid>,
}

/// The result for one member.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchItem {
    /// Counts from 1.
    position: i64,
    #[schema(required = true)]
    member_id: Option<Uuid>,
    name: String,
    #[schema(schema_with = choice::schema::<ItemState>)]
    state: &'static str,
    /// Why the member was left out. Empty if they were not.
    reason: String,
}

page! {
    /// The latest bulk actions.
    BatchPage of BatchSummary
}
page! {
    /// A page of results.
    BatchItemPage of BatchItem
}

impl BatchSummary {
    fn of(batch: &Batch) -> Result<Self, Fault> {
        Ok(Self {
            id: batch.id.0,
            action: BulkAction::read(batch)?.action().as_str(),
            subject: batch.subject.clone(),
            state: batch.state.as_str(),
            stopped_because: batch.stopped_because.clone(),
            total: batch.total,
            done: batch.done,
            unchanged: batch.unchanged,
            refused: batch.refused,
            started_by: batch.started_by_name.clone(),
            created_at: batch.created_at.utc(),
            ended_at: batch.ended_at.map(Timestamp::utc),
            undoes: batch.undoes.map(|id| id.0),
        })
    }
}

impl From<Item> for BatchItem {
    fn from(item: Item) -> Self {
        Self {
            position: item.position,
            member_id: item.member_id.map(|id| id.0),
            name: item.name,
            state: item.state.as_str(),
            reason: item.note,
        }
    }
}

/// The permissions of which one is needed to begin bulk actions, and to see them.
pub(super) fn needs() -> [Permission; 6] {
    [
        rights::USER_MANAGE.over_all(),
        rights::USER_MANAGE.over_teams(),
        rights::USER_INVITE.over_all(),
        rights::USER_INVITE.over_teams(),
        rights::SYSTEM_ACCOUNT_MANAGE.over_all(),
        Permission::of_team(MemberKind::SystemAccount.noun(), "manage"),
    ]
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let needing = |endpoint: Endpoint| endpoint.needs_one_of(&needs());
    vec![
        needing(Endpoint::new(__path_index, index)),
        needing(Endpoint::new(__path_show, show)),
        needing(Endpoint::new(__path_items, items)),
        needing(Endpoint::new(__path_end, end)).records(&["batch.stopped"]),
        needing(Endpoint::new(__path_undo, undo)).records(&["batch.started"]).refuses(&[
            "batch-not-undoable",
            "batch-running",
            "batch-undone",
        ]),
    ]
}

/// List bulk actions
///
/// The latest first: all for kinds of members that the caller manages, otherwise those that they began.
#[utoipa::path(get, path = "/api/v1/batches", operation_id = "listBatches", tag = "Bulk actions", params(PageParameters),
    responses((status = 200, description = "A page of bulk actions.", body = BatchPage)))]
async fn index(db: Data<Db>, caller: Caller, req: HttpRequest, parameters: Parameters<PageParameters>) -> web::Result<HttpResponse> {
    let (before, size) = parameters.0.read()?;
    let page = caller.read(&db, move |conn, scope| bulk::list(conn, scope, before, size)).await?;
    let next = page.next().map(|last| TimeCursor(last.created_at, last.id));
    let data = page.rows.iter().map(BatchSummary::of).collect::<Result<_, _>>()?;
    let page = BatchPage { data, next_cursor: next.as_ref().map(ToString::to_string), total: None };
    Ok(answers::listed(&req, &page, next.as_ref()))
}

/// Read a bulk action
#[utoipa::path(get, path = "/api/v1/batches/{id}", operation_id = "getBatch", tag = "Bulk actions", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The bulk action and its progress.", body = BatchSummary)))]
async fn show(db: Data<Db>, caller: Caller, id: Path<BatchId>, _: Parameters<NoParameters>) -> web::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(find(&db, &caller, id.into_inner()).await?))
}

async fn find(db: &Db, caller: &Caller, id: BatchId) -> web::Result<BatchSummary> {
    let batch = caller.read(db, move |conn, scope| bulk::visible(conn, scope, id)).await?.0;
    Ok(BatchSummary::of(&batch)?)
}

/// The answer to a request that began a bulk action.
pub(super) async fn begun(db: &Db, caller: &Caller, id: BatchId) -> web::Result<HttpResponse> {
    let batch = find(db, caller, id).await?;
    let here = format!("/api/v1/batches/{id}");
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, here)).json(batch))
}

/// Which results to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BatchItemParameters {
    #[param(schema_with = states)]
    state: Option<Choice<ItemState>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

fn states() -> Object {
    choice::described::<ItemState>("Only results of this state.")
}

/// List the results of a bulk action
#[utoipa::path(get, path = "/api/v1/batches/{id}/items", operation_id = "listBatchItems", tag = "Bulk actions",
    params(("id" = Uuid, Path), BatchItemParameters), responses((status = 200, description = "A page of results.", body = BatchItemPage)))]
async fn items(
    db: Data<Db>,
    caller: Caller,
    req: HttpRequest,
    id: Path<BatchId>,
    parameters: Parameters<BatchItemParameters>,
) -> web::Result<HttpResponse> {
    let (id, Parameters(wanted)) = (id.into_inner(), parameters);
    let limit = answers::limit(wanted.limit)?;
    let after: i64 = answers::cursor(wanted.cursor.as_deref())?.unwrap_or(0);
    let state = wanted.state.map(|Choice(state)| state);
    let mut items = caller
        .read(&db, move |conn, scope| {
            let (batch, _) = bulk::visible(conn, scope, id)?;
            bulk::items(conn, &batch, state, after, limit + 1)
        })
        .await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = items.len() > size;
    items.truncate(size);
    let next = items.last().filter(|_| has_more).map(|last| last.position);
    let page = BatchItemPage {
        data: items.into_iter().map(BatchItem::from).collect(),
        next_cursor: next.map(|next| next.to_string()),
        total: None,
    };
    Ok(answers::listed(&req, &page, next.as_ref()))
}

/// Stop a bulk action
///
/// What was done stays done. A bulk action that has ended stays as it is.
#[utoipa::path(post, path = "/api/v1/batches/{id}/end", operation_id = "endBatch", tag = "Bulk actions",
    params(("id" = Uuid, Path), WriteParameters), responses((status = 204, description = "It does not go on.")))]
async fn end(db: Data<Db>, caller: Caller, id: Path<BatchId>, how: Parameters<WriteParameters>) -> web::Result<HttpResponse> {
    let id = id.into_inner();
    caller.write(&db, how.0, move |tx, scope| bulk::end(tx, scope, id)).await?;
    Ok(answers::nothing())
}

/// Undo a bulk action
///
/// Once, for every member who still is as it left them.
#[utoipa::path(post, path = "/api/v1/batches/{id}/undo", operation_id = "undoBatch", tag = "Bulk actions",
    params(("id" = Uuid, Path), WriteParameters),
    responses((status = 202, description = "The undo has begun.", body = BatchSummary, headers(("Location" = String, description = "Where its progress is."))),
        (status = 200, description = "It could begin (dry run).", body = BatchSummary)))]
async fn undo(
    db: Data<Db>,
    runner: Data<Runner>,
    caller: Caller,
    id: Path<BatchId>,
    how: Parameters<WriteParameters>,
) -> web::Result<HttpResponse> {
    let (id, token) = (id.into_inner(), caller.token());
    let begun = caller.write(&db, how.0, move |tx, scope| {
        let new = bulk::begin_undo(tx, scope, id, token)?;
        Ok(bulk::find(tx, scope, new)?)
    });
    let batch = begun.await.refused()?.map_err(|refusal| refused(&refusal))?;
    if how.0.dry_run {
        return Ok(HttpResponse::Ok().json(BatchSummary::of(&batch)?));
    }
    runner.begin(batch.id).await?;
    self::begun(&db, &caller, batch.id).await
}

fn refused(refusal: &UndoRefusal) -> web::Error {
    match refusal {
        UndoRefusal::Never => answers::refused("batch-not-undoable", "It cannot be undone", refusal),
        UndoRefusal::Running => answers::refused("batch-running", "It is still under way", refusal),
        UndoRefusal::Already(_) => answers::refused("batch-undone", "It was undone already", refusal),
    }
}
