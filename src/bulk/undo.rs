//! Undoes a bulk action: once, for every member whose state has not changed since. An old one asks for confirmation
//! first.

use super::{
    action::{BulkAction, restorations},
    batches::{Place, visible},
    finish::{answer, needs_reauthentication},
    model::{Batch, ItemState, NewBatch},
    pages::Undo,
    preview::{PART, Preview},
    runner::Runner,
    store,
};
use crate::{
    db::{Conn, Db, Tx},
    kit::{BatchId, Fault, MemberId, MemberKind, OperationError, OperationResult, Scope, TokenId},
    members::{self, Change, ChangePreview, LeftBy},
    web::{self, MemberContext, Notice, Posted, Respond, ReturnTo, Ticked},
};
use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(
        web::resource("/o/{organization}/batches/{batch}/reversal")
            .route(web::get().to(ask))
            .route(web::post().to(undo)),
    );
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct UndoForm {
    back: String,
    /// The preview was shown.
    seen: Ticked,
}

/// Why a batch cannot be undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoRefusal {
    #[error("This cannot be undone.")]
    Never,
    #[error("It is still under way.")]
    Running,
    #[error("It was undone already, by {0}.")]
    Already(String),
}

/// The action that undoes the batch.
fn opposite(conn: &mut Conn, batch: &Batch) -> Result<BulkAction, OperationError<UndoRefusal>> {
    let Some(opposite) = BulkAction::read(batch)?.reversed() else {
        return Err(OperationError::Refused(UndoRefusal::Never));
    };
    if batch.is_running() {
        return Err(OperationError::Refused(UndoRefusal::Running));
    }
    match store::undone_by(conn, batch)? {
        Some(by) => Err(OperationError::Refused(UndoRefusal::Already(by.started_by_name))),
        None => Ok(opposite),
    }
}

/// The result of the undo for each member that the batch changed.
fn preview_undo(conn: &mut Conn, scope: &Scope, kind: MemberKind, batch: &Batch, opposite: &BulkAction) -> Result<Preview, Fault> {
    let mut preview = Preview::default();
    let size = i64::try_from(PART).unwrap_or(i64::MAX);
    let mut after = 0;
    // One preview counts seats and administrators over all members; each group of a restored role has a preview of its
    // own.
    let mut whole = None;
    loop {
        let items = store::items(conn, batch, Some(ItemState::Done), after, size)?;
        let Some(last) = items.last() else { break };
        after = last.position;
        let ids: Vec<MemberId> = items.iter().filter_map(|item| item.member_id).collect();
        match opposite {
            BulkAction::Change(change) => {
                if whole.is_none() {
                    whole = Some(begin(conn, scope, kind, change, batch.id)?);
                }
                if let Some(begun) = &mut whole {
                    evaluate(conn, begun, &ids, &mut preview)?;
                }
            }
            BulkAction::Restore { role } => {
                for (change, places) in restorations(*role, &items, scope.now()) {
                    let some: Vec<MemberId> = places.iter().filter_map(|at| items[*at].member_id).collect();
                    let mut begun = begin(conn, scope, kind, &change, batch.id)?;
                    evaluate(conn, &mut begun, &some, &mut preview)?;
                }
            }
            _ => break,
        }
    }
    preview.named(conn, scope, kind)
}

type Begun<'a> = Result<ChangePreview<'a>, String>;

/// A refusal of the whole change becomes the reason for each member.
fn begin<'a>(conn: &mut Conn, scope: &'a Scope, kind: MemberKind, change: &'a Change, undone: BatchId) -> Result<Begun<'a>, Fault> {
    match ChangePreview::begin(conn, scope, kind, change, Some(LeftBy::Batch(undone))).refused()? {
        Ok(change_preview) => Ok(Ok(change_preview)),
        Err(refusal) => Ok(Err(refusal.to_string())),
    }
}

