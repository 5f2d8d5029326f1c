//! Queries about batches and their items.

use super::{
    action::{BulkAction, MemberActions},
    model::{Batch, Item, ItemState, NewBatch, NewItem, Part, State},
    words::counted,
};
use crate::{
    audit::{self, Event},
    db::{
        Among, Conn, Json, MultiBackend, Tx,
        keyset::TimeCursor,
        query::{Direction, beyond},
        schema::{batch_items, batches},
    },
    each,
    kit::{BatchId, Fault, MemberId, Scope, Timestamp, sql::UuidSql},
};
use chrono::TimeDelta;
use diesel::{IntoSql, prelude::*, sql_types::Text};
use serde_json::{Map, Value, json};

/// A batch of this organization.
///
/// # Errors
/// [`Fault::Missing`].
pub fn find(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<Batch, Fault> {
    let row = batches::table.filter(batches::organization_id.eq(scope.organization)).filter(batches::id.eq(id));
    Ok(row.select(Batch::as_select()).first(conn)?)
}

/// Which batches to list: those of some kinds, before one of them, and only those that `by` started, if given.
pub struct Latest<'a> {
    pub kinds: &'a [&'static str],
    pub by: Option<MemberId>,
    pub before: Option<TimeCursor<BatchId>>,
    pub limit: i64,
}

/// The latest batches first.
pub fn latest(conn: &mut Conn, scope: &Scope, wanted: &Latest<'_>) -> Result<Vec<Batch>, Fault> {
    let mut query = batches::table
        .filter(batches::organization_id.eq(scope.organization))
        .filter(batches::kind.among(wanted.kinds))
        .order((batches::created_at.desc(), batches::id.desc()))
        .limit(wanted.limit)
        .select(Batch::as_select())
        .into_boxed::<MultiBackend>();
    if let Some(by) = wanted.by {
        query = query.filter(batches::started_by.eq(Some(by)));
    }
    if let Some(TimeCursor(at, id)) = wanted.before {
        query = query.filter(beyond((batches::created_at, batches::id), (at, id), Direction::Descending));
    }
    Ok(query.load(conn)?)
}

/// Items of a batch after a position; only those of one state, if given.
pub fn items(conn: &mut Conn, batch: &Batch, state: Option<ItemState>, after: i64, limit: i64) -> Result<Vec<Item>, Fault> {
    let mut query = batch_items::table
        .filter(batch_items::organization_id.eq(batch.organization_id))
        .filter(batch_items::batch_id.eq(batch.id))
        .filter(batch_items::position.gt(after))
        .order(batch_items::position)
        .limit(limit)
        .select(Item::as_select())
        .into_boxed::<MultiBackend>();
    if let Some(state) = state {
        query = query.filter(batch_items::state.eq(state));
    }
    Ok(query.load(conn)?)
}

/// Items on a page of results.
const PAGE: i64 = 100;

/// One page of items, and the position to continue after if there are more.
pub fn page(conn: &mut Conn, batch: &Batch, part: &Part) -> Result<(Vec<Item>, Option<i64>), Fault> {
    let mut items = items(conn, batch, part.state(), part.after.unwrap_or(0), PAGE + 1)?;
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = items.len() > size;
    items.truncate(size);
    let next = items.last().filter(|_| has_more).map(|last| last.position);
    Ok((items, next))
}

/// The permissions of the credential that starts a batch, if a program does: those of a narrowed token are fewer than
/// those of its owner.
fn ceiling(scope: &Scope) -> Option<Json<Vec<String>>> {
    scope.request_info.credential.as_ref()?;
    Some(Json(scope.permissions.iter().map(ToString::to_string).collect()))
}

/// Inserts a batch, to be started later.
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, new: &NewBatch, items: &[NewItem]) -> Result<BatchId, Fault> {
    let id = BatchId::new(scope.now());
    let count = |state| i64::try_from(items.iter().filter(|item| item.state == state).count()).unwrap_or(i64::MAX);
    diesel::insert_into(batches::table)
        .values((
            batches::id.eq(id),
            batches::organization_id.eq(scope.organization),
            batches::kind.eq(new.kind),
            batches::action.eq(Json(new.action.clone())),
            batches::started_by.eq(scope.actor.member_id()),
            batches::started_by_name.eq(scope.actor.name()),
            batches::address.eq(&scope.request_info.address),
            batches::state.eq(State::Draft),
            batches::total.eq(i64::try_from(items.len()).unwrap_or(i64::MAX)),
            batches::done.eq(count(ItemState::Done)),
            batches::unchanged.eq(count(ItemState::Unchanged)),
            batches::refused.eq(count(ItemState::Refused)),
            batches::undoes.eq(new.undoes),
            batches::query.eq(&new.query),
            batches::subject.eq(&new.subject),
            batches::credential.eq(&scope.request_info.credential),
            batches::token_id.eq(new.token),
            batches::ceiling.eq(ceiling(scope)),
            batches::created_at.eq(scope.now()),
        ))
        .execute(tx.conn())?;
    add_items(tx, scope, id, 0, items)?;
    Ok(id)
}

/// Starts an inserted batch, and records that in the audit trail with this action and these facts.
///
/// # Errors
/// [`Fault::Missing`] if it is not waiting to be started.
pub fn start(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, action: &'static str, facts: Map<String, Value>) -> Result<(), Fault> {
    let draft = batches::table
        .filter(batches::organization_id.eq(scope.organization))
        .filter(batches::id.eq(id))
        .filter(batches::state.eq(State::Draft));
    if diesel::update(draft).set(batches::state.eq(State::Running)).execute(tx.conn())? != 1 {
        return Err(Fault::Missing);
    }
    let batch = find(tx, scope, id)?;
    let mut facts = facts;
    facts.insert("total".into(), batch.total.into());
    audit::record(tx, scope, Event::new(action, "batch", id.0, batch.kind).after(Value::Object(facts)))
}

