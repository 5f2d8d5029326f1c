//! Pages of batches, running or finished: progress, the result per member, and stopping.

use super::{
    action::{BulkAction, MemberActions},
    model::{Batch, Part, stopped_by},
    pages::{Index, Show},
    store::{self, Latest},
};
use crate::{
    db::{
        Conn, Db, Tx,
        keyset::{Page, TimeCursor, Window},
    },
    directory,
    kit::{BatchId, Fault, MemberKind, OrganizationId, Scope, rights},
    members,
    web::{self, Back, MemberContext, Posted, Respond, see_other},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};

/// The most batches in the list.
const LISTED: i64 = 50;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/batches/{batch}").route(web::get().to(show)));
    app.service(web::resource("/o/{organization}/batches/{batch}/end").route(web::post().to(stop)));
}

pub(super) type Place = Path<(OrganizationId, BatchId)>;

/// Checks that the caller may start some bulk action; other callers see no batch.
pub(super) fn may_begin_any(scope: &Scope) -> Result<(), Fault> {
    if scope.may_over_teams(rights::USER_INVITE) || members::may_run_some(scope, MemberKind::SystemAccount) {
        return Ok(());
    }
    scope.demand_over_teams(rights::USER_MANAGE)
}

/// A batch is visible to the member who started it, and to callers who may make such changes to members of that kind.
pub fn visible(conn: &mut Conn, scope: &Scope, id: BatchId) -> Result<(Batch, MemberKind), Fault> {
    // Checks this first, so that a caller who may see no batch cannot learn which ids exist.
    may_begin_any(scope)?;
    let batch = store::find(conn, scope, id)?;
    let kind = MemberActions::kind_of(&batch.kind).ok_or(Fault::Missing)?;
    match batch.started_by {
        Some(member) if scope.is_me(member) => {}
        _ => scope.demand(rights::manage(kind))?,
    }
    Ok((batch, kind))
}

/// A page of the bulk actions that the caller may see, the latest first: all for kinds of members that they manage,
/// otherwise those that they started.
///
/// # Errors
/// [`Fault::Denied`].
pub fn list(conn: &mut Conn, scope: &Scope, before: Option<TimeCursor<BatchId>>, size: i64) -> Result<Page<Batch>, Fault> {
    may_begin_any(scope)?;
    let (managed, others): (Vec<_>, Vec<_>) = MemberKind::ALL.into_iter().partition(|kind| scope.may(rights::manage(*kind)));
    let mut batches = Vec::new();
    for (kinds, by) in [(managed, None), (others, scope.actor.member_id())] {
        let kinds: Vec<_> = kinds.into_iter().map(MemberActions::to).collect();
        batches.extend(store::latest(conn, scope, &Latest { kinds: &kinds, by, before, limit: size + 1 })?);
    }
    batches.sort_by_key(|batch| std::cmp::Reverse((batch.created_at, batch.id)));
    Ok(Window::read(before, None).page(batches, size))
}

/// The list of recent bulk actions.
pub(super) async fn index(db: Data<Db>, context: MemberContext) -> web::Result<HttpResponse> {
    let batches = context.read(&db, |conn, scope| list(conn, scope, None, LISTED)).await?.rows;
    Index { context, batches }.ok()
}

async fn show(db: Data<Db>, context: MemberContext, place: Place, Query(part): Query<Part>) -> web::Result<HttpResponse> {
    let id = place.1;
    let state = part.state();
    let back = Back { back: part.back.clone() }.path(&context.site, String::new());
    let view = db
        .read(move |conn| {
            let scope = &context.scope;
            let (batch, kind) = visible(conn, scope, id)?;
            let (items, next) = store::page(conn, &batch, &part)?;
            let action = BulkAction::read(&batch).ok();
            let undone_by = store::undone_by(conn, &batch)?;
            let filters = directory::described(conn, scope, kind, &batch.query)?;
            Ok::<_, Fault>(Show {
                context: context.clone(),
                back: back.clone(),
                action,
                undone_by,
                filters,
                batch,
                kind,
                state,
                items,
                next,
            })
        })
        .await?;
    view.ok()
}

/// Stops a batch early. Finished items stay done.
///
/// # Errors
/// [`Fault::Missing`] if the caller may not see it.
pub fn end(tx: &mut Tx<'_>, scope: &Scope, id: BatchId) -> Result<(), Fault> {
    let (batch, kind) = visible(tx, scope, id)?;
    // A token of the person who started it may hold less than they do.
    BulkAction::read(&batch)?.action().demand(scope, kind)?;
    store::stop(tx, scope, id, &stopped_by(scope.actor.name()))
}

async fn stop(db: Data<Db>, context: MemberContext, place: Place, Posted(_): Posted<Back>) -> web::Result<HttpResponse> {
    let id = place.1;
    context.write(&db, move |tx, scope| end(tx, scope, id)).await?;
    Ok(see_other(&context.path(format!("/batches/{id}"))))
}