fn evaluate(conn: &mut Conn, begun: &mut Begun<'_>, ids: &[MemberId], preview: &mut Preview) -> Result<(), Fault> {
    match begun {
        Ok(change_preview) => change_preview.of(conn, ids)?.iter().for_each(|answer| preview.add_answer(answer)),
        Err(why) => ids.iter().for_each(|id| preview.add(*id, "", Some(why.clone()))),
    }
    Ok(())
}

/// The confirmation page. A caller who just reauthenticated also returns here.
async fn ask(db: Data<Db>, context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let back = context.path(format!("/batches/{}", place.1));
    draw(&db, context, place.1, back).await
}

async fn draw(db: &Db, context: MemberContext, id: BatchId, back: String) -> web::Result<HttpResponse> {
    let scope = context.scope.clone();
    let read = move |conn: &mut Conn| {
        let (batch, kind) = visible(conn, &scope, id)?;
        let opposite = opposite(conn, &batch)?;
        let preview = preview_undo(conn, &scope, kind, &batch, &opposite)?;
        Ok::<_, OperationError<UndoRefusal>>((batch, kind, opposite, preview))
    };
    match db.read(read).await.refused()? {
        Ok((batch, kind, opposite, preview)) => {
            let view = Undo { context, batch, kind, opposite, preview, back };
            view.ok()
        }
        Err(refusal) => Ok(refused(&context, id, &refusal)),
    }
}

fn refused(context: &MemberContext, id: BatchId, refusal: &UndoRefusal) -> HttpResponse {
    let here = context.path(format!("/batches/{id}"));
    context.redirect_with_notice(&here, Notice::error(refusal.to_string()))
}

async fn undo(
    db: Data<Db>,
    runner: Data<Runner>,
    context: MemberContext,
    place: Place,
    Posted(form): Posted<UndoForm>,
) -> web::Result<HttpResponse> {
    let (scope, id) = (context.scope.clone(), place.1);
    let here = context.path(format!("/batches/{id}"));
    let read = move |conn: &mut Conn| {
        let (batch, kind) = visible(conn, &scope, id)?;
        Ok::<_, OperationError<UndoRefusal>>((opposite(conn, &batch)?, batch, kind))
    };
    let (opposite, batch, kind) = match db.read(read).await.refused()? {
        Ok(preview) => preview,
        Err(refusal) => return Ok(refused(&context, id, &refusal)),
    };
    if needs_reauthentication(&db, &context, &opposite, None).await? {
        context.require_reauthentication(ReturnTo::button(format!("{here}/reversal")))?;
    }
    let back = web::Back { back: form.back }.path(&context.site, here);
    if !batch.is_fresh(context.scope.now()) && !form.seen.0 {
        return draw(&db, context, id, back).await;
    }
    match context.write(&db, move |tx, scope| begin_undo(tx, scope, id, None)).await.refused()? {
        Ok(new) => {
            runner.begin(new).await?;
            answer(&db, context, kind, new, &opposite, back).await
        }
        Err(refusal) => Ok(refused(&context, id, &refusal)),
    }
}

/// Stores the batch that undoes this one, to be worked through. `token` is the credential of the program that begins it.
///
/// # Errors
/// An [`UndoRefusal`], [`Fault::Denied`] or [`Fault::Missing`].
pub fn begin_undo(tx: &mut Tx<'_>, scope: &Scope, id: BatchId, token: Option<TokenId>) -> Result<BatchId, OperationError<UndoRefusal>> {
    // Of two callers who undo the same batch at once, the second waits for this lock and then finds it undone.
    let scope = &members::reauthorize(tx, scope)?;
    let (batch, kind) = visible(tx, scope, id)?;
    let opposite = opposite(tx, &batch)?;
    // Otherwise a credential that may not do it would use up the only undo.
    opposite.action().demand(scope, kind)?;
    let new = NewBatch {
        undoes: Some(id),
        token,
        query: batch.query.clone(),
        subject: opposite.subject(tx, scope)?,
        ..NewBatch::of(super::action::MemberActions::to(kind), serde_json::to_value(&opposite).map_err(Fault::broken)?)
    };
    Ok(store::begin_after(tx, scope, &batch, &new)?)
}
