//! Handlers that ask for confirmation of a bulk action and start it.

use super::{
    act::BulkActionKind,
    action::{BulkAction, MemberActions},
    batches,
    forms::BulkForm,
    links,
    model::{NewBatch, NewItem, State},
    pages::Confirm,
    preview::{Preview, find, preview_action, selected},
    runner::Runner,
    store,
    words::counted,
};
use crate::{
    db::Db,
    kit::{BatchId, Fault, MemberId, MemberKind},
    members::{self, Named},
    roles,
    web::{self, MemberContext, Notice, Posted, ReturnTo, Unread, created, page, safe_path, see_other},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};

pub fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/bulk").route(web::get().to(new)));
    app.service(
        resource("/o/{organization}/batches")
            .route(web::get().to(batches::index))
            .route(web::post().to(create)),
    );
    batches::mount(app);
    links::mount(app);
}

async fn new(db: Data<Db>, mut context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    batches::may_begin_any(&context.scope)?;
    let form: BulkForm = match context.pending_form() {
        Some(kept) => kept,
        None => web::query(&req)?,
    };
    confirm(&db, context, form.understood()?, StatusCode::OK).await
}

fn directory(context: &MemberContext, kind: MemberKind, query: &str) -> String {
    let path = context.path(kind.path());
    match query.trim_start_matches('?') {
        "" => path,
        query => safe_path(&context.site, &format!("{path}?{query}")),
    }
}

async fn confirm(db: &Db, context: MemberContext, mut form: BulkForm, status: StatusCode) -> web::Result<HttpResponse> {
    let asked = form.clone();
    let preview = context.read(&db, move |conn, scope| find(conn, scope, &asked)).await?;
    let (kind, act) = (form.kind, form.act);
    let back = directory(&context, kind, &form.query);
    if preview.total == 0 {
        return Ok(created(
            &context.site,
            &back,
            Notice::error(match kind {
                MemberKind::User => "Nobody was chosen. Tick the people it is about first.",
                MemberKind::SystemAccount => "Nothing was chosen. Tick the system accounts it is about first.",
            }),
        ));
    }
    form.expected = preview.total.to_string();
    let view = Confirm {
        kind,
        act,
        preview: preview.preview,
        roles: preview.roles,
        teams: preview.teams,
        policies: preview.policies,
        back,
        form,
        context,
    };
    page(status, &view)
}

async fn create(db: Data<Db>, runner: Data<Runner>, context: MemberContext, Posted(sent): Posted<Unread>) -> web::Result<HttpResponse> {
    batches::may_begin_any(&context.scope)?;
    let mut form = sent.read::<BulkForm>()?.understood()?;
    let (kind, act) = (form.kind, form.act);
    act.demand(&context.scope, kind)?;
    if act.needs_reauthentication() {
        context.require_reauthentication(ReturnTo::page(context.path("/bulk")))?;
    }
    let asked = form.clone();
    let ids = context.read(&db, move |conn, scope| selected(conn, scope, &asked)).await?;
    if ids.is_empty() {
        return confirm(&db, context, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    // The members that match have changed since the caller saw the confirmation page.
    if form.is_all() && form.expected != ids.len().to_string() {
        form.count.refuse("Meanwhile others match. Look again.");
        return confirm(&db, context, form, StatusCode::CONFLICT).await;
    }
    let affected = match act {
        BulkActionKind::Delete => deletion(&db, &context, kind, &ids).await?,
        _ => Preview::default(),
    };
    let Some(action) = form.check(&affected, context.scope.now()) else {
        return confirm(&db, context, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    if needs_reauthentication(&db, &context, &action, Some(&ids)).await? {
        context.require_reauthentication(ReturnTo::page(context.path("/bulk")))?;
    }
    let (about, mut new) = (
        action.clone(),
        NewBatch::of(MemberActions::to(kind), serde_json::to_value(&action).map_err(Fault::broken)?),
    );
    new.query = form.query.trim_start_matches('?').to_owned();
    let id = context.write(&db, move |tx, scope| {
        let item = |one: Named| NewItem {
            member: Some(one.id),
            name: one.name,
            email: one.email,
            ..NewItem::default()
        };
        let items: Vec<NewItem> = members::named(tx, scope, kind, &ids)?.into_iter().map(item).collect();
        new.subject = about.subject(tx, scope)?;
        store::begin(tx, scope, &new, &items)
    });
    let id = id.await?;
    runner.begin(id).await?;
    let back = directory(&context, kind, &form.query);
    answer(&db, context, kind, id, &action, back).await
}

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
        .read(&db, move |conn, scope| {
            Ok(match &ids {
                _ if action.needs_reauthentication(&roles::list(conn, scope.organization)?) => true,
                Some(ids) => action.lets_in() && members::any_privileged(conn, scope, ids)?,
                None => action.lets_in(),
            })
        })
        .await
}

/// Preview of a deletion: the caller types its number of members, or the only member's name, to confirm.
async fn deletion(db: &Db, context: &MemberContext, kind: MemberKind, ids: &[MemberId]) -> Result<Preview, Fault> {
    let ids = ids.to_vec();
    context
        .read(&db, move |conn, scope| {
            preview_action(conn, scope, kind, BulkActionKind::Delete, &ids)
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
    let batch = context.read(&db, move |conn, scope| store::find(conn, scope, id)).await?;
    let here = context.path(format!("/batches/{id}"));
    // Without a mail server, the batch page says what to do instead.
    let is_unsent = action.is_letter() && !context.site.mail.is_server();
    if batch.state != State::Done || batch.refused > 0 || is_unsent {
        return Ok(see_other(&here));
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
    Ok(created(&context.site, &back, notice))
}