/// [`insert`] and [`start`] in one call.
pub(super) fn begin(tx: &mut Tx<'_>, scope: &Scope, new: &NewBatch, items: &[NewItem]) -> Result<BatchId, Fault> {
    let id = insert(tx, scope, new, items)?;
    begun(tx, scope, id)?;
    Ok(id)
}

/// Records the start in the audit trail, with the title of the bulk action.
fn begun(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<(), Fault> {
    let batch = find(tx, scope, id)?;
    let action = BulkAction::read(&batch)?;
    let mut facts = Map::new();
    facts.insert("title".into(), title(&batch, &action)?.into());
    facts.extend(action.reason().map(|reason| ("reason".to_owned(), reason.into())));
    if let Some(undone) = batch.undoes {
        let undone = find(tx, scope, undone)?;
        facts.insert("undoes".into(), title(&undone, &BulkAction::read(&undone)?)?.into());
    }
    start(tx, scope, id, "batch.started", facts)
}

/// The title of a bulk action, such as `Disable 3 people`.
fn title(batch: &Batch, action: &BulkAction) -> Result<String, Fault> {
    let kind = MemberActions::kind_of(&batch.kind).ok_or_else(|| Fault::broken("a batch of another kind"))?;
    Ok(action.to_do(&batch.subject, &counted(kind, batch.total)))
}

/// The batch that undid this one.
pub fn undone_by(conn: &mut Conn, batch: &Batch) -> Result<Option<Batch>, Fault> {
    let later = batches::table
        .filter(batches::organization_id.eq(batch.organization_id))
        .filter(batches::undoes.eq(Some(batch.id)));
    Ok(later.select(Batch::as_select()).first(conn).optional()?)
}

/// [`begin`] for a batch with another action on every member that this batch changed, with their stored payloads. The
/// database copies the items, so any number is possible.
pub(super) fn begin_after(tx: &mut Tx<'_>, scope: &Scope, batch: &Batch, new: &NewBatch) -> Result<BatchId, Fault> {
    let id = insert(tx, scope, new, &[])?;
    let done = batch_items::table
        .filter(batch_items::organization_id.eq(scope.organization))
        .filter(batch_items::batch_id.eq(batch.id))
        .filter(batch_items::state.eq(ItemState::Done))
        .select((
            batch_items::organization_id,
            id.into_sql::<UuidSql>(),
            batch_items::position,
            batch_items::member_id,
            batch_items::name,
            batch_items::email,
            batch_items::payload,
            ItemState::Waiting.into_sql::<Text>(),
        ));
    let columns = (
        batch_items::organization_id,
        batch_items::batch_id,
        batch_items::position,
        batch_items::member_id,
        batch_items::name,
        batch_items::email,
        batch_items::payload,
        batch_items::state,
    );
    let copied = each!(tx.conn(), c => diesel::insert_into(batch_items::table).values(done).into_columns(columns).execute(c))?;
    diesel::update(batches::table.find(id))
        .set(batches::total.eq(i64::try_from(copied).unwrap_or(i64::MAX)))
        .execute(tx.conn())?;
    begun(tx, scope, id)?;
    Ok(id)
}

/// Stops a batch early. Finished items stay done.
pub fn stop(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, because: &str) -> Result<(), Fault> {
    let open = batches::table
        .filter(batches::organization_id.eq(scope.organization))
        .filter(batches::id.eq(id))
        .filter(batches::state.among([State::Draft, State::Running].map(State::as_str)));
    let set = (
        batches::state.eq(State::Stopped),
        batches::stopped_because.eq(because),
        batches::ended_at.eq(Some(scope.now())),
    );
    if diesel::update(open).set(set).execute(tx.conn())? == 1 {
        let event = Event::new("batch.stopped", "batch", id.0, "batch").after(json!({ "because": because }));
        audit::record(tx, scope, event)?;
    }
    Ok(())
}

/// Deletes batches that were inserted more than a day ago and never started.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Fault> {
    let old = batches::table
        .filter(batches::state.eq(State::Draft))
        .filter(batches::created_at.lt(now - TimeDelta::days(1)));
    Ok(diesel::delete(old).execute(tx.conn())?)
}

/// Rows in one statement.
const ROWS: usize = 500;

/// Inserts items of a batch after position `after`.
pub(super) fn add_items(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, after: i64, items: &[NewItem]) -> Result<(), Fault> {
    let mut position = after;
    for some in items.chunks(ROWS) {
        let row = |item: &NewItem| {
            position += 1;
            (
                batch_items::organization_id.eq(scope.organization),
                batch_items::batch_id.eq(id),
                batch_items::position.eq(position),
                batch_items::member_id.eq(item.member),
                batch_items::name.eq(item.name.clone()),
                batch_items::email.eq(item.email.clone()),
                batch_items::payload.eq(item.payload.clone().map(Json)),
                batch_items::state.eq(item.state),
                batch_items::note.eq(item.note.clone()),
            )
        };
        let rows: Vec<_> = some.iter().map(row).collect();
        each!(tx.conn(), c => diesel::insert_into(batch_items::table).values(&rows).execute(c))?;
    }
    Ok(())
}
