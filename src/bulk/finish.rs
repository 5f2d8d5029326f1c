//! How a bulk action that was begun is answered, and whether it needs reauthentication first.

use super::{action::BulkAction, model::State, pages::with_back, store, words::counted};
use crate::{
    db::Db,
    kit::{BatchId, Fault, MemberId, MemberKind},
    members::{self},
    web::{self, MemberContext, Notice, see_other},
};
use actix_web::HttpResponse;

/// Whether the caller must reauthenticate for this action. Without `ids` the members are unknown, so it assumes the
/// strictest case. Runs no query if the caller reauthenticated recently.
pub(super) async fn needs_reauthentication(
    db: &Db,
    context: &MemberContext,
    action: &BulkAction,
    ids: Option<&[MemberId]>,
) -> Result<bool, Fault> {
    if context.is_reauthenticated() {
        return Ok(false);
    }
    let (action, ids) = (action.clone(), ids.map(<[MemberId]>::to_vec));
    context
        .read(db, move |conn, scope| {
            Ok(match &ids {
                _ if action.needs_reauthentication(&members::Privileged::load(conn, scope)?) => true,
                Some(ids) => action.action().gives_access_back() && members::any_privileged(conn, scope, ids)?,
                None => action.action().gives_access_back(),
            })
        })
        .await
}

/// Answers with a notice if everything was done at once for every member; otherwise with the batch page.
pub(super) async fn answer(
    db: &Db,
    context: MemberContext,
    kind: MemberKind,
    id: BatchId,
    action: &BulkAction,
    back: String,
) -> web::Result<HttpResponse> {
    let batch = context.read(db, move |conn, scope| store::find(conn, scope, id)).await?;
    let here = context.path(format!("/batches/{id}"));
    // Without a mail server, the batch page says what to do instead.
    let is_unsent = action.action().is_letter() && !context.site.mail.is_server();
    if batch.state != State::Done || batch.refused > 0 || is_unsent {
        // The batch knows the list of its members itself.
        let is_known = [context.path(kind.path()), context.path("/batches")].iter().any(|known| back.starts_with(known));
        return Ok(see_other(&with_back(here, if is_known { "" } else { &back })));
    }
    let done = action.done(&batch.subject, &counted(kind, batch.done));
    let notice = match (batch.done, batch.unchanged) {
        (0, unchanged) => Notice::neutral(format!("Nothing was different for {}.", counted(kind, unchanged))),
        (_, 0) => Notice::success(format!("{done}.")),
        (_, unchanged) => Notice::success(format!("{done}; {}.", action.unchanged(unchanged))),
    };
    let notice = match action.reversed() {
        Some(_) if batch.done > 0 => notice.with_undo(format!("{here}/reversal"), back.clone()),
        _ => notice,
    };
    Ok(context.redirect_with_notice(&back, notice))
}
