//! Handlers of a person's own requests.

use super::{
    AskRefusal, ask,
    forms::{ListQuery, RequestForm},
    list_own, offer,
    offer::Choice,
    pages::{Around, New, Own},
    person, withdraw,
};
use crate::{
    db::{Conn, Db, keyset::Window},
    kit::{AccessRequestId, Fault, OperationResult, OrganizationId, Scope},
    mail::Outbox,
    web::{self, EmptyForm, MemberContext, Notice, PickerSearch, Posted, Respond, WithPickers},
};
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};

/// Requests on one page.
pub(super) const PAGE: i64 = 50;

pub(super) fn mount(app: &mut web::Routes) {
    let own = web::resource("/o/{organization}/me/requests");
    app.service(own.route(web::get().to(index)).route(web::post().to(create)));
    app.service(web::resource("/o/{organization}/me/requests/new").route(web::get().to(new)));
    app.service(web::resource("/o/{organization}/me/requests/{request}/withdrawal").route(web::post().to(delete)));
}

async fn index(db: Data<Db>, context: MemberContext, Query(asked): Query<ListQuery>) -> web::Result<HttpResponse> {
    let window = Window::read(asked.after, asked.before);
    let page = context.read(&db, move |conn, scope| list_own(conn, scope, None, &window, PAGE)).await?;
    let around = Around::of(&page);
    Own { context, listed: page.rows, around }.ok()
}

fn choices(conn: &mut Conn, scope: &Scope) -> Result<Vec<Choice>, Fault> {
    offer::offer(conn, scope, person(scope)?)
}

async fn draw(db: &Db, context: MemberContext, form: RequestForm, search: PickerSearch) -> web::Result<HttpResponse> {
    let choices = context.read(db, choices).await?;
    let is_refused = !form.complaints().is_empty();
    New { context, form, choices, search }.ok_unless(is_refused)
}

async fn new(db: Data<Db>, mut context: MemberContext) -> web::Result<HttpResponse> {
    let form = context.pending_form().unwrap_or_default();
    draw(&db, context, form, PickerSearch::default()).await
}

async fn create(db: Data<Db>, outbox: Data<Outbox>, context: MemberContext, sent: WithPickers<RequestForm>) -> web::Result<HttpResponse> {
    let WithPickers { mut form, search } = sent;
    if search.is_asked() {
        return draw(&db, context, form, search).await;
    }
    let Some(wanted) = form.check(context.scope.now()) else {
        return draw(&db, context, form, search).await;
    };
    match context.write(&db, move |tx, scope| ask(tx, scope, &outbox, &wanted)).await.refused()? {
        Ok(_) => {
            let notice = Notice::success("Your request is sent. You get a letter when somebody has decided.");
            Ok(context.redirect_with_notice(&context.path("/me/requests"), notice))
        }
        Err(refusal) => {
            match refusal {
                AskRefusal::Ended => form.until.refuse(refusal.to_string()),
                _ => form.what.refuse(refusal.to_string()),
            }
            draw(&db, context, form, search).await
        }
    }
}

async fn delete(
    db: Data<Db>,
    context: MemberContext,
    place: Path<(OrganizationId, AccessRequestId)>,
    _: Posted<EmptyForm>,
) -> web::Result<HttpResponse> {
    let id = place.1;
    let withdrawn = context.write(&db, move |tx, scope| withdraw(tx, scope, id)).await.refused()?;
    let notice = Notice::of(withdrawn.map(|()| "Your request is withdrawn."));
    Ok(context.redirect_with_notice(&context.path("/me/requests"), notice))
}
