//! Handlers that ask for confirmation of a bulk action and start it.

use super::{
    action::BulkAction,
    batches,
    finish::{answer, needs_reauthentication},
    forms::BulkForm,
    operations::{Selection, begin},
    pages::Confirm,
    preview::{Preview, preview_action},
    runner::Runner,
    selection::{find, selected},
};
use crate::{
    db::Db,
    kit::{Fault, MemberId, MemberKind},
    members::{Action, AsksFor},
    web::{self, Back, MemberContext, Notice, PickerSearch, Posted, Respond, ReturnTo, Unread, safe_path},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/bulk").route(web::get().to(new)));
    app.service(
        web::resource("/o/{organization}/batches")
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
    confirm(&db, context, form.understood()?, PickerSearch::default(), StatusCode::OK).await
}

/// The page that the members were ticked on.
fn origin(context: &MemberContext, form: &BulkForm) -> String {
    let path = context.path(form.kind.path());
    let directory = match form.query.trim_start_matches('?') {
        "" => path,
        query => safe_path(&context.site, &format!("{path}?{query}")),
    };
    Back { back: form.back.clone() }.path(&context.site, directory)
}

async fn confirm(
    db: &Db,
    context: MemberContext,
    mut form: BulkForm,
    search: PickerSearch,
    status: StatusCode,
) -> web::Result<HttpResponse> {
    let asked = form.clone();
    let preview = context.read(db, move |conn, scope| find(conn, scope, &asked)).await?;
    let (kind, act) = (form.kind, form.act);
    let back = origin(&context, &form);
    if preview.total == 0 {
        return Ok(context.redirect_with_notice(
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
        search,
        context,
    };
    view.with_status(status)
}

async fn create(db: Data<Db>, runner: Data<Runner>, context: MemberContext, Posted(mut sent): Posted<Unread>) -> web::Result<HttpResponse> {
    batches::may_begin_any(&context.scope)?;
    let search = sent.search();
    let mut form = sent.read::<BulkForm>()?.understood()?;
    let kind = form.kind;
    form.act.demand(&context.scope, kind)?;
    if search.is_asked() {
        return confirm(&db, context, form, search, StatusCode::OK).await;
    }
    let again = || ReturnTo::page(context.path("/bulk"));
    if form.act.needs_reauthentication() {
        context.require_reauthentication(again())?;
    }
    let asked = form.clone();
    let ids = context.read(&db, move |conn, scope| selected(conn, scope, &asked)).await?;
    if form.is_stale(ids.len()) {
        form.count.refuse("Meanwhile others match. Look again.");
        return confirm(&db, context, form, search, StatusCode::CONFLICT).await;
    }
    let Some(action) = checked(&db, &context, &mut form, &ids).await? else {
        return confirm(&db, context, form, search, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    if needs_reauthentication(&db, &context, &action, Some(&ids)).await? {
        context.require_reauthentication(again())?;
    }
    let back = origin(&context, &form);
    let (query, asked) = (form.query, action.clone());
    let id = context
        .write(&db, move |tx, scope| begin(tx, scope, &Selection { kind, query: &query, ids: &ids }, &asked, None))
        .await?;
    runner.begin(id).await?;
    answer(&db, context, kind, id, &action, back).await
}

/// The action of the form, if it is about somebody and all its parameters are valid.
async fn checked(db: &Db, context: &MemberContext, form: &mut BulkForm, ids: &[MemberId]) -> Result<Option<BulkAction>, Fault> {
    if ids.is_empty() {
        return Ok(None);
    }
    let affected = match form.act.asks_for() {
        AsksFor::Repetition => deletion(db, context, form.kind, ids).await?,
        _ => Preview::default(),
    };
    Ok(form.check(&affected, context.scope.now()))
}

/// Preview of a deletion: the caller types its number of members, or the only member's name, to confirm.
async fn deletion(db: &Db, context: &MemberContext, kind: MemberKind, ids: &[MemberId]) -> Result<Preview, Fault> {
    let ids = ids.to_vec();
    context.read(db, move |conn, scope| preview_action(conn, scope, kind, Action::Delete, &ids)).await
}
