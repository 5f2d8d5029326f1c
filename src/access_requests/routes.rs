//! Handlers for those who decide requests.

use super::{
    DecisionRefusal, Listed,
    decidable::Decidable,
    decide,
    forms::{DecisionForm, DecisionsForm, ListQuery},
    list,
    listed::find_decidable,
    model::Decision,
    needs_reauthentication,
    own_routes::PAGE,
    pages::{Around, Index, Show},
    store, why_not_grant,
};
use crate::{
    db::{Conn, Db, keyset::Window},
    kit::{AccessRequestId, Fault, OperationResult, OrganizationId, Scope, count},
    mail::Outbox,
    web::{self, MemberContext, Notice, Posted, Respond, ReturnTo},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use std::collections::HashSet;

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/access/requests").route(web::get().to(index)));
    app.service(web::resource("/o/{organization}/access/requests/decisions").route(web::post().to(decide_several)));
    app.service(web::resource("/o/{organization}/access/requests/{request}").route(web::get().to(show)));
    app.service(web::resource("/o/{organization}/access/requests/{request}/decision").route(web::post().to(create)));
}

type Place = Path<(OrganizationId, AccessRequestId)>;

async fn index(db: Data<Db>, context: MemberContext, Query(asked): Query<ListQuery>) -> web::Result<HttpResponse> {
    let (state, is_ignored) = (asked.state(), asked.is_ignored());
    let window = Window::read(asked.after, asked.before);
    let page = context.read(&db, move |conn, scope| list(conn, scope, state, &window, PAGE)).await?;
    let around = Around::of(&page);
    Index { context, listed: page.rows, state, is_ignored, around }.ok()
}

/// The request, and why the caller cannot grant it.
fn load(conn: &mut Conn, scope: &Scope, id: AccessRequestId) -> Result<(Listed, Option<DecisionRefusal>), Fault> {
    let listed = find_decidable(conn, scope, id)?;
    let why_not = why_not_grant(conn, scope, &listed)?;
    Ok((listed, why_not))
}

async fn show(db: Data<Db>, mut context: MemberContext, place: Place) -> web::Result<HttpResponse> {
    let id = place.1;
    let (listed, why_not) = context.read(&db, move |conn, scope| load(conn, scope, id)).await?;
    let form = context.pending_form().unwrap_or_else(|| DecisionForm::of(listed.request.until_at));
    Show { context, listed, form, why_not, refusal: None }.ok()
}

async fn create(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    place: Place,
    Posted(mut form): Posted<DecisionForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let (listed, why_not) = context.read(&db, move |conn, scope| load(conn, scope, id)).await?;
    let page = context.path(format!("/access/requests/{id}"));
    let Some(decision) = form.check(listed.request.until_at, context.scope.now())? else {
        return Show { context, listed, form, why_not, refusal: None }.unprocessable();
    };
    if form.is_grant() && why_not.is_none() {
        let asked = [listed.request.asked()];
        if context.read(&db, move |conn, scope| needs_reauthentication(conn, scope, &asked)).await? {
            context.require_reauthentication(ReturnTo::filled(page, &form))?;
        }
    }
    match context.write(&db, move |tx, scope| decide(tx, scope, &outbox, id, &decision)).await.refused()? {
        Ok(()) => {
            let done = if form.is_grant() { "granted" } else { "refused" };
            let notice = Notice::success(format!("The request of {} is {done}.", listed.member));
            Ok(context.redirect_with_notice(&context.path("/access/requests"), notice))
        }
        Err(refusal) => Show { context, listed, form, why_not, refusal: Some(refusal) }.unprocessable(),
    }
}

/// The same decision about the requests that are ticked. Each is decided by itself.
async fn decide_several(
    db: Data<Db>,
    outbox: Data<Outbox>,
    context: MemberContext,
    Posted(mut form): Posted<DecisionsForm>,
) -> web::Result<HttpResponse> {
    let here = context.path("/access/requests");
    form.requests.truncate(usize::try_from(PAGE).unwrap_or_default());
    let ids: HashSet<AccessRequestId> = form.requests.iter().copied().collect();
    let is_grant = form.decision == "grant";
    let privileged = context.read(&db, move |conn, scope| privileged(conn, scope, &ids)).await?;
    let decision = match form.check()? {
        Ok(decision) if !form.requests.is_empty() => decision,
        Ok(_) => return Ok(context.redirect_with_notice(&here, Notice::error("Tick at least one request."))),
        Err(complaint) => return Ok(context.redirect_with_notice(&here, Notice::error(complaint))),
    };
    if is_grant && privileged {
        context.require_reauthentication(ReturnTo::page(here.clone()))?;
    }
    let (mut done, mut refusals) = (0, Vec::new());
    for id in form.requests {
        let (outbox, decision): (Data<Outbox>, Decision) = (outbox.clone(), decision.clone());
        match context.write(&db, move |tx, scope| decide(tx, scope, &outbox, id, &decision)).await.refused()? {
            Ok(()) => done += 1,
            Err(refusal) => refusals.push(refusal),
        }
    }
    Ok(context.redirect_with_notice(&here, told(done, is_grant, &refusals)))
}

/// Whether granting these requests needs reauthentication, as far as the caller may decide them.
fn privileged(conn: &mut Conn, scope: &Scope, ids: &HashSet<AccessRequestId>) -> Result<bool, Fault> {
    let whose = Decidable::by(conn, scope)?;
    let asked = store::asked_by(conn, scope, &whose, ids)?;
    if asked.len() < ids.len() {
        return Err(Fault::Missing);
    }
    needs_reauthentication(conn, scope, &asked)
}

/// What became of several requests.
fn told(done: i64, is_grant: bool, refusals: &[DecisionRefusal]) -> Notice {
    let verb = if is_grant { "granted" } else { "refused" };
    let text = format!("{} {verb}.", count(done, "request", "requests"));
    match refusals.first() {
        None => Notice::success(text),
        Some(first) => Notice::error(format!("{text} {} left open: {first}", refusals.len())),
    }
}
