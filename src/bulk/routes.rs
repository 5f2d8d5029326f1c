//! Handlers that ask for confirmation of a bulk action and start it.

use super::{
    act::BulkActionKind,
    action::MemberActions,
    batches,
    finish::{answer, needs_reauthentication},
    forms::BulkForm,
    model::{NewBatch, NewItem},
    pages::Confirm,
    preview::{Preview, preview_action},
    runner::Runner,
    selection::{find, selected},
    store,
};
use crate::{
    db::Db,
    kit::{Fault, MemberId, MemberKind},
    members::{self, Named},
    web::{self, MemberContext, Notice, Posted, ReturnTo, Unread, created, page, safe_path},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};

pub(super) fn mount(app: &mut ServiceConfig) {
    app.service(resource("/o/{organization}/bulk").route(web::get().to(new)));
    app.service(
        resource("/o/{organization}/batches")
            .route(web::get().to(batches::index))
            .route(web::post().to(create)),
    );
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
    let preview = context.read(db, move |conn, scope| find(conn, scope, &asked)).await?;
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
        let item = |one: Named| NewItem { member: Some(one.id), name: one.name, email: one.email, ..NewItem::default() };
        let items: Vec<NewItem> = members::named(tx, scope, kind, &ids)?.into_iter().map(item).collect();
        new.subject = about.subject(tx, scope)?;
        store::begin(tx, scope, &new, &items)
    });
    let id = id.await?;
    runner.begin(id).await?;
    let back = directory(&context, kind, &form.query);
    answer(&db, context, kind, id, &action, back).await
}

/// Preview of a deletion: the caller types its number of members, or the only member's name, to confirm.
async fn deletion(db: &Db, context: &MemberContext, kind: MemberKind, ids: &[MemberId]) -> Result<Preview, Fault> {
    let ids = ids.to_vec();
    context
        .read(db, move |conn, scope| preview_action(conn, scope, kind, BulkActionKind::Delete, &ids))
        .await
}
